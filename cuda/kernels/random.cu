// Random fills: element i in row-major order gets number i of the stream (fathom/core/random.hpp), the same as on the
// CPU. No product is contracted with a sum, as the CPU contracts none, so uniform numbers have the same bits; normal
// ones come from the device's logarithm and cosine, which may differ in the last bit of a double. Bound by the ten
// rounds of Philox: each element has its own, so that it depends on its index alone.
#include <cmath>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/index.cuh"
#include "fathom/core/random.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

__device__ inline double product_and_sum(double a, double b, double c) { return __dadd_rn(__dmul_rn(a, b), c); }

// As fathom::normal, by Box and Muller.
__device__ inline double normal_number(RandomStream stream, std::uint64_t index) {
    const auto bits = philox(stream.seed, stream.offset + index);
    const auto unit = [](std::uint32_t high, std::uint32_t low) {
        const std::uint64_t mantissa = (static_cast<std::uint64_t>(high) << 20) ^ (low >> 12);
        return (static_cast<double>(mantissa) + 0.5) * 0x1p-52;  // in (0, 1), exact
    };
    return std::sqrt(-2 * std::log(unit(bits[0], bits[1]))) * std::cos(6.283185307179586 * unit(bits[2], bits[3]));
}

// below: the largest number less than high, which rounding to T must not reach.
template <class T>
__global__ void __launch_bounds__(block_threads)
    uniform_kernel(Loop32<1> loop, unsigned count,
                   T* out,  // operand 0
                   RandomStream stream, double low, double range, T high, T below) {
    for (unsigned i = first_of_32(); i < count; i += all_of_32()) {
        int at[1] = {0};
        loop.add_offsets(i, at);
        const T value = static_cast<T>(product_and_sum(range, uniform(stream, i), low));
        out[at[0]] = value < high ? value : below;
    }
}

template <class T>
__global__ void __launch_bounds__(block_threads) normal_kernel(Loop32<1> loop, unsigned count,
                                                               T* out,  // operand 0
                                                               RandomStream stream, double mean, double deviation) {
    for (unsigned i = first_of_32(); i < count; i += all_of_32()) {
        int at[1] = {0};
        loop.add_offsets(i, at);
        out[at[0]] = static_cast<T>(product_and_sum(deviation, normal_number(stream, i), mean));
    }
}

abi::Outcome random(const abi::Call* call, const abi::RandomArgs* args) {
    return with_floating(call, args->out, [&]<class T>(T) -> Result {
        const abi::Array& out = args->out;
        const std::int64_t count = numel(out);
        if (count == 0) return {};
        const std::int64_t* strides[] = {out.strides};
        const Loop32<1> loop(kernels::make_loop(1, out.rank, out.shape, strides, kernels::LoopOrder::logical));
        const RandomStream stream{args->seed, args->offset};
        const T low = static_cast<T>(args->low), high = static_cast<T>(args->high);
        if (args->distribution == Random::uniform)
            return launch(call->operation, uniform_kernel<T>, linear(count), stream_of(call), loop,
                          static_cast<unsigned>(count), data<T>(out), stream, args->low, args->high - args->low, high,
                          std::nextafter(high, low));
        return launch(call->operation, normal_kernel<T>, linear(count), stream_of(call), loop,
                      static_cast<unsigned>(count), data<T>(out), stream, args->low, args->high);
    });
}

const char* accepts(const abi::RandomArgs* args) {
    return fits_31_bits(args->out) ? nullptr : "it fills less than 2^31 elements";
}

constexpr abi::Row rows[] = {row<random, accepts>("random", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
