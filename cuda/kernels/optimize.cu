// Optimizer steps: the formulas of fathom/kernels/optimize.kernel.hpp. A list of parameters is one launch for as many
// as fit into a kernel's arguments; one whose arrays differ in layout has a launch of its own.
//
// Each parameter has as many blocks as its elements need, all of which take equally many, 16 bytes at a time where its
// arrays allow. Memory bounds a long list, up to seven accesses of an element; a short one what a launch takes.
#include <algorithm>
#include <cmath>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"
#include "cuda/kernels/pack.cuh"
#include "fathom/kernels/optimize.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

template <class T, int count>
struct Arrays {
    T* parameter;       // [n]
    const T* gradient;  // [n]
    T* buffers[count];  // [n] each, or null
    std::int64_t n;
    bool packed;  // all of them begin at 16 bytes
};

// What lies on the device, each absent where the host has the number.
struct DeviceNumbers {
    const double *lr, *step;
    const std::int32_t* skip;
};

// The numbers of a step as every element needs them: what the host has made, and on the device a formula of the same
// order for what only the device knows.
// update: `third` is whether the rule has its third buffer.
template <class T>
struct SgdUpdate {
    static constexpr int buffers = 1;
    using Numbers = kernels::SgdNumbers<T>;
    static Numbers on_host(UpdateRule, const kernels::OptimizerStep& step) { return kernels::sgd_numbers<T>(step); }

    __device__ static Numbers on_device(UpdateRule, const kernels::OptimizerStep& s) {
        return {static_cast<T>(s.lr),       static_cast<T>(s.weight_decay),
                static_cast<T>(s.momentum), static_cast<T>(1 - s.dampening),
                s.maximize ? T{-1} : T{1},  s.nesterov};
    }
    __device__ static void update(const Numbers& s, bool, T& parameter, T gradient, T (&buffer)[buffers]) {
        T d = std::fma(s.weight_decay, parameter, gradient * s.sign);
        if (s.momentum != T{0}) {
            const T b = std::fma(s.momentum, buffer[0], d * s.one_minus_dampening);
            buffer[0] = b;
            d = s.nesterov ? std::fma(s.momentum, b, d) : b;
        }
        parameter = std::fma(-s.lr, d, parameter);
    }
};

// With amsgrad there are three buffers.
template <class T, int count>
struct AdamUpdate {
    static constexpr int buffers = count;
    using Numbers = kernels::AdamNumbers<T>;
    static Numbers on_host(UpdateRule rule, const kernels::OptimizerStep& step) {
        return kernels::adam_numbers<T>(rule, step);
    }

    __device__ static Numbers on_device(UpdateRule rule, const kernels::OptimizerStep& s) {
        // Two lanes work out a power each, which takes longest.
        const double power = std::pow(threadIdx.x % 2 == 0 ? s.beta1 : s.beta2, static_cast<double>(s.step));
        const double correction1 = 1 - __shfl_sync(0xffffffffu, power, 0),
                     correction2 = 1 - __shfl_sync(0xffffffffu, power, 1);
        const bool decoupled = rule == UpdateRule::adamw;
        return {static_cast<T>(decoupled ? 0 : s.weight_decay),
                static_cast<T>(decoupled ? 1 - s.lr * s.weight_decay : 1),
                static_cast<T>(s.beta1),
                static_cast<T>(1 - s.beta1),
                static_cast<T>(s.beta2),
                static_cast<T>(1 - s.beta2),
                static_cast<T>(s.lr / correction1),
                static_cast<T>(std::sqrt(correction2)),
                static_cast<T>(s.eps),
                s.maximize ? T{-1} : T{1}};
    }
    __device__ static void update(const Numbers& s, bool, T& parameter, T gradient, T (&buffer)[buffers]) {
        const T x = parameter, g = std::fma(s.weight_decay, x, gradient * s.sign), first = buffer[0];
        const T m = s.one_minus_beta1 >= T{0.5} ? std::fma(-s.beta1, g - first, g)
                                                : std::fma(s.one_minus_beta1, g - first, first);
        T v = std::fma(g * s.one_minus_beta2, g, buffer[1] * s.beta2);
        buffer[0] = m, buffer[1] = v;
        if constexpr (buffers == 3) v = buffer[2] = buffer[2] > v ? buffer[2] : v;
        parameter = std::fma(-s.step_size, m / (std::sqrt(v) / s.root_of_correction2 + s.eps), x * s.decay);
    }
};

