// Rows and volumes: pooling, interpolation, convolution and its transposed form.
#include <cmath>
#include <limits>

#include "fathom/ops/conv_transpose_1d_3d.hpp"
#include "fathom/ops/interpolate_1d_3d.hpp"
#include "fathom/ops/pool1d.hpp"
#include "fathom/ops/pool3d.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

template <class F>
OpCase volume_case(const char* name, std::vector<OpInput> inputs, std::vector<Shapes> shapes, double terms, F f) {
    OpCase op{.name = name,
              .inputs = std::move(inputs),
              .shapes = std::move(shapes),
              .golden = name,
              .golden_file = "volumes",
              .terms = [terms](const Shapes&, const Shape&) { return terms; }};
    set_function(op, f);
    return op;
}

const std::vector<Shapes> some_volumes = {{{1, 2, 4, 3, 5}}, {{2, 3, 4, 5}},     {{1, 1, 3, 3, 3}},
                                          {{0, 2, 3, 3, 4}}, {{2, 17, 5, 6, 7}}, {{2, 20, 9, 17, 23}}};

// The largest element, or the sum, of each window, by one loop over its three directions; what lies outside has no
// part.
Plain windows_of(const Plain& given, const Shape& kernel, const Shape& stride, const Shape& padding,
                 const Shape& dilation, bool maxima) {
    Plain x = given;
    if (x.shape.rank() == 4) x.shape.insert(0, 1);
    Shape shape = x.shape;
    for (int d = 0; d < 3; ++d) {
        const std::int64_t size = x.shape[2 + d] + 2 * padding[d], span = dilation[d] * (kernel[d] - 1) + 1;
        shape[2 + d] = (size - span) / stride[d] + 1;
    }
    Plain y = plain(shape, [&](const Shape& i) {
        double most = -std::numeric_limits<double>::infinity(), sum = 0;
        plain(kernel, [&](const Shape& k) {
            Shape at = i;
            bool inside = true;
            for (int d = 0; d < 3; ++d) {
                at[2 + d] = i[2 + d] * stride[d] - padding[d] + k[d] * dilation[d];
                inside = inside && at[2 + d] >= 0 && at[2 + d] < x.shape[2 + d];
            }
            if (inside) most = std::max(most, x.at(at)), sum += x.at(at);
            return 0.0;
        });
        return maxima ? most : sum;
    });
    if (given.shape.rank() == 4) y.shape.erase(0);
    return y;
}

void add_volume_pool_cases(std::vector<OpCase>& list) {
    const Triple kernel{3, 2, 3}, stride{2, 1, 2}, padding{1, 1, 0};
    list.push_back(volume_case("max_pool3d", {{}}, some_volumes, 1, [=](const auto& in) {
        return max_pool3d(in[0], {kernel, stride, padding, {1, 2, 1}, true});
    }));
    list.push_back(volume_case("max_pool3d_floor", {{}}, some_volumes, 1, [=](const auto& in) {
        return max_pool3d(in[0], {kernel, stride, padding, {1, 2, 1}});
    }));
    list.back().golden = "";
    list.back().reference = [](const std::vector<Plain>& in) {
        return windows_of(in[0], {3, 2, 3}, {2, 1, 2}, {1, 1, 0}, {1, 2, 1}, true);
    };
    list.push_back(volume_case("avg_pool3d", {{}}, some_volumes, 18, [=](const auto& in) {
        return avg_pool3d(in[0], {kernel, stride, padding, true, false});
    }));
    list.push_back(volume_case("avg_pool3d_divisor", {{}}, some_volumes, 18, [=](const auto& in) {
        return avg_pool3d(in[0], {.kernel_size = kernel, .stride = stride, .padding = padding, .divisor_override = -3});
    }));
    list.back().reference = [](const std::vector<Plain>& in) {
        Plain y = windows_of(in[0], {3, 2, 3}, {2, 1, 2}, {1, 1, 0}, {1, 1, 1}, false);
        for (double& v : y.values) v /= -3;
        return y;
    };
    list.push_back(volume_case("adaptive_avg_pool3d", {{}}, some_volumes, 100, [](const auto& in) {
        return adaptive_avg_pool3d(in[0], {2, 3, 4});
    }));
    list.push_back(volume_case("adaptive_max_pool3d", {{}}, some_volumes, 1, [](const auto& in) {
        return adaptive_max_pool3d(in[0], {3, 2, 5});
    }));
    const std::vector<Shapes> rows = {{{2, 3, 7}}, {{3, 5}}, {{1, 1, 1}}, {{0, 2, 6}}, {{2, 40, 500}}};
    list.push_back(volume_case("adaptive_avg_pool1d", {{}}, rows, 130,
                               [](const auto& in) { return adaptive_avg_pool1d(in[0], 4); }));
    list.push_back(volume_case("adaptive_max_pool1d", {{}}, rows, 1,
                               [](const auto& in) { return adaptive_max_pool1d(in[0], 3); }));
}

