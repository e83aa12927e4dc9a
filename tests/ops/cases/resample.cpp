// Images at places between their pixels: interpolation, sampling by a grid.
#include <algorithm>
#include <cmath>

#include "fathom/ops/grid_sample.hpp"
#include "fathom/ops/interpolate.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

// In long double: a place of 64 in double is a weight with 6 bits less.
using Real = long double;
Real real(std::int64_t i) { return static_cast<Real>(i); }

// How an output along one dimension is placed; scale: of the sizes, or given.
struct Axis {
    std::int64_t in, out;
    Real scale;
    bool corners;

    Real place(std::int64_t i) const {
        if (corners) return out == 1 ? 0 : real(i) * real(in - 1) / real(out - 1);
        return (real(i) + 0.5L) / scale - 0.5L;
    }
};

// Keys' cubic with a = -3/4, at a distance.
Real cubic(Real d) {
    constexpr Real a = -0.75L;
    d = std::fabs(d);
    if (d <= 1) return (a + 2) * d * d * d - (a + 3) * d * d + 1;
    return d < 2 ? a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a : 0;
}

// The weight of a pixel for an output; a pixel at the edge stands for those beyond it.
double weight(Interpolation mode, const Axis& axis, std::int64_t i, std::int64_t pixel) {
    const auto at_pixel = [&](Real place) {
        return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(place)), 0, axis.in - 1) == pixel ? 1 : 0;
    };
    if (mode == Interpolation::nearest) return at_pixel(real(i) / axis.scale);
    if (mode == Interpolation::nearest_exact) return at_pixel((real(i) + 0.5L) / axis.scale);
    const Real place = axis.place(i);
    if (mode == Interpolation::bilinear)
        return static_cast<double>(
            std::max(0.0L, 1 - std::fabs(std::clamp(place, 0.0L, real(axis.in - 1)) - real(pixel))));
    Real sum = 0;
    const auto first = static_cast<std::int64_t>(std::floor(place));
    for (std::int64_t k = first - 1; k <= first + 2; ++k)
        if (std::clamp<std::int64_t>(k, 0, axis.in - 1) == pixel) sum += cubic(place - real(k));
    return static_cast<double>(sum);
}

Plain interpolated(const Plain& x, Interpolation mode, const Axis& rows, const Axis& columns) {
    const Shape& s = x.shape;
    return plain({s[0], s[1], rows.out, columns.out}, [&](const Shape& i) {
        double sum = 0;
        for (std::int64_t h = 0; h < s[2]; ++h) {
            const double down = weight(mode, rows, i[2], h);
            if (down == 0) continue;
            for (std::int64_t w = 0; w < s[3]; ++w)
                sum += down * weight(mode, columns, i[3], w) * x.at({i[0], i[1], h, w});
        }
        return sum;
    });
}

OpCase interpolation(const char* name, const char* golden, Pair size, const InterpolateOptions& o,
                     std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = golden};
    op.terms = [](const Shapes&, const Shape&) { return 4.0; };
    set_function(op, [size, o](const auto& in) { return interpolate(in[0], size, o); });
    op.reference = [size, o](const std::vector<Plain>& in) {
        const auto axis = [&](std::int64_t from, std::int64_t to) {
            return Axis{from, to, real(to) / real(from), o.align_corners};
        };
        return interpolated(in[0], o.mode, axis(in[0].shape[2], size.h), axis(in[0].shape[3], size.w));
    };
    return op;
}

OpCase scaled(const char* name, Interpolation mode, std::vector<Shapes> shapes) {
    const ScaleFactor factor{2.3, 0.7};
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = name, .golden_file = "images"};
    // A place is known to the rounding of the size, and so are weights.
    op.terms = [](const Shapes& in, const Shape&) {
        const auto side = static_cast<double>(in[0][2] + in[0][3]);
        return 4 + side * side / 64;
    };
    set_function(op, [=](const auto& in) { return interpolate(in[0], {.scale_factor = factor, .mode = mode}); });
    op.reference = [=](const std::vector<Plain>& in) {
        const auto axis = [](std::int64_t from, double scale) {
            return Axis{from, static_cast<std::int64_t>(std::floor(static_cast<double>(from) * scale)), scale, false};
        };
        return interpolated(in[0], mode, axis(in[0].shape[2], factor.h), axis(in[0].shape[3], factor.w));
    };
    return op;
}

