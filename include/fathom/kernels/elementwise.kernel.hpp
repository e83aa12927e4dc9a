// The formulas of abi/elementwise.list.hpp on vectors of float and double. Included through elementwise.inl.hpp, once
// per ISA.

namespace formulas {

template <Elementwise op, class T>
[[gnu::always_inline]] inline Vec<T> apply(Vec<T> a, [[maybe_unused]] Vec<T> b, [[maybe_unused]] Vec<T> c,
                                           const FormulaContext& context) {
    [[maybe_unused]] const T exponent = static_cast<T>(context.p0);
    [[maybe_unused]] const Vec<T> p0 = splat(exponent), p1 = splat(static_cast<T>(context.p1)), zero{},
                                  one = splat(T{1}), two = splat(T{2});
#define FATHOM_FORMULA(name, inputs, set, cost, formula) \
    if constexpr (op == Elementwise::name) {             \
        return formula;                                  \
    } else
#include "fathom/abi/elementwise.list.hpp"
    { static_assert(op == Elementwise::add, "fathom: this operation has no formula"); }
}

template <class T, Elementwise op>
void run_block(const void* context_pointer,
               void* const* pointers,      // [operands][n]
               const std::int64_t* steps,  // [operands]
               std::int64_t n) {
    const auto& context = *static_cast<const FormulaContext*>(context_pointer);
    constexpr int inputs = abi::info_of(op).inputs;
    T* out = static_cast<T*>(pointers[0]);
    const T* a = static_cast<const T*>(pointers[1]);
    const T* b = static_cast<const T*>(pointers[inputs > 1 ? 2 : 1]);
    const T* c = static_cast<const T*>(pointers[inputs > 2 ? 3 : 1]);
    const std::int64_t a_step = steps[1], b_step = steps[inputs > 1 ? 2 : 1], c_step = steps[inputs > 2 ? 3 : 1];
    const bool accumulate = context.accumulate;
    std::int64_t i = 0;
    for (; i + lanes<T> <= n; i += lanes<T>) {
        const Vec<T> value = apply<op, T>(load(a + i * a_step), load(b + i * b_step), load(c + i * c_step), context);
        store(out + i, accumulate ? load(out + i) + value : value);
    }
    if (const int rest = static_cast<int>(n - i); rest > 0) {
        const Vec<T> value = apply<op, T>(load_or_ones(a + i * a_step, rest), load_or_ones(b + i * b_step, rest),
                                          load_or_ones(c + i * c_step, rest), context);
        store_partial(out + i, accumulate ? load_partial(out + i, rest) + value : value, rest);
    }
}

template <class T, Elementwise op>
BlockKernel block() {
    return run_block<T, op>;
}

}  // namespace formulas