template <class T>
struct RmspropUpdate {
    static constexpr int buffers = 3;
    using Numbers = kernels::RmspropNumbers<T>;
    static Numbers on_host(UpdateRule, const kernels::OptimizerStep& step) { return kernels::rmsprop_numbers<T>(step); }

    __device__ static Numbers on_device(UpdateRule, const kernels::OptimizerStep& s) {
        return {static_cast<T>(s.lr),        static_cast<T>(s.weight_decay), static_cast<T>(s.beta2),
                static_cast<T>(1 - s.beta2), static_cast<T>(s.momentum),     static_cast<T>(s.eps),
                s.maximize ? T{-1} : T{1}};
    }
    __device__ static void update(const Numbers& s, bool centered, T& parameter, T gradient, T (&buffer)[buffers]) {
        const T g = std::fma(s.weight_decay, parameter, gradient * s.sign);
        T squares = std::fma(g * s.one_minus_alpha, g, buffer[0] * s.alpha);
        buffer[0] = squares;
        if (centered) {
            const T mean = buffer[2], m = s.one_minus_alpha >= T{0.5} ? std::fma(-s.alpha, g - mean, g)
                                                                      : std::fma(s.one_minus_alpha, g - mean, mean);
            buffer[2] = m;
            squares = std::fma(-m, m, squares);
        }
        T d = g / (std::sqrt(squares) + s.eps);
        if (s.momentum != T{0}) d = buffer[1] = std::fma(s.momentum, buffer[1], d);
        parameter = std::fma(-s.lr, d, parameter);
    }
};

template <class T>
struct AdagradUpdate {
    static constexpr int buffers = 1;
    using Numbers = kernels::AdagradNumbers<T>;
    static Numbers on_host(UpdateRule, const kernels::OptimizerStep& step) { return kernels::adagrad_numbers<T>(step); }

    __device__ static Numbers on_device(UpdateRule, const kernels::OptimizerStep& s) {
        return {static_cast<T>(s.lr / (1 + static_cast<double>(s.step - 1) * s.lr_decay)),
                static_cast<T>(s.weight_decay), static_cast<T>(s.eps), s.maximize ? T{-1} : T{1}};
    }
    __device__ static void update(const Numbers& s, bool, T& parameter, T gradient, T (&buffer)[buffers]) {
        const T g = std::fma(s.weight_decay, parameter, gradient * s.sign), sum = std::fma(g, g, buffer[0]);
        buffer[0] = sum;
        parameter = std::fma(-s.lr, g / (std::sqrt(sum) + s.eps), parameter);
    }
};

template <class Rule>
struct Step {
    UpdateRule rule;
    kernels::OptimizerStep settings;
    typename Rule::Numbers numbers;  // unless the device has some
    DeviceNumbers device;

    // The same for all threads of a block, who all call it; `shared` is for its first warp to work it out. False: no
    // step.
    __device__ bool begin(typename Rule::Numbers& shared) const {
        if (device.skip && *device.skip != 0) return false;
        if (threadIdx.x < 32) {
            typename Rule::Numbers n = numbers;
            if (device.lr || device.step) {
                kernels::OptimizerStep s = settings;
                if (device.lr) s.lr = *device.lr;
                if (device.step) s.step = static_cast<std::int64_t>(*device.step);
                n = Rule::on_device(rule, s);
            }
            if (threadIdx.x == 0) shared = n;
        }
        __syncthreads();
        return true;
    }
};

// As many as a kernel's arguments have room for.
template <class Rule>
constexpr int list_length = Rule::buffers > 2 ? 60 : 72;
template <class T, class Rule>
struct List {
    Arrays<T, Rule::buffers> tensors[list_length<Rule>];
    int first_block[list_length<Rule> + 1];
    int count, elements;  // elements of a block, whole packs for each thread
};

