// Images for the tests of measures of fused images: small ones by their pixels, larger ones from a formula.
#pragma once

#include <cstdint>
#include <vector>

#include "fathom/metrics/fusion.hpp"
#include "fathom/tensor/factories.hpp"

namespace fusion_test {

using fathom::Tensor;

inline Tensor<std::uint8_t> image(std::int64_t rows, std::int64_t columns, const std::vector<int>& pixels) {
    const std::vector<std::uint8_t> bytes(pixels.begin(), pixels.end());
    return fathom::from_data(bytes.data(), {rows, columns, static_cast<std::int64_t>(bytes.size()) / (rows * columns)});
}

inline Tensor<std::uint8_t> constant(std::int64_t rows, std::int64_t columns, int value) {
    return image(rows, columns, std::vector<int>(static_cast<std::size_t>(rows * columns), value));
}

// A visible and an infrared image and their mean with some noise, in whole numbers alone, so that they are the same
// everywhere: a slope with a grid of bars, and a disc on a dark ground.
struct Scene {
    Tensor<std::uint8_t> visible, infrared, fused;

    Scene(std::int64_t rows, std::int64_t columns, std::int64_t channels) {
        std::vector<int> v, i, f;
        std::uint32_t state = 1;
        const auto noise = [&state](int range) {
            state = state * 1664525u + 1013904223u;
            return static_cast<int>((state >> 16) % static_cast<std::uint32_t>(range));
        };
        for (std::int64_t y = 0; y < rows; ++y)
            for (std::int64_t x = 0; x < columns; ++x) {
                const std::int64_t dy = 2 * y - rows, dx = 2 * x - columns;
                const int heat = (dy * dy + dx * dx) * 9 < rows * columns * 4 ? 200 + noise(40) : 30 + noise(20);
                i.push_back(heat);
                const int light = static_cast<int>(160 * x / columns) + ((x / 5 + y / 7) % 2 == 0 ? 60 : 0);
                for (std::int64_t c = 0; c < channels; ++c) {
                    const int value = light + 7 * static_cast<int>(c) + noise(12);
                    v.push_back(value);
                    f.push_back((value + heat) / 2 + noise(6));
                }
            }
        visible = image(rows, columns, v), infrared = image(rows, columns, i), fused = image(rows, columns, f);
    }
    fathom::metrics::FusionScores scores(fathom::metrics::FusionConvention convention) const {
        return fusion_scores(visible, infrared, fused, convention);
    }
};

}  // namespace fusion_test
