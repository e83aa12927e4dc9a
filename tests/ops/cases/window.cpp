// Windows over images: pooling, interpolation, transposed convolution.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/ops/conv_transpose.hpp"
#include "fathom/ops/interpolate.hpp"
#include "fathom/ops/pool.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

std::int64_t pooled(std::int64_t n, std::int64_t k, std::int64_t s, std::int64_t p) { return (n + 2 * p - k) / s + 1; }

// f(window's sum, window's maximum) over the elements that exist.
template <class F>
Plain pool_of(const Plain& x, const PoolOptions& o, F f) {
    const Shape& s = x.shape;
    return plain({s[0], s[1], pooled(s[2], o.kernel_size.h, o.stride.h, o.padding.h),
                  pooled(s[3], o.kernel_size.w, o.stride.w, o.padding.w)},
                 [&](const Shape& i) {
                     double sum = 0, most = -std::numeric_limits<double>::infinity();
                     for (std::int64_t p = 0; p < o.kernel_size.h; ++p)
                         for (std::int64_t q = 0; q < o.kernel_size.w; ++q) {
                             const std::int64_t h = i[2] * o.stride.h - o.padding.h + p,
                                                w = i[3] * o.stride.w - o.padding.w + q;
                             if (h < 0 || h >= s[2] || w < 0 || w >= s[3]) continue;
                             sum += x.at({i[0], i[1], h, w}), most = std::max(most, x.at({i[0], i[1], h, w}));
                         }
                     return f(sum, most);
                 });
}

OpCase max_pool(const char* name, const char* golden, const PoolOptions& o, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = golden};
    set_function(op, [o](const auto& in) { return max_pool2d(in[0], o); });
    op.reference = [o](const std::vector<Plain>& in) {
        return pool_of(in[0], o, [](double, double most) { return most; });
    };
    return op;
}

OpCase avg_pool(const char* name, const char* golden, const PoolOptions& o, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = golden};
    const auto count = static_cast<double>(o.kernel_size.h * o.kernel_size.w);
    op.terms = [count](const Shapes&, const Shape&) { return count; };
    set_function(op, [o](const auto& in) { return avg_pool2d(in[0], o); });
    op.reference = [o, count](const std::vector<Plain>& in) {
        return pool_of(in[0], o, [count](double sum, double) { return sum / count; });
    };
    return op;
}

OpCase adaptive_avg_pool(const char* name, const char* golden, Pair size, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = golden};
    op.terms = [](const Shapes& in, const Shape& out) {
        return static_cast<double>((in[0][2] / out[2] + 2) * (in[0][3] / out[3] + 2));
    };
    set_function(op, [size](const auto& in) { return adaptive_avg_pool2d(in[0], size); });
    op.reference = [size](const std::vector<Plain>& in) {
        const Shape& s = in[0].shape;
        return plain({s[0], s[1], size.h, size.w}, [&](const Shape& i) {
            double sum = 0, count = 0;
            for (std::int64_t h = 0; h < s[2]; ++h)
                for (std::int64_t w = 0; w < s[3]; ++w) {
                    // Whether [h, h + 1) and [i H / H', (i + 1) H / H') overlap, and the same across.
                    if ((h + 1) * size.h <= i[2] * s[2] || h * size.h >= (i[2] + 1) * s[2]) continue;
                    if ((w + 1) * size.w <= i[3] * s[3] || w * size.w >= (i[3] + 1) * s[3]) continue;
                    sum += in[0].at({i[0], i[1], h, w}), ++count;
                }
            return sum / count;
        });
    };
    return op;
}

// In long double: a place of 64 in double is a weight with 6 bits less.
long double bilinear_place(std::int64_t i, std::int64_t in, std::int64_t out, bool corners) {
    const auto at = static_cast<long double>(i), n = static_cast<long double>(in), m = static_cast<long double>(out);
    if (corners) return out == 1 ? 0 : at * (n - 1) / (m - 1);
    return std::max(0.0L, (at + 0.5L) * n / m - 0.5L);
}

