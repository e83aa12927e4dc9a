// Softmax and its logarithm along one dimension, and their gradients, by teams of threads (team.cuh). Bound by
// memory: forward reads x and writes y once, backward reads y and dy and writes dx.
#include <cmath>

#include "cuda/kernels/classes.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

template <class T, int held>
__global__ void __launch_bounds__(block_threads) forward_kernel(Positions positions, Team team,
                                                                const T* x,  // [positions, classes]
                                                                std::int64_t x_stride,
                                                                T* y,  // [positions, classes]
                                                                std::int64_t y_stride, bool log_form) {
    FATHOM_SHARED(T, shared, 32);
    const std::uint32_t position = team.row();
    const bool inside = position < positions.count;
    std::int64_t at[2];
    positions.offsets<2>(inside ? position : 0, at);
    Share<T, held> share(team, x + at[0], x_stride, inside);
    const T largest = share.largest(team, shared);
    T total{0}, exponentials[held > 0 ? held : 1];
    share.each([&](int, T value, int k) {
        const T e = std::exp(value - largest);
        total += e, exponentials[k] = e;
    });
    total = team.sum(total, shared);
    T* const to = y + at[1];
    if (log_form) {
        const T log_total = std::log(total);
        share.each([&](int c, T value, int) { to[c * y_stride] = value - largest - log_total; });
    } else {
        share.each([&](int c, T value, int k) {
            to[c * y_stride] = (held > 0 ? exponentials[k] : std::exp(value - largest)) / total;
        });
    }
}

template <class T, int held>
__global__ void __launch_bounds__(block_threads) backward_kernel(Positions positions, Team team,
                                                                 const T* y,  // [positions, classes]
                                                                 std::int64_t y_stride,
                                                                 const T* dy,  // [positions, classes]
                                                                 std::int64_t dy_stride,
                                                                 T* dx,  // [positions, classes]
                                                                 std::int64_t dx_stride, bool log_form, bool add) {
    FATHOM_SHARED(T, shared, 32);
    const std::uint32_t position = team.row();
    const bool inside = position < positions.count;
    std::int64_t at[3];
    positions.offsets<3>(inside ? position : 0, at);
    Share<T, held> results(team, y + at[0], y_stride, inside), gradients(team, dy + at[1], dy_stride, inside);
    const auto result = [&](int c, int k) { return held > 0 ? results.kept[k] : results.from[c * y_stride]; };
    T total{0};
    gradients.each([&](int c, T d, int k) { total = log_form ? total + d : std::fma(d, result(c, k), total); });
    total = team.sum(total, shared);
    gradients.each([&](int c, T d, int k) {
        const T p = result(c, k), value = log_form ? d - std::exp(p) * total : p * (d - total);
        T& to = dx[at[2] + c * dx_stride];
        to = add ? to + value : value;
    });
}

template <class T>
Result forward(const abi::Call* call, const abi::SoftmaxArgs& args) {
    const abi::Array &x = args.x, &y = args.y;
    const int dim = args.dim;
    if (numel(x) == 0) return {};
    const Positions positions(cpu::loop_over(cpu::without_dimension(x, dim), cpu::without_dimension(y, dim)));
    const Team team(x.shape[dim], x.strides[dim], positions.count);
    return with_held(team, [&]<int held>(std::integral_constant<int, held>) {
        return launch(call->operation, forward_kernel<T, held>, team.shape(positions.count), stream_of(call), positions,
                      team, data<const T>(x), x.strides[dim], data<T>(y), y.strides[dim], args.log != 0);
    });
}

template <class T>
Result backward(const abi::Call* call, const abi::SoftmaxArgs& args) {
    const abi::Array &y = args.y, &dy = args.dy, &dx = args.dx;
    const int dim = args.dim;
    if (numel(y) == 0) return {};
    const Positions positions(cpu::loop_over(cpu::without_dimension(y, dim), cpu::without_dimension(dy, dim),
                                             cpu::without_dimension(dx, dim)));
    const Team team(y.shape[dim], y.strides[dim], positions.count);
    return with_held(team, [&]<int held>(std::integral_constant<int, held>) {
        return launch(call->operation, backward_kernel<T, held>, team.shape(positions.count), stream_of(call),
                      positions, team, data<const T>(y), y.strides[dim], data<const T>(dy), dy.strides[dim],
                      data<T>(dx), dx.strides[dim], args.log != 0, adds(dx));
    });
}

abi::Outcome softmax(const abi::Call* call, const abi::SoftmaxArgs* args) {
    return with_floating(call, args->x, [&]<class T>(T) { return forward<T>(call, *args); });
}

abi::Outcome softmax_backward(const abi::Call* call, const abi::SoftmaxArgs* args) {
    return with_floating(call, args->y, [&]<class T>(T) { return backward<T>(call, *args); });
}

const char* accepts(const abi::SoftmaxArgs* args) { return too_many_classes(args->y, args->dim); }

constexpr abi::Row rows[] = {row<softmax, accepts>("softmax", abi::floating),
                             row<softmax_backward, accepts>("softmax_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
