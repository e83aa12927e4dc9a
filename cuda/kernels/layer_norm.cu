// Layer normalisation of rows and its gradient (kernels/layer_norm.hpp has the formulas), by teams of threads
// (team.cuh). Bound by memory: forward reads x and writes y, backward reads x and dy and writes dx; the gradients of
// weight and bias read x and dy once more, in chunks of rows whose sums, in double, a second kernel adds up in their
// order.
#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/kernels/partials.cuh"
#include "cuda/kernels/positions.cuh"
#include "cuda/kernels/team.cuh"
#include "fathom/backend/cpu/layer_norm.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// A block of the sums over rows takes 32 features and 8 rows at a time; blocks at which there are enough of them, and
// rows that a thread takes at least.
constexpr int sum_features = 32, sum_rows = block_threads / sum_features;
constexpr std::int64_t sum_blocks = 528, least_rows = 4;

// f(feature, k) for each of a thread's features, `held` at most; 0: any number, k is 0.
template <int held, class F>
__device__ void each(const Team& team, bool wanted, F f) {
    const int width = wanted ? team.width : 0;
    if constexpr (held > 0) {
#pragma unroll
        for (int k = 0; k < held; ++k)
            if (team.thread() + k * team.threads < width) f(team.thread() + k * team.threads, k);
    } else {
        for (int i = team.thread(); i < width; i += team.threads) f(i, 0);
    }
}
template <class T, int held>
struct Held {
    T at[held > 0 ? held : 1];
};

template <int operand, int operands>
__device__ std::int64_t place(const Positions& features, int i) {
    std::int64_t at[operands];
    features.offsets<operands>(static_cast<std::uint32_t>(i), at);
    return at[operand];
}

template <class T, int held>
__global__ void __launch_bounds__(block_threads) forward_kernel(Positions rows, Positions features, Team team,
                                                                const T* x,       // [rows, features]
                                                                T* y,             // [rows, features]
                                                                const T* weight,  // [features] or null
                                                                const T* bias,    // [features] or null
                                                                T* mean,          // [rows]
                                                                T* inverse_std,   // [rows]
                                                                T eps) {
    FATHOM_SHARED(T, shared, 32);
    const std::uint32_t row = team.row();
    const bool inside = row < rows.count;
    std::int64_t at[2];
    rows.offsets<2>(inside ? row : 0, at);
    Held<T, held> values{};
    const auto read = [&](int i) { return x[at[0] + place<0, 2>(features, i)]; };
    const auto value = [&](int i, int k) { return held > 0 ? values.at[k] : read(i); };
    T sum{0}, squares{0};
    each<held>(team, inside, [&](int i, int k) { values.at[k] = read(i), sum += values.at[k]; });
    const T m = team.sum(sum, shared) / static_cast<T>(team.width);
    each<held>(team, inside, [&](int i, int k) {
        const T d = value(i, k) - m;
        squares = std::fma(d, d, squares);
    });
    const T r = T{1} / std::sqrt(team.sum(squares, shared) / static_cast<T>(team.width) + eps);
    each<held>(team, inside, [&](int i, int k) {
        const T z = (value(i, k) - m) * r, b = bias ? bias[i] : T{0};
        y[at[1] + place<1, 2>(features, i)] = weight ? std::fma(z, weight[i], b) : z + b;
    });
    if (inside && team.thread() == 0) mean[row] = m, inverse_std[row] = r;
}

