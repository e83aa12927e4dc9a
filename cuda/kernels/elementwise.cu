// out = f(a, b, c), element by element over arrays of any strides, one thread an element: arithmetic, comparisons,
// copies, fills and where. The formulas: elementwise.cuh.
#include "cuda/kernels/elementwise.cuh"

#include <utility>

#include "cuda/backend/entries.hpp"
#include "cuda/kernels/common.cuh"
#include "fathom/kernels/copy.hpp"
#include "fathom/kernels/elementwise.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

template <class T, Elementwise op, int inputs>
__global__ void arithmetic_kernel(kernels::Loop loop, std::int64_t n, T* out, const T* a, const T* b, const T* c, T p0,
                                  T p1, bool accumulate) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[1 + inputs];
        offsets_of<1 + inputs>(loop, i, at);
        T y{}, z{};
        if constexpr (inputs > 1) y = b[at[2]];
        if constexpr (inputs > 2) z = c[at[3]];
        const T value = apply<op, T>(a[at[1]], y, z, p0, p1);
        out[at[0]] = accumulate ? out[at[0]] + value : value;
    }
}

template <class T, Elementwise op>
__global__ void compare_kernel(kernels::Loop loop, std::int64_t n, bool* out, const T* a, const T* b) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[3];
        offsets_of<3>(loop, i, at);
        out[at[0]] = compare<op, T>(a[at[1]], b[at[2]]);
    }
}

__global__ void not_kernel(kernels::Loop loop, std::int64_t n, bool* out, const bool* a) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[2];
        offsets_of<2>(loop, i, at);
        out[at[0]] = !a[at[1]];
    }
}

template <class T>
__global__ void where_kernel(kernels::Loop loop, std::int64_t n, T* out, const bool* condition, const T* a, const T* b,
                             bool accumulate) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[4];
        offsets_of<4>(loop, i, at);
        const T value = condition[at[1]] ? a[at[2]] : b[at[3]];
        out[at[0]] = accumulate ? out[at[0]] + value : value;
    }
}

template <class T>
__global__ void fill_kernel(kernels::Loop loop, std::int64_t n, T* out, T value) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[1];
        offsets_of<1>(loop, i, at);
        out[at[0]] = value;
    }
}

template <class From, class To, bool accumulate>
__global__ void copy_kernel(kernels::Loop loop, std::int64_t n, To* out, const From* in) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[2];
        offsets_of<2>(loop, i, at);
        const To value = static_cast<To>(in[at[1]]);
        if constexpr (accumulate)
            out[at[0]] += value;
        else
            out[at[0]] = value;
    }
}

// One call with what every kernel gets: the loop over out and `inputs` inputs, its elements, where to launch.
struct Pass {
    const abi::Call* call;
    const abi::ElementwiseArgs& args;
    std::int64_t n = numel(args.out);
    kernels::Loop loop{};

    Pass(const abi::Call* c, const abi::ElementwiseArgs& a, int inputs) : call(c), args(a) {
        const std::int64_t* strides[] = {a.out.strides, a.in[0].strides, a.in[1].strides, a.in[2].strides};
        loop = kernels::make_loop(1 + inputs, a.out.rank, a.out.shape, strides);
    }
    template <class... Parameters, class... Arguments>
    Result run(void (*kernel)(kernels::Loop, std::int64_t, Parameters...), Arguments... arguments) const {
        if (n == 0) return {};
        return launch(call->operation, kernel, linear(n), stream_of(call), loop, n, arguments...);
    }
    template <class T>
    const T* in(int i) const {
        return data<const T>(args.in[i]);
    }
};

template <class T, Elementwise op>
Result run_one(const abi::Call* call, const abi::ElementwiseArgs& args) {
    using enum Elementwise;
    if constexpr (is_arithmetic(op)) {
        constexpr int inputs = kernels::inputs_of(op);
        const Pass pass(call, args, inputs);
        return pass.run(arithmetic_kernel<T, op, inputs>, data<T>(args.out), pass.template in<T>(0),
                        pass.template in<T>(1), pass.template in<T>(2), static_cast<T>(args.parameters[0]),
                        static_cast<T>(args.parameters[1]), accumulates(call));
    } else {
        const Pass pass(call, args, 2);
        return pass.run(compare_kernel<T, op>, data<bool>(args.out), pass.template in<T>(0), pass.template in<T>(1));
    }
}

