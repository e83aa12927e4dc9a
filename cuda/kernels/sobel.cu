// The Sobel magnitude, depthwise 3x3 with zero padding 1, and its gradients:
//   y = |wx * x| + |wy * x|
// Backward, with ax = dy sign(wx * x) and ay = dy sign(wy * x), gathers dx from these through the filters; dwx and dwy
// are their products with x.
//
// A thread has one column of a few channels and walks down a strip of rows with the 3x3 window, and the row after it,
// in registers; neighbouring threads have neighbouring channels. Memory bounds forward, 8 bytes of a float: a row is
// read from the cache by the columns beside it. Backward is one pass, 12 bytes of a float and 54 products, so that
// memory and arithmetic weigh about the same: threads show each other a row of ax and ay in shared memory, and blocks
// overlap by a column and a row at each side rather than write these out. The sums of dwx and dwy are made per block,
// then over blocks in their order.
#include "cuda/backend/host.hpp"
#include "cuda/kernels/stencil.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

constexpr int forward_threads = 128;

// Channels of a thread, where the images allow: backward has twice the registers for each.
template <class T>
constexpr int forward_pack = pack_lanes<T>;
template <class T>
constexpr int backward_pack = sizeof(T) == 4 ? 2 : 1;

template <class T, int size>
struct Filters {
    Pack<T, size> x[9], y[9];

    __device__ Filters(const T* wx,  // [C, 9]
                       const T* wy,  // [C, 9]
                       const Place& p) {
        // Nine packs have the taps of `size` channels.
        Pack<T, size> from_x[9] = {}, from_y[9] = {};
        for (int k = 0; p.inside && k < 9; ++k) {
            from_x[k] = load_pack<size>(wx + p.channel * 9 + k * size);
            from_y[k] = load_pack<size>(wy + p.channel * 9 + k * size);
        }
        for (int t = 0; t < 9; ++t)
            for (int i = 0; i < size; ++i) {
                const int at = i * 9 + t;
                x[t].at[i] = from_x[at / size].at[at % size], y[t].at[i] = from_y[at / size].at[at % size];
            }
    }
    template <int ahead>
    __device__ SobelResponse<T> response(const Window<T, size, ahead>& window, int i) const {
        SobelResponse<T> g{T{0}, T{0}};
        for (int t = 0; t < 9; ++t) {
            const T value = window.rows[t / 3][t % 3].at[i];
            g.x += x[t].at[i] * value, g.y += y[t].at[i] * value;
        }
        return g;
    }
};

// y holds the rows of x from first_row on.
template <class T, int size>
__global__ void __launch_bounds__(forward_threads) forward_kernel(Image<const T> x,  // [N, C, H, W]
                                                                  const T* wx,       // [C, 9]
                                                                  const T* wy,       // [C, 9]
                                                                  Image<T> y,        // [N, C, rows, W]
                                                                  Tiling tiling, int first_row, bool add) {
    const Place p = place_of<size, 0>(tiling, y.channels, y.height, y.width);
    if (!p.owner) return;
    const Filters<T, size> filters(wx, wy, p);
    Column<T, size> column(x, p, first_row + p.first - 1, first_row + p.last + 1);
    Window<T, size, 2> window(column);
    T* to = &y.at(p.image, p.channel, p.first, p.column);
#pragma unroll 5
    for (int h = p.first; h < p.last; ++h, to += y.row, window.next()) {
        window.fetch(column);
        Pack<T, size> value;
        for (int i = 0; i < size; ++i) value.at[i] = filters.response(window, i).magnitude();
        store_pack<size>(to, value, add);
    }
}

// out[k, c] = the sum over the block's threads of what they have for the channel; k of nine taps.
template <class T, int size>
__device__ void write_sums(const Tiling& tiling, const Place& p, int channels,
                           const Pack<T, size> (&sums)[9],     // of this thread
                           T (&shared)[9][block_threads + 8],  // eight lanes hit all banks
                           T* out) {                           // [9, C]
    const int thread = static_cast<int>(threadIdx.x), lanes = tiling.lanes;
    const int first_channel = p.channel - thread % lanes * size;
    for (int i = 0; i < size; ++i) {
        __syncthreads();
        for (int k = 0; k < 9; ++k) shared[k][thread] = p.owner ? sums[k].at[i] : T{0};
        __syncthreads();
        for (int item = thread; item < 9 * lanes; item += block_threads) {
            const int k = item / lanes, lane = item % lanes, channel = first_channel + lane * size + i;
            T sum{0};
            for (int from = lane; from < block_threads; from += lanes) sum += shared[k][from];
            if (channel < channels) out[k * channels + channel] = sum;
        }
    }
}

