// Convolution: strides, padding, dilation, groups, activations.
#include "fathom/ops/conv.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

Plain plain_conv2d(const std::vector<Plain>& in, const Conv2dOptions& o) {
    const Plain &x = in[0], &w = in[1];
    const auto size = [](std::int64_t n, std::int64_t k, std::int64_t s, std::int64_t p, std::int64_t d) {
        return (n + 2 * p - d * (k - 1) - 1) / s + 1;
    };
    const std::int64_t channels = w.shape[1], outputs = w.shape[0] / o.groups;
    const Shape shape = {x.shape[0], w.shape[0], size(x.shape[2], w.shape[2], o.stride.h, o.padding.h, o.dilation.h),
                         size(x.shape[3], w.shape[3], o.stride.w, o.padding.w, o.dilation.w)};
    return plain(shape, [&](const Shape& i) {
        double sum = (in.size() > 2 ? in[2].at({i[1]}) : 0) + (in.size() > 3 ? in[3].at(i) : 0);
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t p = 0; p < w.shape[2]; ++p)
                for (std::int64_t q = 0; q < w.shape[3]; ++q) {
                    const std::int64_t h = i[2] * o.stride.h - o.padding.h + p * o.dilation.h;
                    const std::int64_t v = i[3] * o.stride.w - o.padding.w + q * o.dilation.w;
                    if (h < 0 || h >= x.shape[2] || v < 0 || v >= x.shape[3]) continue;
                    sum += x.at({i[0], i[1] / outputs * channels + c, h, v}) * w.at({i[1], c, p, q});
                }
        if (o.activation == Activation::none || sum > 0) return sum;
        return o.activation == Activation::relu ? 0 : sum * o.slope;
    });
}

// Shapes: x and w; a bias of w's size is added where wanted.
OpCase conv(const char* name, const char* golden, bool bias, const Conv2dOptions& options, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{.name = "x"}, {.name = "w"}}, .shapes = std::move(shapes), .golden = golden};
    if (bias) op.inputs.push_back({.name = "b"});
    if (bias)
        for (Shapes& s : op.shapes) s.push_back({s[1][0]});
    op.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[1][1] * in[1][2] * in[1][3]); };
    set_function(op, [bias, options](const auto& in) {
        return bias ? conv2d(in[0], in[1], in[2], options) : conv2d(in[0], in[1], {}, options);
    });
    op.reference = [options](const std::vector<Plain>& in) { return plain_conv2d(in, options); };
    return op;
}

// The same with a residual. Shapes: x, w, b and the result's.
OpCase conv_add(const char* name, const Conv2dOptions& options, std::vector<Shapes> shapes) {
    OpCase op{.name = name,
              .inputs = {{.name = "x"}, {.name = "w"}, {.name = "b"}, {.name = "residual"}},
              .shapes = std::move(shapes)};
    op.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[1][1] * in[1][2] * in[1][3]); };
    set_function(op, [options](const auto& in) { return conv2d_add(in[0], in[1], in[2], in[3], options); });
    op.reference = [options](const std::vector<Plain>& in) { return plain_conv2d(in, options); };
    return op;
}

}  // namespace

