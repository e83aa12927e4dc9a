// Devices as users meet them: what is not there says why, memory that runs out leaves everything usable, copies of any
// size arrive.
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/cuda/device.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("cuda/backend_device: the device is there") {
    CHECK_NOTHROW(require(test_device));
    CHECK(find_table(test_device) != nullptr);
    const auto x = full<float>({2, 3}, 4.0f).to(test_device);
    CHECK(x.device() == test_device);
    CHECK(sum(x * x).item() == 96);
}

TEST_CASE("cuda/backend_device: an index beyond the devices is an error that names it") {
    const Device beyond{test_device.kind, 99};
    const std::string text = message_of([&] { full<float>({2}, 1.0f).to(beyond); });
    CHECK(text.find("to: device ") == 0);
    CHECK(text.find("is not there: the machine has fewer devices") != std::string::npos);
}

TEST_CASE("cuda/backend_device: copies arrive whole, over several pieces and with odd sizes, both ways and between") {
    for (const std::int64_t n : {std::int64_t{0}, std::int64_t{1}, std::int64_t{(9 << 20) / 4 + 3}}) {
        CAPTURE(n);
        Tensor<float> x = zeros<float>({n});
        float* values = x.mutable_data();
        for (std::int64_t i = 0; i < n; ++i) values[i] = static_cast<float>(i % 9973);
        CHECK(same_bits(x.to(test_device).to(Device::cpu()), x));
    }
    const auto x = from_data(std::vector<double>{1, 2, 3, 4, 5, 6}.data(), {2, 3});
    CHECK(same_bits(x.to(test_device).permute({1, 0}).to(Device::cpu()), x.permute({1, 0})));
    CHECK(same_bits(x.permute({1, 0}).to(test_device).to(Device::cpu()), x.permute({1, 0})));
}

TEST_CASE("cuda/backend_device: tensors on two devices do not mix, and their elements are read after a copy only") {
    const auto here = full<float>({2}, 1.0f), there = here.to(test_device);
    CHECK(message_of([&] { here + there; }) ==
          join({"add: inputs are on different devices: cpu and ", test_device, " at here"}));
    CHECK(message_of([&] { there.data(); }).find("copy it with .to(Device::cpu()) first") != std::string::npos);
}

TEST_CASE("cuda/backend_device: memory that runs out names operation, shape and device; the next operation works") {
    const std::int64_t n = std::int64_t{1} << 46;
    const std::string text = message_of([&] { zeros<float>({n}, test_device); });
    CHECK(text.find("out of memory on ") != std::string::npos);
    CHECK(text.find("shape [70368744177664]") != std::string::npos);
    CHECK(sum(full<float>({3}, 2.0f).to(test_device)).item() == 6);
}

TEST_CASE("cuda/backend_device: released memory is used again") {
    const auto x = full<float>({1 << 16}, 1.0f).to(test_device);
    const void* address = AnyTensor(x + x).raw();
    for (int i = 0; i < 100; ++i) CHECK(AnyTensor(x + x).raw() == address);
}
