// Kernels of float on arrays of two bytes, where a family has none for them: what is read is made float first, what is
// written is rounded at the end, once. It takes twice the arrays' memory meanwhile.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/core/allocator.hpp"
#include "fathom/kernels/copy.hpp"

namespace fathom::inline v0::cpu {
namespace detail {

// Gives `a` the strides of dense memory in the order of its own; a repeated element stays one. Returns the elements.
inline std::int64_t lay_out(abi::Array& a) {
    int dims[max_rank], n = 0;
    std::int64_t count = 1;
    for (int d = a.rank - 1; d >= 0; --d) {
        if (a.shape[d] != 1 && a.strides[d] == 0) continue;
        int at = n++;
        for (; at > 0 && a.strides[d] < a.strides[dims[at - 1]]; --at) dims[at] = dims[at - 1];
        dims[at] = d;
    }
    for (int i = 0; i < n; ++i) a.strides[dims[i]] = count, count *= a.shape[dims[i]];
    return count;
}

// to = from, of one shape; elements that both repeat once.
template <class From, class To>
void convert(const abi::Array& to, const abi::Array& from) {
    abi::Array once = to;
    for (int d = 0; d < to.rank; ++d)
        if (to.strides[d] == 0) once.shape[d] = 1;
    kernels::copy<From, To>(loop_over(once, from), data<To>(to), data<From>(from), false);
}

}  // namespace detail

template <StoredElement T, class Args, std::size_t inputs, std::size_t outputs>
void through_float(void (*kernel)(const abi::Call&, const Args&), const abi::Call& call, const Args& args,
                   abi::Array Args::*const (&read)[inputs], abi::Array Args::*const (&written)[outputs]) {
    Args wide = args;
    const auto each = [&](auto f) {
        for (const auto array : read)
            if ((args.*array).data) f(wide.*array, args.*array, true);
        for (const auto array : written) f(wide.*array, args.*array, (args.*array).add != 0);
    };
    std::int64_t elements = 0;
    const auto next = [&](std::int64_t count) { return std::exchange(elements, elements + (count + 15) / 16 * 16); };
    each([&](abi::Array& a, const abi::Array&, bool) { next(detail::lay_out(a)); });
    const Scratch scratch(elements * static_cast<std::int64_t>(sizeof(float)), call.operation);
    elements = 0;
    each([&](abi::Array& a, const abi::Array& from, bool is_read) {
        a.data = scratch.as<float>() + next(detail::lay_out(a));
        a.dtype = static_cast<std::int32_t>(DType::float32);
        if (is_read) detail::convert<T, float>(a, from);
    });
    kernel(call, wide);
    for (const auto array : written) detail::convert<float, T>(args.*array, wide.*array);
}

}  // namespace fathom::inline v0::cpu
