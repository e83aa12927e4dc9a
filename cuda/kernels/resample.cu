// Images of another size, as weighted sums of pixels: averages over windows (average_pool) and interpolation (resize),
// and their gradients. A thread has the channels of one pack of a pixel and finds the pixels that count, and their
// weights, from integers alone (resampling.cuh): no tables, nothing scattered. Bound by memory: x is read and y written
// once, what several windows share comes from the caches. Averages over large windows, up to whole images, are summed
// by blocks in two stages, in chunks that depend on the shapes alone.
#include "cuda/kernels/resampling.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// Calls f(index, weight) for the taps of one dimension; unrolled where there are few.
template <class Axis, class T, class F>
__device__ void for_taps(const Taps<T>& taps, F f) {
    if constexpr (Axis::most_taps > 0) {
#pragma unroll
        for (int k = 0; k < Axis::most_taps; ++k)
            if (k < taps.count) f(taps.first + k, k == 0 ? taps.near : taps.far);
    } else {
        for (int k = 0; k < taps.count; ++k) f(taps.first + k, taps.near);
    }
}

template <class T, int lanes, class Axis>
__global__ void __launch_bounds__(block_threads) resample_kernel(PixelGrid grid,     // of y
                                                                 Pixels<const T> x,  // [N, H, W, C]
                                                                 Pixels<T> y,        // [N, OH, OW, C]
                                                                 Axis rows, Axis columns, bool add) {
    for (unsigned i = first_of_32(); i < grid.count; i += all_of_32()) {
        const PixelGrid::Place at = grid.place(i);
        const Taps<T> across = columns.template taps<T>(at.w);
        Pack<T, lanes> sum{};
        for_taps<Axis>(rows.template taps<T>(at.h), [&](int h, T row_weight) {
            for_taps<Axis>(across, [&](int w, T weight) {
                const Pack<T, lanes> value = load_pack<lanes>(x.at(at.n, h, w) + at.c);
                for (int k = 0; k < lanes; ++k) sum.at[k] += row_weight * weight * value.at[k];
            });
        });
        store_pack<lanes>(y.at(at.n, at.h, at.w) + at.c, sum, add);
    }
}

// dx (+)= the weighted sum of dy over the outputs that an input reaches.
template <class T, int lanes, class Axis>
__global__ void __launch_bounds__(block_threads) gradient_kernel(PixelGrid grid,      // of dx
                                                                 Pixels<const T> dy,  // [N, OH, OW, C]
                                                                 Pixels<T> dx,        // [N, H, W, C]
                                                                 Axis rows, Axis columns, bool add) {
    for (unsigned i = first_of_32(); i < grid.count; i += all_of_32()) {
        const auto [n, c, h, w] = grid.place(i);
        const Span oh = rows.outputs_of(h), ow = columns.outputs_of(w);
        Pack<T, lanes> sum{};
        for (int p = oh.begin; p < oh.end; ++p) {
            const T row_weight = rows.template weight<T>(p, h);
            for (int q = ow.begin; q < ow.end; ++q) {
                const T weight = row_weight * columns.template weight<T>(q, w);
                if (weight == T{0}) continue;  // an output next to it, which may be a NaN
                const Pack<T, lanes> gradient = load_pack<lanes>(dy.at(n, p, q) + c);
                for (int k = 0; k < lanes; ++k) sum.at[k] += weight * gradient.at[k];
            }
        }
        store_pack<lanes>(dx.at(n, h, w) + c, sum, add);
    }
}

// The groups of channels that a block of window_kernel takes together, a power of two, and its shape.
struct WindowBlocks {
    Divisor channel_tiles;
    int tile, groups;  // of channel packs
    unsigned chunks;
};

// Averages over large windows. grid: x output pixels and tiles of channels, y chunks of the window's pixels; a block
// has `tile` packs of channels beside each other, and as many pixels at a time as threads are left.
template <class T, int lanes, class Axis>
__global__ void __launch_bounds__(block_threads) window_kernel(WindowBlocks blocks, PixelGrid pixels,  // of y, C = 1
                                                               Pixels<const T> x,                      // [N, H, W, C]
                                                               Pixels<T> y,                            // [N, OH, OW, C]
                                                               T* partials,  // [chunks][N, OH, OW, C] or null
                                                               Axis rows, Axis columns, bool add) {
    using Sum = Pack<T, lanes>;
    FATHOM_SHARED(Sum, sums, block_threads);
    const auto thread = static_cast<int>(threadIdx.x);
    unsigned pixel = blockIdx.x;
    const auto group = static_cast<int>(blocks.channel_tiles.split(pixel)) * blocks.tile + thread % blocks.tile;
    const auto [n, none, oh, ow] = pixels.place(pixel);
    const Taps<T> down = rows.template taps<T>(oh), across = columns.template taps<T>(ow);
    const int area = down.count * across.count, step = block_threads / blocks.tile;
    const int chunk = (area + static_cast<int>(gridDim.y) - 1) / static_cast<int>(gridDim.y);
    const int begin = static_cast<int>(blockIdx.y) * chunk, end = begin + chunk < area ? begin + chunk : area;
    Sum sum{};
    if (group < blocks.groups)
        for (int i = begin + thread / blocks.tile; i < end; i += step) {
            const int h = i / across.count;
            const Sum value =
                load_pack<lanes>(x.at(n, down.first + h, across.first + i - h * across.count) + group * lanes);
            for (int k = 0; k < lanes; ++k) sum.at[k] += value.at[k];
        }
    sums[thread] = sum;
    for (int half = block_threads / 2; half >= blocks.tile; half /= 2) {
        __syncthreads();
        if (thread >= half) continue;
        for (int k = 0; k < lanes; ++k) sums[thread].at[k] += sums[thread + half].at[k];
    }
    if (thread >= blocks.tile || group >= blocks.groups) return;
    for (int k = 0; k < lanes; ++k) sum.at[k] = down.near * across.near * sums[thread].at[k];
    if (!partials) return store_pack<lanes>(y.at(n, oh, ow) + group * lanes, sum, add);
    const unsigned place =
        (blockIdx.y * pixels.count + pixel) * static_cast<unsigned>(blocks.groups) + static_cast<unsigned>(group);
    store_pack<lanes>(partials + static_cast<std::size_t>(place) * lanes, sum);
}

