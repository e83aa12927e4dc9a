// Places among numbers in order, against counting.
#include "fathom/ops/searchsorted.hpp"

#include <limits>

#include "fathom/core/random.hpp"
#include "fathom/ops/sort.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

using List = std::vector<double>;

TEST_CASE("ops/searchsorted: as many as stand before, of views and every dtype too") {
    Generator gen(1);
    const auto check = [&]<class T>(const Tensor<T>& sorted, const Tensor<T>& values) {
        const auto s = unsqueeze(sorted, -2), v = unsqueeze(values, -1);
        CHECK(numbers(searchsorted(sorted, values)) == numbers(sum(s < v, {-1})));
        CHECK(numbers(searchsorted(sorted, values, true)) == numbers(sum(s <= v, {-1})));
    };
    const auto x = randint<std::int64_t>(0, 9, {3, 17}, gen), v = randint<std::int64_t>(0, 9, {3, 40}, gen);
    check(sort(x).values, v);
    check(sort(x).values.to<double>(), v.to<double>());
    check(sort(x).values.to<float>().slice(1, 0, 17, 3), v.to<float>().slice(1, 1, 40, 2));
    check(sort(x).values.to<bfloat16>(), v.to<bfloat16>());
    check(zeros<double>({2, 0}), ones<double>({2, 3}));
    check(ones<double>({2, 3}), zeros<double>({2, 0}));
    const Tensor<double> line{1, 3, 3, 5}, values{{0, 1, 3}, {4, 5, 6}};
    CHECK(numbers(searchsorted(line, values)) == List{0, 0, 1, 3, 3, 4});
    CHECK(numbers(bucketize(values, line, true)) == List{0, 1, 3, 3, 4, 4});
    CHECK(bucketize(full<double>({}, 4), line).item() == 3);
    const Tensor<double> mixed{3, 5, 1, 3};
    CHECK(numbers(searchsorted(mixed, values, false, argsort(mixed))) == List{0, 0, 1, 3, 3, 4});
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(numbers(searchsorted(Tensor<double>({1, 2, nan}), Tensor<double>({nan, 3}))) == List{2, 2});
}

TEST_CASE("ops/searchsorted: errors") {
    const auto x = zeros<float>({2, 3}), row = zeros<float>({3});
    CHECK(message_of([&] { searchsorted(x, row, false, Where{}); }) ==
          "searchsorted: sorted numbers have shape [2,3], values [3], expected [n], or [...,n] and [...,m]");
    CHECK(message_of([&] { bucketize(row, x, false, Where{}); }) ==
          "bucketize: boundaries have shape [2,3], expected [n]");
}
