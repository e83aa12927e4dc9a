// Reading and writing by index and mask: values in every dtype, in place, special values, what a gradient allows,
// errors.
#include <cmath>
#include <limits>

#include "fathom/ops/arrange.hpp"
#include "fathom/ops/index_list.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {
using Long = Tensor<std::int64_t>;
using Mask = Tensor<bool>;
using Values = std::vector<float>;
}  // namespace

TEST_CASE("ops/index: every dtype is gathered, scattered and chosen by masks"){
#define FATHOM_CHECK(T, ...)                                                                                       \
    {                                                                                                              \
        const Tensor<T> x = Tensor<int>({{1, 0, 1}, {0, 1, 0}}).to<T>();                                           \
        CHECK(numbers(x.gather(1, Long({{2, 1}, {1, 0}}))) == std::vector<double>{1, 0, 1, 0});                    \
        CHECK(numbers(x.index_select(0, Long({1, 1}))) == std::vector<double>{0, 1, 0, 0, 1, 0});                  \
        CHECK(numbers(x[Long({-1})]) == std::vector<double>{0, 1, 0});                                             \
        CHECK(numbers(x[Mask({false, true})]) == std::vector<double>{0, 1, 0});                                    \
        CHECK(numbers(x.scatter(1, Long({{0}, {0}}), x.slice(1, 1, 2))) == std::vector<double>{0, 0, 1, 1, 1, 0}); \
        CHECK(numbers(x.flip({1}).roll(1, 1).repeat({1, 2})) ==                                                    \
              std::vector<double>{1, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1});                                            \
    }
    FATHOM_DTYPES(FATHOM_CHECK)
#undef FATHOM_CHECK
}

TEST_CASE("ops/index: integers are added, wrapping; one_hot and bincount count") {
    const Tensor<std::uint8_t> x({250, 1});
    CHECK(elements(x.scatter_add(0, Long({0, 0, 1}), Tensor<std::uint8_t>({5, 3, 2}))) ==
          std::vector<std::uint8_t>{2, 3});
    CHECK(elements(one_hot(Long({{2, 0}, {1, 1}}), 3)) ==
          std::vector<std::int64_t>{0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0});
    CHECK(one_hot(Long({{2, 0}})).shape() == Shape{1, 2, 3});
    CHECK(elements(bincount(Long({1, 3, 1}))) == std::vector<std::int64_t>{0, 2, 0, 1});
    CHECK(elements(bincount(Long({1, 3, 1}), 6)) == std::vector<std::int64_t>{0, 2, 0, 1, 0, 0});
    CHECK(elements(bincount(Long({1, 3, 1}), Tensor<float>({0.5f, 2, 0.25f}))) == Values{0, 0.75f, 0, 2});
    CHECK(bincount(zeros<std::int64_t>({0}), 2).shape() == Shape{2});
    CHECK(bincount(zeros<std::int64_t>({0})).shape() == Shape{0});
}

TEST_CASE("ops/index: nonzero goes through elements in logical order, whatever the strides") {
    const Tensor<float> x({{0, 2, 0}, {-1, 0, NAN}});
    CHECK(elements(nonzero(x)) == std::vector<std::int64_t>{0, 1, 1, 0, 1, 2});
    CHECK(elements(nonzero(x.transpose(0, 1))) == std::vector<std::int64_t>{0, 1, 1, 0, 2, 1});
    CHECK(nonzero(full<float>({}, 3)).shape() == Shape{1, 0});
    CHECK(nonzero(full<float>({}, 0)).shape() == Shape{0, 0});
    CHECK(nonzero(zeros<float>({2, 0})).shape() == Shape{0, 2});
    const auto many = arange<std::int64_t>(100000).reshape({100, 1000});
    const Long places = nonzero(many == 77777);
    CHECK(elements(places) == std::vector<std::int64_t>{77, 777});
    CHECK(nonzero(many).shape() == Shape{99999, 2});
}

