// Batched matrix products in any strides: out (+)= a b + bias. A block has a tile of the result, each of its threads 8
// by 8 elements in registers; tiles of a and b pass through shared memory, the next ones on their way in registers
// while the present ones are multiplied. Bound by arithmetic from about 64 columns and rows on: a block of 128 x 128
// reads 2 * 128 k numbers for 128 * 128 k products. Where the result has too few tiles to fill the device, k is cut
// into chunks, as the shape alone says, whose products a second kernel adds in their order.
#include <algorithm>
#include <utility>

#include "cuda/kernels/index.cuh"
#include "cuda/kernels/pack.cuh"

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// A matrix of a batch: its elements are `row` and `column` apart.
template <class T>
struct Matrix {
    T* data;
    std::int64_t row, column;

    __device__ T* at(std::int64_t i, std::int64_t j) const { return data + i * row + j * column; }
};

struct ProductShape {
    int m, n, k;
    int tiles_m, tiles_n;
    int chunk;  // of k
    bool add;
};

// `elements` of a tile [k_tile, length] per thread, of a matrix in which `along` leads along k and `across` to the next
// row of a or column of b. Neighbouring threads take neighbours in memory.
template <class T, int length, int k_tile, int threads>
struct TileReader {
    static constexpr int elements = length * k_tile / threads;
    static constexpr int pad = 4;  // keeps 16-byte alignment, and spreads what is written along k over the banks
    using Tile = T[k_tile][length + pad];

    const T* from;
    std::int64_t along, next;  // to the next k; to this thread's next element
    int k, at, step_k, step_at, left;

    // first: of the tiles' row or column; left: rows or columns from there on.
    __device__ TileReader(const T* data, std::int64_t k_stride, std::int64_t across, int first, int size, int thread)
        : along(k_stride), left(size - first) {
        const bool along_k = k_stride == 1 && across != 1;
        k = along_k ? thread % k_tile : thread / length;
        at = along_k ? thread / k_tile : thread % length;
        step_k = along_k ? 0 : threads / length;
        step_at = along_k ? threads / k_tile : 0;
        from = data + k * k_stride + (first + at) * across;
        next = step_k * k_stride + step_at * across;
    }
    // The tile that begins here, of which `left_k` are still inside; zeros beyond.
    __device__ void read(T (&values)[elements], int left_k) {
        const T* place = from;
#pragma unroll
        for (int i = 0; i < elements; ++i, place += next) {
            const bool there = k + i * step_k < left_k && at + i * step_at < left;
            values[i] = there ? *place : T{0};
        }
        from += k_tile * along;
    }
    __device__ void write(const T (&values)[elements], Tile& tile) const {
#pragma unroll
        for (int i = 0; i < elements; ++i) tile[k + i * step_k][at + i * step_at] = values[i];
    }
};

// 8 numbers of a row of a tile: 4 of each half, so that the threads of a warp read from all banks.
template <class T, int length>
__device__ void read_eight(const T* row,  // [length]
                           int thread, T (&values)[8]) {
    constexpr int lanes = pack_lanes<T> < 4 ? pack_lanes<T> : 4;
#pragma unroll
    for (int half = 0; half < 2; ++half)
#pragma unroll
        for (int i = 0; i < 4; i += lanes) {
            const Pack<T, lanes> some = load_pack<lanes>(row + half * length / 2 + thread * 4 + i);
#pragma unroll
            for (int k = 0; k < lanes; ++k) values[half * 4 + i + k] = some.at[k];
        }
}

// Blocks that a multiprocessor has room for: registers are cut to fit.
template <class T, int side>
inline constexpr int resident_blocks = sizeof(T) == 8 ? 4 : (side == 128 ? 2 : 6);

