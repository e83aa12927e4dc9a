// Windows over images: pooling, transposed convolution.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/ops/conv_transpose.hpp"
#include "fathom/ops/pool1d.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

struct Window {
    Pair kernel, stride, padding, dilation = 1;
    bool ceil_mode = false;
};

std::int64_t pooled(std::int64_t n, std::int64_t k, std::int64_t s, std::int64_t p, std::int64_t d, bool ceil_mode) {
    const std::int64_t room = n + 2 * p - d * (k - 1) - 1;
    if (!ceil_mode || room % s == 0) return room / s + 1;
    const std::int64_t up = room < 0 ? 1 : room / s + 2;
    return (up - 1) * s < n + p ? up : up - 1;  // a window begins before the padding behind the image
}

// f(sum, maximum, inputs, pixels with those of the padding) of each window.
template <class F>
Plain pool_of(const Plain& x, const Window& o, F f) {
    const Shape& s = x.shape;
    return plain({s[0], s[1], pooled(s[2], o.kernel.h, o.stride.h, o.padding.h, o.dilation.h, o.ceil_mode),
                  pooled(s[3], o.kernel.w, o.stride.w, o.padding.w, o.dilation.w, o.ceil_mode)},
                 [&](const Shape& i) {
                     double sum = 0, most = -std::numeric_limits<double>::infinity(), inputs = 0, all = 0;
                     for (std::int64_t p = 0; p < o.kernel.h; ++p)
                         for (std::int64_t q = 0; q < o.kernel.w; ++q) {
                             const std::int64_t h = i[2] * o.stride.h - o.padding.h + p * o.dilation.h,
                                                w = i[3] * o.stride.w - o.padding.w + q * o.dilation.w;
                             all += h < s[2] + o.padding.h && w < s[3] + o.padding.w;
                             if (h < 0 || h >= s[2] || w < 0 || w >= s[3]) continue;
                             const double value = x.at({i[0], i[1], h, w});
                             sum += value, most = std::max(most, value), ++inputs;
                         }
                     return f(sum, most, inputs, all);
                 });
}

OpCase max_pool(const char* name, const char* golden, const MaxPoolOptions& o, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = golden};
    set_function(op, [o](const auto& in) { return max_pool2d(in[0], o); });
    op.reference = [o](const std::vector<Plain>& in) {
        return pool_of(in[0], {o.kernel_size, o.stride, o.padding, o.dilation, o.ceil_mode},
                       [](double, double most, double, double) { return most; });
    };
    return op;
}

OpCase avg_pool(const char* name, const char* golden, const AvgPoolOptions& o, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = golden};
    const auto count = static_cast<double>(o.kernel_size.h * o.kernel_size.w);
    op.terms = [count](const Shapes&, const Shape&) { return count; };
    set_function(op, [o](const auto& in) { return avg_pool2d(in[0], o); });
    op.reference = [o](const std::vector<Plain>& in) {
        return pool_of(in[0], {o.kernel_size, o.stride, o.padding, 1, o.ceil_mode},
                       [o](double sum, double, double inputs, double all) {
                           return sum / (o.divisor_override != 0 ? static_cast<double>(o.divisor_override)
                                         : o.count_include_pad   ? all
                                                                 : inputs);
                       });
    };
    return op;
}

