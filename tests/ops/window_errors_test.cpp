// Windows over images: wrong arguments, one line that says what was expected and what came.
#include "fathom/ops/conv_transpose.hpp"
#include "fathom/ops/interpolate.hpp"
#include "fathom/ops/pool.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/window_errors: pooling") {
    const auto x = zeros<float>({1, 2, 4, 5});
    CHECK(message_of([&] { max_pool2d(x[0][0], {2}); }) ==
          "max_pool2d: input has shape [4,5], expected [N,C,H,W] or [C,H,W] at here");
    CHECK(message_of([&] {
              max_pool2d(x, {{2, 0}});
          }) ==
          "max_pool2d: kernel_size, stride and dilation must be at least 1; got kernel_size [2,0], stride [2,0], "
          "dilation [1,1] at here");
    CHECK(message_of([&] {
              avg_pool2d(x, {2, 0});
          }) ==
          "avg_pool2d: kernel_size, stride and dilation must be at least 1; got kernel_size [2,2], stride [0,0], "
          "dilation [1,1] at here");
    CHECK(message_of([&] {
              max_pool2d(x, {3, 2, 2});
          }) ==
          "max_pool2d: padding must be at least 0 and at most half of what the window spans; got padding [2,2], "
          "kernel_size "
          "[3,3], dilation [1,1] at here");
    CHECK(message_of([&] { avg_pool2d(x, {3, 2, -1}); }).find("got padding [-1,-1]") != std::string::npos);
    CHECK(message_of([&] { max_pool2d(x, {5}); }) ==
          "max_pool2d: the window 5x5 does not fit the padded input [1,2,4,5], dilation [1,1] at here");
    CHECK(message_of([&] {
              max_pool2d(zeros<float>({1, 2, 0, 5}), {2, 2, 1});
          }) == "max_pool2d: the window 2x2 does not fit the padded input [1,2,0,5], dilation [1,1] at here");
    CHECK(message_of([&] { adaptive_avg_pool2d(x[0][0], 1); }) ==
          "adaptive_avg_pool2d: input has shape [4,5], expected [N,C,H,W] at here");
    CHECK(message_of([&] {
              adaptive_avg_pool2d(x, {2, 0});
          }) == "adaptive_avg_pool2d: output_size must be at least 1 in both directions, got [2,0] at here");
    CHECK(message_of([&] {
              adaptive_avg_pool2d(zeros<float>({1, 2, 4, 0}), 1);
          }) == "adaptive_avg_pool2d: input has no pixels to make others from: shape [1,2,4,0] at here");
}

TEST_CASE("ops/window_errors: interpolate") {
    const auto x = zeros<float>({1, 2, 4, 5});
    CHECK(message_of([&] { interpolate(x[0], 2); }) ==
          "interpolate: input has shape [2,4,5], expected [N,C,H,W] at here");
    CHECK(message_of([&] {
              interpolate(x, {0, 2});
          }) == "interpolate: size must be at least 1 in both directions, got [0,2] at here");
    CHECK(message_of([&] {
              interpolate(zeros<float>({1, 2, 0, 5}), 2);
          }) == "interpolate: input has no pixels to make others from: shape [1,2,0,5] at here");
    CHECK(message_of([&] { interpolate(x, 2, {.align_corners = true}); }) ==
          "interpolate: align_corners is for bilinear and bicubic interpolation only at here");
}

TEST_CASE("ops/window_errors: conv_transpose2d") {
    const auto x = zeros<float>({1, 4, 3, 5}), w = zeros<float>({4, 2, 3, 3});
    CHECK(message_of([&] { conv_transpose2d(x[0][0], w); }) ==
          "conv_transpose2d: input and weight must have 4 dimensions [N,C,H,W] and [C,K/groups,kh,kw] (input [3,5], "
          "weight [4,2,3,3]) at here");
    CHECK(message_of([&] {
              conv_transpose2d(x, zeros<float>({3, 2, 3, 3}));
          }) == "conv_transpose2d: input has 4 channels, weight expects 3 (input [1,4,3,5], weight [3,2,3,3]) at here");
    CHECK(message_of([&] { conv_transpose2d(x, w, zeros<float>({4})); }) ==
          "conv_transpose2d: bias has shape [4], expected [2] at here");
    CHECK(message_of([&] { conv_transpose2d(x, w, {}, {.groups = 3}); }) ==
          "conv_transpose2d: weight has 4 input channels, not a multiple of groups 3 at here");
    CHECK(message_of([&] {
              conv_transpose2d(x, w, {}, {.stride = 0});
          }).find("conv_transpose2d: stride, dilation and groups must be at least 1") == 0);
    CHECK(message_of([&] { conv_transpose2d(x, w, {}, {.stride = 2, .output_padding = 2}); }) ==
          "conv_transpose2d: output_padding must be at least 0 and less than stride; got output_padding [2,2], "
          "stride [2,2] at here");
    CHECK(message_of([&] { conv_transpose2d(x, w, {}, {.padding = 3}); }) ==
          "conv_transpose2d: the result would have no pixels: shape [1,2,-1,1] (input [1,4,3,5], weight [4,2,3,3]) at "
          "here");
}