// grid: x tiles of the result and batches, y chunks of k; block: side / 8 squared threads.
template <class T, int side, int k_tile>
__global__ void __launch_bounds__((side / 8) * (side / 8), resident_blocks<T, side>)
    product_kernel(ProductShape s, kernels::Loop batches,
                   Matrix<T> out,         // [m, n], or [chunks][batches, m, n] partial sums
                   Matrix<const T> a,     // [m, k]
                   Matrix<const T> b,     // [k, n]
                   Matrix<const T> bias,  // [m, n] or null
                   std::int64_t partial_chunk) {
    constexpr int across = side / 8, threads = across * across;
    using Reader = TileReader<T, side, k_tile, threads>;
    FATHOM_SHARED(T, a_tile, k_tile, side + Reader::pad);  // [k, m]
    FATHOM_SHARED(T, b_tile, k_tile, side + Reader::pad);  // [k, n]
    const auto thread = static_cast<int>(threadIdx.x), ty = thread / across, tx = thread % across;
    const auto tiles = static_cast<unsigned>(s.tiles_m * s.tiles_n), batch = blockIdx.x / tiles,
               tile = blockIdx.x % tiles;
    const int m0 = static_cast<int>(tile) / s.tiles_n * side, n0 = static_cast<int>(tile) % s.tiles_n * side;
    std::int64_t offset[4];  // of out, a, b, bias
    offsets_of<4>(batches, batch, offset);

    const int k0 = static_cast<int>(blockIdx.y) * s.chunk;
    int left_k = s.k - k0 < s.chunk ? s.k - k0 : s.chunk;
    Reader a_reader(a.data + offset[1] + k0 * a.column, a.column, a.row, m0, s.m, thread);
    Reader b_reader(b.data + offset[2] + k0 * b.row, b.row, b.column, n0, s.n, thread);
    T a_next[Reader::elements], b_next[Reader::elements];
    T sum[8][8] = {};
    a_reader.read(a_next, left_k), b_reader.read(b_next, left_k);
    while (left_k > 0) {
        a_reader.write(a_next, a_tile), b_reader.write(b_next, b_tile);
        // Before the barrier, behind which the compiler would wait with it until the products are done.
        left_k -= k_tile;
        if (left_k > 0) a_reader.read(a_next, left_k), b_reader.read(b_next, left_k);
        __syncthreads();
#pragma unroll
        for (int k = 0; k < k_tile; ++k) {
            T x[8], y[8];
            read_eight<T, side>(a_tile[k], ty, x), read_eight<T, side>(b_tile[k], tx, y);
#pragma unroll
            for (int i = 0; i < 8; ++i)
#pragma unroll
                for (int j = 0; j < 8; ++j) sum[i][j] += x[i] * y[j];
        }
        __syncthreads();
    }

    const T* const with = bias.data ? bias.data + offset[3] : nullptr;
    T* const to = out.data + offset[0] + blockIdx.y * partial_chunk;
#pragma unroll
    for (int i = 0; i < 8; ++i) {
        const int m = m0 + i / 4 * (side / 2) + ty * 4 + i % 4;
#pragma unroll
        for (int j = 0; j < 8; ++j) {
            const int n = n0 + j / 4 * (side / 2) + tx * 4 + j % 4;
            if (m >= s.m || n >= s.n) continue;
            T value = sum[i][j];
            if (with) value += with[m * bias.row + n * bias.column];
            T& place = to[m * out.row + n * out.column];
            place = s.add ? place + value : value;
        }
    }
}

// out (+)= the sum of the chunks + bias. The loop is over n, m and the batches, in the order of partials.
template <class T>
__global__ void __launch_bounds__(block_threads)
    combine_kernel(kernels::Loop loop, std::int64_t elements, std::int64_t chunks,
                   T* out,             // operand 0
                   const T* bias,      // operand 1, or null
                   const T* partials,  // [chunks][elements]
                   bool add) {
    for (std::int64_t i = first_element(); i < elements; i += all_threads()) {
        std::int64_t at[2];
        offsets_of<2>(loop, i, at);
        T sum{0};
        for (std::int64_t c = 0; c < chunks; ++c) sum += partials[c * elements + i];
        if (bias) sum += bias[at[1]];
        out[at[0]] = add ? out[at[0]] + sum : sum;
    }
}

template <class T>
Matrix<T> matrix_of(const abi::Array& a) {
    if (!a.data) return {};
    return {data<T>(a), a.strides[a.rank - 2], a.strides[a.rank - 1]};
}

// Its rows as columns.
abi::Array transposed(abi::Array a) {
    if (!a.data) return a;
    std::swap(a.shape[a.rank - 2], a.shape[a.rank - 1]), std::swap(a.strides[a.rank - 2], a.strides[a.rank - 1]);
    return a;
}

abi::Array row_major(abi::Array a, void* memory) {
    a.data = memory;
    std::int64_t stride = 1;
    for (int d = a.rank - 1; d >= 0; --d) a.strides[d] = stride, stride *= a.shape[d];
    return a;
}

