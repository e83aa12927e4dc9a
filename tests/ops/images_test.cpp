// Windows, places and rearrangements of images: what the list of cases does not see. Indices, options that exclude each
// other, orders of memory, integers, special values, running statistics, and wrong arguments.
#include <cmath>
#include <limits>

#include "fathom/ops/conv1d.hpp"
#include "fathom/ops/grid_sample.hpp"
#include "fathom/ops/group_norm.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/interpolate.hpp"
#include "fathom/ops/pad.hpp"
#include "fathom/ops/pixel_shuffle.hpp"
#include "fathom/ops/pool1d.hpp"
#include "fathom/ops/unfold.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

using Numbers = std::vector<double>;
constexpr double inf = std::numeric_limits<double>::infinity(), none = std::numeric_limits<double>::quiet_NaN();

Tensor<double> counted(const Shape& shape) {
    Numbers values;
    for (std::int64_t i = 0; i < shape.numel(); ++i) values.push_back(static_cast<double>(i));
    return from_data(values.data(), shape);
}

}  // namespace

TEST_CASE("ops/images: maxima and where they stand, of windows and of shares") {
    const auto x = Tensor<double>({{1, 2, 3, 4}, {8, 7, 6, 5}, {9, 0, 1, 2}}).reshape({1, 1, 3, 4});
    const auto [values, indices] = max_pool2d_with_indices(x, {.kernel_size = 2, .stride = 1});
    CHECK(elements(values) == Numbers{8, 7, 6, 9, 7, 6});
    CHECK(elements(indices) == std::vector<std::int64_t>{4, 5, 6, 8, 5, 6});
    const auto narrow = max_pool2d_with_indices(x.to<float>(), {.kernel_size = 2, .stride = 1});
    CHECK(same_bits(narrow.indices, indices));
    const auto shares = adaptive_max_pool2d_with_indices(x, {2, 1});
    CHECK(elements(shares.values) == Numbers{8, 9});
    CHECK(elements(shares.indices) == std::vector<std::int64_t>{4, 8});
    const auto dilated = max_pool2d_with_indices(x, {.kernel_size = 2, .stride = 1, .dilation = {2, 3}});
    CHECK(elements(dilated.values) == Numbers{9});
    CHECK(elements(dilated.indices) == std::vector<std::int64_t>{8});

    // The gradient is that of the values, and the indices are a copy that may be written to.
    auto leaf = x.detach().requires_grad_();
    auto pooled = max_pool2d_with_indices(leaf, {.kernel_size = 3, .ceil_mode = true});
    pooled.indices.fill_(0);
    backward(pooled.values, ones<double>({1, 1, 1, 2}));
    CHECK(elements(leaf.grad()) == Numbers{0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0});
}

TEST_CASE("ops/images: results are channels-last where their input is, gradients add up in a leaf") {
    Generator gen(1);
    using Op = Tensor<float> (*)(const Tensor<float>&);
    constexpr Op operations[] = {
        [](const Tensor<float>& x) { return max_pool2d(x, {.kernel_size = 3, .dilation = 2, .ceil_mode = true}); },
        [](const Tensor<float>& x) {
            return adaptive_max_pool2d(x, {2, 3});
        },
        [](const Tensor<float>& x) { return interpolate(x, {.scale_factor = 1.5, .mode = Interpolation::bicubic}); },
        [](const Tensor<float>& x) {
            return grid_sample(x, affine_grid(ones<float>({2, 2, 3}) * 0.4f, {2, 16, 3, 4}));
        },
        [](const Tensor<float>& x) {
            return pad(x, {2, -1, 1, 3}, Pad::circular);
        },
        [](const Tensor<float>& x) { return pixel_shuffle(x, 2); },
        [](const Tensor<float>& x) { return pixel_unshuffle(x, 2); },
        [](const Tensor<float>& x) { return group_norm(x, 4); },
        [](const Tensor<float>& x) { return unfold(x, {.kernel_size = 3, .padding = 1}); },
    };
    for (const Op op : operations) {
        const auto x = randn<float>({2, 16, 8, 6}, gen).contiguous(MemoryFormat::channels_last).requires_grad_();
        const Tensor<float> y = op(x);
        if (y.rank() == 4) CHECK(y.is_contiguous(MemoryFormat::channels_last));
        const Tensor<float> dy = randn<float>(y.shape(), gen);
        backward(y, dy);
        const std::vector<float> once = elements(x.grad());
        backward(op(x), dy);
        const std::vector<float> twice = elements(x.grad());
        for (std::size_t i = 0; i < once.size(); ++i) CHECK(twice[i] == doctest::Approx(2 * once[i]));
    }
}

