#include "fathom/ops/elementwise.hpp"

#include <cmath>
#include <limits>

#include "fathom/ops/conv.hpp"
#include "fathom/ops/image.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/elementwise: broadcasting as in NumPy") {
    const Tensor<float> a({{1, 2, 3}, {4, 5, 6}}), row({10, 20, 30}), column({{100}, {200}});
    CHECK(elements(a + row) == std::vector<float>{11, 22, 33, 14, 25, 36});
    CHECK(elements(column + a) == std::vector<float>{101, 102, 103, 204, 205, 206});
    CHECK((row + column).shape() == Shape{2, 3});
    CHECK(elements(a + full<float>({}, 1)) == elements(a + 1));
    CHECK((a + zeros<float>({0, 1, 1})).shape() == Shape{0, 2, 3});
    CHECK((zeros<float>(Shape::filled(8, 1)) + a).shape() == Shape{1, 1, 1, 1, 1, 1, 2, 3});
    CHECK(message_of([&] { a + Tensor<float>({1, 2}); }) == "add: shapes [2,3] and [2] do not broadcast at here");
    CHECK(message_of([&] { maximum(a, a.transpose(0, 1)); }) ==
          "maximum: shapes [2,3] and [3,2] do not broadcast at here");
    auto small = row.clone();
    CHECK(message_of([&] { small += a; }) ==
          "+=: shape [2,3] does not broadcast to [3], which is written in place at here");
    CHECK(elements(small) == elements(row));
}

TEST_CASE("ops/elementwise: scalars on either side, comparisons, integers") {
    const Tensor<float> a({1, 2, 4});
    CHECK(elements(8 / a) == std::vector<float>{8, 4, 2});
    CHECK(elements(1.5 - a) == std::vector<float>{0.5, -0.5, -2.5});
    CHECK(elements(-a) == std::vector<float>{-1, -2, -4});
    CHECK(elements(a == 2) == std::vector<bool>{false, true, false});
    CHECK(elements(2 != a) == std::vector<bool>{true, false, true});
    CHECK(elements(a < 2) == std::vector<bool>{true, false, false});
    CHECK(elements(a <= 2) == std::vector<bool>{true, true, false});
    CHECK(elements(2 < a) == std::vector<bool>{false, false, true});
    CHECK(elements(a >= Tensor<float>({1, 3, 4})) == std::vector<bool>{true, false, true});
    const Tensor<std::int64_t> i({7, -7, 0});
    CHECK(elements(i + 1) == std::vector<std::int64_t>{8, -6, 1});
    CHECK(elements(i * i) == std::vector<std::int64_t>{49, 49, 0});
    CHECK(elements(-i) == std::vector<std::int64_t>{-7, 7, 0});
    CHECK(elements(i > -7) == std::vector<bool>{true, false, true});
    CHECK(elements(Tensor<std::uint8_t>({200}) + 100) == std::vector<std::uint8_t>{44});
    CHECK(elements(where(i > 0, i, Tensor<std::int64_t>({-1}))) == std::vector<std::int64_t>{7, -1, -1});
}

TEST_CASE("ops/elementwise: NaN is never lost") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for_each_isa([&] {
        const auto x = full<float>({37}, nan), y = ones<float>({37});
        const auto all_nan = [](const Tensor<float>& t) {
            for (float v : elements(t))
                if (!std::isnan(v)) return false;
            return true;
        };
        CHECK(all_nan(maximum(x, y)));
        CHECK(all_nan(maximum(y, x)));
        CHECK(all_nan(minimum(x, y)));
        CHECK(all_nan(minimum(y, x)));
        CHECK(all_nan(relu(x)));
        CHECK(all_nan(leaky_relu(x, 0.2)));
        CHECK(all_nan(clamp(x, 0, 1)));
        CHECK(all_nan(exp(x)));
        CHECK(all_nan(log(x)));
        CHECK(all_nan(tanh(x)));
        CHECK(all_nan(sigmoid(x)));
        CHECK(all_nan(abs(x)));
        CHECK(std::isnan(max(cat<float>({y, x}, 0)).item()));
        CHECK(elements(x == x) == std::vector<bool>(37, false));
        CHECK(elements(x != x) == std::vector<bool>(37, true));
        CHECK(std::isnan(sum(zeros<float>({0}).mean()).item()));
    });
}

