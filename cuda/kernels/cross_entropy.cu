// Cross-entropy of logits against class indices, one loss for each position, and its gradient
// (kernels/cross_entropy.hpp has the formulas), by teams of threads (team.cuh). Bound by memory: forward reads the
// logits once, backward reads them and writes their gradient. A target that is neither a class nor ignored gives NaN,
// in the loss and in the gradient: the device cannot throw, and it reads nothing there.
#include <cmath>

#include "cuda/kernels/classes.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

template <class T>
struct CrossEntropy {
    const T* logits;             // [positions, classes]
    const std::int64_t* target;  // [positions]
    const T* weight;             // [classes] or null
    std::int64_t logits_stride, weight_stride, ignore_index;
    T target_share, rest_share;  // 1 - s and s / C, of smoothing s

    __device__ T weight_of(std::int64_t c) const { return weight ? weight[c * weight_stride] : T{1}; }
};

// What a position's target says.
template <class T>
struct Target {
    std::int64_t label;
    bool ignored, counts;

    __device__ Target(const CrossEntropy<T>& s, std::int64_t offset, int classes, bool inside)
        : label(inside ? s.target[offset] : s.ignore_index),
          ignored(label == s.ignore_index),
          counts(!ignored && label >= 0 && label < classes) {}
};

// Sums over a position's classes. weights: of all of them, 0 without smoothing.
template <class T, int held>
struct Exponentials {
    T largest, sum, weights;

    __device__ Exponentials(const CrossEntropy<T>& s, const Team& team, Share<T, held>& share, T* shared)
        : largest(share.largest(team, shared)), sum{0}, weights{0} {
        share.each([&](int c, T value, int) {
            sum += std::exp(value - largest);
            if (s.rest_share != T{0}) weights += s.weight_of(c);
        });
        sum = team.sum(sum, shared);
        if (s.rest_share != T{0}) weights = team.sum(weights, shared);
    }
};

template <class T, int held>
__global__ void __launch_bounds__(block_threads) forward_kernel(Positions positions, Team team, CrossEntropy<T> s,
                                                                T* loss,             // [positions]
                                                                T* target_weight) {  // [positions] or null
    FATHOM_SHARED(T, shared, 32);
    const std::uint32_t position = team.row();
    const bool inside = position < positions.count;
    std::int64_t at[4];
    positions.offsets<4>(inside ? position : 0, at);
    const Target<T> target(s, at[1], team.width, inside);
    Share<T, held> share(team, s.logits + at[0], s.logits_stride, target.counts);
    const Exponentials<T, held> e(s, team, share, shared);
    const T log_sum = std::log(e.sum);
    T rest{0};
    if (s.rest_share != T{0}) {
        share.each([&](int c, T value, int) { rest = std::fma(s.weight_of(c), e.largest - value, rest); });
        rest = std::fma(e.weights, log_sum, team.sum(rest, shared));
    }
    if (!inside || team.thread() != 0) return;
    T value = target.ignored ? T{0} : std::numeric_limits<T>::quiet_NaN(), weight = value;
    if (target.counts) {
        weight = s.weight_of(target.label);
        value = s.target_share * weight * (e.largest - share.from[target.label * s.logits_stride] + log_sum);
        if (s.rest_share != T{0}) value = std::fma(s.rest_share, rest, value);
    }
    loss[at[2]] = value;
    if (target_weight) target_weight[at[3]] = weight;
}