constexpr bool on_floating(Elementwise op) {
    return is_arithmetic(op) || (op >= Elementwise::equal && op <= Elementwise::less_equal);
}

constexpr int operations = static_cast<int>(Elementwise::square_grad) + 1;

// The operation of the call among all that have a kernel on T.
template <class T, int... numbers>
Result run_named(const abi::Call* call, const abi::ElementwiseArgs& args, std::integer_sequence<int, numbers...>) {
    Result result;
    const auto attempt = [&]<int number>() {
        constexpr auto op = static_cast<Elementwise>(number);
        if constexpr (on_floating(op))
            if (args.op == op) result = run_one<T, op>(call, args);
    };
    (attempt.template operator()<numbers>(), ...);
    return result;
}

template <class T>
Result run_fill(const abi::Call* call, const abi::ElementwiseArgs& args) {
    return Pass(call, args, 0).run(fill_kernel<T>, data<T>(args.out), kernels::convert<T>(args.parameters[0]));
}

template <class From, class To, bool accumulate = false>
Result run_copy(const abi::Call* call, const abi::ElementwiseArgs& args) {
    const Pass pass(call, args, 1);
    return pass.run(copy_kernel<From, To, accumulate>, data<To>(args.out), pass.template in<From>(0));
}

abi::Status fill(const abi::Call* call, const abi::ElementwiseArgs& args) {
    if (accumulates(call)) return abi::Status::unsupported;
    switch (dtype(args.out)) {
        case DType::float32:
            return answer(call, run_fill<float>(call, args));
        case DType::float64:
            return answer(call, run_fill<double>(call, args));
        case DType::int64:
            return answer(call, run_fill<std::int64_t>(call, args));
        case DType::int32:
            return answer(call, run_fill<std::int32_t>(call, args));
        case DType::uint8:
            return answer(call, run_fill<std::uint8_t>(call, args));
        case DType::boolean:
            return answer(call, run_fill<bool>(call, args));
        default:
            return abi::Status::unsupported;
    }
}

abi::Status copy(const abi::Call* call, const abi::ElementwiseArgs& args) {
    const DType to = dtype(args.out), from = dtype(args.in[0]);
    if (to != from) {
        if (accumulates(call)) return abi::Status::unsupported;
        if (from == DType::float32 && to == DType::float64) return answer(call, run_copy<float, double>(call, args));
        if (from == DType::float64 && to == DType::float32) return answer(call, run_copy<double, float>(call, args));
        return abi::Status::unsupported;
    }
    if (accumulates(call))
        return with_floating(call, args.out, [&]<class T>(T) { return run_copy<T, T, true>(call, args); });
    // Elements move as bytes.
    switch (size_of(to)) {
        case 8:
            return answer(call, run_copy<std::uint64_t, std::uint64_t>(call, args));
        case 4:
            return answer(call, run_copy<std::uint32_t, std::uint32_t>(call, args));
        case 2:
            return answer(call, run_copy<std::uint16_t, std::uint16_t>(call, args));
        default:
            return answer(call, run_copy<std::uint8_t, std::uint8_t>(call, args));
    }
}

}  // namespace

bool entry::has_elementwise(Elementwise op, DType dtype) {
    if (op == Elementwise::copy) return true;
    if (op == Elementwise::fill) return dtype != DType::bfloat16 && dtype != DType::float16;
    if (op == Elementwise::logical_not) return dtype == DType::boolean;
    return (dtype == DType::float32 || dtype == DType::float64) && (op == Elementwise::where || on_floating(op));
}

abi::Status entry::elementwise(const abi::Call* call, const abi::ElementwiseArgs* args) {
    switch (args->op) {
        case Elementwise::fill:
            return fill(call, *args);
        case Elementwise::copy:
            return copy(call, *args);
        case Elementwise::logical_not: {
            const Pass pass(call, *args, 1);
            return answer(call, pass.run(not_kernel, data<bool>(args->out), pass.in<bool>(0)));
        }
        case Elementwise::where:
            return with_floating(call, args->out, [&]<class T>(T) {
                const Pass pass(call, *args, 3);
                return pass.run(where_kernel<T>, data<T>(args->out), pass.template in<bool>(0), pass.template in<T>(1),
                                pass.template in<T>(2), accumulates(call));
            });
        default:
            if (!on_floating(args->op)) return abi::Status::unsupported;
            return with_floating(call, args->in[0], [&]<class T>(T) {
                return run_named<T>(call, *args, std::make_integer_sequence<int, operations>{});
            });
    }
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
