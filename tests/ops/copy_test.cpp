#include "fathom/ops/copy.hpp"

#include <cmath>
#include <limits>

#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/dtypes.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/copy: to<U> truncates, saturates, and makes truth of what is not zero") {
    const Tensor<double> x({-1.9, -0.0, 0.5, 2.9, 300, -1e30, 1e30});
    CHECK(elements(x.to<std::int32_t>()) == std::vector<std::int32_t>{-1, 0, 0, 2, 300,
                                                                      std::numeric_limits<std::int32_t>::min(),
                                                                      std::numeric_limits<std::int32_t>::max()});
    CHECK(elements(x.to<std::uint8_t>()) == std::vector<std::uint8_t>{0, 0, 0, 2, 255, 0, 255});
    CHECK(elements(x.to<bool>()) == std::vector<bool>{true, false, true, true, true, true, true});
    CHECK(elements(x.to<float>())[3] == 2.9f);
    CHECK(elements(Tensor<float>({1.5f, -2}).to<double>()) == std::vector<double>{1.5, -2});
    CHECK(elements(Tensor<bool>({true, false}).to<float>()) == std::vector<float>{1, 0});
    CHECK(elements(Tensor<std::int64_t>({-1, 256}).to<double>()) == std::vector<double>{-1, 256});
    CHECK(x.to<double>().untyped().same_as(x));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(elements(Tensor<double>({nan}).to<std::int64_t>()) == std::vector<std::int64_t>{0});
    CHECK(elements(Tensor<double>({nan}).to<bool>()) == std::vector<bool>{true});
}

TEST_CASE("ops/copy: conversions and clones keep the order of memory") {
    const auto image = zeros<float>({2, 3, 4, 5}).contiguous(MemoryFormat::channels_last);
    CHECK(image.to<double>().is_contiguous(MemoryFormat::channels_last));
    CHECK(image.clone().is_contiguous(MemoryFormat::channels_last));
    CHECK(image.contiguous().is_contiguous());
    CHECK(image.slice(1, 0, 2).clone().is_contiguous(MemoryFormat::channels_last));
    CHECK(cat<float>({image, image}, 1).is_contiguous(MemoryFormat::channels_last));
    CHECK(zeros<float>({2, 3}).expand({4, 2, 3}).clone().is_contiguous());
}

TEST_CASE("ops/copy: cat and stack") {
    const Tensor<std::int64_t> a({{1, 2}}), b({{3, 4}, {5, 6}});
    CHECK(elements(cat<std::int64_t>({a, b}, 0)) == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6});
    CHECK(stack<std::int64_t>({a, a}, 0).shape() == Shape{2, 1, 2});
    CHECK(stack<std::int64_t>({a, a}).shape() == Shape{2, 1, 2});
    CHECK(cat<std::int64_t>({a, a}).shape() == Shape{2, 2});
    CHECK(stack<std::int64_t>({a, a}, -1).shape() == Shape{1, 2, 2});
    CHECK(elements(stack<std::int64_t>({a, a * 10}, -1)) == std::vector<std::int64_t>{1, 10, 2, 20});
    CHECK(message_of([&] { cat<std::int64_t>({}, 0); }) == "cat: no tensors at here");
    CHECK(message_of([&] {
              cat<std::int64_t>({a, b}, 1);
          }) == "cat: tensor 1 has shape [2,2], the first has [1,2]; only dimension 1 may differ at here");
    CHECK(message_of([&] { cat<std::int64_t>({a, a}, 2); }) == "cat: dimension 2 of a tensor of rank 2 at here");
}

TEST_CASE("ops/copy: between every pair of dtypes, from views too") {
    for_each_dtype([]<class From>(Type<From>) {
        for_each_dtype([]<class To>(Type<To>) {
            Tensor<From> x = zeros<From>({4, 6});
            for (int i = 0; i < 24; ++i) x(i / 6, i % 6) = static_cast<ScalarOf<From>>(i * 5);
            const Tensor<From> view = x.transpose(0, 1).slice(0, 1, 6, 2);
            const Tensor<To> y = view.template to<To>();
            CHECK(y.dtype() == dtype_of<To>);
            const std::vector<double> from = numbers(view), to = numbers(y);
            for (std::size_t i = 0; i < from.size(); ++i)
                CHECK(to[i] == static_cast<double>(static_cast<To>(static_cast<ScalarOf<From>>(from[i]))));
        });
    });
}