// Row r of ax and ay comes from rows r - 1 to r + 1 of x; then row r - 1 of dx is complete, and for the two after it
// `pending` keeps what they have so far.
template <class T, int size, bool with_data, bool with_weights>
__global__ void __launch_bounds__(block_threads, 2) backward_kernel(Image<const T> x,   // [N, C, H, W]
                                                                    const T* wx,        // [C, 9]
                                                                    const T* wy,        // [C, 9]
                                                                    Image<const T> dy,  // [N, C, H, W]
                                                                    Image<T> dx,        // [N, C, H, W]
                                                                    T* partials,        // [pixel blocks][18, C]
                                                                    Tiling tiling, bool add) {
    using Channels = Pack<T, size>;
    constexpr int halo = with_data ? 1 : 0;
    FATHOM_SHARED(Channels, shown, 2, 2, with_data ? block_threads : 1);  // even and odd rows, ax, ay
    FATHOM_SHARED(T, shared_sums, 9, block_threads + 8);
    const Place p = place_of<size, halo>(tiling, x.channels, x.height, x.width);
    const int thread = static_cast<int>(threadIdx.x);
    const int left = thread >= tiling.lanes ? thread - tiling.lanes : 0;
    const int right = thread + tiling.lanes < block_threads ? thread + tiling.lanes : thread;
    const Filters<T, size> filters(wx, wy, p);
    const int begin = p.first - halo, end = p.last + halo;
    Column<T, size> column(x, p, begin - 1, end + 1), gradients(dy, p, begin, end);
    Window<T, size, 1> window(column);
    Channels gradient = gradients.next_pixel(), pending[2] = {}, dwx[9] = {}, dwy[9] = {};
    T* to = &dx.at(p.image, p.channel, p.first, p.column);
#pragma unroll 4
    for (int r = begin; r < end; ++r, window.next()) {
        window.fetch(column);
        const Channels next_gradient = gradients.next_pixel();
        Channels ax, ay;
        for (int i = 0; i < size; ++i) {
            const SobelResponse<T> g = filters.response(window, i);
            ax.at[i] = with_sign(gradient.at[i], g.x), ay.at[i] = with_sign(gradient.at[i], g.y);
        }
        gradient = next_gradient;
        if (with_weights && r >= p.first && r < p.last)
            for (int t = 0; t < 9; ++t)
                for (int i = 0; i < size; ++i) {
                    const T value = window.rows[t / 3][t % 3].at[i];
                    dwx[t].at[i] += ax.at[i] * value, dwy[t].at[i] += ay.at[i] * value;
                }
        if constexpr (with_data) {
            auto& [row_x, row_y] = shown[r & 1];
            row_x[thread] = ax, row_y[thread] = ay;
            __syncthreads();
            // As the filters' columns meet them.
            const Channels axs[3] = {row_x[right], ax, row_x[left]}, ays[3] = {row_y[right], ay, row_y[left]};
            Channels rows[3] = {pending[0], pending[1], {}};
            for (int t = 0; t < 9; ++t)
                for (int i = 0; i < size; ++i) {
                    rows[t / 3].at[i] += filters.x[t].at[i] * axs[t % 3].at[i];
                    rows[t / 3].at[i] += filters.y[t].at[i] * ays[t % 3].at[i];
                }
            pending[0] = rows[1], pending[1] = rows[2];
            if (p.owner && r > p.first) {
                store_pack<size>(to, rows[0], add);
                to += dx.row;
            }
        }
    }
    if constexpr (with_weights) {
        T* const out =
            partials + blockIdx.x / static_cast<unsigned>(tiling.channel_blocks) * std::int64_t{18} * x.channels;
        write_sums<T, size>(tiling, p, x.channels, dwx, shared_sums, out);
        write_sums<T, size>(tiling, p, x.channels, dwy, shared_sums, out + 9 * x.channels);
    }
}

constexpr int combined_elements = 8, combining_threads = 64;

