// The CPU's softmax and cross-entropy: unpacks abi::SoftmaxArgs and abi::CrossEntropyArgs for kernels/softmax.hpp and
// cross_entropy.hpp.
#pragma once

#include "fathom/backend/cpu/through_float.hpp"
#include "fathom/kernels/cross_entropy.hpp"
#include "fathom/kernels/softmax.hpp"

namespace fathom::inline v0::cpu {

// The array without dimension `dim`.
[[gnu::noinline]] inline abi::Array without_dimension(abi::Array a, int dim) {
    --a.rank;
    for (int d = dim; d < a.rank; ++d) a.shape[d] = a.shape[d + 1], a.strides[d] = a.strides[d + 1];
    return a;
}

template <FloatElement T>
void softmax(const abi::Call&, const abi::SoftmaxArgs& args) {
    const abi::Array &x = args.x, &y = args.y;
    const int dim = args.dim;
    kernels::softmax<T>(loop_over(without_dimension(x, dim), without_dimension(y, dim)), x.shape[dim], data<T>(x),
                        x.strides[dim], data<T>(y), y.strides[dim], args.log != 0);
}

template <FloatElement T>
void softmax_backward(const abi::Call&, const abi::SoftmaxArgs& args) {
    const abi::Array &y = args.y, &dy = args.dy, &dx = args.dx;
    const int dim = args.dim;
    kernels::softmax_backward<T>(
        loop_over(without_dimension(y, dim), without_dimension(dy, dim), without_dimension(dx, dim)), y.shape[dim],
        data<T>(y), y.strides[dim], data<T>(dy), dy.strides[dim], data<T>(dx), dx.strides[dim], args.log != 0,
        dx.add != 0);
}

template <StoredElement T>
void softmax(const abi::Call& call, const abi::SoftmaxArgs& args) {
    using Args = abi::SoftmaxArgs;
    through_float<T, Args>(&softmax<float>, call, args, {&Args::x}, {&Args::y});
}

template <StoredElement T>
void softmax_backward(const abi::Call& call, const abi::SoftmaxArgs& args) {
    using Args = abi::SoftmaxArgs;
    through_float<T, Args>(&softmax_backward<float>, call, args, {&Args::y, &Args::dy}, {&Args::dx});
}

// The row-major first target that is neither a class nor ignored, as an error.
[[noreturn]] inline void fail_on_target(const abi::Call& call, const abi::CrossEntropyArgs& args) {
    const abi::Array& target = args.target;
    const std::int64_t classes = args.logits.shape[1], *values = data<std::int64_t>(target);
    Shape index = Shape::filled(target.rank, 0);
    for (;;) {
        std::int64_t offset = 0;
        for (int d = 0; d < target.rank; ++d) offset += index[d] * target.strides[d];
        const std::int64_t value = values[offset];
        if (value != args.ignore_index && (value < 0 || value >= classes))
            fail(call, {"target ", value, " at ", index, " is not a class (0 to ", classes - 1, ") nor ignore_index ",
                        args.ignore_index});
        for (int d = target.rank - 1; d >= 0 && ++index[d] == target.shape[d]; --d) index[d] = 0;
    }
}

inline kernels::CrossEntropyShape cross_entropy_shape(const abi::CrossEntropyArgs& args,
                                                      const kernels::Loop& positions) {
    return {positions,
            args.logits.shape[1],
            args.logits.strides[1],
            args.dlogits.strides[1],
            args.weight.strides[0],
            args.ignore_index,
            args.label_smoothing};
}

template <class T>
void cross_entropy(const abi::Call& call, const abi::CrossEntropyArgs& args) {
    const abi::Array& target_weight = args.target_weight.data ? args.target_weight : args.loss;
    const auto shape =
        cross_entropy_shape(args, loop_over(without_dimension(args.logits, 1), args.target, args.loss, target_weight));
    if (!kernels::cross_entropy<T>(shape, data<T>(args.logits), data<std::int64_t>(args.target), data<T>(args.weight),
                                   data<T>(args.loss), data<T>(args.target_weight)))
        fail_on_target(call, args);
}

template <class T>
void cross_entropy_backward(const abi::Call&, const abi::CrossEntropyArgs& args) {
    const auto shape = cross_entropy_shape(args, loop_over(without_dimension(args.logits, 1), args.target, args.dloss,
                                                           without_dimension(args.dlogits, 1)));
    kernels::cross_entropy_backward<T>(shape, data<T>(args.logits), data<std::int64_t>(args.target),
                                       data<T>(args.weight), data<T>(args.dloss), data<T>(args.dlogits),
                                       args.dlogits.add != 0);
}

}  // namespace fathom::inline v0::cpu