// Element i, or as many from there on.
template <int size, class T, class Rule>
__device__ void update(const typename Rule::Numbers& numbers, const Arrays<T, Rule::buffers>& a, std::int64_t i) {
    constexpr int buffers = Rule::buffers;
    Pack<T, size> parameter = load_pack<size>(a.parameter + i), state[buffers]{};
    const Pack<T, size> gradient = load_pack<size>(a.gradient + i);
    for (int b = 0; b < buffers; ++b)
        if (a.buffers[b]) state[b] = load_pack<size>(a.buffers[b] + i);
    for (int k = 0; k < size; ++k) {
        T own[buffers];
        for (int b = 0; b < buffers; ++b) own[b] = state[b].at[k];
        Rule::update(numbers, a.buffers[buffers - 1] != nullptr, parameter.at[k], gradient.at[k], own);
        for (int b = 0; b < buffers; ++b) state[b].at[k] = own[b];
    }
    store_pack<size>(a.parameter + i, parameter);
    for (int b = 0; b < buffers; ++b)
        if (a.buffers[b]) store_pack<size>(a.buffers[b] + i, state[b]);
}

// Arrays that lie side by side in one order. grid: the blocks of one tensor after those of the other.
template <class T, class Rule>
__global__ void __launch_bounds__(block_threads)
    list_kernel(const __grid_constant__ List<T, Rule> list, const __grid_constant__ Step<Rule> step) {
    constexpr int size = pack_lanes<T>;
    FATHOM_SHARED(typename Rule::Numbers, numbers);
    if (!step.begin(numbers)) return;
    const int block = static_cast<int>(blockIdx.x), thread = static_cast<int>(threadIdx.x);
    int tensor = 0;
    for (int half = 64; half > 0; half /= 2)
        if (tensor + half < list.count && list.first_block[tensor + half] <= block) tensor += half;
    const Arrays<T, Rule::buffers> a = list.tensors[tensor];
    const std::int64_t begin = static_cast<std::int64_t>(block - list.first_block[tensor]) * list.elements;
    const int n = static_cast<int>(a.n - begin < list.elements ? a.n - begin : list.elements);
    int done = 0;
    if (a.packed) {
        done = n / size * size;
        for (int i = thread * size; i < done; i += block_threads * size) update<size, T, Rule>(numbers, a, begin + i);
    }
    for (int i = done + thread; i < n; i += block_threads) update<1, T, Rule>(numbers, a, begin + i);
}

// One parameter in any layout.
template <class T, class Rule>
__global__ void __launch_bounds__(block_threads)
    strided_kernel(kernels::Loop loop, Arrays<T, Rule::buffers> tensor, Step<Rule> step) {
    constexpr int buffers = Rule::buffers;
    FATHOM_SHARED(typename Rule::Numbers, numbers);
    if (!step.begin(numbers)) return;
    for (std::int64_t i = first_element(); i < tensor.n; i += all_threads()) {
        std::int64_t at[2 + buffers];
        offsets_of<2 + buffers>(loop, i, at);
        T own[buffers]{};
        for (int b = 0; b < buffers; ++b)
            if (tensor.buffers[b]) own[b] = tensor.buffers[b][at[2 + b]];
        Rule::update(numbers, tensor.buffers[buffers - 1] != nullptr, tensor.parameter[at[0]], tensor.gradient[at[1]],
                     own);
        for (int b = 0; b < buffers; ++b)
            if (tensor.buffers[b]) tensor.buffers[b][at[2 + b]] = own[b];
    }
}

