// Parts and arrangements: shapes, what shares memory, errors. Values and gradients: the list of operation cases.
#include <limits>

#include "fathom/ops/arrange.hpp"
#include "fathom/ops/parts.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {
using Values = std::vector<float>;
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max(),
                       least = std::numeric_limits<std::int64_t>::min();

template <class T>
std::vector<Shape> shapes_of(const std::vector<Tensor<T>>& parts) {
    std::vector<Shape> shapes;
    for (const Tensor<T>& part : parts) shapes.push_back(part.shape());
    return shapes;
}
}  // namespace

TEST_CASE("ops/arrange: parts are views that cover the dimension as PyTorch's do") {
    const auto x = arange<float>(10);
    CHECK(shapes_of(x.split(4)) == std::vector<Shape>{{4}, {4}, {2}});
    CHECK(shapes_of(x.split(20)) == std::vector<Shape>{{10}});
    CHECK(shapes_of(x.split({3, 0, 7})) == std::vector<Shape>{{3}, {0}, {7}});
    CHECK(shapes_of(x.chunk(4)) == std::vector<Shape>{{3}, {3}, {3}, {1}});
    CHECK(shapes_of(x.chunk(6)) == std::vector<Shape>{{2}, {2}, {2}, {2}, {2}});
    CHECK(shapes_of(zeros<float>({2, 0}).chunk(3, 1)) == std::vector<Shape>{{2, 0}, {2, 0}, {2, 0}});
    CHECK(shapes_of(zeros<float>({2, 0}).split(3, 1)) == std::vector<Shape>{{2, 0}});
    CHECK(shapes_of(zeros<float>({2, 3}).unbind(-1)) == std::vector<Shape>{{2}, {2}, {2}});
    CHECK(zeros<float>({2, 0}).unbind(1).empty());
    for (const auto& part : x.split(4)) CHECK(part.untyped().impl().storage == x.untyped().impl().storage);
    auto y = zeros<float>({3, 3});
    y.diagonal().fill_(1), y.diagonal(-2).fill_(5), y.unfold(0, 2, 2).fill_(7);
    CHECK(elements(y) == Values{7, 7, 7, 7, 7, 7, 5, 0, 1});
    CHECK(y.diagonal(3).shape() == Shape{0});
    CHECK(y.diagonal(most).shape() == Shape{0});
    CHECK(y.diagonal(least).shape() == Shape{0});
    CHECK(x.unfold(0, 10, most).shape() == Shape{1, 10});
    CHECK(x.unfold(0, 0, 1).shape() == Shape{11, 0});
}

TEST_CASE("ops/arrange: squeeze, flatten, unflatten and view change only the shape") {
    const auto x = zeros<float>({2, 1, 3, 1});
    CHECK(x.squeeze().shape() == Shape{2, 3});
    CHECK(x.squeeze(0).shape() == x.shape());
    CHECK(zeros<float>({1, 1}).squeeze().shape() == Shape{});
    CHECK(x.flatten(1).shape() == Shape{2, 3});
    CHECK(x.flatten(0, 1).shape() == Shape{2, 3, 1});
    CHECK(x.flatten(2, 2).shape() == x.shape());
    CHECK(zeros<float>({2, 0, 3}).flatten().shape() == Shape{0});
    CHECK(zeros<float>({}).flatten().shape() == Shape{1});
    CHECK(x.unflatten(2, {3, 1}).shape() == Shape{2, 1, 3, 1, 1});
    CHECK(x.transpose(0, 2).unflatten(0, {1, -1}).shape() == Shape{1, 3, 1, 2, 1});
    CHECK(x.view({3, -1}).untyped().impl().storage == x.untyped().impl().storage);
    CHECK(message_of([&] { x.transpose(0, 2).view({6}); }) ==
          "view: shape [3,1,2,1] with strides [1,3,3,1] cannot be seen as [6] without a copy; reshape() makes one at "
          "here");
    CHECK(message_of([&] { x.view({4}); }) == "view: shape [2,1,3,1] has 6 elements and cannot become [4] at here");
    CHECK(message_of([&] { x.flatten(2, 1); }) == "flatten: start_dim 2 is behind end_dim 1 at here");
    CHECK(message_of([&] {
              x.unflatten(0, {3, -1});
          }) == "unflatten: shape [2] has 2 elements and cannot become [3,-1] at here");
    CHECK(message_of([&] { x.unflatten(0, Shape{}); }) ==
          "unflatten: no sizes for dimension 0 of shape [2,1,3,1] at here");
}