// Blocks that fill a large device, and the fewest products of a chunk.
constexpr std::int64_t enough_blocks = 256, least_chunk = 256;

template <class T, int side, int k_tile>
Result product(const abi::Call* call, const abi::MatmulArgs& args) {
    const abi::Array &out = args.out, &a = args.a, &b = args.b, &bias = args.bias;
    const int dims = out.rank - 2;
    const std::int64_t m = out.shape[dims], n = out.shape[dims + 1], k = a.shape[dims + 1], elements = numel(out);
    const std::int64_t tiles_m = ceil_div(m, side), tiles_n = ceil_div(n, side);
    const std::int64_t blocks = tiles_m * tiles_n * (elements / (m * n));
    const std::int64_t wanted =
        std::clamp<std::int64_t>(enough_blocks / blocks, 1, std::max<std::int64_t>(1, k / least_chunk));
    const std::int64_t chunk = ceil_div(ceil_div(std::max<std::int64_t>(k, 1), wanted), k_tile) * k_tile;
    const std::int64_t chunks = std::max<std::int64_t>(1, ceil_div(k, chunk));
    const DeviceScratch partials(call, chunks > 1 ? chunks * elements * static_cast<std::int64_t>(sizeof(T)) : 0);
    if (!partials.result().ok()) return partials.result();
    const bool whole = chunks == 1;
    const abi::Array to = whole ? out : row_major(out, partials.as<T>());
    const std::int64_t* const of_bias = bias.data ? bias.strides : out.strides;
    const std::int64_t* strides[] = {to.strides, a.strides, b.strides, of_bias};
    const ProductShape shape{static_cast<int>(m),       static_cast<int>(n),       static_cast<int>(k),
                             static_cast<int>(tiles_m), static_cast<int>(tiles_n), static_cast<int>(chunk),
                             whole && adds(out)};
    const Matrix<const T> none{};
    const Result result = launch(
        call->operation, product_kernel<T, side, k_tile>, {{blocks, chunks}, (side / 8) * (side / 8)}, stream_of(call),
        shape, kernels::make_loop(4, dims, out.shape, strides, kernels::LoopOrder::logical), matrix_of<T>(to),
        matrix_of<const T>(a), matrix_of<const T>(b), whole ? matrix_of<const T>(bias) : none, elements);
    if (!result.ok() || whole) return result;
    const std::int64_t* kept[] = {out.strides, of_bias};
    return launch(call->operation, combine_kernel<T>, linear(elements), stream_of(call),
                  kernels::make_loop(2, out.rank, out.shape, kept, kernels::LoopOrder::logical), elements, chunks,
                  data<T>(out), data<const T>(bias), partials.as<const T>(), adds(out));
}

// Large tiles where there are enough of them, or where k gives enough chunks.
template <class T>
Result multiply(const abi::Call* call, const abi::MatmulArgs& args) {
    if (numel(args.out) == 0) return {};
    const int dims = args.out.rank - 2;
    const std::int64_t m = args.out.shape[dims], n = args.out.shape[dims + 1], batches = numel(args.out) / (m * n);
    if constexpr (sizeof(T) == 4)
        if (ceil_div(m, 128) * ceil_div(n, 128) * batches >= enough_blocks / 2 && std::min(m, n) > 64)
            return product<T, 128, 8>(call, args);
    return product<T, 64, 32 / static_cast<int>(sizeof(T))>(call, args);
}

abi::Outcome matmul(const abi::Call* call, const abi::MatmulArgs* args) {
    // What is written has its neighbours along n: otherwise the transposed product has.
    const int dims = args->out.rank - 2;
    abi::MatmulArgs product = *args;
    if (args->out.strides[dims] == 1 && args->out.strides[dims + 1] != 1)
        product = {transposed(args->out), transposed(args->b), transposed(args->a), transposed(args->bias)};
    return with_floating(call, args->out, [&]<class T>(T) { return multiply<T>(call, product); });
}

const char* accepts(const abi::MatmulArgs* args) {
    const abi::Array &out = args->out, &a = args->a;
    for (int d = 1; d <= 2; ++d)
        if (!fits_31_bits(out.shape[out.rank - d] + 128) || !fits_31_bits(a.shape[a.rank - d] + 128))
            return "its matrices have less than 2^31 rows and columns";
    return nullptr;
}

constexpr abi::Row rows[] = {row<matmul, accepts>("matmul", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