// A block for 8 elements, 64 threads for each.
template <class T>
__global__ void __launch_bounds__(combined_elements* combining_threads)
    combine_kernel(const T* partials,  // [blocks][18, C]
                   std::int64_t blocks, int channels,
                   T* dwx,  // [C, 9] or null
                   T* dwy,  // [C, 9] or null
                   bool add_x, bool add_y) {
    FATHOM_SHARED(double, shared, combining_threads, combined_elements);
    const int slot = static_cast<int>(threadIdx.x) / combined_elements,
              place = static_cast<int>(threadIdx.x) % combined_elements;
    const std::int64_t elements = std::int64_t{18} * channels, i = blockIdx.x * std::int64_t{combined_elements} + place;
    double sum = 0;
    if (i < elements)
#pragma unroll 4
        for (std::int64_t b = slot; b < blocks; b += combining_threads)
            sum += static_cast<double>(partials[b * elements + i]);
    shared[slot][place] = sum;
    __syncthreads();
    if (slot != 0 || i >= elements) return;
    for (int k = 1; k < combining_threads; ++k) sum += shared[k][place];
    const int tap = static_cast<int>(i / channels), c = static_cast<int>(i % channels);
    T* const to = tap < 9 ? dwx : dwy;
    if (!to) return;
    T& element = to[c * 9 + tap % 9];
    element = static_cast<T>((tap < 9 ? add_x : add_y) ? static_cast<double>(element) + sum : sum);
}

template <int size, class T>
bool filters_pack(const abi::SobelArgs& args) {
    return pack_aligned<size>(data<const T>(args.wx)) && pack_aligned<size>(data<const T>(args.wy));
}

template <class T, int size>
Result run_forward(const abi::Call* call, const abi::SobelArgs& args) {
    const auto x = image_of<const T>(args.x);
    const auto y = image_of<T>(args.y);
    const Tiling tiling = tiling_of(x, y.height, size, forward_threads, 0, 3 * typical_multiprocessors);
    return launch(call->operation, forward_kernel<T, size>, {tiling.blocks(), forward_threads}, stream_of(call), x,
                  data<const T>(args.wx), data<const T>(args.wy), y, tiling, static_cast<int>(args.first_row),
                  adds(args.y));
}

template <class T>
Result forward(const abi::Call* call, const abi::SobelArgs& args) {
    constexpr int size = forward_pack<T>;
    if (numel(args.y) == 0) return {};
    const bool packed =
        packs<size>(image_of<const T>(args.x)) && packs<size>(image_of<T>(args.y)) && filters_pack<size, T>(args);
    return packed ? run_forward<T, size>(call, args) : run_forward<T, 1>(call, args);
}

template <class T, int size>
Result run_backward(const abi::Call* call, const abi::SobelArgs& args) {
    const auto x = image_of<const T>(args.x);
    const auto dx = args.dx.data ? image_of<T>(args.dx) : Image<T>{};
    const bool with_data = dx.data, with_weights = args.dwx.data || args.dwy.data;
    const Tiling tiling = tiling_of(x, x.height, size, block_threads, with_data ? 1 : 0, 2 * typical_multiprocessors);
    const std::int64_t blocks = tiling.pixel_blocks(), elements = std::int64_t{18} * x.channels;
    const DeviceScratch partials(call, with_weights ? blocks * elements * static_cast<std::int64_t>(sizeof(T)) : 0);
    if (!partials.result().ok()) return partials.result();
    const auto kernel = !with_weights ? backward_kernel<T, size, true, false>
                        : with_data   ? backward_kernel<T, size, true, true>
                                      : backward_kernel<T, size, false, true>;
    if (blocks > 0)
        if (const Result r = launch(call->operation, kernel, {tiling.blocks(), block_threads}, stream_of(call), x,
                                    data<const T>(args.wx), data<const T>(args.wy), image_of<const T>(args.dy), dx,
                                    partials.as<T>(), tiling, adds(args.dx));
            !r.ok())
            return r;
    if (!with_weights) return {};
    return launch(call->operation, combine_kernel<T>,
                  {ceil_div(elements, combined_elements), combined_elements * combining_threads}, stream_of(call),
                  partials.as<T>(), blocks, x.channels, data<T>(args.dwx), data<T>(args.dwy), adds(args.dwx),
                  adds(args.dwy));
}

template <class T>
Result backward(const abi::Call* call, const abi::SobelArgs& args) {
    constexpr int size = backward_pack<T>;
    if (args.x.shape[1] == 0 || !(args.dx.data || args.dwx.data || args.dwy.data)) return {};
    const bool packed = filters_pack<size, T>(args) && packs<size>(image_of<const T>(args.x)) &&
                        packs<size>(image_of<const T>(args.dy)) && (!args.dx.data || packs<size>(image_of<T>(args.dx)));
    return packed ? run_backward<T, size>(call, args) : run_backward<T, 1>(call, args);
}

abi::Outcome sobel(const abi::Call* call, const abi::SobelArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return forward<T>(call, *args); });
}

abi::Outcome sobel_backward(const abi::Call* call, const abi::SobelArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return backward<T>(call, *args); });
}

constexpr abi::Row rows[] = {row<sobel>("sobel", abi::floating), row<sobel_backward>("sobel_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