TEST_CASE("ops/images: a scale decides the size and the places, or the sizes alone where they show it") {
    const auto x = counted({1, 1, 1, 5});
    CHECK(interpolate(x, {.scale_factor = {1, 1.5}}).shape() == Shape{1, 1, 1, 7});
    CHECK(elements(interpolate(x, {.scale_factor = {1, 1.5}})) == Numbers{0, 0, 1, 2, 2, 3, 4});
    CHECK(same_bits(interpolate(x, {.scale_factor = 2, .mode = Interpolation::bilinear}),
                    interpolate(x, {2, 10}, {.mode = Interpolation::bilinear})));
    // Places up to floor(5 1.1) / 1.1 instead of the whole row.
    CHECK(elements(interpolate(x, {.scale_factor = {1, 1.1}, .mode = Interpolation::bilinear}))[4] ==
          doctest::Approx(4.5 / 1.1 - 0.5));
    CHECK(message_of([&] { interpolate(x, 2, {.scale_factor = 2}); }) ==
          "interpolate: a size and a scale_factor are given, expected one of them at here");
    CHECK(message_of([&] { interpolate(x, {.mode = Interpolation::bicubic}); }) ==
          "interpolate: scale_factor must be above 0 and the result's size a number of pixels; got scale_factor "
          "0, 0 for input [1,1,1,5] at here");
    CHECK(message_of([&] { interpolate(x, {.scale_factor = none}); }).find("interpolate: scale_factor must") == 0);
    CHECK(message_of([&] { interpolate(x, {.scale_factor = 1e300}); }).find("interpolate: scale_factor must") == 0);
    CHECK(message_of([&] { interpolate(x, {.scale_factor = 0.1}); }) ==
          "interpolate: size must be at least 1 in both directions, got [0,0] at here");
    CHECK(message_of([&] { interpolate(x[0], {.scale_factor = 2}); }) ==
          "interpolate: input has shape [1,1,5], expected [N,C,H,W] at here");
    CHECK(message_of([&] { interpolate(x, 2, {.mode = Interpolation::nearest_exact, .align_corners = true}); }) ==
          "interpolate: align_corners is for bilinear and bicubic interpolation only at here");
}

TEST_CASE("ops/images: places that are no numbers, and far ones") {
    const auto x = counted({1, 1, 2, 2}) + 1.0;
    const Tensor<double> places({{none, 0}, {0, none}, {inf, -1}, {-inf, 1}, {1e300, 1e300}});
    const auto grid = places.reshape({1, 1, 5, 2});
    for_each_isa([&] {
        for (const Interpolation mode : {Interpolation::nearest, Interpolation::bilinear}) {
            CHECK(elements(grid_sample(x, grid, {.mode = mode})) == Numbers{0, 0, 0, 0, 0});
            const auto border = elements(
                grid_sample(x, grid, {.mode = mode, .padding_mode = GridPadding::border, .align_corners = true}));
            // Of a middle nearest takes the even pixel, bilinear both.
            const bool both = mode == Interpolation::bilinear;
            CHECK(border == Numbers{both ? 2.0 : 1.0, both ? 1.5 : 1.0, 2, 3, 4});
        }
        for (const GridPadding padding : {GridPadding::border, GridPadding::reflection}) {
            const auto leaf = grid.detach().requires_grad_();
            backward(grid_sample(x, leaf, {.padding_mode = padding}), ones<double>({1, 1, 1, 5}));
            CHECK(std::isfinite(elements(leaf.grad())[0]));
        }
    });
}

