// The segmentation net with the weights that the golden files of segmentation and joint training were made with: sines
// whose frequency comes from the parameter's name. As far as the golden file's note says: in double, then rounded to
// float.
#pragma once

#include <cmath>

#include "fathom/io/zip.hpp"
#include "fathom/seafusion/segmentation_net.hpp"

namespace fathom::tests {

inline bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

inline Tensor<float> pseudo_weight(const std::string& name, const Shape& shape) {
    const double k = 1 + static_cast<double>(io::crc32(name) % 9973) / 9973;
    double factor = 0.1, offset = 0;
    if (shape.rank() == 4)
        factor = 1.5 / std::sqrt(static_cast<double>(shape.numel() / shape[0]));
    else if (ends_with(name, "running_var"))
        factor = 0.3, offset = 1;
    else if (ends_with(name, ".weight"))
        factor = 0.2, offset = 1;
    std::vector<float> values;
    for (std::int64_t i = 0; i < shape.numel(); ++i)
        values.push_back(
            static_cast<float>(offset + factor * (std::sin(k * static_cast<double>(i + 1)) * std::sqrt(2.0))));
    return from_data(values.data(), shape);
}

inline const StateDict& pseudo_weights() {
    static const StateDict made = [] {
        StateDict weights;
        Generator gen(0);
        for (const auto& [name, tensor] : seafusion::SegmentationNet<float>(gen).state_dict())
            weights.add(name, tensor.dtype() == DType::int64 ? tensor : pseudo_weight(name, tensor.shape()));
        return weights;
    }();
    return made;
}

template <class T>
seafusion::SegmentationNet<T> pseudo_segmentation_net() {
    seafusion::SegmentationNet<T> net;
    net.load_state_dict(pseudo_weights());
    return net;
}

}  // namespace fathom::tests
