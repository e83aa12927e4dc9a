// out (+)= f(a, b, c), element by element over arrays of any strides: the formulas, comparisons and moves of
// fathom/abi/elementwise.list.hpp. The formulas: elementwise.cuh; how they go through memory: map.cuh.
#include "cuda/kernels/elementwise.cuh"

#include "cuda/kernels/map.cuh"
#include "fathom/kernels/copy.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

template <class T, Elementwise op, int input_count>
struct Formula {
    static constexpr int inputs = input_count;
    T p0, p1;
    __device__ T operator()(T a, T b, T c) const { return formula::apply<op, T>(a, b, c, p0, p1); }
};

template <class T, int input_count>
struct IntegerFormula {
    static constexpr int inputs = input_count;
    Elementwise op;
    T p0, p1;
    __device__ T operator()(T a, T b, T) const { return formula::apply_to_integers<T>(op, a, b, p0, p1); }
};

template <class T>
struct Comparison {
    static constexpr int inputs = 2;
    Elementwise op;
    __device__ bool operator()(T a, T b, T) const { return formula::compare<T>(op, a, b); }
};

struct Not {
    static constexpr int inputs = 1;
    __device__ bool operator()(bool a, bool, bool) const { return !a; }
};

template <class T>
struct Where {
    static constexpr int inputs = 3;
    __device__ T operator()(bool condition, T a, T b) const { return condition ? a : b; }
};

template <class T>
struct Fill {
    static constexpr int inputs = 0;
    T value;
    __device__ T operator()(T, T, T) const { return value; }
};

template <class From, class To>
struct Conversion {
    static constexpr int inputs = 1;
    __device__ To operator()(From x, From, From) const {
        if constexpr (std::is_same_v<From, To>)
            return x;
        else if constexpr (std::is_arithmetic_v<To>)
            return kernels::convert<To>(x);
        else if constexpr (std::is_arithmetic_v<From>)
            return static_cast<To>(x);
        else
            return static_cast<To>(static_cast<float>(x));
    }
};

// Whether copy has the conversion: between floating dtypes, and what images, masks, class indices and labels need.
constexpr bool is_converted(DType from, DType to) {
    const auto computes = [](DType d) { return d == DType::float32 || d == DType::float64; };
    const auto counts = [](DType d) { return d == DType::uint8 || d == DType::int64; };
    return from == to || (is_floating(from) && is_floating(to)) || (counts(from) && counts(to)) ||
           (computes(to) && (counts(from) || from == DType::boolean)) || (computes(from) && counts(to));
}

// f over all elements of a call.
template <class Out, class A, class B, class C, class F>
Result run(const abi::Call* call, const abi::ElementwiseArgs& args, const F& f) {
    const abi::Array &out = args.out, *in = args.in;
    if (numel(out) == 0) return {};
    const std::int64_t* strides[] = {out.strides, in[0].strides, in[1].strides, in[2].strides};
    const MapOperand operands[4] = {
        {out.data, sizeof(Out)}, {in[0].data, sizeof(A)}, {in[1].data, sizeof(B)}, {in[2].data, sizeof(C)}};
    return map<Out, A, B, C>(call, kernels::make_loop(1 + F::inputs, out.rank, out.shape, strides), operands, f,
                             adds(out));
}

// f(T{}) for the integers that compute.
template <class F>
abi::Outcome with_integers(const abi::Call* call, const abi::Array& a, F f) {
    switch (dtype(a)) {
        case DType::int64:
            return answer(call, f(std::int64_t{}));
        case DType::int32:
            return answer(call, f(std::int32_t{}));
        case DType::uint8:
            return answer(call, f(std::uint8_t{}));
        default:
            return abi::Outcome::unsupported;
    }
}