double bilinear_weight(long double place, std::int64_t pixel, std::int64_t n) {
    const long double inside = std::min(place, static_cast<long double>(n - 1));
    return static_cast<double>(std::max(0.0L, 1 - std::fabs(inside - static_cast<long double>(pixel))));
}

OpCase interpolation(const char* name, const char* golden, Pair size, const InterpolateOptions& o,
                     std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = golden};
    op.terms = [](const Shapes&, const Shape&) { return 4.0; };
    set_function(op, [size, o](const auto& in) { return interpolate(in[0], size, o); });
    op.reference = [size, o](const std::vector<Plain>& in) {
        const Shape& s = in[0].shape;
        return plain({s[0], s[1], size.h, size.w}, [&](const Shape& i) {
            if (o.mode == Interpolation::nearest)
                return in[0].at({i[0], i[1], i[2] * s[2] / size.h, i[3] * s[3] / size.w});
            const long double y = bilinear_place(i[2], s[2], size.h, o.align_corners),
                              x = bilinear_place(i[3], s[3], size.w, o.align_corners);
            double sum = 0;
            for (std::int64_t h = 0; h < s[2]; ++h)
                for (std::int64_t w = 0; w < s[3]; ++w)
                    sum += bilinear_weight(y, h, s[2]) * bilinear_weight(x, w, s[3]) * in[0].at({i[0], i[1], h, w});
            return sum;
        });
    };
    return op;
}

Plain conv_transpose_of(const std::vector<Plain>& in, const ConvTranspose2dOptions& o) {
    const Plain &x = in[0], &w = in[1];
    const std::int64_t outputs = w.shape[1], channels = w.shape[0] / o.groups;
    const auto size = [](std::int64_t n, std::int64_t k, std::int64_t s, std::int64_t p, std::int64_t d,
                         std::int64_t more) { return (n - 1) * s - 2 * p + d * (k - 1) + more + 1; };
    const Shape shape = {x.shape[0], outputs * o.groups,
                         size(x.shape[2], w.shape[2], o.stride.h, o.padding.h, o.dilation.h, o.output_padding.h),
                         size(x.shape[3], w.shape[3], o.stride.w, o.padding.w, o.dilation.w, o.output_padding.w)};
    return plain(shape, [&](const Shape& i) {
        double sum = in.size() > 2 ? in[2].at({i[1]}) : 0;
        const std::int64_t group = i[1] / outputs;
        for (std::int64_t c = group * channels; c < (group + 1) * channels; ++c)
            for (std::int64_t h = 0; h < x.shape[2]; ++h)
                for (std::int64_t v = 0; v < x.shape[3]; ++v)
                    for (std::int64_t p = 0; p < w.shape[2]; ++p)
                        for (std::int64_t q = 0; q < w.shape[3]; ++q)
                            if (h * o.stride.h - o.padding.h + p * o.dilation.h == i[2] &&
                                v * o.stride.w - o.padding.w + q * o.dilation.w == i[3])
                                sum += x.at({i[0], c, h, v}) * w.at({c, i[1] % outputs, p, q});
        return sum;
    });
}

// Shapes: x and w; a bias is added where wanted.
OpCase conv_transpose(const char* name, const char* golden, bool bias, const ConvTranspose2dOptions& o,
                      std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{.name = "x"}, {.name = "w"}}, .shapes = std::move(shapes), .golden = golden};
    if (bias) op.inputs.push_back({.name = "b"});
    if (bias)
        for (Shapes& s : op.shapes) s.push_back({s[1][1] * o.groups});
    op.terms = [o](const Shapes& in, const Shape&) {
        return static_cast<double>(in[1][0] / o.groups * in[1][2] * in[1][3]);
    };
    set_function(op, [bias, o](const auto& in) {
        return bias ? conv_transpose2d(in[0], in[1], in[2], o) : conv_transpose2d(in[0], in[1], {}, o);
    });
    op.reference = [o](const std::vector<Plain>& in) { return conv_transpose_of(in, o); };
    return op;
}

}  // namespace

