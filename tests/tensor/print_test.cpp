#include "fathom/tensor/print.hpp"

#include <cmath>
#include <limits>
#include <sstream>

#include "fathom/ops/arithmetic.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("tensor/print: values aligned, with shape and dtype") {
    CHECK(to_string(Tensor<float>({1, 2.5, -3})) == "[  1, 2.5,  -3] (shape=[3], dtype=float)");
    CHECK(to_string(Tensor<float>({{1, 2}, {3, 4}})) == "[[1, 2],\n [3, 4]] (shape=[2,2], dtype=float)");
    CHECK(to_string(Tensor<std::int64_t>({{{1}, {2}}, {{3}, {4}}})) ==
          "[[[1],\n  [2]],\n\n [[3],\n  [4]]] (shape=[2,2,1], dtype=int64)");
    CHECK(to_string(Tensor<bool>({true, false})) == "[ true, false] (shape=[2], dtype=bool)");
    CHECK(to_string(Tensor<std::uint8_t>({7, 255})) == "[  7, 255] (shape=[2], dtype=uint8)");
    CHECK(to_string(full<double>({}, 2.5)) == "2.5 (shape=[], dtype=double)");
    CHECK(to_string(empty<float>({0})) == "[] (shape=[0], dtype=float)");
    CHECK(to_string(empty<float>({2, 0})) == "[[],\n []] (shape=[2,0], dtype=float)");
    CHECK(to_string(AnyTensor()) == "tensor(undefined)");
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(to_string(Tensor<double>({infinity, -infinity})) == "[ inf, -inf] (shape=[2], dtype=double)");
}

TEST_CASE("tensor/print: views print what they show") {
    const Tensor<float> a({{1, 2, 3}, {4, 5, 6}});
    CHECK(to_string(a.transpose(0, 1)) == "[[1, 4],\n [2, 5],\n [3, 6]] (shape=[3,2], dtype=float)");
    CHECK(to_string(a.slice(1, 0, 3, 2)[1]) == "[4, 6] (shape=[2], dtype=float)");
    CHECK(to_string(a[0].slice(0, 0, 1).expand({3})) == "[1, 1, 1] (shape=[3], dtype=float)");
}

TEST_CASE("tensor/print: long tensors are elided") {
    CHECK(to_string(arange<float>(2000)) == "[   0,    1,    2, ..., 1997, 1998, 1999] (shape=[2000], dtype=float)");
    const std::string text = to_string(reshape(arange<std::int32_t>(2000), {100, 20}));
    CHECK(text.find("[   0,    1,    2, ...,   17,   18,   19]") == 1);
    CHECK(text.find("...") != std::string::npos);
    CHECK(text.find(" 101") == std::string::npos);
    CHECK(text.size() < 500);
    CHECK(to_string(arange<float>(1000)).find("...") == std::string::npos);
}

TEST_CASE("tensor/print: goes to any stream") {
    std::ostringstream out;
    const Tensor<float> a({1, 2});
    const AnyTensor any = a;
    out << a << '\n' << any;
    CHECK(out.str() == "[1, 2] (shape=[2], dtype=float)\n[1, 2] (shape=[2], dtype=float)");
}
