// The CPU's operations by index: unpacks their arguments for kernels/index.hpp and sort.hpp, and checks the indices.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/index.hpp"
#include "fathom/kernels/sort.hpp"

namespace fathom::inline v0::cpu {

// Throws with position, value and limit unless all are in [low, limit). Dimensions along which indices repeat are
// looked at once, and have no part in the position: index_select's user knows a list.
inline void check_indices(const abi::Call& call, const abi::Array& index, std::int64_t low, std::int64_t limit,
                          int dim) {
    if (numel(index) == 0) return;
    Shape shape, steps;
    for (int d = 0; d < index.rank; ++d)
        if (index.strides[d] != 0) shape.push_back(index.shape[d]), steps.push_back(index.strides[d]);
    const std::int64_t* strides[] = {steps.data()};
    const kernels::Loop loop = kernels::make_loop(1, shape.rank(), shape.data(), strides, kernels::LoopOrder::logical);
    const auto* const values = data<std::int64_t>(index);
    const std::int64_t first = kernels::first_outside(loop, values, low, limit);
    if (first < 0) return;
    if (shape.rank() == 0) fail(call, {"index ", *values, " is out of range for dimension ", dim, " of size ", limit});
    Shape position = shape;
    std::int64_t left = first;
    for (int d = shape.rank() - 1; d >= 0; --d) position[d] = left % shape[d], left /= shape[d];
    fail(call, {"index ", values[kernels::LoopPosition(loop, first).offset[0]], " at position ", position,
                " is out of range for dimension ", dim, " of size ", limit});
}

namespace detail {
// The strides of an array without one of its dimensions.
inline Shape without(const std::int64_t* values, int rank, int dim) {
    Shape rest = Shape::from(values, values + rank);
    rest.erase(dim);
    return rest;
}
inline kernels::Loop lines_of(const abi::IndexArgs& args) {
    const int rank = args.index.rank, dim = args.dim;
    const Shape shape = without(args.index.shape, rank, dim), x = without(args.x.strides, rank, dim),
                index = without(args.index.strides, rank, dim), y = without(args.y.strides, rank, dim);
    const std::int64_t* strides[] = {x.data(), index.data(), y.data()};
    return kernels::make_loop(3, rank - 1, shape.data(), strides);
}
inline kernels::IndexLine line_of(const abi::IndexArgs& args) {
    const int dim = args.dim;
    return {args.index.shape[dim], args.x.strides[dim], args.index.strides[dim], args.y.strides[dim]};
}
}  // namespace detail

template <class T>
void gather(const abi::Call& call, const abi::IndexArgs& args) {
    check_indices(call, args.index, 0, args.x.shape[args.dim], args.dim);
    Shape x = Shape::from(args.x.strides, args.x.strides + args.x.rank);
    x[args.dim] = 0;
    const std::int64_t* strides[] = {args.y.strides, args.index.strides, x.data()};
    kernels::gather(kernels::make_loop(3, args.y.rank, args.y.shape, strides), args.y.data,
                    data<std::int64_t>(args.index), args.x.data, sizeof(T), args.x.strides[args.dim]);
}

template <class T>
void scatter(const abi::Call& call, const abi::IndexArgs& args) {
    check_indices(call, args.index, 0, args.x.shape[args.dim], args.dim);
    kernels::scatter(detail::lines_of(args), args.x.data, data<std::int64_t>(args.index), args.y.data, sizeof(T),
                     detail::line_of(args));
}

template <class T>
void scatter_add(const abi::Call& call, const abi::IndexArgs& args) {
    check_indices(call, args.index, 0, args.x.shape[args.dim], args.dim);
    kernels::scatter_add<T>(detail::lines_of(args), data<T>(args.x), data<std::int64_t>(args.index), data<T>(args.y),
                            detail::line_of(args));
}

inline void places(const abi::Call& call, const abi::PlacesArgs& args) {
    std::int64_t stride = 1;
    for (int k = args.count - 1; k >= 0; --k) {
        const abi::Array& index = args.index[k];
        const std::int64_t size = args.sizes[k];
        check_indices(call, index, -size, size, args.dims[k]);
        kernels::add_places(loop_over(args.out, index), data<std::int64_t>(args.out), data<std::int64_t>(index), size,
                            stride, k + 1 < args.count);
        stride *= size;
    }
}

inline void nonzero(const abi::Call&, const abi::NonzeroArgs& args) {
    const std::int64_t* strides[] = {args.mask.strides};
    kernels::true_places(kernels::make_loop(1, args.mask.rank, args.mask.shape, strides, kernels::LoopOrder::logical),
                         data<bool>(args.mask), data<std::int64_t>(args.out), args.mask.rank, args.mask.shape);
}

template <class T>
void sort(const abi::Call&, const abi::SortArgs& args) {
    const abi::Array &x = args.x, &index = args.index;
    const int dim = args.dim;
    const Shape shape = detail::without(x.shape, x.rank, dim), in = detail::without(x.strides, x.rank, dim),
                out = detail::without(index.strides, x.rank, dim);
    const std::int64_t* strides[] = {in.data(), out.data()};
    kernels::sort_indices<T>(
        kernels::make_loop(2, x.rank - 1, shape.data(), strides), data<T>(x), data<std::int64_t>(index),
        {x.shape[dim], x.strides[dim], index.shape[dim], index.strides[dim], args.descending != 0, args.sorted != 0});
}

}  // namespace fathom::inline v0::cpu