// Where a grid's coordinate meets the centre of a pixel or the border between two.
std::vector<double> kinks(std::initializer_list<std::int64_t> sizes) {
    std::vector<double> all;
    for (const std::int64_t size : sizes)
        for (std::int64_t twice = -2 * size; twice <= 4 * size; ++twice) {
            const auto n = static_cast<double>(size), t = static_cast<double>(twice);
            all.push_back((t + 1) / n - 1);
            if (size > 1) all.push_back(t / (n - 1) - 1);
        }
    std::sort(all.begin(), all.end());
    return all;
}

// Reflected where the pixels are repeated back and forth, by steps.
double mirrored(double place, double low, double high) {
    if (low == high) return low;
    while (place < low || place > high) place = place < low ? 2 * low - place : 2 * high - place;
    return place;
}

struct Sampling {
    GridSampleOptions options;

    double inside(double place, std::int64_t n) const {
        const auto last = static_cast<double>(n - 1);
        if (options.padding_mode == GridPadding::reflection)
            place = options.align_corners ? mirrored(place, 0, last) : mirrored(place, -0.5, last + 0.5);
        return options.padding_mode == GridPadding::zeros ? place : std::clamp(place, 0.0, last);
    }
    double weight(double g, std::int64_t pixel, std::int64_t n) const {
        const auto size = static_cast<double>(n), at = static_cast<double>(pixel);
        double place = options.align_corners ? (g + 1) / 2 * (size - 1) : ((g + 1) * size - 1) / 2;
        if (options.mode != Interpolation::bicubic) place = inside(place, n);
        if (options.mode == Interpolation::nearest) return std::nearbyint(place) == at;
        if (options.mode == Interpolation::bilinear) return std::max(0.0, 1 - std::fabs(place - at));
        double sum = 0;
        for (double k = std::floor(place) - 1; k <= std::floor(place) + 2; ++k)
            if (inside(k, n) == at) sum += static_cast<double>(cubic(static_cast<Real>(place - k)));
        return sum;
    }
};

OpCase sampling(const std::string& name, const GridSampleOptions& o, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{.name = "x"}, {.name = "grid"}}, .shapes = std::move(shapes)};
    op.golden = name, op.golden_file = "images";
    // Among these are all sizes below; with `nearest` nothing moves but the choice of a pixel.
    op.inputs[1] = {.name = "grid", .low = -1.7, .high = 1.7, .kinks = kinks({1, 3, 4, 5, 17, 33})};
    if (o.mode == Interpolation::nearest) op.inputs[1].kind = OpInput::constant;
    op.golden_in_float = o.mode != Interpolation::bicubic;
    // A place is known to the rounding of the size, and so are weights.
    op.terms = [](const Shapes& in, const Shape&) {
        const auto side = static_cast<double>(in[0][2] + in[0][3]);
        return 16 * side * side;
    };
    set_function(op, [o](const auto& in) { return grid_sample(in[0], in[1], o); });
    op.reference = [s = Sampling{o}](const std::vector<Plain>& in) {
        const Plain &x = in[0], &grid = in[1];
        return plain({x.shape[0], x.shape[1], grid.shape[1], grid.shape[2]}, [&](const Shape& i) {
            double sum = 0;
            for (std::int64_t h = 0; h < x.shape[2]; ++h) {
                const double down = s.weight(grid.at({i[0], i[2], i[3], 1}), h, x.shape[2]);
                if (down == 0) continue;
                for (std::int64_t w = 0; w < x.shape[3]; ++w)
                    sum += down * s.weight(grid.at({i[0], i[2], i[3], 0}), w, x.shape[3]) * x.at({i[0], i[1], h, w});
            }
            return sum;
        });
    };
    return op;
}

OpCase affine(const char* name, bool corners) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = {{{2, 2, 3}}}, .golden = name, .golden_file = "images"};
    op.terms = [](const Shapes&, const Shape&) { return 3.0; };
    set_function(op, [corners](const auto& in) { return affine_grid(in[0], {2, 1, 3, 4}, corners); });
    op.reference = [corners](const std::vector<Plain>& in) {
        const auto place = [corners](std::int64_t i, std::int64_t n) {
            return static_cast<double>(2 * i - n + 1) / static_cast<double>(corners ? n - 1 : n);
        };
        return plain({2, 3, 4, 2}, [&](const Shape& i) {
            return in[0].at({i[0], i[3], 0}) * place(i[2], 4) + in[0].at({i[0], i[3], 1}) * place(i[1], 3) +
                   in[0].at({i[0], i[3], 2});
        });
    };
    return op;
}

}  // namespace