template <class T, int held>
__global__ void __launch_bounds__(block_threads) input_kernel(Positions rows, Positions features, Team team,
                                                              const T* x,            // [rows, features]
                                                              const T* dy,           // [rows, features]
                                                              T* dx,                 // [rows, features]
                                                              const T* weight,       // [features] or null
                                                              const T* mean,         // [rows]
                                                              const T* inverse_std,  // [rows]
                                                              bool add) {
    FATHOM_SHARED(T, shared, 32);
    const std::uint32_t row = team.row();
    const bool inside = row < rows.count;
    std::int64_t at[3];
    rows.offsets<3>(inside ? row : 0, at);
    const T m = inside ? mean[row] : T{0}, r = inside ? inverse_std[row] : T{0};
    Held<T, held> normalised{}, weighted{};
    const auto read_z = [&](int i) { return (x[at[0] + place<0, 3>(features, i)] - m) * r; };
    const auto read_g = [&](int i) {
        const T d = dy[at[1] + place<1, 3>(features, i)];
        return weight ? d * weight[i] : d;
    };
    T sum{0}, product{0};
    each<held>(team, inside, [&](int i, int k) {
        const T z = read_z(i), g = read_g(i);
        normalised.at[k] = z, weighted.at[k] = g;
        sum += g, product = std::fma(g, z, product);
    });
    sum = team.sum(sum, shared) / static_cast<T>(team.width);
    product = team.sum(product, shared) / static_cast<T>(team.width);
    each<held>(team, inside, [&](int i, int k) {
        const T z = held > 0 ? normalised.at[k] : read_z(i), g = held > 0 ? weighted.at[k] : read_g(i);
        const T d = r * (g - sum - z * product);
        T& to = dx[at[2] + place<2, 3>(features, i)];
        to = add ? to + d : d;
    });
}

// grid: x groups of 32 features, y chunks of rows. Sums of dy z and of dy.
template <class T>
__global__ void __launch_bounds__(block_threads) sums_kernel(Positions rows, Positions features, std::int64_t chunk,
                                                             const T* x,            // [rows, features]
                                                             const T* dy,           // [rows, features]
                                                             const T* mean,         // [rows]
                                                             const T* inverse_std,  // [rows]
                                                             double* partials) {    // [chunks, 2, features]
    FATHOM_SHARED(double, shared, 2, block_threads);
    const int thread = static_cast<int>(threadIdx.x);
    const std::uint32_t i = blockIdx.x * sum_features + threadIdx.x % sum_features;
    double sum[2] = {};
    if (i < features.count) {
        std::int64_t feature[2];
        features.offsets<2>(i, feature);
        const std::int64_t begin = blockIdx.y * chunk, end = begin + chunk < rows.count ? begin + chunk : rows.count;
#pragma unroll 4
        for (std::int64_t row = begin + thread / sum_features; row < end; row += sum_rows) {
            std::int64_t at[2];
            rows.offsets<2>(static_cast<std::uint32_t>(row), at);
            const T d = dy[at[1] + feature[1]], z = (x[at[0] + feature[0]] - mean[row]) * inverse_std[row];
            sum[0] = std::fma(static_cast<double>(d), static_cast<double>(z), sum[0]);
            sum[1] += static_cast<double>(d);
        }
    }
    for (int s = 0; s < 2; ++s) shared[s][thread] = sum[s];
    for (int half = block_threads / 2; half >= sum_features; half /= 2) {
        __syncthreads();
        if (thread < half)
            for (int s = 0; s < 2; ++s) shared[s][thread] += shared[s][thread + half];
    }
    if (thread >= sum_features || i >= features.count) return;
    for (int s = 0; s < 2; ++s) partials[(blockIdx.y * std::int64_t{2} + s) * features.count + i] = shared[s][thread];
}

template <class T>
__global__ void __launch_bounds__(block_threads) weights_kernel(Positions features,      // of dweight, dbias
                                                                const double* partials,  // [chunks, 2, features]
                                                                int chunks,
                                                                T* dweight,  // [features] or null
                                                                bool add_dweight,
                                                                T* dbias,  // [features] or null
                                                                bool add_dbias) {
    FATHOM_SHARED(double, shared, 2, block_threads);
    double sum[2];
    int i;
    if (!combined(partials, chunks, static_cast<int>(features.count), shared, sum, i)) return;
    std::int64_t at[2];
    features.offsets<2>(static_cast<std::uint32_t>(i), at);
    const T dw = static_cast<T>(sum[0]), db = static_cast<T>(sum[1]);
    if (dweight) dweight[at[0]] = add_dweight ? dweight[at[0]] + dw : dw;
    if (dbias) dbias[at[1]] = add_dbias ? dbias[at[1]] + db : db;
}