void add_conv_cases(std::vector<OpCase>& list) {
    // Channel counts and widths around the register tiles; no pixel is too few.
    list.push_back(conv("conv_3x3", "conv_3x3", true, {.padding = 1},
                        {{{2, 3, 4, 5}, {2, 3, 3, 3}},
                         {{1, 1, 1, 1}, {1, 1, 3, 3}},
                         {{1, 2, 1, 7}, {3, 2, 3, 3}},
                         {{0, 2, 4, 4}, {3, 2, 3, 3}},
                         {{1, 7, 3, 9}, {8, 7, 3, 3}},
                         {{1, 15, 3, 3}, {17, 15, 3, 3}},
                         {{1, 16, 2, 17}, {16, 16, 3, 3}},
                         {{1, 17, 3, 5}, {33, 17, 3, 3}},
                         {{2, 16, 33, 31}, {24, 16, 3, 3}}}));
    list.push_back(conv("conv_3x3_s2", "conv_3x3_s2", false, {.stride = 2, .padding = 1},
                        {{{1, 2, 5, 4}, {3, 2, 3, 3}},
                         {{1, 3, 1, 1}, {2, 3, 3, 3}},
                         {{2, 9, 8, 7}, {15, 9, 3, 3}},
                         {{2, 16, 33, 32}, {17, 16, 3, 3}}}));
    list.push_back(conv("conv_1x1", "conv_1x1", true, {},
                        {{{2, 3, 2, 3}, {4, 3, 1, 1}},
                         {{1, 1, 1, 1}, {1, 1, 1, 1}},
                         {{0, 3, 2, 2}, {4, 3, 1, 1}},
                         {{1, 15, 3, 5}, {17, 15, 1, 1}},
                         {{1, 16, 1, 1}, {16, 16, 1, 1}},
                         {{2, 17, 4, 4}, {15, 17, 1, 1}},
                         {{2, 48, 31, 33}, {32, 48, 1, 1}}}));
    list.push_back(conv("conv_1x1_s2", "conv_1x1_s2", false, {.stride = 2},
                        {{{1, 3, 4, 5}, {2, 3, 1, 1}}, {{2, 16, 7, 6}, {17, 16, 1, 1}}}));
    list.push_back(conv("conv_7x7_s2", "conv_7x7_s2", false, {.stride = 2, .padding = 3},
                        {{{1, 2, 5, 4}, {1, 2, 7, 7}}, {{1, 3, 8, 9}, {16, 3, 7, 7}}}));
    list.push_back(conv("conv_dilated", "conv_dilated", true, {.padding = 2, .dilation = 2},
                        {{{1, 2, 5, 4}, {2, 2, 3, 3}}, {{2, 16, 6, 9}, {9, 16, 3, 3}}}));
    list.push_back(
        conv("conv_grouped", "conv_grouped", true, {.padding = 1, .groups = 4},
             {{{1, 4, 3, 4}, {4, 1, 3, 3}}, {{1, 8, 3, 3}, {12, 2, 3, 3}}, {{2, 64, 5, 7}, {68, 16, 3, 3}}}));
    list.push_back(conv("conv_depthwise", "conv_depthwise", false, {.padding = 1, .groups = 6},
                        {{{1, 6, 3, 4}, {6, 1, 3, 3}}, {{1, 6, 1, 1}, {12, 1, 3, 3}}, {{2, 6, 65, 63}, {6, 1, 3, 3}}}));
    list.push_back(conv("conv_depthwise_17", "", true, {.padding = 1, .groups = 17},
                        {{{1, 17, 2, 3}, {17, 1, 3, 3}}, {{2, 17, 9, 8}, {17, 1, 3, 3}}}));
    list.push_back(conv("conv_5x5_valid", "conv_5x5_valid", true, {},
                        {{{1, 2, 5, 6}, {2, 2, 5, 5}}, {{2, 15, 9, 8}, {9, 15, 5, 5}}}));
    list.push_back(conv("conv_16_16", "conv_16_16", true, {.padding = 1}, {{{1, 16, 5, 4}, {16, 16, 3, 3}}}));
    list.push_back(conv("conv_96_64", "conv_96_64", true, {.padding = 1}, {{{1, 96, 5, 4}, {64, 96, 3, 3}}}));
    list.push_back(conv("conv_16_1", "conv_16_1", true, {.padding = 1},
                        {{{1, 16, 3, 4}, {1, 16, 3, 3}}, {{1, 16, 33, 65}, {1, 16, 3, 3}}}));
    list.push_back(
        conv("conv_1_16", "", true, {.padding = 1}, {{{1, 1, 5, 4}, {16, 1, 3, 3}}, {{2, 1, 33, 65}, {16, 1, 3, 3}}}));
    list.push_back(conv("conv_rect", "conv_rect", true, {.stride = {2, 1}, .padding = {0, 1}},
                        {{{1, 2, 5, 4}, {2, 2, 1, 3}}, {{2, 16, 8, 7}, {17, 16, 1, 3}}}));
    list.push_back(conv("conv_wide_padding", "", false, {.padding = {3, 4}}, {{{1, 2, 2, 1}, {2, 2, 3, 3}}}));
    list.push_back(conv("conv_relu", "", true, {.padding = 1, .activation = Activation::relu},
                        {{{2, 3, 4, 5}, {2, 3, 3, 3}}, {{1, 16, 17, 15}, {16, 16, 3, 3}}}));
    list.push_back(conv("conv_leaky_relu", "", true, {.padding = 1, .activation = Activation::leaky_relu, .slope = 0.2},
                        {{{2, 3, 4, 5}, {2, 3, 3, 3}}, {{1, 16, 17, 15}, {16, 16, 3, 3}}}));
    list.push_back(conv_add(
        "conv_add", {.padding = 1},
        {{{2, 3, 4, 5}, {2, 3, 3, 3}, {2}, {2, 2, 4, 5}}, {{1, 16, 17, 15}, {33, 16, 3, 3}, {33}, {1, 33, 17, 15}}}));
    list.push_back(conv_add(
        "conv_add_relu", {.stride = 2, .padding = 1, .activation = Activation::relu},
        {{{2, 3, 4, 5}, {2, 3, 3, 3}, {2}, {2, 2, 2, 3}}, {{1, 16, 17, 15}, {33, 16, 3, 3}, {33}, {1, 33, 9, 8}}}));
    list.push_back(conv("conv_1x1_leaky_relu", "", true, {.activation = Activation::leaky_relu, .slope = 0.1},
                        {{{2, 3, 2, 3}, {4, 3, 1, 1}}, {{1, 48, 17, 15}, {33, 48, 1, 1}}}));
}

}  // namespace fathom::tests
