// Optimizer steps: the formulas of fathom/kernels/optimize.kernel.hpp, one thread an element. A list of parameters is
// one launch for as many as fit into a kernel's arguments; one whose arrays differ in layout has a launch of its own.
#include <cmath>
#include <utility>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"
#include "fathom/kernels/optimize.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

template <class T>
struct Arrays {
    T* parameter;       // [n]
    const T* gradient;  // [n]
    T *first, *second;  // [n] or null
    std::int64_t n;
};

// What lies on the device, each absent where the host has the number.
struct DeviceNumbers {
    const double *lr, *step;
    const std::int32_t* skip;
};

// The numbers of a step as every element needs them: what the host has made, and on the device a formula of the same
// order for what only the device knows.
template <class T>
struct SgdUpdate {
    using Numbers = kernels::SgdNumbers<T>;
    static Numbers on_host(UpdateRule, const kernels::OptimizerStep& step) { return kernels::sgd_numbers<T>(step); }

    __device__ static Numbers on_device(UpdateRule, const kernels::OptimizerStep& s) {
        return {static_cast<T>(s.lr), static_cast<T>(s.weight_decay), static_cast<T>(s.momentum), s.nesterov};
    }
    __device__ static void update(const Numbers& s, T& parameter, T gradient, T* buffer, T*) {
        T d = std::fma(s.weight_decay, parameter, gradient);
        if (buffer) {
            const T b = std::fma(s.momentum, *buffer, d);
            *buffer = b;
            d = s.nesterov ? std::fma(s.momentum, b, d) : b;
        }
        parameter = std::fma(-s.lr, d, parameter);
    }
};

template <class T>
struct AdamUpdate {
    using Numbers = kernels::AdamNumbers<T>;
    static Numbers on_host(UpdateRule rule, const kernels::OptimizerStep& step) {
        return kernels::adam_numbers<T>(rule, step);
    }

    __device__ static Numbers on_device(UpdateRule rule, const kernels::OptimizerStep& s) {
        const auto steps = static_cast<double>(s.step);
        const double correction1 = 1 - std::pow(s.beta1, steps), correction2 = 1 - std::pow(s.beta2, steps);
        const bool decoupled = rule == UpdateRule::adamw;
        return {static_cast<T>(decoupled ? 0 : s.weight_decay),
                static_cast<T>(decoupled ? 1 - s.lr * s.weight_decay : 1),
                static_cast<T>(s.beta1),
                static_cast<T>(1 - s.beta1),
                static_cast<T>(s.beta2),
                static_cast<T>(1 - s.beta2),
                static_cast<T>(s.lr / correction1),
                static_cast<T>(std::sqrt(correction2)),
                static_cast<T>(s.eps)};
    }
    __device__ static void update(const Numbers& s, T& parameter, T gradient, T* first, T* second) {
        const T x = parameter, g = std::fma(s.weight_decay, x, gradient);
        const T m = s.one_minus_beta1 >= T{0.5} ? std::fma(-s.beta1, g - *first, g)
                                                : std::fma(s.one_minus_beta1, g - *first, *first);
        const T v = std::fma(g * s.one_minus_beta2, g, *second * s.beta2);
        *first = m, *second = v;
        parameter = std::fma(-s.step_size, m / (std::sqrt(v) / s.root_of_correction2 + s.eps), x * s.decay);
    }
};

template <class Rule>
struct Step {
    UpdateRule rule;
    kernels::OptimizerStep settings;
    typename Rule::Numbers numbers;  // unless the device has some
    DeviceNumbers device;

    // The same for all threads of a block, who all call it; `shared` is for one of them to work it out. False: no step.
    __device__ bool begin(typename Rule::Numbers& shared) const {
        if (device.skip && *device.skip != 0) return false;
        if (threadIdx.x == 0) {
            shared = numbers;
            if (device.lr || device.step) {
                kernels::OptimizerStep s = settings;
                if (device.lr) s.lr = *device.lr;
                if (device.step) s.step = static_cast<std::int64_t>(*device.step);
                shared = Rule::on_device(rule, s);
            }
        }
        __syncthreads();
        return true;
    }
};

// 40 bytes each, in the 4 KiB of arguments that every driver takes.
constexpr int list_length = 32;
template <class T>
struct List {
    Arrays<T> tensors[list_length];
};

