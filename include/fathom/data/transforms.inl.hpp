// Definitions of transforms.hpp.
#include <algorithm>
#include <cmath>
#include <vector>

#include "fathom/core/luminance.hpp"

namespace fathom::inline v0::data {
namespace sampling {

inline float clamp01(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

// For each pixel of a crop's side: the two source pixels it lies between, the second's weight, and the nearest one.
struct Axis {
    std::vector<std::int64_t> low, high, nearest;
    std::vector<float> weight;

    // Pixels [begin, begin + count) of a side that was scaled from `source` to `scaled` pixels.
    Axis(std::int64_t source, std::int64_t scaled, std::int64_t begin, std::int64_t count, bool mirrored) {
        const double step = static_cast<double>(source) / static_cast<double>(scaled);
        for (std::int64_t i = begin; i < begin + count; ++i) {
            const double center = (static_cast<double>(mirrored ? scaled - 1 - i : i) + 0.5) * step;
            const double position = std::max(0.0, center - 0.5);
            const auto first = std::min(static_cast<std::int64_t>(position), source - 1);
            low.push_back(first);
            high.push_back(std::min(first + 1, source - 1));
            weight.push_back(static_cast<float>(position - static_cast<double>(first)));
            nearest.push_back(std::min(static_cast<std::int64_t>(center), source - 1));
        }
    }
    std::int64_t size() const { return static_cast<std::int64_t>(low.size()); }
    std::int64_t first() const { return std::min(low.front(), low.back()); }
    std::int64_t last() const { return std::max(high.front(), high.back()); }
};

// Interpolates `planes` planes at once. read(y, plane, row) gives the source's row y in the columns that are needed,
// one behind the other, and is asked once for each row as long as rows come in order.
template <class Read>
void interpolate(const Axis& rows, const Axis& columns, std::int64_t planes, Read&& read, float* out) {
    const std::int64_t first = columns.first(), length = columns.last() - first + 1, count = columns.size();
    std::vector<float> memory(static_cast<std::size_t>(3 * planes * length));
    float* slots[2] = {memory.data(), memory.data() + planes * length};
    float* mixed = memory.data() + 2 * planes * length;
    std::int64_t held[2] = {-1, -1};
    // The slot that does not hold `keep` is free to be overwritten.
    const auto fetch = [&](std::int64_t y, std::int64_t keep) -> const float* {
        for (int s = 0; s < 2; ++s)
            if (held[s] == y) return slots[s];
        const int s = held[0] == keep ? 1 : 0;
        read(y, slots[s]);
        held[s] = y;
        return slots[s];
    };
    for (std::int64_t i = 0; i < rows.size(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        const float down = rows.weight[at];
        const float* row = fetch(rows.low[at], rows.high[at]);
        if (down != 0) {
            const float* next = fetch(rows.high[at], rows.low[at]);
            for (std::int64_t x = 0; x < planes * length; ++x) mixed[x] = row[x] + (next[x] - row[x]) * down;
            row = mixed;
        }
        for (std::int64_t p = 0; p < planes; ++p) {
            const float* line = row + p * length - first;
            float* to = out + (p * rows.size() + i) * count;
            for (std::int64_t x = 0; x < count; ++x) {
                const auto c = static_cast<std::size_t>(x);
                const float a = line[columns.low[c]], b = line[columns.high[c]];
                to[x] = a + (b - a) * columns.weight[c];
            }
        }
    }
}

// Jitter as a table for brightness and contrast, which treat every sample alike, and the factor for saturation.
struct Jitter {
    std::array<float, 256> table;
    float saturation = 1;

    explicit Jitter(const Transform& t, const Tensor<std::uint8_t>& image) {
        for (std::size_t v = 0; v < 256; ++v) table[v] = static_cast<float>(v) / 255.0f;
        if (!t.jitter) return;
        for (float& x : table) x = clamp01(static_cast<float>(t.brightness) * x);
        const auto contrast = static_cast<float>(t.contrast);
        const float shift = (1 - contrast) * mean_luminance(image);
        for (float& x : table) x = clamp01(contrast * x + shift);
        saturation = static_cast<float>(t.saturation);
    }

    // After brightness, by counting how often each value occurs in each channel.
    float mean_luminance(const Tensor<std::uint8_t>& image) const {
        std::array<std::array<std::int64_t, 256>, 3> counts{};
        const std::uint8_t* in = image.data();
        for (std::int64_t i = 0; i < image.numel(); i += 3)
            for (std::size_t c = 0; c < 3; ++c) ++counts[c][in[i + static_cast<std::int64_t>(c)]];
        constexpr double share[3] = {red_share, green_share, blue_share};
        double sum = 0;
        for (std::size_t c = 0; c < 3; ++c)
            for (std::size_t v = 0; v < 256; ++v)
                sum += share[c] * static_cast<double>(counts[c][v]) * static_cast<double>(table[v]);
        return static_cast<float>(sum / static_cast<double>(image.numel() / 3));
    }
};

FATHOM_INLINE void crop_visible(const Transform& t, const Sample& sample, const Axis& rows, const Axis& columns,
                                float* out) {
    const Jitter jitter(t, sample.visible);
    const std::int64_t width = sample.width(), first = columns.first(), length = columns.last() - first + 1;
    const std::uint8_t* pixels = sample.visible.data();
    const auto read = [&](std::int64_t y, float* row) {
        const std::uint8_t* in = pixels + 3 * (y * width + first);
        float *r = row, *g = row + length, *b = row + 2 * length;
        for (std::int64_t x = 0; x < length; ++x, in += 3)
            r[x] = jitter.table[in[0]], g[x] = jitter.table[in[1]], b[x] = jitter.table[in[2]];
        if (!t.jitter) return;
        const float saturation = jitter.saturation;
        for (std::int64_t x = 0; x < length; ++x) {
            const float grey = (1 - saturation) * luminance(r[x], g[x], b[x]);
            r[x] = clamp01(saturation * r[x] + grey);
            g[x] = clamp01(saturation * g[x] + grey);
            b[x] = clamp01(saturation * b[x] + grey);
        }
    };
    interpolate(rows, columns, 3, read, out);
}

FATHOM_INLINE void crop_infrared(const Sample& sample, const Axis& rows, const Axis& columns, float* out) {
    const std::int64_t width = sample.width(), first = columns.first(), length = columns.last() - first + 1;
    const auto read = [&](std::int64_t y, float* row) {
        for (std::int64_t x = 0; x < length; ++x) row[x] = sample.infrared[y * width + first + x];
    };
    interpolate(rows, columns, 1, read, out);
}

FATHOM_INLINE void check_sample(const Sample& sample, const CropTargets& targets, Where site) {
    const auto& visible = sample.visible;
    if (visible.rank() != 3 || visible.shape()[2] != 3 || visible.numel() == 0 || !visible.is_contiguous())
        fail("transform", site,
             {"the visible image of ", sample.name, " has shape ", visible.shape(), ", expected a dense [H,W,3]"});
    const std::int64_t height = sample.height(), width = sample.width();
    if (targets.infrared && sample.infrared.size() != height * width)
        fail("transform", site,
             {"the infrared image of ", sample.name, " has ", sample.infrared.size(), " samples, expected ", height,
              " x ", width});
    if (!targets.label) return;
    if (!sample.label.defined()) fail("transform", site, {sample.name, " has no label"});
    if (!(sample.label.shape() == Shape{height, width}) || !sample.label.is_contiguous())
        fail("transform", site,
             {"the label of ", sample.name, " has shape ", sample.label.shape(), ", expected a dense [", height, ",",
              width, "]"});
}

}  // namespace sampling

FATHOM_INLINE Transform draw_transform(const Sample& sample, const TransformOptions& options, std::int64_t height,
                                       std::int64_t width, RandomStream stream, Where site) {
    const std::int64_t full_height = sample.height(), full_width = sample.width();
    const auto choose = [&](std::uint64_t draw, std::int64_t choices) {
        return static_cast<std::int64_t>(uniform(stream, draw) * static_cast<double>(choices));
    };
    Transform t{.scaled_height = full_height, .scaled_width = full_width, .height = height, .width = width};
    if (options.jitter) {
        t.jitter = true;
        t.brightness = 0.5 + uniform(stream, 0);
        t.contrast = 0.5 + uniform(stream, 1);
        t.saturation = 0.5 + uniform(stream, 2);
    }
    t.mirrored = options.flip && choose(3, 2) == 1;
    if (height == 0 && width == 0) {
        t.height = full_height, t.width = full_width;
        return t;
    }
    if (options.scale) {
        const double factor = scale_factors[static_cast<std::size_t>(choose(4, scale_factors.size()))];
        const auto scaled = [&](std::int64_t side) {
            return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(side) * factor));
        };
        t.scaled_height = scaled(full_height), t.scaled_width = scaled(full_width);
        if (t.scaled_height < height || t.scaled_width < width) {
            // The side that lacks more becomes the crop's; the other keeps the aspect, rounded up.
            const std::int64_t by_height = height * t.scaled_width, by_width = width * t.scaled_height;
            if (by_height >= by_width)
                t.scaled_width = (by_height + t.scaled_height - 1) / t.scaled_height, t.scaled_height = height;
            else
                t.scaled_height = (by_width + t.scaled_width - 1) / t.scaled_width, t.scaled_width = width;
        }
    }
    if (t.scaled_height < height || t.scaled_width < width)
        fail("transform", site,
             {sample.name, " has ", full_height, " x ", full_width, " pixels, expected at least the crop's ", height,
              " x ", width});
    t.top = choose(5, t.scaled_height - height + 1);
    t.left = choose(6, t.scaled_width - width + 1);
    return t;
}

FATHOM_INLINE void apply_transform(const Transform& t, const Sample& sample, const CropTargets& targets, Where site) {
    sampling::check_sample(sample, targets, site);
    if (t.height < 1 || t.width < 1 || t.top < 0 || t.left < 0 || t.top > t.scaled_height - t.height ||
        t.left > t.scaled_width - t.width)
        fail("transform", site,
             {"a crop of ", t.height, " x ", t.width, " at (", t.top, ", ", t.left, ") does not lie in an image of ",
              t.scaled_height, " x ", t.scaled_width});
    const sampling::Axis rows(sample.height(), t.scaled_height, t.top, t.height, false),
        columns(sample.width(), t.scaled_width, t.left, t.width, t.mirrored);
    const std::int64_t pixels = t.height * t.width;
    if (targets.visible || targets.luminance || targets.chroma) {
        std::vector<float> own(targets.visible ? 0 : static_cast<std::size_t>(3 * pixels));
        float* rgb = targets.visible ? targets.visible : own.data();
        sampling::crop_visible(t, sample, rows, columns, rgb);
        const float *red = rgb, *green = rgb + pixels, *blue = rgb + 2 * pixels;
        for (std::int64_t i = 0; (targets.luminance || targets.chroma) && i < pixels; ++i) {
            const float y = luminance(red[i], green[i], blue[i]);
            if (targets.luminance) targets.luminance[i] = y;
            if (!targets.chroma) continue;
            targets.chroma[i] = static_cast<float>(cr_scale) * (red[i] - y) + 0.5f;
            targets.chroma[pixels + i] = static_cast<float>(cb_scale) * (blue[i] - y) + 0.5f;
        }
    }
    if (targets.infrared) sampling::crop_infrared(sample, rows, columns, targets.infrared);
    if (targets.label) {
        const std::uint8_t* in = sample.label.data();
        std::int64_t* out = targets.label;
        for (const std::int64_t y : rows.nearest)
            for (const std::int64_t x : columns.nearest) *out++ = in[y * sample.width() + x];
    }
}

}  // namespace fathom::inline v0::data
