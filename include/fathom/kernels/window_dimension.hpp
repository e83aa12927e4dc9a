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

// Window i covers every dilation-th input from i * stride - padding on, `kernel` of them, as far as they exist;
// `adaptive` ones cover inputs floor(i inputs / outputs) to ceil((i + 1) inputs / outputs) - 1.
struct WindowDimension {
    std::int64_t inputs, outputs, kernel, stride, padding;
    std::int64_t dilation = 1;
    bool adaptive = false;

    // From the first input to behind the last.
    constexpr IndexRange inputs_of(std::int64_t window) const {
        if (adaptive) return share(window, inputs, outputs);
        const std::int64_t begin = window * stride - padding,
                           skipped = begin < 0 ? (dilation - 1 - begin) / dilation * dilation : 0;
        return {begin + skipped, std::min(begin + span(), inputs)};
    }
    // The windows that reach over an input; dilated ones may leave it out.
    constexpr IndexRange outputs_of(std::int64_t input) const {
        if (adaptive) return share(input, outputs, inputs);
        const std::int64_t last = input + padding, before = last - span();  // the last input too early for its window
        return {before < 0 ? 0 : before / stride + 1, std::min(last / stride + 1, outputs)};
    }
    constexpr std::int64_t span() const { return dilation * (kernel - 1) + 1; }

private:
    // What [i, i + 1) of `parts` equal parts of [0, n) overlaps.
    static constexpr IndexRange share(std::int64_t i, std::int64_t n, std::int64_t parts) {
        return {i * n / parts, ((i + 1) * n + parts - 1) / parts};
    }
};

}  // namespace fathom::inline v0::kernels
