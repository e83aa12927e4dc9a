// Places of order statistics, NaN among the elements, dimensions of a number, and what they refuse.
#include "fathom/ops/statistics.hpp"

#include <limits>

#include "fathom/ops/cumulative.hpp"
#include "fathom/ops/norm.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

using List = std::vector<double>;

TEST_CASE("ops/statistics: places, and NaN") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Tensor<double> x({{4, 1, 3, 2}, {1, nan, 5, 0}});
    CHECK(numbers(kthvalue(x, 2).indices) == List{3, 0});
    CHECK(numbers(median(x, 1).indices) == List{3, 1});
    CHECK(std::isnan(median(x, 1).values(1)));
    CHECK(numbers(nanmedian(x, 1).values) == List{2, 1});
    CHECK(std::isnan(median(x).item()));
    CHECK(nanmedian(x).item() == 2);
    CHECK(std::isnan(quantile(x, 0.2, 1)(1)));
    CHECK(numbers(nanquantile(x, 0.5, 1)) == List{2.5, 1});
    CHECK(numbers(nansum(x, {1})) == List{10, 6});
    CHECK(numbers(nanmean(x, {1})) == List{2.5, 2});
    CHECK(numbers(count_nonzero(x, {1})) == List{4, 3});
    CHECK(std::isnan(nanquantile(full<double>({2}, nan), 0.5).item()));
    CHECK(quantile(x, Tensor<double>({0.1, 0.2}), 0).shape() == Shape{2, 4});
    CHECK(quantile(x, Tensor<double>({0.1, 0.2}), 0, true).shape() == Shape{2, 1, 4});
    CHECK(quantile(x, 0.1, -1, true).shape() == Shape{2, 1});
}

TEST_CASE("ops/statistics: a number has dimension 0, as a list of one") {
    const auto x = full<double>({}, 3);
    CHECK(sum(x, {0}, true).shape() == Shape{});
    CHECK(mean(x, {-1}).item() == 3);
    CHECK(amax(x, {0}).item() == 3);
    CHECK(norm(x, 2, {0}).item() == 3);
    CHECK(max(x, 0, true).values.item() == 3);
    CHECK(argmin(x, -1, true).item() == 0);
    CHECK(cumsum(x, 0).shape() == Shape{});
    CHECK(cumprod(x, -1).item() == 3);
    CHECK(prod(x, 0).item() == 3);
    CHECK(median(x, 0).values.item() == 3);
    CHECK(kthvalue(x, 1, 0, true).indices.item() == 0);
    CHECK(quantile(x, 0.5, 0).item() == 3);
    CHECK(message_of([&] { sum(x, {1}, false, Where{}); }) == "sum: dimension 1 of a tensor of rank 1");
    CHECK(message_of([&] { max(x, 1, false, Where{}); }) == "max: dimension 1 of a tensor of rank 1");
}

TEST_CASE("ops/statistics: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message_of([&] { kthvalue(x, 4, 1, false, Where{}); }) == "kthvalue: k 4, expected 1 to 3 for shape [2,3]");
    CHECK(message_of([&] { quantile(x, 1.5, Where{}); }) == "quantile: an element of q is not in [0, 1]");
    CHECK(message_of([&] {
              nanquantile(x, zeros<double>({1, 1}), Where{});
          }) == "nanquantile: q has shape [1,1], expected a number or a list");
    CHECK(message_of([&] {
              median(zeros<float>({2, 0}), 1, false, Where{});
          }) == "median: of no elements: shape [2,0]");
}