// Arrays that lie side by side in one order. grid: x blocks of elements, y tensors.
template <class T, class Rule>
__global__ void __launch_bounds__(block_threads)
    list_kernel(const __grid_constant__ List<T> list, const __grid_constant__ Step<Rule> step) {
    FATHOM_SHARED(typename Rule::Numbers, numbers);
    if (!step.begin(numbers)) return;
    const int tensor = static_cast<int>(blockIdx.y);
    T* const parameter = list.tensors[tensor].parameter;
    const T* const gradient = list.tensors[tensor].gradient;
    T *const first = list.tensors[tensor].first, *const second = list.tensors[tensor].second;
    const std::int64_t n = list.tensors[tensor].n;
    for (std::int64_t i = first_element(); i < n; i += all_threads())
        Rule::update(numbers, parameter[i], gradient[i], first ? first + i : nullptr, second ? second + i : nullptr);
}

// One parameter in any layout.
template <class T, class Rule>
__global__ void __launch_bounds__(block_threads) strided_kernel(kernels::Loop loop, Arrays<T> tensor, Step<Rule> step) {
    FATHOM_SHARED(typename Rule::Numbers, numbers);
    if (!step.begin(numbers)) return;
    for (std::int64_t i = first_element(); i < tensor.n; i += all_threads()) {
        std::int64_t at[4];
        offsets_of<4>(loop, i, at);
        Rule::update(numbers, tensor.parameter[at[0]], tensor.gradient[at[1]],
                     tensor.first ? tensor.first + at[2] : nullptr, tensor.second ? tensor.second + at[3] : nullptr);
    }
}

template <class T, class Rule>
Result send(const abi::Call* call, const List<T>& list, int count, const Step<Rule>& step) {
    if (count == 0) return {};
    std::int64_t largest = 1;
    for (int i = 0; i < count; ++i) largest = list.tensors[i].n > largest ? list.tensors[i].n : largest;
    return launch(call->operation, list_kernel<T, Rule>, {{linear(largest).grid.x, count}, block_threads},
                  stream_of(call), list, step);
}

template <class T, class Rule>
Result run(const abi::Call* call, const abi::OptimizeArgs& args) {
    const kernels::OptimizerStep settings{
        args.lr.value, args.weight_decay, args.momentum, args.nesterov != 0,
        args.beta1,    args.beta2,        args.eps,      std::int64_t(args.step.value)};
    const Step<Rule> step{
        args.rule, settings, Rule::on_host(args.rule, settings), {args.lr.data, args.step.data, args.skip}};
    const bool first = args.rule != UpdateRule::sgd || args.momentum != 0, second = args.rule != UpdateRule::sgd;
    List<T> list{};
    int count = 0;
    for (std::int64_t i = 0; i < args.count; ++i) {
        const abi::OptimizeTensor& t = args.tensors[i];
        const abi::Array& p = t.parameter;
        const Arrays<T> tensor{data<T>(p), data<const T>(t.gradient), first ? data<T>(t.first) : nullptr,
                               second ? data<T>(t.second) : nullptr, numel(p)};
        if (tensor.n == 0) continue;
        // An absent buffer walks along with the parameter; nobody looks.
        const std::int64_t* strides[] = {p.strides, t.gradient.strides, first ? t.first.strides : p.strides,
                                         second ? t.second.strides : p.strides};
        const kernels::Loop loop = kernels::make_loop(4, p.rank, p.shape, strides);
        bool dense = loop.rank == 1;
        for (int k = 0; k < 4; ++k) dense = dense && loop.stride[k][0] == 1;
        Result result;
        if (!dense)
            result =
                launch(call->operation, strided_kernel<T, Rule>, linear(tensor.n), stream_of(call), loop, tensor, step);
        else if (list.tensors[count++] = tensor; count == list_length)
            result = send(call, list, std::exchange(count, 0), step);
        if (!result.ok()) return result;
    }
    return send(call, list, count, step);
}

abi::Outcome optimize(const abi::Call* call, const abi::OptimizeArgs* args) {
    if (args->count == 0) return abi::Outcome::ok;
    return with_floating(call, args->tensors[0].parameter, [&]<class T>(T) {
        return args->rule == UpdateRule::sgd ? run<T, SgdUpdate<T>>(call, *args) : run<T, AdamUpdate<T>>(call, *args);
    });
}

constexpr abi::Row rows[] = {row<optimize>("optimize", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
