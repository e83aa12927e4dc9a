// Windows that slide along one dimension of an image: which inputs a window covers, and which windows cover an input.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels {

// Indices [begin, end).
struct IndexRange {
    std::int64_t begin, end;
};

// Window i covers inputs i * stride - padding to i * stride - padding + kernel - 1, as far as they exist.
struct WindowDimension {
    std::int64_t inputs, outputs, kernel, stride, padding;

    constexpr IndexRange inputs_of(std::int64_t window) const {
        const std::int64_t begin = window * stride - padding;
        return {std::max<std::int64_t>(begin, 0), std::min(begin + kernel, inputs)};
    }
    constexpr IndexRange outputs_of(std::int64_t input) const {
        const std::int64_t last = input + padding, before = last - kernel;  // the last input too early for its window
        return {before < 0 ? 0 : before / stride + 1, std::min(last / stride + 1, outputs)};
    }
};

}  // namespace fathom::inline v0::kernels
