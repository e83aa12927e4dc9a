// golden/fusion.safetensors, made by PyTorch in float64: the released weights on one pair of images, with the loss and
// all gradients. What the tests of seafusion/ share.
#pragma once

#include <algorithm>
#include <cmath>

#include "fathom/io/safetensors.hpp"
#include "fathom/ops/image.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/seafusion/fusion_net.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

namespace fathom::tests {

inline const AnyTensor& golden(const std::string& name) {
    static const StateDict dict = io::load(FATHOM_GOLDEN_DIR "/fusion.safetensors");
    const AnyTensor* found = dict.find(name);
    if (!found) throw Error("no golden " + name);
    return *found;
}

template <class T>
Tensor<T> golden_as(const std::string& name) {
    return golden(name).as<double>().to<T>();
}

// The net with the released weights.
template <class T>
seafusion::FusionNet<T> golden_net(seafusion::Sobel kind = seafusion::Sobel::trainable) {
    seafusion::FusionNet<T> net(kind);
    StateDict weights;
    for (const auto& [name, tensor] : io::load(FATHOM_GOLDEN_DIR "/fusion.safetensors"))
        if (name.rfind("weight.", 0) == 0) weights.add(name.substr(7), tensor);
    net.load_state_dict(weights);
    return net;
}

// Max |a - b|.
inline double difference(const AnyTensor& a, const AnyTensor& b) {
    REQUIRE(a.shape() == b.shape());
    const std::vector<double> x = numbers(a), y = numbers(b);
    double most = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double d = std::fabs(x[i] - y[i]);
        most = d > most || d != d ? d : most;
    }
    return most;
}

// Max |a - b| / max |b|.
inline double relative_difference(const AnyTensor& a, const AnyTensor& b) {
    double most = 0;
    for (const double x : numbers(b)) most = std::max(most, std::fabs(x));
    return difference(a, b) / most;
}

// Images in [0, 1].
template <class T>
Tensor<T> random_image(const Shape& shape, std::uint64_t seed) {
    Generator gen(seed);
    return rand<T>(shape, gen);
}

}  // namespace fathom::tests
