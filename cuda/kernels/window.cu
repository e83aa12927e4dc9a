// Max pooling of channels-last images, its gradient, and the elements that its index names. A thread has the channels
// of one pack of a pixel; nothing is scattered, so there are no atomics and one order of every sum. All is bound by
// memory: forward reads x and writes y and index once (windows that overlap meet in the caches), backward reads index
// and dy and writes dx, take reads index and the sectors of x that it names.
#include "cuda/kernels/images.cuh"
#include "fathom/kernels/window.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

using kernels::WindowIndex;

// Windows along one dimension: kernels::WindowDimension in 32 bits.
struct Windows {
    int inputs, outputs, kernel, padding;
    Divisor stride;

    Windows(const abi::WindowArgs& args, const abi::Array& x, const abi::Array& y, int direction)
        : inputs(static_cast<int>(x.shape[2 + direction])),
          outputs(static_cast<int>(y.shape[2 + direction])),
          kernel(static_cast<int>(args.kernel[direction])),
          padding(static_cast<int>(args.padding[direction])),
          stride(args.stride[direction]) {}

    struct Range {
        int begin, end;
    };
    __device__ Range inputs_of(int window) const {
        const int begin = window * static_cast<int>(stride.divisor) - padding, end = begin + kernel;
        return {begin < 0 ? 0 : begin, end < inputs ? end : inputs};
    }
    __device__ Range outputs_of(int input) const {
        const int last = input + padding, before = last - kernel;  // the last input too early for its window
        const int end = static_cast<int>(stride.quotient(static_cast<unsigned>(last))) + 1;
        return {before < 0 ? 0 : static_cast<int>(stride.quotient(static_cast<unsigned>(before))) + 1,
                end < outputs ? end : outputs};
    }
};

// The first of equal elements, and a NaN before all: the element wins that is not <= the one before it.
template <class T, int lanes>
__global__ void __launch_bounds__(block_threads) max_kernel(PixelGrid grid,                // of y
                                                            Pixels<const T> x,             // [N, H, W, C]
                                                            Pixels<T> y,                   // [N, OH, OW, C]
                                                            Pixels<WindowIndex<T>> index,  // [N, OH, OW, C] or null
                                                            Windows rows, Windows columns) {
    for (unsigned i = first_of_32(); i < grid.count; i += all_of_32()) {
        const auto [n, c, oh, ow] = grid.place(i);
        const Windows::Range hs = rows.inputs_of(oh), ws = columns.inputs_of(ow);
        Pack<T, lanes> most = load_pack<lanes>(x.at(n, hs.begin, ws.begin) + c);
        Pack<WindowIndex<T>, lanes> where;
        for (int k = 0; k < lanes; ++k) where.at[k] = hs.begin * columns.inputs + ws.begin;
        for (int h = hs.begin; h < hs.end; ++h)
            for (int w = ws.begin; w < ws.end; ++w) {
                const Pack<T, lanes> value = load_pack<lanes>(x.at(n, h, w) + c);
                const int place = h * columns.inputs + w;
                for (int k = 0; k < lanes; ++k) {
                    const bool wins = !(value.at[k] <= most.at[k]) && most.at[k] == most.at[k];
                    most.at[k] = wins ? value.at[k] : most.at[k];
                    where.at[k] = wins ? place : where.at[k];
                }
            }
        store_pack<lanes>(y.at(n, oh, ow) + c, most);
        if (index.data) store_pack<lanes>(index.at(n, oh, ow) + c, where);
    }
}

// dx (+)= the sum of dy over the windows that cover an input and name it, in their order.
template <class T, int lanes>
__global__ void __launch_bounds__(block_threads)
    max_gradient_kernel(PixelGrid grid,                      // of dx
                        Pixels<const WindowIndex<T>> index,  // [N, OH, OW, C]
                        Pixels<const T> dy,                  // [N, OH, OW, C]
                        Pixels<T> dx,                        // [N, H, W, C]
                        Windows rows, Windows columns, bool add) {
    for (unsigned i = first_of_32(); i < grid.count; i += all_of_32()) {
        const auto [n, c, h, w] = grid.place(i);
        const Windows::Range ohs = rows.outputs_of(h), ows = columns.outputs_of(w);
        const int place = h * columns.inputs + w;
        Pack<T, lanes> sum{};
        for (int oh = ohs.begin; oh < ohs.end; ++oh)
            for (int ow = ows.begin; ow < ows.end; ++ow) {
                const Pack<WindowIndex<T>, lanes> named = load_pack<lanes>(index.at(n, oh, ow) + c);
                const Pack<T, lanes> gradient = load_pack<lanes>(dy.at(n, oh, ow) + c);
                for (int k = 0; k < lanes; ++k) sum.at[k] += named.at[k] == place ? gradient.at[k] : T{0};
            }
        store_pack<lanes>(dx.at(n, h, w) + c, sum, add);
    }
}