TEST_CASE("ops/index: lists mix integers, tensors and masks, and masks cover dimensions") {
    const auto x = arange<float>(24).reshape({2, 3, 4});
    CHECK(elements(x.index({1, -1})) == Values{20, 21, 22, 23});
    CHECK(elements(x.index({1, 2, 3})) == Values{23});
    CHECK(x.index({1, 2, 3}).shape() == Shape{});
    CHECK(elements(x.index({Long({{0}, {1}}), Long({2, 0}), 1})) == Values{9, 1, 21, 13});
    CHECK(elements(x.index({1, Mask({true, false, true}), Long({0, 3})})) == Values{12, 23});
    const Mask rows({{true, false, false}, {false, false, true}});
    CHECK(elements(x[rows]) == Values{0, 1, 2, 3, 20, 21, 22, 23});
    CHECK(elements(x.index({rows, 1})) == Values{1, 21});
    CHECK(x[zeros<bool>({2, 3})].shape() == Shape{0, 4});
    CHECK(x[full<bool>({}, true)].shape() == Shape{1, 2, 3, 4});
    CHECK(x[zeros<std::int64_t>({0, 2})].shape() == Shape{0, 2, 3, 4});
    CHECK(elements(x.transpose(0, 2).index({Long({3, 0}), 1})) == Values{7, 19, 4, 16});
    CHECK(elements(x.transpose(0, 2)[x.transpose(0, 2) > 21]) == Values{22, 23});
}

TEST_CASE("ops/index: in-place forms write the tensor's own memory, a view's too, and count as a write") {
    auto x = zeros<float>({3, 4});
    const auto version = x.untyped().impl().storage->version();
    x[0].copy_(Tensor<float>({1, 2, 3, 4}));
    x.index_put_({Long({1, 1}), Long({0, 3})}, full<float>({}, 7));
    x.transpose(0, 1).index_put_({2}, Tensor<float>({-1, -2, -3}));
    x.index_put_({-1, 0}, full<float>({}, 5), true);
    CHECK(elements(x) == Values{1, 2, -1, 4, 7, 0, -2, 7, 5, 0, -3, 0});
    CHECK(x.untyped().impl().storage->version() > version);
    x.masked_fill_(x < 0, 9).scatter_(1, Long({{0}, {1}, {2}}), 0.5);
    CHECK(elements(x) == Values{0.5f, 2, 9, 4, 7, 0.5f, 9, 7, 5, 0, 0.5f, 0});
    auto column = x.slice(1, 1, 2);
    column.scatter_add_(0, Long({{0}, {0}}), Tensor<float>({{1}, {2}}));
    x.index_add_(1, Long({3, 3}), ones<float>({3, 2}));
    CHECK(elements(x) == Values{0.5f, 5, 9, 6, 7, 0.5f, 9, 9, 5, 0, 0.5f, 2});
    x.permute({1, 0}).index_put_(
        {Mask({{true, false, false}, {false, true, false}, {false, false, true}, {false, false, false}})},
        Tensor<float>({-1, -2, -3}));  // no strides show rows of it: a copy goes back
    CHECK(elements(x) == Values{-1, 5, 9, 6, 7, -2, 9, 9, 5, 0, -3, 2});
    // Values, indices and masks of the same memory are taken before the first write.
    auto y = arange<std::int64_t>(4);
    y.scatter_(0, Long({1, 2, 3}), y.slice(0, 0, 3));
    CHECK(elements(y) == std::vector<std::int64_t>{0, 0, 1, 2});
    auto turns = Long({1, 2, 0});
    turns.scatter_(0, turns, Long({5, 6, 7}));
    CHECK(elements(turns) == std::vector<std::int64_t>{7, 5, 6});
    auto mask = Mask({true, false, true});
    mask.masked_fill_(mask.flip({0}), false);
    CHECK(elements(mask) == std::vector<bool>{false, false, false});
}

TEST_CASE("ops/index: of one place named twice the later value stays, and sums keep their order on any threads") {
    CHECK(elements(zeros<float>({2}).scatter(0, Long({1, 1, 0, 1}), Tensor<float>({1, 2, 3, 4}))) == Values{3, 4});
    Generator gen(3);
    const auto index = randint<std::int64_t>(0, 300, {20000}, gen);
    const auto rows = randn<float>({20000, 37}, gen);
    const auto sums = [&](int threads) {
        const Threads scope(threads);
        return zeros<float>({300, 37}).index_add(0, index, rows);
    };
    const auto one = sums(1);
    CHECK(same_bits(one, sums(2)));
    std::vector<float> by_hand(37);
    for (std::int64_t i = 0; i < 20000; ++i)
        for (std::int64_t k = 0; index(i) == 123 && k < 37; ++k) by_hand[static_cast<std::size_t>(k)] += rows(i, k);
    CHECK(elements(one[123]) == by_hand);
}