TEST_CASE("ops/arrange: triangles keep every dtype and drop what is not a number") {
    CHECK(elements(tril(ones<std::int32_t>({2, 3}))) == std::vector<std::int32_t>{1, 0, 0, 1, 1, 0});
    CHECK(elements(triu(ones<bool>({2, 3}), 1)) == std::vector<bool>{false, true, true, false, false, true});
    const auto x = full<float>({2, 2}, std::numeric_limits<float>::infinity());
    CHECK(elements(tril(x))[1] == 0);
    for (const std::int64_t far : {most, std::int64_t{9}}) CHECK(elements(tril(x, far)) == elements(x));
    for (const std::int64_t far : {least, std::int64_t{-9}}) CHECK(elements(triu(x, far)) == elements(x));
    CHECK(elements(triu(x, most)) == Values{0, 0, 0, 0});
    CHECK(elements(tril(x, least)) == Values{0, 0, 0, 0});
}

TEST_CASE("ops/arrange: repeat, flip, roll and meshgrid") {
    const Tensor<float> x({1, 2, 3});
    CHECK(elements(x.repeat({2, 1})) == Values{1, 2, 3, 1, 2, 3});
    CHECK(x.repeat({4, 0}).shape() == Shape{4, 0});
    CHECK_FALSE(x.repeat({1}).untyped().impl().storage == x.untyped().impl().storage);
    CHECK(repeat(zeros<float>(Shape::filled(8, 1)), Shape::filled(8, 2)).numel() == 256);
    CHECK(elements(x.flip(Shape{})) == elements(x));
    CHECK(elements(roll(x, 4)) == Values{3, 1, 2});
    CHECK(elements(x.roll(least, 0)) == elements(x.roll((least % 3 + 3) % 3, 0)));
    const auto grid = meshgrid<float>({x, Tensor<float>({5, 6})});
    CHECK(grid[0].shape() == Shape{3, 2});
    CHECK(elements(grid[0]) == Values{1, 1, 2, 2, 3, 3});
    CHECK(elements(grid[1]) == Values{5, 6, 5, 6, 5, 6});
    CHECK(meshgrid<float>({x, Tensor<float>({5, 6})}, Indexing::xy)[0].shape() == Shape{2, 3});
    CHECK(meshgrid<float>({x, full<float>({}, 2)})[1].shape() == Shape{3, 1});
}

TEST_CASE("ops/arrange: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message_of([&] { x.split(0); }) == "split: size 0, expected at least 1 (shape [2,3]) at here");
    CHECK(message_of([&] {
              x.split({1, 1}, 1);
          }) == "split: sizes add up to 2, expected 3, the size of dimension 1 at here");
    CHECK(message_of([&] { x.split({4, -1}, 1); }) == "split: size -1, expected at least 0 at here");
    CHECK(message_of([&] { x.chunk(0); }) == "chunk: chunks 0, expected at least 1 at here");
    CHECK(message_of([&] { x.unfold(1, 4, 1); }) == "unfold: size 4, expected 0 to 3, the size of dimension 1 at here");
    CHECK(message_of([&] { x.unfold(1, 2, 0); }) == "unfold: step 0, expected at least 1 at here");
    CHECK(message_of([&] { x.diagonal(0, 1, -1); }) == "diagonal: both dimensions are 1 of shape [2,3] at here");
    CHECK(message_of([&] { x.repeat({2}); }) ==
          "repeat: [2] for shape [2,3], expected a number for each dimension at here");
    CHECK(message_of([&] { x.repeat({2, -1}); }) == "repeat: negative number in [2,-1] at here");
    CHECK(message_of([&] { x.flip({0, -2}); }) == "flip: dimension 0 stands twice in [0,-2] at here");
    CHECK(message_of([&] {
              x.roll({1, 2}, {0});
          }) == "roll: shifts [1,2] and dimensions [0], expected as many of one as of the other at here");
    CHECK(message_of([&] { tril(x[0]); }) == "tril: input has shape [3], expected at least 2 dimensions at here");
    CHECK(message_of([&] { meshgrid<float>({}); }) == "meshgrid: no tensors at here");
    CHECK(message_of([&] { meshgrid<float>({x}); }) ==
          "meshgrid: a tensor has shape [2,3], expected [n] or [] at here");
}