TEST_CASE("ops/elementwise: an output keeps the order of the first input of its rank") {
    const auto last = zeros<float>({2, 3, 4, 5}).contiguous(MemoryFormat::channels_last),
               first = zeros<float>({2, 3, 4, 5});
    const auto bias = zeros<float>({3, 1, 1});
    const auto is_last = [](const Tensor<float>& x) { return x.is_contiguous(MemoryFormat::channels_last); };
    CHECK(is_last(relu(last)));
    CHECK(is_last(last + bias));
    CHECK(is_last(bias + last));
    CHECK(is_last(last + first));
    CHECK(first.is_contiguous());
    CHECK((first + last).is_contiguous());
    CHECK(is_last(last * 2 + 1));
    CHECK(is_last(where(last > 0, last, first)));
    CHECK(is_last(last.slice(3, 0, 3) + 1));
    CHECK(is_last(last.mean(1, true) * last));
    CHECK(is_last(sobel_magnitude(last)));
    CHECK(is_last(conv2d(first, zeros<float>({6, 3, 1, 1}))));
    // One image, one row: sizes of 1 do not decide.
    const auto row = zeros<float>({1, 3, 1, 5}).contiguous(MemoryFormat::channels_last);
    CHECK(is_last(row + 1));
    CHECK(is_last(zeros<float>({1, 3, 1, 1}) + last));
}

TEST_CASE("ops/elementwise: in place, aliased and refused") {
    auto x = arange<float>(6);
    auto tail = x.slice(0, 1, 6);
    tail += x.slice(0, 0, 5);  // overlapping: the values before the first write count
    CHECK(elements(x) == std::vector<float>{0, 1, 3, 5, 7, 9});
    x *= x;
    CHECK(elements(x) == std::vector<float>{0, 1, 9, 25, 49, 81});
    x -= 1;
    x /= Tensor<float>({2});
    CHECK(elements(x) == std::vector<float>{-0.5, 0, 4, 12, 24, 40});
    x.copy_(Tensor<float>({3}));
    CHECK(elements(x) == std::vector<float>(6, 3));
    x.zero_();
    CHECK(elements(x) == std::vector<float>(6, 0));
    auto square = reshape(arange<float>(4), {2, 2}).clone();
    square += square.transpose(0, 1);
    CHECK(elements(square) == std::vector<float>{0, 3, 3, 6});
    auto repeated = zeros<float>({1, 3}).expand({2, 3});
    CHECK(message_of([&] { repeated += 1; }) ==
          "+=: an expanded tensor of shape [2,3] is written in place: several elements share memory; clone() it first "
          "at here");
}

TEST_CASE("ops/elementwise: a limit on memory is an error, and the next operation works") {
    const auto x = zeros<float>({1 << 20});
    empty_cache();
    set_memory_limit(memory_report().active + (6 << 20));
    const std::string message = message_of([&] {
        const auto y = x + 1;
        const auto z = exp(y);
    });
    const std::int64_t peak = memory_report().active + memory_report().cached;
    const std::int64_t limit = memory_report().limit;
    const auto small = x.slice(0, 0, 1000) + 1;
    CHECK(elements(small) == std::vector<float>(1000, 1));
    CHECK(elements(x + 1)[5] == 1);
    set_memory_limit(0);
    CHECK(peak <= limit);
    CHECK(message.find("exp: out of memory: 4194304 bytes asked for, shape [1048576], limit ") == 0);
    CHECK(message.find("largest holders: ") != std::string::npos);
    CHECK(message.find("elementwise_test.cpp:") != std::string::npos);
    CHECK(elements(exp(x + 1))[0] == doctest::Approx(std::exp(1.0)));
}

TEST_CASE("ops/elementwise: running out of memory in backward leaves the graph's memory free again") {
    const std::int64_t before = memory_report().active;
    {
        auto w = zeros<float>({1 << 20}).requires_grad_();
        const auto loss = sum(tanh(exp(w)));
        empty_cache();
        set_memory_limit(memory_report().active + (1 << 20));
        CHECK(message_of([&] { loss.backward(); }).find("out of memory") != std::string::npos);
        set_memory_limit(0);
        const auto again = sum(tanh(exp(w)));
        again.backward();
        CHECK(w.grad().defined());
    }
    CHECK(memory_report().active == before);
}
