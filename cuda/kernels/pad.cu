// Padding of the last two dimensions and its gradient, which every element gathers from its copies. Bound by memory:
// what is read once and written once. A thread has one element, or 16 bytes of channels that lie side by side.
#include "fathom/kernels/pad.hpp"

#include "cuda/backend/host.hpp"
#include "cuda/kernels/index.cuh"
#include "cuda/kernels/pack.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// One padded dimension.
struct Padded {
    int size, padded_size, before;
    int stride, padded_stride;

    // Where element i comes from; -1: from nowhere.
    __device__ int source(Pad mode, int i) const {
        i -= before;
        if (mode == Pad::replicate) return i < 0 ? 0 : i < size ? i : size - 1;
        if (mode == Pad::reflect && i < 0) return -i;
        if (mode == Pad::reflect && i >= size) return 2 * size - 2 - i;
        return i < 0 || i >= size ? -1 : i;
    }
    // The padded elements that come from element j: copy(j, 0) and what follows, `copies` of them, ascending. Those of
    // an edge that is repeated lie side by side; a reflection has one on either side at most.
    __device__ int copies(Pad mode, int j) const {
        if (mode == Pad::replicate) return 1 + (j == 0 ? before : 0) + (j + 1 == size ? after() : 0);
        return 1 + (mode == Pad::reflect && left(j)) + (mode == Pad::reflect && right(j));
    }
    __device__ int copy(Pad mode, int j, int k) const {
        if (mode == Pad::replicate) return (j == 0 ? 0 : before + j) + k;
        if (mode == Pad::reflect && left(j)) {
            if (k == 0) return before - j;
            --k;
        }
        return before + (k == 0 ? j : 2 * size - 2 - j);
    }

private:
    __device__ int after() const { return padded_size - size - before; }
    __device__ bool left(int j) const { return j >= 1 && j <= before; }
    __device__ bool right(int j) const { return j + 1 < size && size - 1 - j <= after(); }
};

// x and y: the array and the padded one. inner: packs of the planes that lie side by side; outer: the other planes.
struct PadGrid {
    Padded height, width;
    Divisor inner, columns, rows;
    Loop32<2> outer;  // operands: x, y
    unsigned count;
    Pad mode;
    int lanes;

    // h and w: of the array that the grid is over; offset: of its plane in x and y.
    struct Place {
        int h, w, offset[2];
    };
    __device__ Place place(unsigned i) const {
        const int c = static_cast<int>(inner.split(i)) * lanes;
        Place at{0, static_cast<int>(columns.split(i)), {c, c}};
        at.h = static_cast<int>(rows.split(i));
        outer.add_offsets(i, at.offset);
        return at;
    }
};

template <class T, int lanes>
__global__ void __launch_bounds__(block_threads) pad_kernel(PadGrid grid,  // of y
                                                            const T* x,    // [planes, height, width]
                                                            T* y,          // [planes, padded height, padded width]
                                                            T fill, bool add) {
    for (unsigned i = first_of_32(); i < grid.count; i += all_of_32()) {
        const PadGrid::Place at = grid.place(i);
        const int h = grid.height.source(grid.mode, at.h), w = grid.width.source(grid.mode, at.w);
        Pack<T, lanes> value;
        if (h < 0 || w < 0)
            for (int k = 0; k < lanes; ++k) value.at[k] = fill;
        else
            value = load_pack<lanes>(x + (at.offset[0] + h * grid.height.stride + w * grid.width.stride));
        T* const to = y + (at.offset[1] + at.h * grid.height.padded_stride + at.w * grid.width.padded_stride);
        store_pack<lanes>(to, value, add);
    }
}

template <class T, int lanes>
__global__ void __launch_bounds__(block_threads) pad_gradient_kernel(PadGrid grid,  // of dx
                                                                     const T* dy,   // [planes, padded height, width]
                                                                     T* dx,         // [planes, height, width]
                                                                     bool add) {
    for (unsigned i = first_of_32(); i < grid.count; i += all_of_32()) {
        const PadGrid::Place at = grid.place(i);
        const int rows = grid.height.copies(grid.mode, at.h), columns = grid.width.copies(grid.mode, at.w);
        Pack<T, lanes> sum{};
        for (int p = 0; p < rows; ++p)
            for (int q = 0; q < columns; ++q) {
                const int h = grid.height.copy(grid.mode, at.h, p), w = grid.width.copy(grid.mode, at.w, q);
                const Pack<T, lanes> gradient = load_pack<lanes>(
                    dy + (at.offset[1] + h * grid.height.padded_stride + w * grid.width.padded_stride));
                for (int k = 0; k < lanes; ++k) sum.at[k] += gradient.at[k];
            }
        T* const to = dx + (at.offset[0] + at.h * grid.height.stride + at.w * grid.width.stride);
        store_pack<lanes>(to, sum, add);
    }
}