// y (+)= the sum of the chunks.
template <class T, int lanes>
__global__ void __launch_bounds__(block_threads) combine_kernel(PixelGrid grid,     // of y
                                                                const T* partials,  // [chunks][N, OH, OW, C]
                                                                unsigned chunks,
                                                                Pixels<T> y,  // [N, OH, OW, C]
                                                                bool add) {
    for (unsigned i = first_of_32(); i < grid.count; i += all_of_32()) {
        const auto [n, c, h, w] = grid.place(i);
        Pack<T, lanes> sum{};
        for (unsigned chunk = 0; chunk < chunks; ++chunk) {
            const std::size_t place = static_cast<std::size_t>(chunk) * grid.count + i;
            const Pack<T, lanes> part = load_pack<lanes>(partials + place * lanes);
            for (int k = 0; k < lanes; ++k) sum.at[k] += part.at[k];
        }
        store_pack<lanes>(y.at(n, h, w) + c, sum, add);
    }
}

template <class T, class Axis>
Result forward(const abi::Call* call, const abi::Array& x, const abi::Array& y, const Axis& rows, const Axis& columns) {
    if (numel(y) == 0) return {};
    return with_lanes<T>(whole_packs<T>({&x, &y}), [&](auto lanes) {
        const PixelGrid grid(y, lanes);
        return launch(call->operation, resample_kernel<T, lanes, Axis>, linear(grid.count), stream_of(call), grid,
                      pixels_of<const T>(x), pixels_of<T>(y), rows, columns, adds(y));
    });
}

template <class T, class Axis>
Result backward(const abi::Call* call, const abi::Array& dy, const abi::Array& dx, const Axis& rows,
                const Axis& columns) {
    if (numel(dx) == 0) return {};
    return with_lanes<T>(whole_packs<T>({&dy, &dx}), [&](auto lanes) {
        const PixelGrid grid(dx, lanes);
        return launch(call->operation, gradient_kernel<T, lanes, Axis>, linear(grid.count), stream_of(call), grid,
                      pixels_of<const T>(dy), pixels_of<T>(dx), rows, columns, adds(dx));
    });
}

// From this many pixels on a window is shared among the threads of a block, or several.
constexpr std::int64_t large_window = 64;
// Blocks that fill a large device, and the fewest pixels of a chunk.
constexpr std::int64_t enough_blocks = 512, chunk_pixels = 256;

template <class T, class Axis>
Result large_averages(const abi::Call* call, const abi::Array& x, const abi::Array& y, std::int64_t area,
                      const Axis& rows, const Axis& columns) {
    return with_lanes<T>(whole_packs<T>({&x, &y}), [&](auto lanes) {
        const std::int64_t groups = y.shape[1] / lanes, pixels = numel(y) / y.shape[1];
        const auto tile =
            static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(std::min<std::int64_t>(groups, 32))));
        const std::int64_t blocks = pixels * ceil_div(groups, tile);
        const std::int64_t chunks =
            std::clamp<std::int64_t>(ceil_div(enough_blocks, blocks), 1, ceil_div(area, chunk_pixels));
        const DeviceScratch partials(call, chunks > 1 ? chunks * numel(y) * static_cast<std::int64_t>(sizeof(T)) : 0);
        if (!partials.result().ok()) return partials.result();
        abi::Array plane = y;
        plane.shape[1] = 1;
        const WindowBlocks shape{Divisor(ceil_div(groups, tile)), static_cast<int>(tile), static_cast<int>(groups),
                                 static_cast<unsigned>(chunks)};
        const Result result = launch(call->operation, window_kernel<T, lanes, Axis>, {{blocks, chunks}, block_threads},
                                     stream_of(call), shape, PixelGrid(plane, 1), pixels_of<const T>(x),
                                     pixels_of<T>(y), partials.as<T>(), rows, columns, adds(y));
        if (!result.ok() || chunks == 1) return result;
        const PixelGrid grid(y, lanes);
        return launch(call->operation, combine_kernel<T, lanes>, linear(grid.count), stream_of(call), grid,
                      partials.as<const T>(), static_cast<unsigned>(chunks), pixels_of<T>(y), adds(y));
    });
}