// Rows whose numbers lie side by side, where that is so of both arrays.
Team team_of(const Positions& features, const Positions& rows) {
    return {features.count, features.rank == 1 ? features.stride[0][0] : 1, rows.count};
}

template <class T>
Result forward(const abi::Call* call, const abi::LayerNormArgs& args) {
    const int outer = args.x.rank - args.dims;
    const Positions rows(cpu::outer_loop(outer, args.x, args.y)), features(cpu::inner_loop(outer, args.x, args.y));
    if (rows.count == 0 || features.count == 0) return {};
    const Team team = team_of(features, rows);
    return with_held(team, [&]<int held>(std::integral_constant<int, held>) {
        return launch(call->operation, forward_kernel<T, held>, team.shape(rows.count), stream_of(call), rows, features,
                      team, data<const T>(args.x), data<T>(args.y), data<const T>(args.weight),
                      data<const T>(args.bias), data<T>(args.mean), data<T>(args.inverse_std),
                      static_cast<T>(args.eps));
    });
}

template <class T>
Result weights(const abi::Call* call, const abi::LayerNormArgs& args, const Positions& rows,
               const Positions& features) {
    const abi::Array &dw = args.dweight, &db = args.dbias;
    const Positions out(dw.data ? cpu::inner_loop(0, dw, db.data ? db : dw) : cpu::inner_loop(0, db, db));
    const std::int64_t groups = ceil_div(features.count, sum_features);
    const std::int64_t chunk =
        sum_rows * std::max(least_rows, ceil_div(rows.count * groups, sum_blocks * std::int64_t{sum_rows}));
    const std::int64_t chunks = ceil_div(rows.count, chunk);
    const DeviceScratch partials(call, chunks * 2 * features.count * static_cast<std::int64_t>(sizeof(double)));
    if (!partials.result().ok()) return partials.result();
    if (chunks > 0)
        if (const Result r = launch(call->operation, sums_kernel<T>, {{groups, chunks}, block_threads}, stream_of(call),
                                    rows, features, chunk, data<const T>(args.x), data<const T>(args.dy),
                                    data<const T>(args.mean), data<const T>(args.inverse_std), partials.as<double>());
            !r.ok())
            return r;
    return launch(call->operation, weights_kernel<T>, combine_shape(features.count), stream_of(call), out,
                  partials.as<double>(), static_cast<int>(chunks), data<T>(dw), adds(dw), data<T>(db), adds(db));
}

template <class T>
Result backward(const abi::Call* call, const abi::LayerNormArgs& args) {
    const abi::Array &x = args.x, &dy = args.dy, &dx = args.dx.data ? args.dx : args.x;
    const int outer = x.rank - args.dims;
    const Positions rows(cpu::outer_loop(outer, x, dy, dx)), features(cpu::inner_loop(outer, x, dy, dx));
    if (features.count == 0) return {};
    if (args.dx.data && rows.count > 0) {
        const Team team = team_of(features, rows);
        const Result r = with_held(team, [&]<int held>(std::integral_constant<int, held>) {
            return launch(call->operation, input_kernel<T, held>, team.shape(rows.count), stream_of(call), rows,
                          features, team, data<const T>(x), data<const T>(dy), data<T>(dx), data<const T>(args.weight),
                          data<const T>(args.mean), data<const T>(args.inverse_std), adds(dx));
        });
        if (!r.ok()) return r;
    }
    return args.dweight.data || args.dbias.data ? weights<T>(call, args, rows, features) : Result{};
}

abi::Outcome layer_norm(const abi::Call* call, const abi::LayerNormArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return forward<T>(call, *args); });
}

abi::Outcome layer_norm_backward(const abi::Call* call, const abi::LayerNormArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return backward<T>(call, *args); });
}

const char* accepts(const abi::LayerNormArgs* args) {
    return numel(args->x) > std::numeric_limits<std::int32_t>::max() / 2
               ? "its layer normalisation takes less than 2^30 elements"
               : nullptr;
}

constexpr abi::Row rows[] = {row<layer_norm, accepts>("layer_norm", abi::floating),
                             row<layer_norm_backward, accepts>("layer_norm_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
