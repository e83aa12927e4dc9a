#include "fathom/ops/copy.hpp"

#include <limits>

#include "fathom/ops/arithmetic.hpp"
#include "fathom/tensor/factories.hpp"
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
    CHECK(x.to<double>().any().same_as(x));
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
    CHECK(stack<std::int64_t>({a, a}, -1).shape() == Shape{1, 2, 2});
    CHECK(elements(stack<std::int64_t>({a, a * 10}, -1)) == std::vector<std::int64_t>{1, 10, 2, 20});
    CHECK(message_of([&] { cat<std::int64_t>({}, 0); }) == "cat: no tensors at here");
    CHECK(message_of([&] {
              cat<std::int64_t>({a, b}, 1);
          }) == "cat: tensor 1 has shape [2,2], the first has [1,2]; only dimension 1 may differ at here");
    CHECK(message_of([&] { cat<std::int64_t>({a, a}, 2); }) == "cat: dimension 2 of a tensor of rank 2 at here");
}
