// The fusion net's training step on the device, through the public API alone, against the CPU's.
#include "fathom/seafusion/fusion_trainer.hpp"
#include "tests/cuda/device.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::FusionNet;
using seafusion::FusionTrainer;
using seafusion::Sobel;

namespace {

const Shape crop = checked_build ? Shape{1, 1, 9, 11} : Shape{2, 1, 19, 21};
const int steps = checked_build ? 1 : 4;

double largest_difference(const AnyTensor& a, const AnyTensor& b) {
    const std::vector<double> x = numbers(a), y = numbers(b);
    double most = 0, scale = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        most = std::max(most, std::fabs(x[i] - y[i])), scale = std::max(scale, std::fabs(y[i]));
    return most / scale;
}

// Steps of training on both; the losses of every step and the weights at the end agree to `losses` and `weights`,
// relative to the largest.
template <class T>
void check_steps(Sobel kind, double losses, double weights) {
    FusionNet<T> host = golden_net<T>(kind), device = host;
    device.to(test_device);
    host.precision = Precision::strict;  // direct sums, as the device's: rounding alone is to differ
    FusionTrainer<T> host_trainer(host), device_trainer(device);
    for (int step = 0; step < steps; ++step) {
        CAPTURE(step);
        const auto seed = static_cast<std::uint64_t>(2 * step);
        const auto y = random_image<T>(crop, seed + 1), ir = random_image<T>(crop, seed + 2);
        const auto expected = host_trainer.step(y, ir);
        const auto got = device_trainer.step(y.to(test_device), ir.to(test_device));
        CHECK(std::fabs(got.total - expected.total) <= losses * expected.total);
        CHECK(std::fabs(got.intensity - expected.intensity) <= losses * expected.intensity);
        CHECK(std::fabs(got.texture - expected.texture) <= losses * expected.texture);
    }
    const StateDict expected = host.state_dict();
    for (const StateDict::Entry& entry : device.state_dict()) CHECK(entry.second.device() == test_device);
    device.to(Device::cpu());
    for (const StateDict::Entry& entry : device.state_dict()) {
        INFO(entry.first);
        CHECK(largest_difference(entry.second, *expected.find(entry.first)) <= weights);
    }
}

}  // namespace

TEST_CASE("cuda/backend_training: the fusion net trains as on the CPU, step for step, in double") {
    check_steps<double>(Sobel::trainable, 1e-11, 1e-9);
    check_steps<double>(Sobel::fixed, 1e-11, 1e-9);
}

// Adam's first steps are the learning rate times the gradient's sign, so a gradient near zero decides by its rounding:
// a weight may differ by 2 lr per step.
TEST_CASE("cuda/backend_training: the fusion net trains as on the CPU, step for step, in float") {
    check_steps<float>(Sobel::fixed, 1e-4, 5e-2);
}

TEST_CASE("cuda/backend_training: an optimizer keeps its state when the module moves") {
    FusionNet<double> host = golden_net<double>(), moving = host;
    FusionTrainer<double> host_trainer(host), moving_trainer(moving);
    const Shape small{1, 1, 7, 8};
    const auto y = random_image<double>(small, 1), ir = random_image<double>(small, 2);
    host_trainer.step(y, ir), moving_trainer.step(y, ir);
    moving.to(test_device);
    host_trainer.step(y, ir), moving_trainer.step(y.to(test_device), ir.to(test_device));
    moving.to(Device::cpu());
    const auto expected = host_trainer.step(y, ir), got = moving_trainer.step(y, ir);
    CHECK(std::fabs(got.total - expected.total) <= 1e-11 * expected.total);
}