template <class T, class Rule>
Result send(const abi::Call* call, List<T, Rule>& list, const Step<Rule>& step) {
    static_assert(sizeof list + sizeof step <= 4096, "what every driver takes as arguments");
    if (list.count == 0) return {};
    // One pack for each thread, more only when the device is full of blocks.
    constexpr std::int64_t least = block_threads * pack_lanes<T>, full = 8 * typical_multiprocessors;
    std::int64_t total = 0;
    for (int i = 0; i < list.count; ++i) total += list.tensors[i].n;
    list.elements = static_cast<int>(least * std::clamp<std::int64_t>(ceil_div(total, least * full), 1, 1 << 16));
    list.first_block[0] = 0;
    for (int i = 0; i < list.count; ++i)
        list.first_block[i + 1] = list.first_block[i] + static_cast<int>(ceil_div(list.tensors[i].n, list.elements));
    const int blocks = list.first_block[list.count];
    const Result result =
        launch(call->operation, list_kernel<T, Rule>, {blocks, block_threads}, stream_of(call), list, step);
    list.count = 0;
    return result;
}

template <class T, class Rule>
Result run(const abi::Call* call, const abi::OptimizeArgs& args) {
    constexpr int buffers = Rule::buffers;
    const kernels::OptimizerStep settings{.lr = args.lr.value,
                                          .weight_decay = args.weight_decay,
                                          .maximize = args.maximize != 0,
                                          .momentum = args.momentum,
                                          .dampening = args.dampening,
                                          .nesterov = args.nesterov != 0,
                                          .beta1 = args.beta1,
                                          .beta2 = args.beta2,
                                          .eps = args.eps,
                                          .lr_decay = args.lr_decay,
                                          .step = std::int64_t(args.step.value)};
    const Step<Rule> step{
        args.rule, settings, Rule::on_host(args.rule, settings), {args.lr.data, args.step.data, args.skip}};
    const bool momentum = args.momentum != 0;
    const bool has[3] = {args.rule != UpdateRule::sgd || momentum, args.rule != UpdateRule::rmsprop || momentum, true};
    List<T, Rule> list{};
    for (std::int64_t i = 0; i < args.count; ++i) {
        const abi::OptimizeTensor& t = args.tensors[i];
        const abi::Array& p = t.parameter;
        const abi::Array* state[3] = {&t.first, &t.second, &t.third};
        constexpr int size = pack_lanes<T>;
        Arrays<T, buffers> tensor{data<T>(p), data<const T>(t.gradient), {}, numel(p), false};
        tensor.packed = pack_aligned<size>(tensor.parameter) && pack_aligned<size>(tensor.gradient);
        // An absent buffer walks along with the parameter; nobody looks.
        const std::int64_t* strides[2 + buffers] = {p.strides, t.gradient.strides};
        for (int b = 0; b < buffers; ++b) {
            tensor.buffers[b] = has[b] ? data<T>(*state[b]) : nullptr;
            tensor.packed = tensor.packed && pack_aligned<size>(tensor.buffers[b]);
            strides[2 + b] = tensor.buffers[b] ? state[b]->strides : p.strides;
        }
        if (tensor.n == 0) continue;
        const kernels::Loop loop = kernels::make_loop(2 + buffers, p.rank, p.shape, strides);
        bool dense = loop.rank == 1;
        for (int k = 0; k < 2 + buffers; ++k) dense = dense && loop.stride[k][0] == 1;
        Result result;
        if (!dense)
            result =
                launch(call->operation, strided_kernel<T, Rule>, linear(tensor.n), stream_of(call), loop, tensor, step);
        else if (list.tensors[list.count++] = tensor; list.count == list_length<Rule>)
            result = send(call, list, step);
        if (!result.ok()) return result;
    }
    return send(call, list, step);
}

abi::Outcome optimize(const abi::Call* call, const abi::OptimizeArgs* args) {
    if (args->count == 0) return abi::Outcome::ok;
    return with_floating(call, args->tensors[0].parameter, [&]<class T>(T) {
        switch (args->rule) {
            case UpdateRule::sgd:
                return run<T, SgdUpdate<T>>(call, *args);
            case UpdateRule::rmsprop:
                return run<T, RmspropUpdate<T>>(call, *args);
            case UpdateRule::adagrad:
                return run<T, AdagradUpdate<T>>(call, *args);
            default:
                return args->tensors[0].third.data ? run<T, AdamUpdate<T, 3>>(call, *args)
                                                   : run<T, AdamUpdate<T, 2>>(call, *args);
        }
    });
}

constexpr abi::Row rows[] = {row<optimize>("optimize", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
