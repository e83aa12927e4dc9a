// What reducing scatters refuse; special values and sources larger than the index.
#include <limits>

#include "fathom/ops/scatter_reduce.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/scattered_errors: messages") {
    const auto x = zeros<float>({2, 3});
    const Tensor<std::int64_t> list{0, 1}, far{{3}};
    CHECK(message_of([&] { index_reduce(x, 1, list, x, ScatterReduce::amax, true, Where{}); }) ==
          "index_reduce: source has shape [2,3], expected [2,2]");
    CHECK(message_of([&] {
              scatter_reduce(x, 1, list, x, ScatterReduce::sum, true, Where{});
          }).find("scatter_reduce: ") == 0);
    CHECK(message_of([&] {
              scatter_reduce(x, 1, far, x, ScatterReduce::prod, false, Where{});
          }).find("scatter_reduce: index 3") == 0);
    CHECK(message_of([&] {
              scatter_reduce(x, 1, far, x, ScatterReduce::prod, true, Where{});
          }).find("scatter_reduce: index 3") == 0);
}

TEST_CASE("ops/scattered_errors: a number, infinities, equal ones") {
    const double infinity = std::numeric_limits<double>::infinity();
    const auto number = full<double>({}, 2);
    const Tensor<std::int64_t> first{0, 0, 0};
    CHECK(scatter_reduce(number, 0, full<std::int64_t>({}, 0), number, ScatterReduce::prod).item() == 4);
    const Tensor<double> y{1, infinity, -infinity};
    CHECK(numbers(scatter_reduce(zeros<double>({2}), 0, first, y, ScatterReduce::amax)) ==
          std::vector<double>{infinity, 0});
    auto x = Tensor<double>({3, 1}).requires_grad_(), z = Tensor<double>({3, 2, 3}).requires_grad_();
    scatter_reduce(x, 0, first, z, ScatterReduce::amax).sum().backward();
    CHECK(numbers(x.grad()) == std::vector<double>{1.0 / 3, 1});
    CHECK(numbers(z.grad()) == std::vector<double>{1.0 / 3, 0, 1.0 / 3});
}