Padded padded_dimension(const abi::PadArgs& args, const abi::Array& x, const abi::Array& y, int direction) {
    const int d = x.rank - 2 + direction;
    const auto i = [](std::int64_t v) { return static_cast<int>(v); };
    return {i(x.shape[d]), i(y.shape[d]), i(args.before[direction]), i(x.strides[d]), i(y.strides[d])};
}

// f(grid over x or y, lanes)
template <class T, class F>
Result with_grid(const abi::PadArgs& args, const abi::Array& x, const abi::Array& y, bool over_padded, F f) {
    const abi::Array& over = over_padded ? y : x;
    if (numel(over) == 0) return {};
    const std::int64_t* strides[] = {x.strides, y.strides};
    const kernels::Loop planes = kernels::make_loop(2, x.rank - 2, x.shape, strides);
    const bool together = planes.stride[0][0] == 1 && planes.stride[1][0] == 1;
    const std::int64_t side_by_side = together ? planes.size[0] : 1;
    bool whole = side_by_side % pack_lanes<T> == 0;
    for (const abi::Array* a : {&x, &y}) {
        whole = whole && reinterpret_cast<std::uintptr_t>(a->data) % 16 == 0;
        for (int d = 0; d < a->rank; ++d)
            whole = whole && (a->shape[d] == 1 || a->strides[d] == 1 || a->strides[d] % pack_lanes<T> == 0);
    }
    return with_lanes<T>(whole, [&](auto lanes) {
        const PadGrid grid{padded_dimension(args, x, y, 0),
                           padded_dimension(args, x, y, 1),
                           Divisor(side_by_side / lanes),
                           Divisor(over.shape[over.rank - 1]),
                           Divisor(over.shape[over.rank - 2]),
                           Loop32<2>(planes, together ? 1 : 0),
                           static_cast<unsigned>(numel(over) / lanes),
                           args.mode,
                           lanes};
        return f(grid, lanes);
    });
}

abi::Outcome pad(const abi::Call* call, const abi::PadArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) {
        return with_grid<T>(*args, args->x, args->y, true, [&](const PadGrid& grid, auto lanes) {
            return launch(call->operation, pad_kernel<T, lanes>, linear(grid.count), stream_of(call), grid,
                          data<const T>(args->x), data<T>(args->y), static_cast<T>(args->value), adds(args->y));
        });
    });
}

abi::Outcome pad_backward(const abi::Call* call, const abi::PadArgs* args) {
    return with_floating(call, args->dx, [&]<class T>(T) {
        return with_grid<T>(*args, args->dx, args->dy, false, [&](const PadGrid& grid, auto lanes) {
            return launch(call->operation, pad_gradient_kernel<T, lanes>, linear(grid.count), stream_of(call), grid,
                          data<const T>(args->dy), data<T>(args->dx), adds(args->dx));
        });
    });
}

const char* accepts(const abi::PadArgs* args) {
    const abi::Array &x = args->dx.data ? args->dx : args->x, &y = args->dx.data ? args->dy : args->y;
    if (!fits_31_bits(x) || !fits_31_bits(y)) return "its padding takes less than 2^31 elements";
    if (args->mode == Pad::circular) return "its padding does not come from the other side";
    for (int i = 0; i < 2; ++i) {
        const int d = x.rank - 2 + i;
        const std::int64_t size = x.shape[d], before = args->before[i], after = y.shape[d] - size - before;
        if (before < 0 || after < 0) return "its padding takes nothing away";
        if (args->mode == Pad::reflect && (before >= size || after >= size))
            return "its padding reflects at most the size of a dimension less one";
        if (args->mode == Pad::replicate && size == 0) return "there is no edge to repeat in a dimension of 0";
    }
    return nullptr;
}

constexpr abi::Row rows[] = {row<pad, accepts>("pad", abi::floating),
                             row<pad_backward, accepts>("pad_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
