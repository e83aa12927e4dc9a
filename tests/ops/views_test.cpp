#include "fathom/ops/views.hpp"

#include "fathom/ops/copy.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {
using Values = std::vector<float>;
bool shares(const AnyTensor& a, const AnyTensor& b) { return a.impl().storage == b.impl().storage; }
}  // namespace

TEST_CASE("ops/views: slices follow NumPy: negative ends count from the end, ends beyond are the end") {
    const auto x = arange<float>(6);
    CHECK(elements(x.slice(0, 1, 4)) == Values{1, 2, 3});
    CHECK(elements(x.slice(0, -2, 6)) == Values{4, 5});
    CHECK(elements(x.slice(0, 0, -1)) == Values{0, 1, 2, 3, 4});
    CHECK(elements(x.slice(0, 0, 100, 4)) == Values{0, 4});
    CHECK(elements(x.slice(0, -100, 2)) == Values{0, 1});
    CHECK(elements(x.slice(0, 1, 6, 2)) == Values{1, 3, 5});
    CHECK(x.slice(0, 4, 2).shape() == Shape{0});
    CHECK(x.slice(0, 6, 6).shape() == Shape{0});
    CHECK(elements(x.narrow(0, 2, 3)) == Values{2, 3, 4});
    CHECK(x.narrow(0, 6, 0).numel() == 0);
    CHECK(message_of([&] { x.slice(0, 0, 3, 0); }) == "slice: step 0, expected at least 1 at here");
    CHECK(message_of([&] { x.slice(1, 0, 3); }) == "slice: dimension 1 of a tensor of rank 1 at here");
    CHECK(message_of([&] { x.narrow(0, 4, 3); }) == "narrow: 3 elements from 4 on of dimension 0 of shape [6] at here");
    CHECK(message_of([&] { x.narrow(0, -1, 3); }) ==
          "narrow: 3 elements from -1 on of dimension 0 of shape [6] at here");
}

TEST_CASE("ops/views: every view shares storage, and writing through it writes the base") {
    auto x = reshape(arange<float>(24), {2, 3, 4}).clone();
    const std::vector<Tensor<float>> views = {x[0],
                                              x.select(1, -1),
                                              x.slice(2, 0, 4, 2),
                                              x.permute({2, 0, 1}),
                                              x.transpose(0, -1),
                                              x.reshape({6, 4}),
                                              x.flatten(),
                                              x.unsqueeze(0).squeeze(0),
                                              x.slice(0, 0, 1).expand({5, 3, 4}),
                                              x.detach()};
    for (const auto& view : views) CHECK(shares(view, x));
    auto column = x.select(2, 1);
    column.fill_(-1);
    CHECK(elements(x[1]) == Values{12, -1, 14, 15, 16, -1, 18, 19, 20, -1, 22, 23});
    auto turned = x.transpose(0, 2);
    turned += 100;
    CHECK(elements(x[0])[0] == 100);
    CHECK_FALSE(shares(x.transpose(0, 1).reshape({-1}), x));  // no strides show that order: a copy
    CHECK_FALSE(shares(x.clone(), x));
    CHECK(x.contiguous().untyped().same_as(x));
}

TEST_CASE("ops/views: shapes and strides") {
    const auto x = zeros<float>({2, 3, 4});
    CHECK(x.permute({2, 0, 1}).shape() == Shape{4, 2, 3});
    CHECK(x.permute({-1, 0, 1}).strides() == Shape{1, 12, 4});
    CHECK(x.transpose(-1, -2).shape() == Shape{2, 4, 3});
    CHECK(x.reshape({4, -1}).shape() == Shape{4, 6});
    CHECK(x.reshape({24}).shape() == Shape{24});
    CHECK(x.unsqueeze(-1).shape() == Shape{2, 3, 4, 1});
    CHECK(x.unsqueeze(0).shape() == Shape{1, 2, 3, 4});
    CHECK(x.slice(1, 0, 1).squeeze(1).shape() == Shape{2, 4});
    CHECK(x.expand({5, 2, 3, 4}).strides() == Shape{0, 12, 4, 1});
    CHECK(full<float>({}, 1).expand({2, 2}).strides() == Shape{0, 0});
    CHECK(full<float>({}, 1).reshape({1, 1}).shape() == Shape{1, 1});
    CHECK(zeros<float>({0, 3}).reshape({3, 0}).shape() == Shape{3, 0});
    CHECK(zeros<float>({1, 3}).expand({0, 3}).numel() == 0);
    CHECK(reshape(zeros<float>(Shape::filled(8, 2)), {16, 16}).shape() == Shape{16, 16});
}

TEST_CASE("ops/views: what does not fit says what was expected and what came") {
    const auto x = zeros<float>({2, 3, 4});
    CHECK(message_of([&] { x.permute({0, 1}); }) == "permute: dimensions [0,1] for a tensor of shape [2,3,4] at here");
    CHECK(message_of([&] { x.permute({0, 1, 1}); }) == "permute: dimension 1 stands twice in [0,1,1] at here");
    CHECK(message_of([&] { x.permute({0, 1, 3}); }) == "permute: dimension 3 of a tensor of rank 3 at here");
    CHECK(message_of([&] {
              x.reshape({5, 5});
          }) == "reshape: shape [2,3,4] has 24 elements and cannot become [5,5] at here");
    CHECK(message_of([&] {
              x.reshape({5, -1});
          }) == "reshape: shape [2,3,4] has 24 elements and cannot become [5,-1] at here");
    CHECK(message_of([&] {
              x.reshape({-1, -1});
          }) == "reshape: shape [-1,-1] has more than one unknown or a negative size at here");
    CHECK(message_of([&] { zeros<float>({0, 3}).reshape({0, -1}); }).find("reshape: shape [0,3] has 0 elements") == 0);
    CHECK(message_of([&] { x.expand({2, 3, 5}); }) == "expand: shape [2,3,4] does not expand to [2,3,5] at here");
    CHECK(message_of([&] { x.expand({3, 4}); }) == "expand: shape [2,3,4] does not expand to [3,4] at here");
    CHECK(message_of([&] { x.squeeze(3); }) == "squeeze: dimension 3 of a tensor of rank 3 at here");
    CHECK(message_of([&] { x.unsqueeze(5); }) == "unsqueeze: dimension 5 of a tensor of rank 4 at here");
    CHECK(message_of([&] { x.select(0, 2); }) ==
          "select: index 2 is out of range for dimension 0 of shape [2,3,4] at here");
    CHECK(message_of([&] { zeros<float>(Shape::filled(8, 1)).unsqueeze(0); }) ==
          "unsqueeze: shape [1,1,1,1,1,1,1,1] has 8 dimensions already at here");
    CHECK(message_of([&] { x.contiguous(MemoryFormat::channels_last); }) ==
          "contiguous: channels last needs 4 dimensions, got shape [2,3,4] at here");
}
