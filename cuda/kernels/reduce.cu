// Sums, products, norms, maxima and minima over any dimensions. A block has `columns` outputs and `rows` threads for
// each, side by side along whichever of the two memory has innermost; it takes one chunk of the reduced elements. Where
// there are several chunks a second kernel combines their results. Both combine in an order that depends on shapes and
// strides alone. Bound by memory: every element is read once.
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/positions.cuh"
#include "fathom/kernels/reduce.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// Blocks at which a reduction is cut into no more chunks: eight for each of 132 multiprocessors. Elements that a thread
// takes at least.
constexpr std::int64_t enough_blocks = 1056, least_elements = 8;

// What a reduction does: a Total of each element, two Totals to one, and where the last one goes. Sums and products of
// float are in double, so that they round once.
template <class T, Reduce op>
struct Sum {
    using In = T;
    using Out = kernels::Reduced<T, op>;
    using Total = std::conditional_t<std::is_integral_v<T>, std::uint64_t, double>;
    Out* out;
    double scale;
    bool add;

    __device__ static Total start() { return Total{op == Reduce::product ? 1 : 0}; }
    __device__ static Total of(T x, std::uint32_t) {
        const auto total = static_cast<Total>(x);
        return op == Reduce::norm ? total * total : total;
    }
    __device__ static Total join(Total a, Total b) { return op == Reduce::product ? a * b : a + b; }
    __device__ void store(const std::int64_t* at,  // of in, out, index
                          Total total) const {
        Out value;
        if constexpr (std::is_integral_v<T>)
            value = static_cast<Out>(total + (add ? static_cast<Total>(out[at[1]]) : 0));
        else
            value = static_cast<Out>(op == Reduce::norm      ? scale * std::sqrt(total)
                                     : op == Reduce::product ? total
                                                             : scale * total) +
                    (add ? out[at[1]] : Out{0});
        out[at[1]] = value;
    }
};

// The largest or smallest, or the first NaN, and where it first stands.
template <class T, Reduce op>
struct Extreme {
    using In = T;
    struct Total {
        T value;
        std::uint32_t index;
    };
    T* out;
    std::int64_t* index;  // or null
    bool add;

    __device__ static Total start() {
        using Limits = std::numeric_limits<T>;
        constexpr T least = Limits::has_infinity ? -Limits::infinity() : Limits::lowest(),
                    most = Limits::has_infinity ? Limits::infinity() : Limits::max();
        return {op == Reduce::max ? least : most, ~std::uint32_t{0}};
    }
    __device__ static Total of(T x, std::uint32_t i) { return {x, i}; }
    __device__ static Total join(Total a, Total b) {
        const bool a_nan = a.value != a.value, b_nan = b.value != b.value;
        const bool equal = a_nan ? b_nan : a.value == b.value;
        const bool beyond = !a_nan && (b_nan || (op == Reduce::max ? b.value > a.value : b.value < a.value));
        return beyond || (equal && b.index < a.index) ? b : a;
    }
    __device__ void store(const std::int64_t* at,  // of in, out, index
                          Total total) const {
        out[at[1]] = add ? static_cast<T>(out[at[1]] + total.value) : total.value;
        if (index) index[at[2]] = total.index;
    }
};

// How a block's threads share out outputs and elements; both powers of two.
struct Tile {
    int rows, columns;
    bool rows_inside;  // neighbouring threads have neighbouring elements, not outputs

    __device__ int row() const { return static_cast<int>(rows_inside ? threadIdx.x % rows : threadIdx.x / columns); }
    __device__ int column() const { return static_cast<int>(rows_inside ? threadIdx.x / rows : threadIdx.x % columns); }
};

// The Totals of all rows of a column, in its first row. All threads call it.
template <class Op>
__device__ typename Op::Total joined(const Tile& tile, typename Op::Total total,
                                     typename Op::Total* shared) {  // [256]
    const int thread = static_cast<int>(threadIdx.x), step = tile.rows_inside ? 1 : tile.columns;
    shared[thread] = total;
    for (int half = tile.rows / 2; half > 0; half /= 2) {
        __syncthreads();
        if (tile.row() < half) shared[thread] = Op::join(shared[thread], shared[thread + half * step]);
    }
    return shared[thread];
}

// grid: x groups of columns, y chunks. Without partials the results are stored.
template <class Op>
__global__ void __launch_bounds__(block_threads)
    reduce_kernel(Op op, Positions kept, Positions reduced, Tile tile, std::uint32_t chunk,
                  const typename Op::In* in,       // [kept, reduced]
                  typename Op::Total* partials) {  // [chunks, kept] or null
    FATHOM_SHARED(typename Op::Total, shared, block_threads);
    const std::uint32_t output = blockIdx.x * tile.columns + tile.column();
    const std::uint32_t begin = blockIdx.y * chunk,
                        count = reduced.count - begin < chunk ? reduced.count - begin : chunk;
    std::int64_t at[3];
    kept.offsets<3>(output < kept.count ? output : 0, at);
    auto total = Op::start();
    if (output < kept.count)
#pragma unroll 4
        for (std::uint32_t i = tile.row(); i < count; i += tile.rows) {
            std::int64_t offset[1];
            reduced.offsets<1>(begin + i, offset);
            total = Op::join(total, Op::of(in[at[0] + offset[0]], begin + i));
        }
    total = joined<Op>(tile, total, shared);
    if (tile.row() != 0 || output >= kept.count) return;
    if (partials)
        partials[blockIdx.y * std::int64_t{kept.count} + output] = total;
    else
        op.store(at, total);
}

