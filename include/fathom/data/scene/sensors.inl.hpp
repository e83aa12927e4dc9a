// Part of synthetic.inl.hpp: the two cameras. The visible one exposes, tints and adds shot and read noise; the infrared
// one has little contrast, slight blur, darker corners, columns that differ, and noise of its own. Both give 8 bits.
#pragma once

namespace fathom::inline v0::data::scene {

inline std::uint8_t eight_bits(float x) { return static_cast<std::uint8_t>(unit(x) * 255 + 0.5f); }

// Four numbers of zero mean and unit variance from one counter: each the sum of two uniform ones.
struct Grain {
    float n[4];
};
inline Grain grain(std::uint64_t seed, std::size_t index) {
    const auto bits = philox(seed, index);
    Grain g;
    for (std::size_t i = 0; i < 4; ++i)
        g.n[i] = (static_cast<float>(bits[i] >> 16) + static_cast<float>(bits[i] & 0xFFFFu) - 65535) * (2.45f / 65536);
    return g;
}

// sRGB-like bytes [H, W, 3] of the light. The display curve is a square root.
inline std::vector<std::uint8_t> photograph(const World& w, const std::vector<Rgb>& light, Draws& r) {
    const float shot = w.night ? r.range(0.008f, 0.03f) : r.range(0.005f, 0.02f),
                read = w.night ? r.range(0.0004f, 0.002f) : 0.001f;
    const Rgb balance = w.night ? Rgb{r.range(0.75f, 1.05f), r.range(1, 1.15f), r.range(0.6f, 1)}
                                : Rgb{r.range(0.93f, 1.07f), 1, r.range(0.92f, 1.08f)};
    const float black = w.night ? r.range(0, 0.0015f) : r.range(0, 0.004f);
    const std::uint64_t seed = (std::uint64_t{r.bits()} << 32) + 1;
    std::vector<std::uint8_t> bytes(light.size() * 3);
    for (std::size_t i = 0; i < light.size(); ++i) {
        const Rgb lit = light[i] * balance;
        const Grain g = grain(seed, i);
        const float channels[] = {lit.r, lit.g, lit.b};
        for (std::size_t c = 0; c < 3; ++c) {
            const float v = channels[c], noisy = v + shot * std::sqrt(most(v, 0)) * (0.8f * g.n[c] + 0.5f * g.n[3]) +
                                                 read * g.n[c] - black;
            bytes[3 * i + c] = eight_bits(std::sqrt(most(noisy, 0)));
        }
    }
    return bytes;
}

// The exposure that brings the picture's mean to `target`, as a camera's automatic does.
inline float expose(const std::vector<Rgb>& light, float target) {
    double sum = 0;
    for (const Rgb& c : light) sum += std::sqrt(most(least(0.3f * c.r + 0.59f * c.g + 0.11f * c.b, 1.5f), 0));
    const float mean = static_cast<float>(sum / static_cast<double>(light.size())), k = target / most(mean, 1e-3f);
    return k * k;
}

// Grey bytes [H, W] of the heat.
inline std::vector<std::uint8_t> thermograph(Canvas& canvas, const World& w, Draws& r) {
    const int height = canvas.height, width = canvas.width;
    const float gain = r.range(0.75f, 1.15f), offset = r.range(-0.012f, 0.02f), dark = r.range(0.05f, 0.2f);
    const float fixed = r.range(0.001f, 0.004f), noisy = r.range(0.002f, 0.005f);
    // Blur is a property of the lens: a fraction of the picture, at most about a pixel at 640 columns.
    const float side = least(1, static_cast<float>(width) / 640) * r.range(0.1f, 0.22f), middle = 1 - 2 * side;
    const std::uint64_t seed = (std::uint64_t{r.bits()} << 32) + 2;
    const std::size_t columns = static_cast<std::size_t>(width);
    std::vector<float> rows(canvas.pixels.size());
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const float left = canvas.at(x > 0 ? x - 1 : x, y).heat,
                        right = canvas.at(x + 1 < width ? x + 1 : x, y).heat;
            rows[static_cast<std::size_t>(y) * columns + static_cast<std::size_t>(x)] =
                middle * canvas.at(x, y).heat + side * (left + right);
        }
    std::vector<std::uint8_t> bytes(rows.size());
    for (int y = 0; y < height; ++y) {
        const float* here = rows.data() + static_cast<std::size_t>(y) * columns;
        const float *above = y > 0 ? here - columns : here, *below = y + 1 < height ? here + columns : here;
        const float v = 2 * (static_cast<float>(y) + 0.5f) / static_cast<float>(height) - 1;
        for (int x = 0; x < width; ++x) {
            const float u = 2 * (static_cast<float>(x) + 0.5f) / static_cast<float>(width) - 1;
            const std::size_t i = static_cast<std::size_t>(y) * columns + static_cast<std::size_t>(x);
            const float heat = middle * here[x] + side * (above[x] + below[x]);
            const float column = fixed * (lattice(x, 0, w.salt + 31) - 0.5f) * 2,
                        cell = 0.7f * fixed * (lattice(x, y, w.salt + 32) - 0.5f);
            bytes[i] = eight_bits((gain * heat + offset) * (1 - dark * 0.5f * (u * u + v * v)) + column + cell +
                                  noisy * grain(seed, i).n[0]);
        }
    }
    return bytes;
}

}  // namespace fathom::inline v0::data::scene
