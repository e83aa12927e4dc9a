// The elementwise operations by name and number, made from elementwise.list.hpp, where a new one is a line.
#pragma once

#include <cstdint>

#include "fathom/abi/device.hpp"

namespace fathom::inline v0 {

enum class Elementwise : std::int32_t {
#define FATHOM_FORMULA(name, inputs, set, cost, formula) name,
#define FATHOM_COMPARISON(name, formula) name,
#define FATHOM_MOVE(name, inputs, set) name,
#include "fathom/abi/elementwise.list.hpp"
};

namespace abi {

// How long an element takes, which decides how many of them are worth a thread.
enum class Cost : std::int32_t { light, heavy, heaviest };

enum class ElementwiseKind : std::int32_t { arithmetic, comparison, move };

struct ElementwiseInfo {
    const char* name;
    ElementwiseKind kind;
    std::int32_t inputs;
    DTypes dtypes;
    Cost cost;
};

inline constexpr ElementwiseInfo elementwise_operations[] = {
#define FATHOM_FORMULA(name, inputs, set, cost, formula) {#name, ElementwiseKind::arithmetic, inputs, set, Cost::cost},
#define FATHOM_COMPARISON(name, formula) {#name, ElementwiseKind::comparison, 2, computed, Cost::light},
#define FATHOM_MOVE(name, inputs, set) {#name, ElementwiseKind::move, inputs, set, Cost::light},
#include "fathom/abi/elementwise.list.hpp"
};

constexpr const ElementwiseInfo& info_of(Elementwise op) {
    return elementwise_operations[static_cast<std::int32_t>(op)];
}

}  // namespace abi
}  // namespace fathom::inline v0