TEST_CASE("ops/index: a number is a list of one") {
    const auto x = full<float>({}, 3), one = full<float>({}, 1);
    const auto first = full<std::int64_t>({}, 0);
    CHECK(x.gather(0, first).shape() == Shape{});
    CHECK(x.gather(-1, Long({0, 0})).shape() == Shape{2});
    CHECK(x.index_select(0, Long({0})).item() == 3);
    CHECK(x.scatter(0, first, one).item() == 1);
    CHECK(x.scatter(0, first, 2).item() == 2);
    CHECK(x.scatter_add(0, first, one).item() == 4);
    CHECK(x.index_add(0, first, one).item() == 4);
    CHECK(zeros<float>({2, 3}).index_select(1, first).shape() == Shape{2, 1});
}

TEST_CASE("ops/index: what is not a number moves as it is, and masked places forget it") {
    constexpr float inf = std::numeric_limits<float>::infinity();
    const Tensor<float> x({NAN, -0.0f, inf, 1});
    CHECK(std::signbit(x[Long({1})].item()));
    CHECK(std::isnan(x.gather(0, Long({0})).item()));
    CHECK(elements(x.masked_fill(Mask({true, false, true, false}), 2)) == Values{2, 0, 2, 1});
    CHECK(std::signbit(elements(where(Mask({false, true, false, false}), x, 1))[1]));
    auto weight = Tensor<float>({NAN, 1}).requires_grad_();
    where(Mask({false, true}), weight, 0).sum().backward();
    CHECK(elements(weight.grad()) == Values{0, 1});
}

TEST_CASE("ops/index: gradients pass through dtypes of two bytes") {
    auto x = Tensor<float>({1, 2, 3}).requires_grad_();
    const auto y = x.to<bfloat16>()[Long({2, 0, 2})].flip({0});
    backward(y.to<float>(), Tensor<float>({1, 10, 100}));
    CHECK(elements(x.grad()) == Values{10, 0, 101});
}

TEST_CASE("ops/index: in place on what has a gradient") {
    auto x = Tensor<float>({1, 2, 3}).requires_grad_();
    auto y = x * 2, source = Tensor<float>({5, 6}).requires_grad_();
    y.index_put_({Long({0, 2})}, source);
    y.masked_fill_(Mask({false, false, true}), -1);
    backward(y, Tensor<float>({1, 10, 100}));
    CHECK(elements(y.detach()) == Values{5, 4, -1});
    CHECK(elements(x.grad()) == Values{0, 20, 0});
    CHECK(elements(source.grad()) == Values{1, 0});
    CHECK(message_of([&] { x.index_put_({0}, full<float>({}, 1)); }) ==
          "index_put_: a leaf that requires a gradient is changed in place; do it under NoGrad, or on a clone() at "
          "here");
    auto z = x * 2, first = z[0];
    CHECK(message_of([&] {
              z.scatter_(0, Long({0}), 1);
          }).find("scatter_: a tensor of shape [3] is changed in place") == 0);
    const auto index = Long({0, 1});
    const auto taken = x[index];
    auto same = index;
    same.fill_(2);
    CHECK(message_of([&] { taken.sum().backward(); }).find("that was overwritten since") == std::string::npos);
    const auto list = Long({0, 1});
    const auto selected = x.index_select(0, list);
    same = list, same.fill_(2);
    CHECK(message_of([&] { selected.sum().backward(); })
              .find("index_select: backward needs a tensor of shape [2] that "
                    "was overwritten since") == 0);
}

