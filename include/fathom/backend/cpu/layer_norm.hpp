// The CPU's layer normalisation: unpacks abi::LayerNormArgs for kernels/layer_norm.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/layer_norm.hpp"

namespace fathom::inline v0::cpu {

// Loops in logical order over the first `count` dimensions of arrays of one shape, and over the others.
template <class... Arrays>
kernels::Loop outer_loop(int count, const abi::Array& first, const Arrays&... others) {
    const std::int64_t* strides[] = {first.strides, others.strides...};
    return kernels::make_loop(static_cast<int>(1 + sizeof...(others)), count, first.shape, strides,
                              kernels::LoopOrder::logical);
}
template <class... Arrays>
kernels::Loop inner_loop(int count, const abi::Array& first, const Arrays&... others) {
    const std::int64_t* strides[] = {first.strides + count, others.strides + count...};
    return kernels::make_loop(static_cast<int>(1 + sizeof...(others)), first.rank - count, first.shape + count, strides,
                              kernels::LoopOrder::logical);
}

template <class T>
void layer_norm(const abi::Call&, const abi::LayerNormArgs& args) {
    const int outer = args.x.rank - args.dims;
    kernels::layer_norm<T>(outer_loop(outer, args.x, args.y), inner_loop(outer, args.x, args.y), data<T>(args.x),
                           data<T>(args.y), data<T>(args.weight), data<T>(args.bias), data<T>(args.mean),
                           data<T>(args.inverse_std), args.eps);
}

template <class T>
void layer_norm_backward(const abi::Call&, const abi::LayerNormArgs& args) {
    const abi::Array &x = args.x, &dy = args.dy, &dx = args.dx.data ? args.dx : args.x, &dw = args.dweight,
                     &db = args.dbias;
    const int outer = x.rank - args.dims;
    const kernels::Loop weights = dw.data ? inner_loop(0, dw, db.data ? db : dw) : inner_loop(0, db, db);
    kernels::layer_norm_backward<T>(outer_loop(outer, x, dy, dx), inner_loop(outer, x, dy, dx), data<T>(x), data<T>(dy),
                                    data<T>(args.dx), data<T>(args.weight), data<T>(args.mean),
                                    data<T>(args.inverse_std), args.dx.add != 0,
                                    {weights, data<T>(dw), data<T>(db), dw.add != 0, db.add != 0});
}

}  // namespace fathom::inline v0::cpu