// The mean of each window or, for maxima, its largest element.
OpCase adaptive_pool(const char* name, const char* golden, bool maxima, Pair size, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = golden};
    op.terms = [](const Shapes& in, const Shape& out) {
        return static_cast<double>((in[0][2] / out[2] + 2) * (in[0][3] / out[3] + 2));
    };
    set_function(op, [size, maxima](const auto& in) {
        return maxima ? adaptive_max_pool2d(in[0], size) : adaptive_avg_pool2d(in[0], size);
    });
    op.reference = [size, maxima](const std::vector<Plain>& in) {
        const Shape& s = in[0].shape;
        return plain({s[0], s[1], size.h, size.w}, [&](const Shape& i) {
            double sum = 0, count = 0, most = -std::numeric_limits<double>::infinity();
            for (std::int64_t h = 0; h < s[2]; ++h)
                for (std::int64_t w = 0; w < s[3]; ++w) {
                    // Whether [h, h + 1) and [i H / H', (i + 1) H / H') overlap, and the same across.
                    if ((h + 1) * size.h <= i[2] * s[2] || h * size.h >= (i[2] + 1) * s[2]) continue;
                    if ((w + 1) * size.w <= i[3] * s[3] || w * size.w >= (i[3] + 1) * s[3]) continue;
                    const double value = in[0].at({i[0], i[1], h, w});
                    sum += value, ++count, most = std::max(most, value);
                }
            return maxima ? most : sum / count;
        });
    };
    return op;
}

// Rows [N, C, L], pooled as images of one row.
OpCase row_pool(const char* name, bool maxima) {
    OpCase op = maxima ? max_pool("", "", {{1, 3}, {1, 2}, {0, 1}, {1, 2}, true}, {})
                       : avg_pool("", "", {{1, 3}, {1, 2}, {0, 1}, true, false}, {});
    op.name = op.golden = name;
    op.shapes = {{{2, 3, 9}}, {{1, 17, 5}}, {{0, 2, 6}}, {{3, 16, 4}}, {{2, 40, 500}}};
    set_function(op, [maxima](const auto& in) {
        return maxima ? max_pool1d(in[0], {3, 2, 1, 2, true}) : avg_pool1d(in[0], {3, 2, 1, true, false});
    });
    op.reference = [images = op.reference](const std::vector<Plain>& in) {
        const Shape& s = in[0].shape;
        Plain y = images({{{s[0], s[1], 1, s[2]}, in[0].values}});
        y.shape.erase(2);
        return y;
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

// Those of the shapes below that are so large that windows of a dilated kernel cover an input.
std::vector<Shapes> images_of_at_least(std::int64_t side) {
    std::vector<Shapes> all;
    for (const Shape& s : {Shape{2, 3, 5, 4}, Shape{1, 1, 3, 7}, Shape{0, 2, 6, 5}, Shape{1, 17, 9, 8},
                           Shape{1, 16, 4, 3}, Shape{2, 33, 7, 10}, Shape{2, 20, 65, 66}})
        if (s[2] >= side && s[3] >= side) all.push_back({s});
    return all;
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
    list.push_back(adaptive_pool("global_avg_pool", "global_avg_pool", false, 1, smaller));
    list.push_back(adaptive_pool("adaptive_avg_pool", "", false, {3, 2}, smaller));
    list.push_back(adaptive_pool("adaptive_avg_pool_up", "", false, {7, 9}, smaller));

    const auto golden = [&](OpCase op) {
        op.golden_file = "images";
        list.push_back(std::move(op));
    };
    golden(max_pool("max_pool_dilated", "max_pool_dilated", {3, 2, 1, 2}, images_of_at_least(3)));
    golden(max_pool("max_pool_ceil", "max_pool_ceil", {2, 3, 1, 1, true}, smaller));
    list.push_back(
        max_pool("max_pool_ceil_dilated", "", {{2, 3}, {2, 1}, {0, 1}, {3, 1}, true}, images_of_at_least(4)));
    golden(avg_pool("avg_pool_ceil", "avg_pool_ceil", {3, 2, 1, true}, smaller));
    golden(avg_pool("avg_pool_inputs_only", "avg_pool_inputs_only", {3, 2, 1, true, false}, smaller));
    golden(avg_pool("avg_pool_divisor", "avg_pool_divisor", {{3, 2}, 2, 1, false, true, 5}, smaller));
    golden(adaptive_pool("adaptive_max_pool", "adaptive_max_pool", true, {3, 4}, smaller));
    list.push_back(adaptive_pool("adaptive_max_pool_up", "", true, {7, 9}, smaller));
    golden(row_pool("max_pool1d", true));
    golden(row_pool("avg_pool1d", false));

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