template <class T, class Axis>
Result averages(const abi::Call* call, const abi::WindowArgs& args, std::int64_t area) {
    const Axis rows(args, args.x, args.y, 0), columns(args, args.x, args.y, 1);
    if (numel(args.y) > 0 && area >= large_window) return large_averages<T>(call, args.x, args.y, area, rows, columns);
    return forward<T>(call, args.x, args.y, rows, columns);
}

// Pixels of the largest window, as far as the image has them.
std::int64_t largest_area(const abi::WindowArgs& args) {
    std::int64_t area = 1;
    for (int i = 0; i < 2; ++i) {
        const std::int64_t inputs = args.x.shape[2 + i], outputs = std::max<std::int64_t>(1, args.y.shape[2 + i]);
        area *=
            args.adaptive ? ceil_div(inputs, outputs) + (inputs % outputs ? 1 : 0) : std::min(args.kernel[i], inputs);
    }
    return area;
}

abi::Outcome average_pool(const abi::Call* call, const abi::WindowArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) {
        const std::int64_t area = largest_area(*args);
        return args->adaptive ? averages<T, AdaptiveWindows>(call, *args, area)
                              : averages<T, AverageWindows>(call, *args, area);
    });
}

template <class T, class Axis>
Result average_gradient(const abi::Call* call, const abi::WindowArgs& args) {
    const abi::Array &dx = args.dx, &dy = args.dy;
    return backward<T>(call, dy, dx, Axis(args, dx, dy, 0), Axis(args, dx, dy, 1));
}

abi::Outcome average_pool_backward(const abi::Call* call, const abi::WindowArgs* args) {
    return with_floating(call, args->dx, [&]<class T>(T) {
        return args->adaptive ? average_gradient<T, AdaptiveWindows>(call, *args)
                              : average_gradient<T, AverageWindows>(call, *args);
    });
}

abi::Outcome resize(const abi::Call* call, const abi::ResizeArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) {
        const abi::Array &x = args->x, &y = args->y;
        return args->mode == Interpolation::nearest
                   ? forward<T>(call, x, y, Nearest(*args, x, y, 0), Nearest(*args, x, y, 1))
                   : forward<T>(call, x, y, Bilinear(*args, x, y, 0), Bilinear(*args, x, y, 1));
    });
}

abi::Outcome resize_backward(const abi::Call* call, const abi::ResizeArgs* args) {
    return with_floating(call, args->dx, [&]<class T>(T) {
        const abi::Array &dx = args->dx, &dy = args->dy;
        return args->mode == Interpolation::nearest
                   ? backward<T>(call, dy, dx, Nearest(*args, dx, dy, 0), Nearest(*args, dx, dy, 1))
                   : backward<T>(call, dy, dx, Bilinear(*args, dx, dy, 0), Bilinear(*args, dx, dy, 1));
    });
}

// What the axes of resampling.cuh know.
const char* accepts_form(const abi::WindowArgs& args, const abi::Array& x, const abi::Array& y) {
    for (int i = 0; i < 2 && !args.adaptive; ++i) {
        const std::int64_t end = (y.shape[2 + i] - 1) * args.stride[i] + args.kernel[i] - args.padding[i];
        if (!args.count_padding || args.divisor != 0 || end > x.shape[2 + i] + args.padding[i])
            return "its averages are over all of a window, which ends within the padding";
    }
    return nullptr;
}
const char* accepts_form(const abi::ResizeArgs& args, const abi::Array&, const abi::Array&) {
    if (args.mode != Interpolation::nearest && args.mode != Interpolation::bilinear)
        return "its interpolation is nearest or bilinear";
    return args.scale[0] != 0 || args.scale[1] != 0 ? "its interpolation follows from the sizes" : nullptr;
}

// x and y: the images, or their gradients.
template <class Args>
const char* accepts(const Args* args) {
    const bool gradient = args->dx.data;
    const abi::Array &x = gradient ? args->dx : args->x, &y = gradient ? args->dy : args->y;
    if (const char* reason = accepts_form(*args, x, y)) return reason;
    if (const char* reason = accepts_images({&x, &y})) return reason;
    // Places are fractions whose numerators are products of both sizes.
    for (const int d : {2, 3})
        if (!fits_31_bits(4 * (x.shape[d] + 1) * (y.shape[d] + 1)))
            return "its resampling takes sides whose product is below 2^29";
    return nullptr;
}

constexpr abi::Row rows[] = {
    row<average_pool, accepts<abi::WindowArgs>>("average_pool", abi::floating),
    row<average_pool_backward, accepts<abi::WindowArgs>>("average_pool_backward", abi::floating),
    row<resize, accepts<abi::ResizeArgs>>("resize", abi::floating),
    row<resize_backward, accepts<abi::ResizeArgs>>("resize_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
