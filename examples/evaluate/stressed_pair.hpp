// What `evaluate stress` does to a pair of images: a visible image with more contrast than its range holds, an infrared
// image that does not lie on the visible one, or is coarser.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "fathom/data/pairs.hpp"
#include "fathom/tensor/factories.hpp"

namespace evaluate {

using Image = fathom::Tensor<float>;  // [H, W, C], in [0, 1]

// A kind of stress at one of its strengths.
struct Stress {
    const char* kind;
    double strength;
};

// none: the pair itself. contrast: visible I' = clip(k (I - .5) + .5). shift: infrared moved by so many pixels to the
// right and as many down. scale: infrared enlarged so many times around its centre. coarse: infrared of so many times
// fewer rows and columns, enlarged again.
inline const std::vector<Stress>& all_stresses() {
    static const std::vector<Stress> list = {
        {"none", 0},     {"contrast", 1.5}, {"contrast", 2}, {"contrast", 3}, {"contrast", 4}, {"contrast", 5},
        {"shift", 1},    {"shift", 2},      {"shift", 4},    {"shift", 8},    {"shift", 16},   {"scale", 1.01},
        {"scale", 1.02}, {"scale", 1.05},   {"scale", 1.1},  {"coarse", 2},   {"coarse", 4},   {"coarse", 8}};
    return list;
}

inline Image with_contrast(const Image& image, double k) {
    Image out = fathom::empty<float>(image.shape());
    const float* from = image.data();
    float* to = out.mutable_data();
    for (std::int64_t i = 0; i < image.numel(); ++i)
        to[i] = static_cast<float>(std::clamp(k * (static_cast<double>(from[i]) - 0.5) + 0.5, 0.0, 1.0));
    return out;
}

// A [height, width, 1] image whose pixel (row, column) is what `image` [H, W, 1] has at place(row), place(column),
// linearly between pixels; the border goes on outside.
template <class Rows, class Columns>
Image resampled(const Image& image, std::int64_t height, std::int64_t width, Rows row_of, Columns column_of) {
    struct Between {
        std::int64_t first, second;
        double share;  // of the second
    };
    const auto places = [](std::int64_t count, std::int64_t size, auto place) {
        std::vector<Between> list;
        for (std::int64_t i = 0; i < count; ++i) {
            const double at = std::clamp(place(static_cast<double>(i)), 0.0, static_cast<double>(size - 1));
            const auto first = static_cast<std::int64_t>(at);
            list.push_back({first, std::min(first + 1, size - 1), at - static_cast<double>(first)});
        }
        return list;
    };
    const std::vector<Between> rows = places(height, image.size(0), row_of),
                               columns = places(width, image.size(1), column_of);
    Image out = fathom::empty<float>({height, width, 1});
    float* to = out.mutable_data();
    for (const Between& r : rows) {
        const float *a = image.data() + r.first * image.size(1), *b = image.data() + r.second * image.size(1);
        for (const Between& c : columns) {
            const auto along = [&](const float* row) { return row[c.first] * (1 - c.share) + row[c.second] * c.share; };
            *to++ = static_cast<float>(along(a) * (1 - r.share) + along(b) * r.share);
        }
    }
    return out;
}

inline Image shifted(const Image& image, double pixels) {
    const auto place = [&](double i) { return i - pixels; };
    return resampled(image, image.size(0), image.size(1), place, place);
}

inline Image scaled(const Image& image, double times) {
    const auto place = [&](std::int64_t size) {
        const double centre = static_cast<double>(size - 1) / 2;
        return [=](double i) { return centre + (i - centre) / times; };
    };
    return resampled(image, image.size(0), image.size(1), place(image.size(0)), place(image.size(1)));
}

// Means of blocks, those at the lower and right border of what is there, and back to the size.
inline Image coarser(const Image& image, std::int64_t block) {
    const std::int64_t h = image.size(0), w = image.size(1), rows = (h + block - 1) / block,
                       columns = (w + block - 1) / block;
    Image small = fathom::empty<float>({rows, columns, 1});
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; ++c) {
            double sum = 0;
            std::int64_t count = 0;
            for (std::int64_t y = r * block; y < std::min(h, (r + 1) * block); ++y)
                for (std::int64_t x = c * block; x < std::min(w, (c + 1) * block); ++x, ++count)
                    sum += static_cast<double>(image.data()[y * w + x]);
            small.mutable_data()[r * columns + c] = static_cast<float>(sum / static_cast<double>(count));
        }
    const auto place = [&](double i) { return (i + 0.5) / static_cast<double>(block) - 0.5; };
    return resampled(small, h, w, place, place);
}

inline fathom::data::LoadedPair stressed(const fathom::data::LoadedPair& pair, const Stress& stress) {
    fathom::data::LoadedPair out = pair;
    const std::string kind = stress.kind;
    if (kind == "contrast") out.visible = with_contrast(pair.visible, stress.strength);
    if (kind == "shift") out.infrared = shifted(pair.infrared, stress.strength);
    if (kind == "scale") out.infrared = scaled(pair.infrared, stress.strength);
    if (kind == "coarse") out.infrared = coarser(pair.infrared, static_cast<std::int64_t>(stress.strength));
    return out;
}

}  // namespace evaluate