TEST_CASE("ops/index: errors name position, value and limit") {
    const auto x = zeros<float>({2, 3, 4});
    CHECK(message_of([&] {
              x.gather(1, Long({{{0}}, {{3}}}));
          }) == "gather: index 3 at position [1,0,0] is out of range for dimension 1 of size 3 at here");
    CHECK(message_of([&] { x.gather(1, Long({{{-1}}})); }) ==
          "gather: index -1 at position [0,0,0] is out of range for dimension 1 of size 3 at here");
    CHECK(message_of([&] { x.gather(1, Long({0})); }) ==
          "gather: index has shape [1], expected one as [2,3,4] or smaller; only dimension 1 may be larger at here");
    CHECK(message_of([&] { x.gather(3, Long({0})); }) == "gather: dimension 3 of a tensor of rank 3 at here");
    CHECK(message_of([&] { x.scatter(0, Long({{{2}}}), x); }) ==
          "scatter: index 2 at position [0,0,0] is out of range for dimension 0 of size 2 at here");
    CHECK(message_of([&] {
              x.scatter_add(0, Long({{{0, 0}}}), zeros<float>({1, 1, 1}));
          }) == "scatter_add: source has shape [1,1,1], expected at least that of the index, [1,1,2] at here");
    CHECK(message_of([&] {
              x.index_select(2, Long({0, 1, 4}));
          }) == "index_select: index 4 at position [2] is out of range for dimension 2 of size 4 at here");
    CHECK(message_of([&] { x.index_select(2, Long({{0}})); }) ==
          "index_select: index has shape [1,1], expected a list [n] at here");
    CHECK(message_of([&] { x.index_add(0, Long({0}), x); }) ==
          "index_add: source has shape [2,3,4], expected [1,3,4] at here");
    CHECK(message_of([&] {
              return x[Long({{0}, {-3}})];
          }) == "index: index -3 at position [1,0] is out of range for dimension 0 of size 2 at here");
    CHECK(message_of([&] { x.index({0, 5}); }) == "index: index 5 is out of range for dimension 1 of size 3 at here");
    CHECK(message_of([&] {
              x.index({ones<bool>({2, 3}), 4});
          }) == "index: index 4 is out of range for dimension 2 of size 4 at here");
    CHECK(message_of([&] { return x[zeros<bool>({3})]; }) ==
          "index: mask has shape [3], expected that of the dimensions it covers, [2] of [2,3,4] at here");
    CHECK(message_of([&] {
              x.index({0, 0, 0, 0});
          }) == "index: too many indices for a tensor of shape [2,3,4] at here");
    CHECK(message_of([&] { x.index({}); }) == "index: 0 indices, expected 1 to 8 at here");
    CHECK(message_of([&] {
              x.index({Long({0, 1}), Long({0, 1, 2})});
          }) == "index: indices do not broadcast: [3] behind [2] at here");
    CHECK(message_of([&] { index_put(x, {0}, zeros<float>({5})); }) ==
          "index_put: values of shape [5] do not broadcast to [3,4], which the indices name at here");
    auto y = zeros<float>({1}).expand({3});
    CHECK(message_of([&] { y.index_put_({0}, zeros<float>({})); }).find("index_put_: an expanded tensor") == 0);
    CHECK(message_of([&] { y.masked_fill_(zeros<bool>({2}), 1); }) ==
          "masked_fill_: mask of shape [2] does not broadcast to [3] at here");
    CHECK(message_of([&] { x.masked_fill(zeros<bool>({2}), 1); }).find("masked_fill: shapes [2,3,4] and [2]") == 0);
    CHECK(message_of([&] { x.masked_fill(zeros<bool>({4}), zeros<float>({1})); }) ==
          "masked_fill: value has shape [1], expected [] at here");
    CHECK(message_of([&] { masked_select(x, zeros<bool>({3})); }).find("masked_select: shapes [2,3,4] and [3]") == 0);
    CHECK(message_of([&] {
              one_hot(Long({0, 3}), 3);
          }) == "one_hot: index 3 at position [1,0] is out of range for dimension 1 of size 3 at here");
    CHECK(message_of([&] { one_hot(Long({0}), 0); }) ==
          "one_hot: num_classes 0, expected at least 1, or -1 for what the labels need at here");
    CHECK(message_of([&] { one_hot(zeros<std::int64_t>({0})); }) ==
          "one_hot: no labels (shape [0]), so num_classes is needed at here");
    CHECK(message_of([&] {
              bincount(Long({2, -1}));
          }) == "bincount: index -1 at position [1] is out of range for dimension 0 of size 3 at here");
    CHECK(message_of([&] { bincount(Long({{1}})); }) == "bincount: input has shape [1,1], expected [n] at here");
    CHECK(message_of([&] { bincount(Long({1}), -1); }) == "bincount: minlength -1, expected at least 0 at here");
    CHECK(message_of([&] { bincount(Long({1}), zeros<float>({2})); }) ==
          "bincount: weights have shape [2], expected [1] at here");
    const Tensor<float> none;
    CHECK(message_of([&] { none.gather(0, Long({0})); }).find("gather: an input was never given a value") == 0);
    CHECK(message_of([&] { return x[Long()]; }).find("index: an input was never given a value") == 0);
    // The first of several threads' findings.
    auto many = zeros<std::int64_t>({200000});
    many.fill_(1).slice(0, 150000, 200000).fill_(7);
    CHECK(message_of([&] { index_select(x, 0, many); }) ==
          "index_select: index 7 at position [150000] is out of range for dimension 0 of size 2 at here");
}