TEST_CASE("ops/images: padding of integers and masks, of nothing, and to nothing") {
    CHECK(elements(pad(Tensor<std::int64_t>({1, 2, 3}), {1, 2}, Pad::constant, -1)) ==
          std::vector<std::int64_t>{-1, 1, 2, 3, -1, -1});
    CHECK(elements(pad(Tensor<std::uint8_t>({1, 2, 3}), {2, 1}, Pad::reflect)) ==
          std::vector<std::uint8_t>{3, 2, 1, 2, 3, 2});
    CHECK(numbers(pad(Tensor<bool>({true, false}), {1, -1}, Pad::constant, 1)) == Numbers{1, 1});
    CHECK(pad(zeros<float>({2, 3}), {-1, -2}).shape() == Shape{2, 0});
    CHECK(elements(pad(zeros<double>({1, 0}), {1, 1}, Pad::constant, 7)) == Numbers{7, 7});
    const auto x = zeros<float>({2, 3});
    CHECK(same_bits(pad(x, {}), x));
    CHECK(message_of([&] {
              pad(Tensor<std::int64_t>({1}), {1, 1}, Pad::constant, 1.5);
          }) == "pad: value 1.5 is no int64 at here");
    CHECK(
        message_of([&] {
            pad(x, {1, 1, 1});
        }) ==
        "pad: amounts [1,1,1] for an input of shape [2,3], expected two for each dimension to pad, {left, right, top, "
        "bottom} of images at here");
    CHECK(message_of([&] { pad(x, {0, 0, 1, 1, 1, 1}); }).find("pad: amounts [0,0,1,1,1,1] for an input") == 0);
    CHECK(message_of([&] {
              pad(x, {-2, -2});
          }) ==
          "pad: amounts -2 and -2 do not fit dimension 1 of an input of shape [2,3]: nothing is left of it at here");
    CHECK(message_of([&] {
              pad(x, {4, 0}, Pad::circular);
          }) ==
          "pad: amounts 4 and 0 do not fit dimension 1 of an input of shape [2,3]: the other side adds at most "
          "the size at here");
    CHECK(message_of([&] {
              pad(zeros<float>({2, 0}), {1, 0}, Pad::replicate);
          }).find("no edge to repeat") != std::string::npos);
}

TEST_CASE("ops/images: pixel_shuffle takes any leading dimensions and dtype, and pixel_unshuffle turns it back") {
    const auto x = counted({2, 3, 4, 2, 3});
    const auto y = pixel_shuffle(x, 2);
    CHECK(y.shape() == Shape{2, 3, 1, 4, 6});
    CHECK(same_bits(pixel_unshuffle(y, 2), x));
    CHECK(same_bits(pixel_shuffle(x[0].to<std::int32_t>(), 2), y[0].to<std::int32_t>()));
    CHECK(message_of([&] { pixel_shuffle(x, 3); }) ==
          "pixel_shuffle: input has shape [2,3,4,2,3], expected channels that 9, the factor's square, divides at here");
    CHECK(message_of([&] { pixel_unshuffle(x, 2); }) ==
          "pixel_unshuffle: input has shape [2,3,4,2,3], expected a height and width that 2 divides at here");
    CHECK(message_of([&] { pixel_shuffle(x, 0); }) == "pixel_shuffle: the factor must be at least 1, got 0 at here");
    CHECK(message_of([&] { pixel_shuffle(x[0][0][0], 1); }) ==
          "pixel_shuffle: input has shape [2,3], expected [...,C,H,W] at here");
}

