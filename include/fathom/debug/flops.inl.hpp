// Definitions of flops.hpp.
#include <algorithm>
#include <array>
#include <string_view>

namespace fathom::inline v0::debug {

FATHOM_INLINE std::int64_t flops_of(const fathom::detail::Observation& seen) {
    constexpr std::array<std::string_view, 16> moves = {
        "cat",  "stack", "clone",  "contiguous", "copy_", "fill_",        "to",   "pad",
        "flip", "roll",  "repeat", "gather",     "split", "index_select", "sort", "one_hot"};
    const std::string_view name = seen.operation;
    std::vector<const AnyTensor*> in;
    seen.inputs.each([&](const AnyTensor& x) { in.push_back(&x); });
    const std::int64_t result = seen.output.numel();
    const auto there = [&](std::size_t i, int rank) {
        return i < in.size() && in[i]->defined() && in[i]->rank() >= rank;
    };
    // Multiplications of a convolution from `pixels` that are as many as channels and places of its result.
    const auto convolution = [](std::int64_t pixels, const Shape& weight) {
        return weight[0] > 0 ? 2 * pixels * (weight.numel() / weight[0]) : 0;
    };
    const bool is_convolution = name == "conv2d" || name == "conv1d";
    const bool is_product = name == "matmul" || name == "linear" || name == "bmm";
    // Without a second factor it is the copy that put the first one in order.
    if ((is_convolution || is_product) && !there(1, 1)) return 0;
    const std::int64_t additions = (there(2, 1) ? result : 0) + (there(3, 1) ? result : 0);  // of bias and residual
    if (is_convolution) return convolution(result, in[1]->shape()) + additions;
    if (is_product) return 2 * result * in[0]->shape()[in[0]->rank() - 1] + additions;
    if (name == "conv2d_data" && there(0, 4) && there(1, 4)) return convolution(in[1]->numel(), in[0]->shape());
    if (name == "conv2d_weight" && there(1, 4)) return convolution(in[1]->numel(), seen.output.shape());
    if (name == "grdb") {  // five convolutions that keep the size of the images
        std::int64_t sum = 0;
        for (std::size_t i = 1; i < in.size(); ++i)
            if (there(i, 4)) sum += convolution(result / seen.output.shape()[1] * in[i]->shape()[0], in[i]->shape());
        return sum;
    }
    if (std::find(moves.begin(), moves.end(), name) != moves.end()) return 0;
    std::int64_t largest = result;
    for (const AnyTensor* x : in)
        if (x->defined()) largest = std::max(largest, x->numel());
    return largest;
}

FATHOM_INLINE std::int64_t bytes_of(const fathom::detail::Observation& seen) {
    const auto bytes = [](const AnyTensor& x) {
        return x.defined() ? x.numel() * static_cast<std::int64_t>(size_of(x.dtype())) : 0;
    };
    std::int64_t sum = bytes(seen.output);
    seen.inputs.each([&](const AnyTensor& x) { sum += bytes(x); });
    return sum;
}

}  // namespace fathom::inline v0::debug