template <class T, int lanes>
__global__ void __launch_bounds__(block_threads) take_kernel(PixelGrid grid,                      // of y
                                                             Pixels<const T> x,                   // [N, H, W, C]
                                                             Pixels<const WindowIndex<T>> index,  // [N, OH, OW, C]
                                                             Pixels<T> y,                         // [N, OH, OW, C]
                                                             Divisor width) {
    for (unsigned i = first_of_32(); i < grid.count; i += all_of_32()) {
        const auto [n, c, oh, ow] = grid.place(i);
        const Pack<WindowIndex<T>, lanes> named = load_pack<lanes>(index.at(n, oh, ow) + c);
        Pack<T, lanes> value;
        for (int k = 0; k < lanes; ++k) {
            auto h = static_cast<unsigned>(named.at[k]);
            const auto w = static_cast<int>(width.split(h));
            value.at[k] = x.at(n, static_cast<int>(h), w)[c + k];
        }
        store_pack<lanes>(y.at(n, oh, ow) + c, value);
    }
}

template <class T>
Result forward(const abi::Call* call, const abi::WindowArgs& args) {
    const abi::Array &x = args.x, &y = args.y;
    if (numel(y) == 0) return {};
    return with_lanes<T>(whole_packs<T>({&x, &y, &args.index}), [&](auto lanes) {
        const PixelGrid grid(y, lanes);
        return launch(call->operation, max_kernel<T, lanes>, linear(grid.count), stream_of(call), grid,
                      pixels_of<const T>(x), pixels_of<T>(y), pixels_of<WindowIndex<T>>(args.index),
                      Windows(args, x, y, 0), Windows(args, x, y, 1));
    });
}

template <class T>
Result backward(const abi::Call* call, const abi::WindowArgs& args) {
    const abi::Array &dx = args.dx, &dy = args.dy;
    if (numel(dx) == 0) return {};
    return with_lanes<T>(whole_packs<T>({&dx, &dy, &args.index}), [&](auto lanes) {
        const PixelGrid grid(dx, lanes);
        return launch(call->operation, max_gradient_kernel<T, lanes>, linear(grid.count), stream_of(call), grid,
                      pixels_of<const WindowIndex<T>>(args.index), pixels_of<const T>(dy), pixels_of<T>(dx),
                      Windows(args, dx, dy, 0), Windows(args, dx, dy, 1), adds(dx));
    });
}

template <class T>
Result take_named(const abi::Call* call, const abi::WindowArgs& args) {
    if (numel(args.y) == 0) return {};
    return with_lanes<T>(whole_packs<T>({&args.index, &args.y}), [&](auto lanes) {
        const PixelGrid grid(args.y, lanes);
        return launch(call->operation, take_kernel<T, lanes>, linear(grid.count), stream_of(call), grid,
                      pixels_of<const T>(args.x), pixels_of<const WindowIndex<T>>(args.index), pixels_of<T>(args.y),
                      Divisor(args.x.shape[3]));
    });
}

abi::Outcome max_pool(const abi::Call* call, const abi::WindowArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return forward<T>(call, *args); });
}

abi::Outcome max_pool_backward(const abi::Call* call, const abi::WindowArgs* args) {
    return with_floating(call, args->dx, [&]<class T>(T) { return backward<T>(call, *args); });
}

abi::Outcome take(const abi::Call* call, const abi::WindowArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return take_named<T>(call, *args); });
}

const char* accepts(const abi::WindowArgs* args) {
    if (args->adaptive || args->dilation[0] != 1 || args->dilation[1] != 1)
        return "its maxima take windows of one size without dilation";
    return accepts_images({&args->x, &args->y, &args->index, &args->dy, &args->dx});
}

constexpr abi::Row rows[] = {row<max_pool, accepts>("max_pool", abi::floating),
                             row<max_pool_backward, accepts>("max_pool_backward", abi::floating),
                             row<take, accepts>("take", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
