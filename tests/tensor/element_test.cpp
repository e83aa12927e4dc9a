#include "fathom/tensor/element.hpp"

#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("tensor/element: reading and writing by index, negative ones from the end") {
    Tensor<float> a({{1, 2, 3}, {4, 5, 6}});
    const Tensor<float>& c = a;
    CHECK(c(0, 0) == 1);
    CHECK(c(1, 2) == 6);
    CHECK(c(-1, -3) == 4);
    a(1, 2) = 7;
    CHECK(c(1, 2) == 7);
    a(0, 1) += 10;
    a(0, 2) -= 1;
    a(1, 0) *= 3;
    a(1, 1) /= 2;
    CHECK(elements(a) == std::vector<float>{1, 12, 2, 12, 2.5, 7});
    a(0, 0) = a(1, 2);  // a value, not a rebound reference
    CHECK(c(0, 0) == 7);
    const std::size_t i = 1;
    const std::uint8_t j = 2;
    CHECK(c(i, j) == 7);
}

TEST_CASE("tensor/element: any integer type and up to eight indices") {
    auto x = zeros<std::int64_t>(Shape::filled(8, 2));
    x(1, 1, 1, 1, 1, 1, 1, 0) = 3;
    x(0, 0, 0, 0, 0, 0, 0, 1) = 2;
    const auto& c = x;
    CHECK(c(1, 1, 1, 1, 1, 1, 1, 0) == 3);
    CHECK(c(0, 0, 0, 0, 0, 0, 0, 1) == 2);
    CHECK(elements(x)[254] == 3);
    CHECK(elements(x)[1] == 2);
}

TEST_CASE("tensor/element: indices out of range throw, naming index, dimension, shape and line") {
    Tensor<float> a({{1, 2, 3}, {4, 5, 6}});
    const Tensor<float>& c = a;
    CHECK(message_of([&] { return c(2, 0); }) ==
          "element access: index 2 is out of range for dimension 0 of shape [2,3] at here");
    CHECK(message_of([&] { return c(0, -4); }) ==
          "element access: index -4 is out of range for dimension 1 of shape [2,3] at here");
    CHECK(message_of([&] { a(0, 3) = 1; }) ==
          "element access: index 3 is out of range for dimension 1 of shape [2,3] at here");
    CHECK(message_of([&] { return c(0); }) == "element access: 1 indices for a tensor of shape [2,3] at here");
    CHECK(message_of([&] { return c(0, 0, 0); }) == "element access: 3 indices for a tensor of shape [2,3] at here");
    CHECK(message_of([&] { return a[2]; }) == "select: index 2 is out of range for dimension 0 of shape [2,3] at here");
    CHECK(message_of([&] { return a[0](5); }) ==
          "element access: index 5 is out of range for dimension 0 of shape [3] at here");
    CHECK(message_of([&] { return zeros<float>({0})(0); }) ==
          "element access: index 0 is out of range for dimension 0 of shape [0] at here");
    CHECK(elements(a) == std::vector<float>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("tensor/element: an element of a view is an element of its base") {
    Tensor<float> a({{1, 2, 3}, {4, 5, 6}});
    auto column = a.slice(1, 1, 3).transpose(0, 1);
    column(1, 0) = 30;
    CHECK(elements(a) == std::vector<float>{1, 2, 30, 4, 5, 6});
    a(1, 0) = 40;
    CHECK(elements(a) == std::vector<float>{1, 2, 30, 40, 5, 6});
    auto row = a[0];
    row += 1;
    CHECK(elements(a) == std::vector<float>{2, 3, 31, 40, 5, 6});
}

TEST_CASE("tensor/element: of a temporary it is a value, of a tensor it keeps its memory") {
    Tensor<float> a({1, 2}), b({10, 20});
    auto sum = (a + b)(0);
    static_assert(std::is_same_v<decltype(sum), float>);
    CHECK(sum == 11);
    auto element = a(1);
    a = b;  // the element's tensor has another value now
    CHECK(element == 2.0f);
    element = 5;
    CHECK(elements(a) == std::vector<float>{10, 20});
    auto orphan = [] {
        Tensor<float> local({7});
        return local(0);
    }();
    CHECK(orphan == 7.0f);
}

TEST_CASE("tensor/element: elements are exchanged as values are") {
    Tensor<float> a({1, 2, 3});
    auto first = a(0), last = a(2);
    std::swap(first, last);
    CHECK(elements(a) == std::vector<float>{3, 2, 1});
    auto copy = first;
    copy = 9;
    CHECK(elements(a) == std::vector<float>{3, 2, 1});
}

TEST_CASE("tensor/element: a value that does not fit throws, arithmetic wraps as in C++") {
    Tensor<std::uint8_t> u({250, 0});
    CHECK(message_of([&] { u(0) = 300; }) == "scalar: 300 does not fit uint8, which holds 0 to 255 at here");
    CHECK(message_of([&] { u(0) += 300; }) == "scalar: 300 does not fit uint8, which holds 0 to 255 at here");
    u(0) += 10;
    CHECK(elements(u) == std::vector<std::uint8_t>{4, 0});
}

TEST_CASE("tensor/element: a temporary view is written in place") {
    Tensor<float> a({{1, 2, 3}, {4, 5, 6}});
    a[0] += 1;
    a.slice(1, 1, 3) *= 2;
    a[1].slice(0, 0, 1).fill_(7);
    a.select(1, 2).copy_(Tensor<float>({8, 9}));
    CHECK(elements(a) == std::vector<float>{2, 6, 8, 7, 10, 9});
    a[1].zero_();
    CHECK(elements(a) == std::vector<float>{2, 6, 8, 0, 0, 0});
}
