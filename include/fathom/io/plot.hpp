// A look at numbers and images, in one call each: curves as an SVG file, a batch of images as one PNG file.
//
//   plot::lines("loss.svg", {{"train", train_losses}, {"validation", losses}});
//   plot::images("digits.png", batch);
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "fathom/io/file.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::plot {

// Numbers of any kind, in a vector or a tensor of one dimension.
struct Numbers {
    std::vector<double> values;

    Numbers() = default;
    template <class T>
    requires std::is_arithmetic_v<T> Numbers(const std::vector<T>& v) {
        values.reserve(v.size());
        for (const T value : v) values.push_back(static_cast<double>(value));
    }
    Numbers(std::initializer_list<double> v) : values(v) {}
    Numbers(const AnyTensor& x);
    template <Element T>
    Numbers(const Tensor<T>& x) : Numbers(x.untyped()) {}
};

struct Line {
    std::string name;
    Numbers y;
    Numbers x = {};  // ascending; empty: 0, 1, 2, ...
};

struct LinesOptions {
    std::string title = {}, x_label = {}, y_label = {};
    // Whether y is logarithmic; not given: where positive values differ by orders of magnitude.
    std::optional<bool> log = {};
};

// Writes the curves in colors that people with any kind of color vision tell apart, with a legend where there are two
// or more. Points that are not finite are left out, long curves thinned to what can be seen.
void lines(const std::string& path, const std::vector<Line>& curves, const LinesOptions& options = {},
           Where site = Where::here());
// The same as text.
std::string lines_svg(const std::vector<Line>& curves, const LinesOptions& options = {}, Where site = Where::here());

struct ImagesOptions {
    std::int64_t nrow = 8;     // images side by side
    std::int64_t padding = 2;  // pixels between them
    bool normalize = false;    // from the least to the largest value instead of from 0 to 1
};

// Images [N, C, H, W] with one channel or three, or [N, H, W]: floating ones in [0, 1], beyond which they are cut off,
// or uint8. The grid [h, w, 3], row by row, as torchvision's make_grid has it.
Tensor<std::uint8_t> grid(const AnyTensor& batch, const ImagesOptions& options = {}, Where site = Where::here());
// The same into a file; needs the definitions of io/image_stb.hpp.
void images(const std::string& path, const AnyTensor& batch, const ImagesOptions& options = {},
            Where site = Where::here());

}  // namespace fathom::inline v0::plot

#ifndef FATHOM_COMPILED
#include "fathom/io/plot.inl.hpp"
#endif