// With p = softmax(logits), W the sum of all weights, target t and smoothing s:
//   dlogits[c] (+)= dloss ((1 - s) w[t] (p[c] - [c = t]) + s / C (W p[c] - w[c]))
template <class T, int held>
__global__ void __launch_bounds__(block_threads) backward_kernel(Positions positions, Team team, CrossEntropy<T> s,
                                                                 const T* dloss,  // [positions]
                                                                 T* dlogits,      // [positions, classes]
                                                                 std::int64_t dlogits_stride, bool add) {
    FATHOM_SHARED(T, shared, 32);
    const std::uint32_t position = team.row();
    const bool inside = position < positions.count;
    std::int64_t at[4];
    positions.offsets<4>(inside ? position : 0, at);
    const Target<T> target(s, at[1], team.width, inside);
    Share<T, held> share(team, s.logits + at[0], s.logits_stride, target.counts);
    const Exponentials<T, held> e(s, team, share, shared);
    if (!inside || (add && target.ignored)) return;
    const auto write = [&](int c, T value) {
        T& to = dlogits[at[3] + c * dlogits_stride];
        to = add ? to + value : value;
    };
    if (!target.counts) {
        const T value = target.ignored ? T{0} : std::numeric_limits<T>::quiet_NaN();
        for (int c = team.thread(); c < team.width; c += team.threads) write(c, value);
        return;
    }
    const T factor = dloss[at[2]], target_part = s.target_share * s.weight_of(target.label),
            p_factor = std::fma(s.rest_share, e.weights, target_part);
    share.each([&](int c, T value, int) {
        const T p = std::exp(value - e.largest) / e.sum;
        T d = std::fma(p_factor, p, c == target.label ? -target_part : T{0});
        if (s.rest_share != T{0}) d -= s.rest_share * s.weight_of(c);
        write(c, d * factor);
    });
}

template <class T>
CrossEntropy<T> cross_entropy_of(const abi::CrossEntropyArgs& args) {
    return {data<const T>(args.logits),
            data<const std::int64_t>(args.target),
            data<const T>(args.weight),
            args.logits.strides[1],
            args.weight.strides[0],
            args.ignore_index,
            static_cast<T>(1 - args.label_smoothing),
            static_cast<T>(args.label_smoothing / static_cast<double>(args.logits.shape[1]))};
}

template <class T>
Result forward(const abi::Call* call, const abi::CrossEntropyArgs& args) {
    const abi::Array& logits = args.logits;
    if (numel(logits) == 0) return {};
    const abi::Array& target_weight = args.target_weight.data ? args.target_weight : args.loss;
    const Positions positions(cpu::loop_over(cpu::without_dimension(logits, 1), args.target, args.loss, target_weight));
    const Team team(logits.shape[1], logits.strides[1], positions.count);
    return with_held(team, [&]<int held>(std::integral_constant<int, held>) {
        return launch(call->operation, forward_kernel<T, held>, team.shape(positions.count), stream_of(call), positions,
                      team, cross_entropy_of<T>(args), data<T>(args.loss), data<T>(args.target_weight));
    });
}

template <class T>
Result backward(const abi::Call* call, const abi::CrossEntropyArgs& args) {
    const abi::Array &logits = args.logits, &dlogits = args.dlogits;
    if (numel(logits) == 0) return {};
    const Positions positions(
        cpu::loop_over(cpu::without_dimension(logits, 1), args.target, args.dloss, cpu::without_dimension(dlogits, 1)));
    const Team team(logits.shape[1], logits.strides[1], positions.count);
    return with_held(team, [&]<int held>(std::integral_constant<int, held>) {
        return launch(call->operation, backward_kernel<T, held>, team.shape(positions.count), stream_of(call),
                      positions, team, cross_entropy_of<T>(args), data<const T>(args.dloss), data<T>(dlogits),
                      dlogits.strides[1], adds(dlogits));
    });
}

abi::Outcome cross_entropy(const abi::Call* call, const abi::CrossEntropyArgs* args) {
    return with_floating(call, args->logits, [&]<class T>(T) { return forward<T>(call, *args); });
}

abi::Outcome cross_entropy_backward(const abi::Call* call, const abi::CrossEntropyArgs* args) {
    return with_floating(call, args->logits, [&]<class T>(T) { return backward<T>(call, *args); });
}

const char* accepts(const abi::CrossEntropyArgs* args) { return too_many_classes(args->logits, 1); }

constexpr abi::Row rows[] = {row<cross_entropy, accepts>("cross_entropy", abi::floating),
                             row<cross_entropy_backward, accepts>("cross_entropy_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
