// One dimension of an image as it is averaged or interpolated: a sparse matrix in which every output is the weighted
// sum of a range of inputs. Its transpose, which takes gradients back, is one again. Next: resize.hpp.
#pragma once

#include <cstdint>

#include "fathom/core/list.hpp"
#include "fathom/kernels/window_dimension.hpp"

namespace fathom::inline v0::kernels {

using v0::detail::List;

// Output i is the sum of weights[begin[i] + k] * input[first[i] + k] for k < begin[i + 1] - begin[i].
struct Resampling {
    std::int64_t inputs;
    List<std::int64_t> first;  // [outputs]
    List<std::int64_t> begin;  // [outputs + 1]
    List<double> weights;

    // Without outputs so far.
    explicit Resampling(std::int64_t input_count) : inputs(input_count) { begin.push_back(0); }

    std::int64_t outputs() const { return static_cast<std::int64_t>(first.size()); }
    std::int64_t count(std::int64_t output) const {
        return begin[static_cast<std::size_t>(output) + 1] - begin[static_cast<std::size_t>(output)];
    }
};

// Sums over windows, divided by what counts of each: the inputs and, with `padding`, the zeros beside them, as far as
// the padding goes. divisor: instead, where it is not 0.
Resampling averages(const WindowDimension& windows, bool padding = true, double divisor = 0);
// Mean over [floor(i inputs / outputs), ceil((i + 1) inputs / outputs)): PyTorch's adaptive windows.
Resampling adaptive_averages(std::int64_t inputs, std::int64_t outputs);
// Where outputs are taken from: 1 / scale stands for inputs / outputs where scale is not 0.
// Input floor(i inputs / outputs), and floor((i + 1/2) inputs / outputs): the one whose centre is nearest.
Resampling nearest(std::int64_t inputs, std::int64_t outputs, double scale = 0);
Resampling nearest_exact(std::int64_t inputs, std::int64_t outputs, double scale = 0);
// Between the two inputs around the first place with align_corners, where the outermost pixels' centres stay, and
// around the second without, where their borders do:
//   i (inputs - 1) / (outputs - 1)
//   max(0, (i + 1/2) inputs / outputs - 1/2)
Resampling bilinear(std::int64_t inputs, std::int64_t outputs, bool align_corners, double scale = 0);
// Between four, with the weights of cubic.hpp; the edge is repeated beyond the image, and the second place may be
// negative.
Resampling bicubic(std::int64_t inputs, std::int64_t outputs, bool align_corners, double scale = 0);

Resampling transposed(const Resampling& map);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/resampling.inl.hpp"
#endif