void add_window_cases(std::vector<OpCase>& list) {
    // Channels around a vector; sizes around a window; the last for two threads.
    const std::vector<Shapes> images = {{{2, 3, 5, 4}},  {{1, 1, 3, 7}},   {{0, 2, 6, 5}},   {{1, 17, 9, 8}},
                                        {{1, 16, 4, 3}}, {{2, 33, 3, 10}}, {{2, 20, 65, 66}}};
    std::vector<Shapes> smaller = images;
    smaller.push_back({{1, 2, 1, 1}});
    smaller.push_back({{2, 2, 1, 9}});
    smaller.push_back({{1, 9, 8, 1}});
    list.push_back(max_pool("max_pool_3_2_1", "max_pool_3_2_1", {3, 2, 1}, smaller));
    list.push_back(max_pool("max_pool_2", "", {2}, images));
    list.push_back(max_pool("max_pool_overlapping", "", {{3, 2}, {1, 2}, {0, 1}}, images));
    list.push_back(max_pool("max_pool_apart", "", {{1, 2}, 3}, images));
    list.push_back(avg_pool("avg_pool_2", "avg_pool_2", {2, 2}, images));
    list.push_back(avg_pool("avg_pool_3_2_1", "", {3, 2, 1}, smaller));
    list.push_back(avg_pool("avg_pool_overlapping", "", {{3, 2}, 1, {1, 0}}, images));
    list.push_back(avg_pool("avg_pool_apart", "", {{1, 2}, 3}, images));
    list.push_back(adaptive_avg_pool("global_avg_pool", "global_avg_pool", 1, smaller));
    list.push_back(adaptive_avg_pool("adaptive_avg_pool", "", {3, 2}, smaller));
    list.push_back(adaptive_avg_pool("adaptive_avg_pool_up", "", {7, 9}, smaller));

    const Interpolation bilinear = Interpolation::bilinear;
    const struct {
        const char *half, *corners;
        Pair size;
    } sizes[] = {{"bilinear_up_half", "bilinear_up_corners", {13, 18}},
                 {"bilinear_double_half", "bilinear_double_corners", {10, 14}},
                 {"bilinear_down_half", "bilinear_down_corners", {3, 4}},
                 {"bilinear_same_half", "bilinear_same_corners", {5, 7}}};
    for (const auto& s : sizes) {
        list.push_back(interpolation(s.half, s.half, s.size, {bilinear, false}, smaller));
        list.push_back(interpolation(s.corners, s.corners, s.size, {bilinear, true}, smaller));
    }
    list.push_back(interpolation("bilinear_one_half", "", {1, 5}, {bilinear, false}, smaller));
    list.push_back(interpolation("bilinear_one_corners", "", {5, 1}, {bilinear, true}, smaller));
    list.push_back(interpolation("nearest_up", "nearest_up", {11, 13}, {}, smaller));
    list.push_back(interpolation("nearest_down", "", {2, 3}, {}, smaller));

    list.push_back(conv_transpose("conv_transpose", "conv_transpose", true,
                                  {.stride = 2, .padding = 1, .output_padding = 1},
                                  {{{1, 2, 3, 2}, {2, 3, 3, 3}},
                                   {{1, 3, 1, 1}, {3, 1, 3, 3}},
                                   {{0, 2, 3, 3}, {2, 2, 3, 3}},
                                   {{2, 17, 4, 5}, {17, 16, 3, 3}},
                                   {{1, 8, 17, 15}, {8, 9, 3, 3}}}));
    list.push_back(conv_transpose("conv_transpose_plain", "", false, {},
                                  {{{1, 2, 2, 3}, {2, 2, 2, 2}}, {{2, 5, 3, 3}, {5, 33, 1, 3}}}));
    list.push_back(
        conv_transpose("conv_transpose_grouped", "", true,
                       {.stride = {3, 1}, .padding = {0, 2}, .output_padding = {2, 0}, .groups = 2, .dilation = {1, 2}},
                       {{{1, 4, 2, 3}, {4, 2, 2, 3}}, {{2, 8, 3, 4}, {8, 5, 3, 3}}}));
}

}  // namespace fathom::tests