TEST_CASE("ops/images: fold counts how often unfold has read a pixel") {
    const auto x = ones<double>({1, 1, 3, 3});
    CHECK(elements(fold(unfold(x, {.kernel_size = 2}), 3, {.kernel_size = 2})) == Numbers{1, 2, 1, 2, 4, 2, 1, 2, 1});
    CHECK(message_of([&] { unfold(x[0][0], {.kernel_size = 2}); }) ==
          "unfold: input has shape [3,3], expected [N,C,H,W] at here");
    CHECK(message_of([&] { unfold(x, {.kernel_size = 4}); }) ==
          "unfold: the window 4x4 with dilation [1,1] does not fit the padded image [1,1,3,3] at here");
    CHECK(message_of([&] { unfold(x, {.kernel_size = 2, .stride = 0}); }) ==
          "unfold: kernel_size, dilation and stride must be at least 1 and padding at least 0; got kernel_size "
          "[2,2], dilation [1,1], padding [0,0], stride [0,0] at here");
    const auto columns = zeros<double>({1, 4, 4});
    CHECK(message_of([&] { fold(columns[0][0], 3, {.kernel_size = 2}); }) ==
          "fold: input has shape [4], expected [N,C kh kw,L] at here");
    CHECK(message_of([&] { fold(columns, 3, {.kernel_size = 3}); }) ==
          "fold: input has 4 rows, expected a multiple of 9, the elements of a window at here");
    CHECK(message_of([&] { fold(columns, 4, {.kernel_size = 2}); }) ==
          "fold: input has 4 columns, expected 9 windows, 3x3, in an image of 4x4 at here");
    CHECK(message_of([&] { fold(columns, 0, {.kernel_size = 2}); }) ==
          "fold: output_size must be at least 1 in both directions, got [0,0] at here");
}

TEST_CASE("ops/images: wrong arguments of pooling and of grids") {
    const auto x = zeros<float>({1, 2, 4, 5});
    CHECK(message_of([&] {
              max_pool2d(x, {.kernel_size = 2, .dilation = 0});
          }).find("max_pool2d: kernel_size, stride and dilation must be at least 1; got") == 0);
    CHECK(message_of([&] { max_pool2d_with_indices(x, {.kernel_size = 3, .dilation = 3}); }) ==
          "max_pool2d_with_indices: the window 3x3 does not fit the padded input [1,2,4,5], dilation [3,3] at here");
    CHECK(message_of([&] {
              max_pool2d(x, {.kernel_size = 2, .stride = 1, .padding = {4, 0}, .dilation = {7, 1}});
          }) == "max_pool2d: a window of 2 with dilation 7 and padding 4 covers none of 4 inputs at here");
    CHECK(message_of([&] { adaptive_max_pool2d(x, 0); }) ==
          "adaptive_max_pool2d: output_size must be at least 1 in both directions, got [0,0] at here");
    CHECK(message_of([&] { max_pool1d(x, {2}); }) ==
          "max_pool1d: input has shape [1,2,4,5], expected [N,C,L] or [C,L] at here");
    CHECK(message_of([&] { avg_pool1d(x[0], {9}); }) ==
          "avg_pool1d: the window 1x9 does not fit the padded input [2,4,1,5], dilation [1,1] at here");

    const auto grid = zeros<float>({1, 3, 3, 2});
    CHECK(message_of([&] { grid_sample(x[0], grid); }) ==
          "grid_sample: input has shape [2,4,5], expected [N,C,H,W] at here");
    CHECK(message_of([&] {
              grid_sample(x, zeros<float>({2, 3, 3, 2}));
          }) == "grid_sample: grid has shape [2,3,3,2], expected [1,H,W,2] (input [1,2,4,5]) at here");
    CHECK(message_of([&] {
              grid_sample(zeros<float>({1, 2, 0, 5}), grid);
          }) == "grid_sample: input has no pixels to make others from: shape [1,2,0,5] at here");
    CHECK(message_of([&] { grid_sample(x, grid, {.mode = Interpolation::nearest_exact}); }) ==
          "grid_sample: mode nearest_exact, expected nearest, bilinear or bicubic at here");
    CHECK(message_of([&] {
              affine_grid(zeros<float>({1, 2, 3}), {2, 1, 3, 3});
          }) == "affine_grid: theta has shape [1,2,3], expected [2,2,3] (size [2,1,3,3]) at here");
    CHECK(message_of([&] {
              affine_grid(zeros<float>({1, 2, 3}), {1, 3, 3});
          }) == "affine_grid: size is [1,3,3], expected {N,C,H,W} with at least one pixel at here");
}