void add_resample_cases(std::vector<OpCase>& list) {
    // Channels around a vector; sizes around a window; the last for two threads.
    const std::vector<Shapes> images = {{{2, 3, 5, 4}},  {{1, 1, 3, 7}},   {{0, 2, 6, 5}},    {{1, 17, 9, 8}},
                                        {{1, 16, 4, 3}}, {{2, 33, 3, 10}}, {{2, 20, 65, 66}}, {{1, 9, 8, 2}}};
    std::vector<Shapes> smaller = images;
    smaller.push_back({{1, 2, 1, 1}});
    smaller.push_back({{2, 2, 1, 9}});
    smaller.push_back({{1, 9, 8, 1}});
    const auto options = [](Interpolation mode, bool corners) {
        return InterpolateOptions{.mode = mode, .align_corners = corners};
    };
    const struct {
        const char *half, *corners;
        Pair size;
    } sizes[] = {{"bilinear_up_half", "bilinear_up_corners", {13, 18}},
                 {"bilinear_double_half", "bilinear_double_corners", {10, 14}},
                 {"bilinear_down_half", "bilinear_down_corners", {3, 4}},
                 {"bilinear_same_half", "bilinear_same_corners", {5, 7}}};
    for (const auto& s : sizes) {
        list.push_back(interpolation(s.half, s.half, s.size, options(Interpolation::bilinear, false), smaller));
        list.push_back(interpolation(s.corners, s.corners, s.size, options(Interpolation::bilinear, true), smaller));
    }
    list.push_back(interpolation("bilinear_one_half", "", {1, 5}, options(Interpolation::bilinear, false), smaller));
    list.push_back(interpolation("bilinear_one_corners", "", {5, 1}, options(Interpolation::bilinear, true), smaller));
    list.push_back(interpolation("nearest_up", "nearest_up", {11, 13}, {}, smaller));
    list.push_back(interpolation("nearest_down", "", {2, 3}, {}, smaller));

    const auto golden = [&](OpCase op) {
        op.golden_file = "images";
        list.push_back(std::move(op));
    };
    golden(interpolation("nearest_exact", "nearest_exact", {11, 4}, options(Interpolation::nearest_exact, false),
                         smaller));
    golden(interpolation("bicubic_half", "bicubic_half", {9, 5}, options(Interpolation::bicubic, false), smaller));
    golden(interpolation("bicubic_corners", "bicubic_corners", {9, 5}, options(Interpolation::bicubic, true), smaller));
    list.push_back(interpolation("bicubic_down", "", {2, 1}, options(Interpolation::bicubic, false), smaller));
    golden(scaled("nearest_scaled", Interpolation::nearest, images));
    golden(scaled("nearest_exact_scaled", Interpolation::nearest_exact, images));
    golden(scaled("bilinear_scaled", Interpolation::bilinear, images));
    golden(scaled("bicubic_scaled", Interpolation::bicubic, images));

    const std::vector<Shapes> sampled = {{{2, 2, 3, 5}, {2, 3, 4, 2}},  {{1, 1, 4, 1}, {1, 2, 2, 2}},
                                         {{0, 2, 3, 3}, {0, 2, 3, 2}},  {{2, 3, 4, 4}, {2, 0, 3, 2}},
                                         {{1, 17, 4, 3}, {1, 5, 7, 2}}, {{2, 16, 33, 17}, {2, 40, 39, 2}}};
    const char* modes[] = {"nearest", "bilinear", "bicubic"};
    const char* paddings[] = {"zeros", "border", "reflection"};
    for (int mode = 0; mode < 3; ++mode)
        for (int padding = 0; padding < 3; ++padding)
            for (const bool corners : {false, true})
                list.push_back(sampling(std::string("grid_sample_") + modes[mode] + "_" + paddings[padding] +
                                            (corners ? "_corners" : "_half"),
                                        {static_cast<Interpolation>(mode), static_cast<GridPadding>(padding), corners},
                                        sampled));
    list.push_back(affine("affine_grid_half", false));
    list.push_back(affine("affine_grid_corners", true));
}

}  // namespace fathom::tests