TEST_CASE("ops/copy: a double is rounded once on its way to two bytes") {
    for_each_stored([]<class T>(Type<T>) {
        // Just above the middle between 1 and its successor: as a float it would be that middle, a tie, which goes
        // to 1.
        const double step = static_cast<double>(T::from_bits(static_cast<std::uint16_t>(T(1).bits() + 1))) - 1;
        const double x = 1 + step / 2 + 1e-12;
        CHECK(full<double>({3}, x).template to<T>()(1) == static_cast<float>(1 + step));
        CHECK(full<double>({3}, x).template to<float>().template to<T>()(1) == 1.0f);
        CHECK(full<T>({3}, x)(1) == static_cast<float>(1 + step));
        const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
        const auto limits = full<double>({3, 2}, nan).template to<T>();
        CHECK(std::isnan(static_cast<float>(limits(2, 1))));
        CHECK(full<double>({1}, 1e39).template to<T>()(0) == std::numeric_limits<float>::infinity());
        CHECK(full<float>({1}, -3.4e38f).template to<T>()(0) <= -3.3e38f);
        CHECK(static_cast<double>(full<double>({1}, -infinity).template to<T>().item()) == -infinity);
    });
}

TEST_CASE("ops/copy: gradients pass through what is stored in two bytes, rounded to it") {
    for_each_stored([]<class T>(Type<T>) {
        // No float below is a T.
        const Tensor<float> weights({{0.1f, 1.0001f, -3.3f}, {1e-6f, 7.7f, 123.456f}});
        Tensor<float> x({{1, 2, 3}, {4, 5, 6.0001f}});
        x.requires_grad_();
        const Tensor<T> stored = x.to<T>();
        CHECK(stored.requires_grad());
        const Tensor<float> back = stored.template to<float>();
        CHECK(elements(back) == std::vector<float>{1, 2, 3, 4, 5, 6});
        sum(back * weights).backward({.retain_graph = true});
        CHECK(numbers(x.grad()) == numbers(weights.to<T>()));

        // Several uses add up, through views and copies, into double too.
        x.zero_grad();
        const Tensor<T> turned = stored.transpose(0, 1).contiguous().clone().reshape({2, 3});
        const Tensor<double> wide = cat<T>({stored, turned.slice(1, 0, 2)}, 1).template to<double>();
        sum(wide * wide).backward();
        // turned is [1, 4, 2; 5, 3, 6]: its first two columns are 1, 4, 5, 3.
        CHECK(elements(x.grad()) == std::vector<float>{4, 4, 12, 16, 20, 12});

        // From double and back the gradient is rounded on the way.
        Tensor<double> d({0.1, 0.2});
        d.requires_grad_();
        sum(d.to<T>().template to<double>() * Tensor<double>({0.1, 1e-3})).backward();
        CHECK(elements(d.grad()) == std::vector<double>{static_cast<double>(T(0.1)), static_cast<double>(T(1e-3))});

        // The second derivative of x^3, taken at the rounded x.
        Tensor<float> u({2});
        u.requires_grad_();
        const Tensor<float> r = u.to<T>().template to<float>();
        const auto [first] = grad(sum(r * r * r), {u}, {.create_graph = true});
        CHECK(first.item() == 12);
        const auto [second] = grad(sum(first), {u});
        CHECK(second.item() == 12);
    });
}

TEST_CASE("ops/copy: what reaches a stored tensor by copy_ and expand has its gradient") {
    for_each_stored([]<class T>(Type<T>) {
        Tensor<float> x({1, 2});
        x.requires_grad_();
        Tensor<T> buffer = zeros<T>({3, 2});
        buffer.copy_(x.to<T>());
        sum(buffer.template to<float>() * Tensor<float>({{1, 1}, {2, 1}, {4, 4}})).backward();
        CHECK(elements(x.grad()) == std::vector<float>{7, 6});
        const NoGrad guard;
        buffer.fill_(0.5);
        CHECK(numbers(buffer) == std::vector<double>(6, 0.5));
    });
}