template <class Op>
__global__ void __launch_bounds__(block_threads) combine_kernel(Op op, Positions kept, Tile tile, int chunks,
                                                                const typename Op::Total* partials) {  // [chunks, kept]
    FATHOM_SHARED(typename Op::Total, shared, block_threads);
    const std::uint32_t output = blockIdx.x * tile.columns + tile.column();
    auto total = Op::start();
    if (output < kept.count)
#pragma unroll 4
        for (int c = tile.row(); c < chunks; c += tile.rows)
            total = Op::join(total, partials[c * std::int64_t{kept.count} + output]);
    total = joined<Op>(tile, total, shared);
    if (tile.row() != 0 || output >= kept.count) return;
    std::int64_t at[3];
    kept.offsets<3>(output, at);
    op.store(at, total);
}

// The smallest power of two from x on, at most `most`.
int power_of_two(std::int64_t x, int most) {
    int power = 1;
    while (power < x && power < most) power *= 2;
    return power;
}

// Elements first, if they are innermost: a thread has four at least. Outputs first otherwise: a warp of them, or more
// where there are few elements for each.
Tile tile_of(const kernels::ReduceLoops& r, std::int64_t outputs, std::int64_t n) {
    const std::int64_t kept_stride = r.kept.stride[0][0], reduced_stride = r.reduced.stride[0][0];
    if (outputs == 1 || (n > 1 && reduced_stride < kept_stride)) {
        const int rows = power_of_two(ceil_div(n, 4), block_threads);
        return {rows, block_threads / rows, true};
    }
    const int rows =
        std::max(power_of_two(ceil_div(n, least_elements), 8), block_threads / power_of_two(outputs, block_threads));
    return {rows, block_threads / rows, false};
}

template <class Op>
Result reduce(const abi::Call* call, const abi::ReduceArgs& args, const Op& op) {
    const abi::Array &in = args.in, &out = args.out, &index = args.index;
    const kernels::ReduceLoops r = kernels::make_reduce_loops(
        in.rank, in.shape, in.strides, out.shape, out.strides, index.data ? index.strides : nullptr,
        index.data ? kernels::LoopOrder::logical : kernels::LoopOrder::by_stride);
    const Positions kept(r.kept), reduced(r.reduced);
    const std::int64_t outputs = kept.count, n = reduced.count;
    if (outputs == 0) return {};
    const Tile tile = tile_of(r, outputs, n);
    const std::int64_t groups = ceil_div(outputs, tile.columns);
    const std::int64_t chunk = tile.rows * std::max(least_elements, ceil_div(n * groups, enough_blocks * tile.rows));
    const std::int64_t chunks = std::max<std::int64_t>(1, ceil_div(n, chunk));
    using Total = typename Op::Total;
    const DeviceScratch partials(call, chunks > 1 ? chunks * outputs * static_cast<std::int64_t>(sizeof(Total)) : 0);
    if (!partials.result().ok()) return partials.result();
    const Result result =
        launch(call->operation, reduce_kernel<Op>, {{groups, chunks}, block_threads}, stream_of(call), op, kept,
               reduced, tile, static_cast<std::uint32_t>(chunk), data<const typename Op::In>(in), partials.as<Total>());
    if (!result.ok() || chunks == 1) return result;
    const int columns = power_of_two(outputs, 8);
    return launch(call->operation, combine_kernel<Op>, {ceil_div(outputs, columns), block_threads}, stream_of(call), op,
                  kept, Tile{block_threads / columns, columns, false}, static_cast<int>(chunks), partials.as<Total>());
}

// f(T{}) for the dtypes that reductions take.
template <class F>
abi::Outcome with_number(const abi::Call* call, const abi::Array& a, F f) {
    return with_element(call, a, [&]<class T>(T) -> Result {
        if constexpr (std::is_arithmetic_v<T>)
            return f(T{});
        else
            return {};  // not among the rows' dtypes
    });
}

template <Reduce which>
abi::Outcome sum(const abi::Call* call, const abi::ReduceArgs* args) {
    return with_number(call, args->in, [&]<class T>(T) -> Result {
        if constexpr (which == Reduce::norm && std::is_integral_v<T>) {
            return {};  // not among the row's dtypes
        } else {
            using Op = Sum<T, which>;
            const Op op{data<typename Op::Out>(args->out), args->scale, adds(args->out)};
            return reduce(call, *args, op);
        }
    });
}

template <Reduce which>
abi::Outcome extreme(const abi::Call* call, const abi::ReduceArgs* args) {
    return with_number(call, args->in, [&]<class T>(T) -> Result {
        if constexpr (std::is_same_v<T, bool>) {
            return {};
        } else {
            const Extreme<T, which> op{data<T>(args->out), data<std::int64_t>(args->index), adds(args->out)};
            return reduce(call, *args, op);
        }
    });
}

const char* accepts_sum(const abi::ReduceArgs* args) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    const std::int64_t outputs = numel(args->out);
    return outputs >= most || (outputs > 0 && numel(args->in) / outputs >= most)
               ? "its reductions take less than 2^31 outputs, of less than 2^31 elements each"
               : nullptr;
}
const char* accepts_extreme(const abi::ReduceArgs* args) {
    return numel(args->in) == 0 && numel(args->out) > 0 ? "there is nothing to reduce: a dimension has size 0"
                                                        : accepts_sum(args);
}

constexpr abi::Row rows[] = {row<sum<Reduce::sum>, accepts_sum>("sum", abi::computed),
                             row<sum<Reduce::product>, accepts_sum>("product", abi::computed),
                             row<sum<Reduce::norm>, accepts_sum>("norm", abi::floating),
                             row<extreme<Reduce::max>, accepts_extreme>("max", abi::numbers),
                             row<extreme<Reduce::min>, accepts_extreme>("min", abi::numbers)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