void add_volume_resize_cases(std::vector<OpCase>& list) {
    const std::vector<Shapes> rows = {{{2, 3, 5}}, {{1, 1, 1}}, {{0, 2, 6}}, {{2, 17, 33}}, {{2, 40, 500}}},
                              volumes = {{{1, 2, 3, 2, 4}}, {{1, 1, 2, 2, 2}}, {{0, 2, 3, 3, 4}}, {{2, 17, 5, 6, 7}}};
    const Interpolate3dOptions exact{{1.7, 2.3, 0.6}, Interpolation::nearest_exact};
    list.push_back(volume_case("linear_row", {{}}, rows, 4, [](const auto& in) {
        return interpolate1d(in[0], 8, {.mode = Interpolation::linear});
    }));
    list.push_back(volume_case("nearest_row_scaled", {{}}, rows, 4,
                               [](const auto& in) { return interpolate1d(in[0], {.scale_factor = 1.7}); }));
    list.push_back(volume_case("trilinear_half", {{}}, volumes, 27, [](const auto& in) {
        return interpolate3d(in[0], {5, 3, 6}, {.mode = Interpolation::trilinear});
    }));
    list.push_back(volume_case("trilinear_corners", {{}}, volumes, 27, [](const auto& in) {
        return interpolate3d(in[0], {2, 5, 1}, {.mode = Interpolation::trilinear, .align_corners = true});
    }));
    list.push_back(volume_case("trilinear_scaled", {{}}, volumes, 27, [=](const auto& in) {
        return interpolate3d(in[0], {exact.scale_factor, Interpolation::trilinear});
    }));
    list.push_back(volume_case("nearest_volume", {{}}, volumes, 27, [](const auto& in) {
        return interpolate3d(in[0], {5, 3, 2});
    }));
    list.push_back(volume_case("nearest_exact_volume", {{}}, volumes, 27,
                               [=](const auto& in) { return interpolate3d(in[0], exact); }));
}

void add_volume_conv_cases(std::vector<OpCase>& list) {
    const OpInput x{.name = "x"}, w{.name = "w"}, b{.name = "b"};
    list.push_back(volume_case("conv3d", {x, w, b},
                               {{{1, 2, 3, 3, 3}, {3, 2, 3, 2, 3}, {3}},
                                {{2, 4, 4, 5}, {1, 2, 1, 2, 2}, {1}},
                                {{0, 2, 3, 3, 3}, {3, 2, 3, 2, 3}, {3}},
                                {{2, 17, 6, 9, 17}, {5, 17, 2, 3, 3}, {5}}},
                               17 * 18, [](const auto& in) {
                                   return conv3d(in[0], in[1], in[2], {{2, 1, 2}, Triple{1, 0, 2}, {1, 2, 1}});
                               }));
    list.push_back(
        volume_case("conv3d_same", {x, w}, {{{1, 2, 3, 3, 3}, {4, 1, 2, 3, 2}}, {{2, 1, 4, 5}, {2, 1, 1, 2, 2}}}, 27,
                    [](const auto& in) {
                        return conv3d(in[0], in[1], {}, {.padding = Padding::same, .dilation = {2, 1, 1}, .groups = 2});
                    }));
    list.push_back(volume_case("conv_transpose1d", {x, w, b},
                               {{{1, 2, 3}, {2, 3, 4}, {3}}, {{2, 5}, {2, 1, 1}, {1}}, {{2, 17, 33}, {17, 9, 3}, {9}}},
                               27 * 4, [](const auto& in) {
                                   return conv_transpose1d(in[0], in[1], in[2], {3, 1, 2, 1, 2});
                               }));
    list.push_back(
        volume_case("conv_transpose3d", {x, w, b},
                    {{{1, 2, 2, 3, 2}, {2, 2, 3, 2, 3}, {2}},
                     {{2, 2, 4, 3}, {2, 1, 3, 3, 1}, {1}},
                     {{2, 17, 3, 9, 7}, {17, 5, 3, 2, 3}, {5}}},
                    17 * 18, [](const auto& in) {
                        return conv_transpose3d(in[0], in[1], in[2], {{2, 1, 3}, {1, 2, 0}, {1, 0, 2}, 1, {1, 2, 1}});
                    }));
    list.push_back(volume_case("conv_transpose3d_grouped", {x, w},
                               {{{1, 2, 5, 3, 2}, {2, 2, 2, 2, 3}}, {{1, 4, 5, 3, 4}, {4, 1, 3, 2, 1}}}, 27,
                               [](const auto& in) {
                                   return conv_transpose3d(in[0], in[1], {}, {.padding = {2, 1, 0}, .groups = 2});
                               }));
}

}  // namespace

void add_volume_cases(std::vector<OpCase>& list) {
    add_volume_pool_cases(list);
    add_volume_resize_cases(list);
    add_volume_conv_cases(list);
}

}  // namespace fathom::tests
