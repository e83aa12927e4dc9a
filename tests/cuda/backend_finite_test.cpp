// Whether a tensor on the device is finite, told by the device; and what a reset of the device leaves.
#include <limits>

#include "cuda/runtime.hpp"
#include "fathom/backend/stream.hpp"
#include "fathom/ops/finite.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/cuda/device.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE_TEMPLATE("cuda/backend_finite: one element that is not finite is found wherever it lies", T, float, double) {
    constexpr T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN(),
                largest = std::numeric_limits<T>::max();
    CHECK(all_finite(empty<T>({0, 3}, test_device)));
    const std::int64_t rows = 5, columns = 1001, n = rows * columns;
    for (const std::int64_t place : {std::int64_t{0}, std::int64_t{255}, std::int64_t{256}, n / 2, n - 1})
        for (const T value : {infinity, -infinity, nan, largest, -largest}) {
            Tensor<T> x = full<T>({rows, columns}, T{1});
            x.mutable_data()[place] = value;
            const bool expected = value == largest || value == -largest;
            const Tensor<T> there = x.to(test_device);
            CHECK(all_finite(there) == expected);
            CHECK(all_finite(there.permute({1, 0})) == expected);
            // A view is asked about its own elements alone.
            const std::int64_t row = place / columns, next = row == 0 ? 1 : 0;
            CHECK(all_finite(there.slice(0, row, row + 1)) == expected);
            CHECK(all_finite(there.slice(0, next, next + 1)));
        }
    CHECK(all_finite(full<std::int64_t>({3}, 1).to(test_device)));
    // More than the blocks look at in one go.
    Tensor<T> x = full<T>({checked_build ? 1000 : (1 << 21) + 5}, T{1});
    x.mutable_data()[x.numel() - 1] = nan;
    CHECK(!all_finite(x.to(test_device)));
    CHECK(all_finite(x.slice(0, 0, x.numel() - 1).to(test_device)));
}

TEST_CASE("cuda/backend_finite: the operation whose result is not finite is named on the device too") {
    const auto x = full<float>({2, 3}, 0.0f).to(test_device);
    FirstNonFinite first;
    const auto fine = x + 1.0f;
    CHECK(!first.found());
    const auto bad = log(x);
    const auto later = bad + 1.0f;
    CHECK(first.message().find("log at ") == 0);
    CHECK(first.message().find("in a result of shape [2,3]") != std::string::npos);
}

TEST_CASE("cuda/backend_finite: after a reset the device works, and what lay on it says that it is gone") {
    namespace device = FATHOM_CUDA_NAMESPACE;
    auto lost = full<float>({1000}, 1.0f).to(test_device);
    { const auto kept = full<float>({5000}, 2.0f).to(test_device); }
    REQUIRE(device::set_device(0).ok());
    REQUIRE(device::reset_device().ok());
    CHECK(memory_of(test_device).active == 0);
    CHECK(memory_of(test_device).kept == 0);
    CHECK(message_of([&] { lost.to(Device::cpu()); }).find("the device was reset, which has destroyed this memory") !=
          std::string::npos);
    const auto fresh = full<float>({1000}, 3.0f).to(test_device);
    lost = {};
    CHECK(memory_of(test_device).active == 4096);
    CHECK(sum(fresh).item() == 3000);
}