template <int inputs>
abi::Outcome integer_arithmetic(const abi::Call* call, const abi::ElementwiseArgs& args, Elementwise op) {
    return with_integers(call, args.out, [&]<class T>(T) {
        // A scalar wraps as uint8 does, so that 255 - x is affine(-1, 255); bounds saturate.
        const auto parameter = [&](double p) {
            return op == Elementwise::affine ? static_cast<T>(kernels::convert<std::int64_t>(p))
                                             : kernels::convert<T>(p);
        };
        const IntegerFormula<T, inputs> f{op, parameter(args.parameters[0]), parameter(args.parameters[1])};
        return run<T, T, T, T>(call, args, f);
    });
}

template <Elementwise op>
abi::Outcome arithmetic(const abi::Call* call, const abi::ElementwiseArgs* args) {
    constexpr int inputs = abi::info_of(op).inputs;
    if constexpr (formula::for_integers(op))
        if (!is_floating(dtype(args->out))) return integer_arithmetic<inputs>(call, *args, op);
    return with_floating(call, args->out, [&]<class T>(T) {
        const Formula<T, op, inputs> f{static_cast<T>(args->parameters[0]), static_cast<T>(args->parameters[1])};
        return run<T, T, T, T>(call, *args, f);
    });
}

template <Elementwise op>
abi::Outcome comparison(const abi::Call* call, const abi::ElementwiseArgs* args) {
    const abi::Array& a = args->in[0];
    const auto compare = [&]<class T>(T) { return run<bool, T, T, T>(call, *args, Comparison<T>{op}); };
    if (dtype(a) == DType::boolean) return answer(call, compare(bool{}));
    return is_floating(dtype(a)) ? with_floating(call, a, compare) : with_integers(call, a, compare);
}

abi::Outcome copy(const abi::Call* call, const abi::ElementwiseArgs* args) {
    return with_element(call, args->out, [&]<class To>(To) {
        return fathom::with_dtype(dtype(args->in[0]), [&]<class From>(Type<From>) -> Result {
            if constexpr (is_converted(dtype_of<From>, dtype_of<To>))
                return run<To, From, From, From>(call, *args, Conversion<From, To>{});
            else
                return {};  // accepts_copy has refused it
        });
    });
}

const char* accepts_copy(const abi::ElementwiseArgs* args) {
    return is_converted(dtype(args->in[0]), dtype(args->out))
               ? nullptr
               : "of the conversions it has those between floating dtypes, and of uint8, int64 and bool with float and "
                 "double";
}

abi::Outcome fill(const abi::Call* call, const abi::ElementwiseArgs* args) {
    return with_element(call, args->out, [&]<class T>(T) {
        T value = kernels::convert<T>(args->parameters[0]);
        if constexpr (std::is_same_v<T, std::int64_t>) value += kernels::convert<T>(args->parameters[1]);
        return run<T, T, T, T>(call, *args, Fill<T>{value});
    });
}

abi::Outcome where(const abi::Call* call, const abi::ElementwiseArgs* args) {
    return with_element(call, args->out, [&]<class T>(T) { return run<T, bool, T, T>(call, *args, Where<T>{}); });
}

abi::Outcome logical_not(const abi::Call* call, const abi::ElementwiseArgs* args) {
    return answer(call, run<bool, bool, bool, bool>(call, *args, Not{}));
}

constexpr abi::DTypes dtypes_of(Elementwise op) { return formula::for_integers(op) ? abi::numbers : abi::floating; }

constexpr abi::Row rows[] = {
#define FATHOM_FORMULA(name, inputs, set, cost, formula) \
    row<arithmetic<Elementwise::name>>(#name, dtypes_of(Elementwise::name)),
#define FATHOM_COMPARISON(name, formula) row<comparison<Elementwise::name>>(#name, abi::computed),
#include "fathom/abi/elementwise.list.hpp"
    row<copy, accepts_copy>("copy", abi::everything),
    row<fill>("fill", abi::everything),
    row<where>("where", abi::computed),
    row<logical_not>("logical_not", abi::dtypes(DType::boolean)),
};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
