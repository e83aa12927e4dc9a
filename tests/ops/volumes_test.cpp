// Where the maxima of rows and volumes stand, and what operations on volumes say of inputs that do not fit.
#include "fathom/core/random.hpp"
#include "fathom/ops/conv_transpose_1d_3d.hpp"
#include "fathom/ops/interpolate_1d_3d.hpp"
#include "fathom/ops/pool1d.hpp"
#include "fathom/ops/pool3d.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/volumes: indices name the maxima, of equal ones the first") {
    Generator gen(1);
    const auto check = [](const Pooled<double>& y, const Tensor<double>& values, const Tensor<double>& x) {
        REQUIRE(y.indices.shape() == values.shape());
        CHECK(numbers(y.values) == numbers(values));
        const int dims = x.rank() - 1;  // of one image without a batch
        const Shape rows{x.size(0), -1};
        CHECK(numbers(gather(reshape(x, rows), 1, reshape(y.indices, rows))) == numbers(reshape(values, rows)));
        CHECK(y.values.rank() == dims + 1);
    };
    const auto volume = randn<double>({3, 5, 6, 7}, gen), row = randn<double>({3, 9}, gen);
    const MaxPool3dOptions window{{2, 3, 2}, {1, 2, 2}, {1, 1, 0}, {1, 1, 2}, true};
    check(max_pool3d_with_indices(volume, window), max_pool3d(volume, window), volume);
    check(adaptive_max_pool3d_with_indices(volume, {2, 4, 3}), adaptive_max_pool3d(volume, {2, 4, 3}), volume);
    check(max_pool1d_with_indices(row, {3, 2, 1}), max_pool1d(row, {3, 2, 1}), row);
    check(adaptive_max_pool1d_with_indices(row, 4), adaptive_max_pool1d(row, 4), row);
    CHECK(numbers(max_pool3d_with_indices(zeros<float>({1, 2, 2, 4}), {2}).indices) == std::vector<double>{0, 2});
}

TEST_CASE("ops/volumes: errors") {
    const auto image = zeros<float>({2, 3, 4}), volume = zeros<float>({1, 2, 3, 4, 5}),
               w = zeros<float>({2, 2, 4, 1, 1});
    CHECK(message_of([&] { max_pool3d(image, {2}, Where{}); }) ==
          "max_pool3d: input has shape [2,3,4], expected [N,C,D,H,W] or [C,D,H,W]");
    CHECK(message_of([&] { interpolate3d(image, 2, {}, Where{}); }) ==
          "interpolate3d: input has shape [2,3,4], expected [N,C,D,H,W]");
    CHECK(message_of([&] { interpolate1d(volume, 2, {}, Where{}); }) ==
          "interpolate1d: input has shape [1,2,3,4,5], expected [N,C,L]");
    CHECK(message_of([&] { interpolate1d(image, 2, {.scale_factor = 2}, Where{}); }) ==
          "interpolate1d: a size and a scale_factor are given, expected one of them");
    CHECK(message_of([&] { conv3d(volume, image, {}, {}, Where{}); }) ==
          "conv3d: weight has shape [2,3,4], expected 5 dimensions");
    CHECK(message_of([&] { conv3d(volume, w, {}, {}, Where{}); }) ==
          "conv3d: a window of 4 along the depth with dilation 1 does not fit the padded input [1,2,3,4,5]");
    CHECK(message_of([&] { conv3d(volume, w, {}, {.stride = 2, .padding = Padding::same}, Where{}); }) ==
          "conv3d: stride 2 along the depth, expected 1 with Padding::same");
    CHECK(message_of([&] { conv_transpose1d(volume, w, {}, {}, Where{}); }) ==
          "conv_transpose1d: input has shape [1,2,3,4,5], weight [2,2,4,1,1], expected [N,C,L] and [C,K,k]");
    CHECK(
        message_of([&] {
            conv_transpose3d(volume, w, {}, {.output_padding = {1, 0, 0}}, Where{});
        }) ==
        "conv_transpose3d: stride, padding and output_padding along the depth are 1, 0 and 1, expected at least 1, at "
        "least 0 and less than stride or dilation");
}
