#include "fathom/nn/pooling.hpp"

#include <doctest/doctest.h>

#include "fathom/nn/sequential.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

namespace fathom::tests {

TEST_CASE("nn/pooling: the modules are the operations") {
    Generator gen(1);
    const auto x = randn<float>({2, 3, 9, 8}, gen);
    CHECK(same_bits(nn::MaxPool2d({3, 2, 1})(x), max_pool2d(x, {3, 2, 1})));
    CHECK(same_bits(nn::AvgPool2d({.kernel_size = 2})(x), avg_pool2d(x, {2, 2})));
    CHECK(same_bits(nn::AdaptiveAvgPool2d({3, 2})(x), adaptive_avg_pool2d(x, {3, 2})));
    CHECK(nn::MaxPool2d({2}).parameters().empty());

    nn::Sequential<float> net{nn::MaxPool2d({3, 2, 1}), nn::AdaptiveAvgPool2d(1)};
    CHECK(net(x).shape() == Shape{2, 3, 1, 1});
}

}  // namespace fathom::tests