TEST_CASE("ops/images: convolution padded to the input's size, with a residual and an activation too") {
    Generator gen(3);
    const auto x = randn<double>({1, 2, 5, 6}, gen), w = randn<double>({2, 2, 2, 3}, gen), b = randn<double>({2}, gen);
    const Conv2dOptions same{.padding = Padding::same, .activation = Activation::relu};
    const auto y = conv2d(x, w, b, same);
    CHECK(y.shape() == x.shape());
    CHECK(max(abs(y - relu(conv2d(pad(x, {1, 1, 0, 1}), w, b)))).item() < 1e-14);
    CHECK(max(abs(conv2d_add(x, w, b, x, same) - relu(conv2d(pad(x, {1, 1, 0, 1}), w, b) + x))).item() < 1e-14);
    CHECK(conv2d(x, w, b, {.padding = Padding::valid}).shape() == Shape{1, 2, 4, 4});
    CHECK(message_of([&] { conv2d(x, w, b, {.stride = 2, .padding = Padding::same}); }) ==
          "conv2d: padding same needs stride 1, got [2,2] at here");
    CHECK(message_of([&] { conv1d(x, w); }) ==
          "conv1d: input and weight must have 3 dimensions [N,C,L] and [K,C,k] (input [1,2,5,6], weight [2,2,2,3]) at "
          "here");
    CHECK(message_of([&] { conv1d(x[0], w[0], {}, {.groups = 2}); }).find("conv1d: input has 5 channels, weight") == 0);
}

TEST_CASE("ops/images: running statistics of instances, and wrong arguments of norms") {
    Generator gen(4);
    const auto x = randn<double>({3, 2, 4, 5}, gen);
    auto mean = zeros<double>({2}), var = ones<double>({2});
    const auto y = instance_norm(x, mean, var, {}, {}, {.momentum = 0.25});
    CHECK(max(abs(y - group_norm(x, 2))).item() == 0);
    CHECK(max(abs(mean - fathom::mean(x, {0, 2, 3}) * 0.25)).item() < 1e-15);
    CHECK(max(abs(var - (fathom::mean(fathom::var(x, {2, 3}), {0}) * 0.25 + 0.75))).item() < 1e-15);
    CHECK(same_bits(instance_norm(x, mean, var, {}, {}, {.use_input_stats = false}), batch_norm(x, mean, var)));
    CHECK(message_of([&] { instance_norm(x[0][0]); }) ==
          "instance_norm: input has shape [4,5], expected [N,C,L], [N,C,H,W] or more at here");
    CHECK(message_of([&] {
              instance_norm(zeros<double>({2, 3, 1, 1}));
          }) ==
          "instance_norm: input has shape [2,3,1,1], expected more than one value per channel of an image at here");
    CHECK(message_of([&] { group_norm(x, 3); }) ==
          "group_norm: num_groups 3 must divide the channels of input [3,2,4,5] at here");
    CHECK(message_of([&] { group_norm(x, 2, zeros<double>({3})); }) ==
          "group_norm: weight has shape [3], expected [2] (input [3,2,4,5]) at here");
    CHECK(message_of([&] { group_norm(x[0][0][0], 1); }) ==
          "group_norm: input has shape [5], expected [N,C] or [N,C,...] at here");
    CHECK(message_of([&] { group_norm(x, 2, {}, {}, -1); }) == "group_norm: eps must be at least 0, got -1 at here");
}
