// out (+)= f(a, b, c), element by element over arrays of any strides, one thread an element: the formulas, comparisons
// and moves of fathom/abi/elementwise.list.hpp. The formulas: elementwise.cuh.
#include "cuda/kernels/elementwise.cuh"

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"
#include "fathom/kernels/copy.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// Integers wrap, bools or.
template <class T>
__device__ T sum_of(T a, T b) {
    if constexpr (std::is_same_v<T, bool>)
        return a || b;
    else if constexpr (std::is_integral_v<T>)
        return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    else
        return static_cast<T>(a + b);
}

template <class T>
__device__ void put(T& out, T value, bool add) {
    out = add ? sum_of(out, value) : value;
}

template <class T, Elementwise op, int inputs>
__global__ void formula_kernel(kernels::Loop loop, std::int64_t n,
                               T* out,      // operand 0
                               const T* a,  // operand 1
                               const T* b,  // operand 2 or null
                               const T* c,  // operand 3 or null
                               T p0, T p1, bool add) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[1 + inputs];
        offsets_of<1 + inputs>(loop, i, at);
        T y{}, z{};
        if constexpr (inputs > 1) y = b[at[2]];
        if constexpr (inputs > 2) z = c[at[3]];
        put(out[at[0]], formula::apply<op, T>(a[at[1]], y, z, p0, p1), add);
    }
}

template <class T, Elementwise op>
__global__ void compare_kernel(kernels::Loop loop, std::int64_t n,
                               bool* out,     // operand 0
                               const T* a,    // operand 1
                               const T* b) {  // operand 2
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[3];
        offsets_of<3>(loop, i, at);
        out[at[0]] = formula::compare<op, T>(a[at[1]], b[at[2]]);
    }
}

__global__ void not_kernel(kernels::Loop loop, std::int64_t n,
                           bool* out,        // operand 0
                           const bool* a) {  // operand 1
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[2];
        offsets_of<2>(loop, i, at);
        out[at[0]] = !a[at[1]];
    }
}

template <class T>
__global__ void where_kernel(kernels::Loop loop, std::int64_t n,
                             T* out,                 // operand 0
                             const bool* condition,  // operand 1
                             const T* a,             // operand 2
                             const T* b,             // operand 3
                             bool add) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[4];
        offsets_of<4>(loop, i, at);
        put(out[at[0]], condition[at[1]] ? a[at[2]] : b[at[3]], add);
    }
}

template <class T>
__global__ void fill_kernel(kernels::Loop loop, std::int64_t n,
                            T* out,  // operand 0
                            T value, bool add) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[1];
        offsets_of<1>(loop, i, at);
        put(out[at[0]], value, add);
    }
}

template <class From, class To>
__global__ void copy_kernel(kernels::Loop loop, std::int64_t n,
                            To* out,         // operand 0
                            const From* in,  // operand 1
                            bool add) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[2];
        offsets_of<2>(loop, i, at);
        if constexpr (std::is_same_v<From, To> || std::is_arithmetic_v<From>)
            put(out[at[0]], static_cast<To>(in[at[1]]), add);
        else
            put(out[at[0]], static_cast<To>(static_cast<float>(in[at[1]])), add);
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

template <Elementwise op>
abi::Outcome arithmetic(const abi::Call* call, const abi::ElementwiseArgs* args) {
    return with_floating(call, args->out, [&]<class T>(T) {
        constexpr int inputs = abi::info_of(op).inputs;
        const Pass pass(call, *args, inputs);
        return pass.run(formula_kernel<T, op, inputs>, data<T>(args->out), pass.template in<T>(0),
                        pass.template in<T>(1), pass.template in<T>(2), static_cast<T>(args->parameters[0]),
                        static_cast<T>(args->parameters[1]), adds(args->out));
    });
}

template <Elementwise op>
abi::Outcome comparison(const abi::Call* call, const abi::ElementwiseArgs* args) {
    return with_floating(call, args->in[0], [&]<class T>(T) {
        const Pass pass(call, *args, 2);
        return pass.run(compare_kernel<T, op>, data<bool>(args->out), pass.template in<T>(0), pass.template in<T>(1));
    });
}

template <class From, class To>
Result run_copy(const abi::Call* call, const abi::ElementwiseArgs& args) {
    const Pass pass(call, args, 1);
    return pass.run(copy_kernel<From, To>, data<To>(args.out), pass.template in<From>(0), adds(args.out));
}

abi::Outcome copy(const abi::Call* call, const abi::ElementwiseArgs* args) {
    return with_element(call, args->out, [&]<class To>(To) {
        return fathom::with_dtype(dtype(args->in[0]), [&]<class From>(Type<From>) -> Result {
            if constexpr (std::is_same_v<From, To> || (!std::is_integral_v<From> && !std::is_integral_v<To>))
                return run_copy<From, To>(call, *args);
            else
                return {};  // accepts_copy has refused it
        });
    });
}

const char* accepts_copy(const abi::ElementwiseArgs* args) {
    const DType to = dtype(args->out), from = dtype(args->in[0]);
    return to == from || (is_floating(to) && is_floating(from))
               ? nullptr
               : "of the conversions it has those between floating dtypes";
}

abi::Outcome fill(const abi::Call* call, const abi::ElementwiseArgs* args) {
    return with_element(call, args->out, [&]<class T>(T) {
        T value = kernels::convert<T>(args->parameters[0]);
        if constexpr (std::is_same_v<T, std::int64_t>) value += kernels::convert<T>(args->parameters[1]);
        return Pass(call, *args, 0).run(fill_kernel<T>, data<T>(args->out), value, adds(args->out));
    });
}

abi::Outcome where(const abi::Call* call, const abi::ElementwiseArgs* args) {
    return with_element(call, args->out, [&]<class T>(T) {
        const Pass pass(call, *args, 3);
        return pass.run(where_kernel<T>, data<T>(args->out), pass.in<bool>(0), pass.template in<T>(1),
                        pass.template in<T>(2), adds(args->out));
    });
}

abi::Outcome logical_not(const abi::Call* call, const abi::ElementwiseArgs* args) {
    const Pass pass(call, *args, 1);
    return answer(call, pass.run(not_kernel, data<bool>(args->out), pass.in<bool>(0)));
}

constexpr abi::Row rows[] = {
#define FATHOM_FORMULA(name, inputs, set, cost, formula) row<arithmetic<Elementwise::name>>(#name, abi::floating),
#define FATHOM_COMPARISON(name, formula) row<comparison<Elementwise::name>>(#name, abi::floating),
#include "fathom/abi/elementwise.list.hpp"
    row<copy, accepts_copy>("copy", abi::everything),
    row<fill>("fill", abi::everything),
    row<where>("where", abi::computed),
    row<logical_not>("logical_not", abi::dtypes(DType::boolean)),
};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
