// What stands beside convolutions on tiles of bfloat16, against double.
#include "fathom/kernels/tile_images.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "fathom/core/float16.hpp"
#include "fathom/core/random.hpp"
#include "tests/kernels/for_each_isa.hpp"

using namespace fathom;
using namespace fathom::kernels;
using fathom::tests::for_each_tile_isa;

namespace {

using Bits = std::uint16_t;

double value(Bits bits) { return static_cast<double>(static_cast<float>(Float16<7>::from_bits(bits))); }
Bits bits(double x) { return Float16<7>(x).bits(); }

std::vector<Bits> random_bits(std::size_t count, std::uint64_t seed) {
    std::vector<Bits> x(count);
    for (std::size_t i = 0; i < count; ++i) x[i] = bits(2 * uniform({seed, 0}, i) - 1);
    return x;
}

bool close(double got, double exact) { return std::fabs(got - exact) <= std::fabs(exact) * 0x1p-8 + 1e-6; }

}  // namespace

TEST_CASE("kernels/tile_images: pixels of color, those of 8 bits exact") {
    for (const int columns : {1, 16, 37})
        for (const int step : {1, 3}) {
            CAPTURE(columns);
            std::vector<float> image(static_cast<std::size_t>(3 * columns * step));
            for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i * 7 % 256) / 255;
            const float* rows[3];
            for (int c = 0; c < 3; ++c) rows[c] = image.data() + (step == 1 ? c * columns : c);
            for_each_tile_isa([&] {
                std::vector<Bits> pixels(static_cast<std::size_t>(4 * columns + 1), 7);
                color_pixels(rows, step, columns, 255, pixels.data());
                for (int i = 0; i < columns; ++i)
                    for (int c = 0; c < 4; ++c) {
                        const double exact = c == 3 ? 0 : std::round(255 * static_cast<double>(rows[c][i * step]));
                        CHECK(value(pixels[static_cast<std::size_t>(4 * i + c)]) == exact);
                    }
                CHECK(pixels.back() == 7);
            });
        }
}

TEST_CASE("kernels/tile_images: max pooling, with -0 and NaN of either sign") {
    constexpr int columns = 5, width = 2 * columns + 1;
    std::vector<Bits> x = random_bits(3 * width * 32, 1);
    for (Bits& b : x) b &= 0x7fff;
    x[32 + 4] = bits(-0.0);
    x[(width + 5) * 32 + 9] = 0x7fc0, x[(2 * width + 6) * 32 + 10] = 0xffc0;
    const Bits* rows[3];
    for (int r = 0; r < 3; ++r) rows[r] = x.data() + (r * width + 1) * 32;
    for_each_tile_isa([&] {
        std::vector<Bits> y(columns * 32 + 1, 7);
        max_pool_row(rows, columns, y.data());
        for (int i = 0; i < columns; ++i)
            for (int c = 0; c < 32; ++c) {
                double most = 0;
                for (int t = 0; t < 9; ++t) {
                    const double v = value(rows[t / 3][(2 * i + t % 3 - 1) * 32 + c]);
                    most = v > most || v != v ? v : most;
                    if (most != most) break;
                }
                const double got = value(y[static_cast<std::size_t>(i * 32 + c)]);
                CHECK((got == most || (got != got && most != most)));
            }
        CHECK(y.back() == 7);
    });
}

TEST_CASE("kernels/tile_images: interpolation and factors") {
    struct Case {
        std::int64_t height, width, to_height, to_width;
    };
    for (const Case& c : {Case{3, 4, 6, 8}, Case{3, 4, 5, 7}, Case{1, 1, 3, 2}, Case{4, 3, 4, 3}, Case{5, 6, 2, 3}}) {
        constexpr int planes = 2;
        const std::int64_t pitch = (c.width + 1) * 32, to_pitch = (c.to_width + 2) * 32;
        const std::vector<Bits> x = random_bits(static_cast<std::size_t>(planes * c.height * pitch), 2);
        std::vector<float> scale(planes * 32);
        for (std::size_t i = 0; i < scale.size(); ++i) scale[i] = 0.5f + static_cast<float>(i) / 64;
        for (const bool scaled : {false, true})
            for_each_tile_isa([&] {
                std::vector<Bits> y(static_cast<std::size_t>(planes * c.to_height * to_pitch), 7);
                const std::int64_t left = c.to_width > 2 ? 1 : 0;
                tile_resize({x.data(),
                             y.data(),
                             {c.height, c.width, pitch, c.height * pitch},
                             {c.to_height, c.to_width, to_pitch, c.to_height * to_pitch},
                             planes,
                             scaled ? scale.data() : nullptr,
                             0,
                             c.to_height,
                             left,
                             c.to_width});
                const auto at = [&](int channel, std::int64_t row, std::int64_t column) {
                    return value(x[static_cast<std::size_t>((channel / 32 * c.height + row) * pitch + column * 32 +
                                                            channel % 32)]);
                };
                const auto place = [](std::int64_t i, std::int64_t from, std::int64_t to) {
                    return std::max(
                        0.0,
                        (static_cast<double>(i) + 0.5) * static_cast<double>(from) / static_cast<double>(to) - 0.5);
                };
                int wrong = 0;
                for (int channel = 0; channel < planes * 32; ++channel)
                    for (std::int64_t row = 0; row < c.to_height; ++row)
                        for (std::int64_t column = 0; column < c.to_width; ++column) {
                            const double py = place(row, c.height, c.to_height),
                                         px = place(column, c.width, c.to_width);
                            const auto y0 = static_cast<std::int64_t>(py), x0 = static_cast<std::int64_t>(px);
                            const std::int64_t y1 = std::min(y0 + 1, c.height - 1), x1 = std::min(x0 + 1, c.width - 1);
                            const double wy = py - static_cast<double>(y0), wx = px - static_cast<double>(x0);
                            double exact = (1 - wy) * ((1 - wx) * at(channel, y0, x0) + wx * at(channel, y0, x1)) +
                                           wy * ((1 - wx) * at(channel, y1, x0) + wx * at(channel, y1, x1));
                            if (scaled) exact *= static_cast<double>(scale[static_cast<std::size_t>(channel)]);
                            if (column < left) exact = value(7);
                            wrong +=
                                !close(value(y[static_cast<std::size_t>((channel / 32 * c.to_height + row) * to_pitch +
                                                                        column * 32 + channel % 32)]),
                                       exact);
                        }
                CHECK(wrong == 0);
            });
    }
}

TEST_CASE("kernels/tile_images: means and attention") {
    constexpr int height = 7, width = 9, channels = 32, outputs = 48;
    constexpr std::int64_t pitch = (width + 1) * 32;
    const std::vector<Bits> x = random_bits(height * pitch, 3);
    std::vector<float> w(channels * outputs), bias(outputs);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(uniform({4, 0}, i)) - 0.5f;
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = static_cast<float>(i) / 8 - 3;
    for_each_tile_isa([&] {
        float mean[channels], factors[outputs];
        plane_mean(x.data(), {height, width, pitch, height * pitch}, mean);
        attention(w.data(), bias.data(), mean, channels, outputs, factors);
        double exact[channels] = {};
        for (int c = 0; c < channels; ++c) {
            for (int i = 0; i < height * width; ++i)
                exact[c] +=
                    value(x[static_cast<std::size_t>(i / width * pitch + i % width * 32 + c)]) / (height * width);
            CHECK(std::fabs(static_cast<double>(mean[c]) - exact[c]) <= 1e-6);
        }
        for (int k = 0; k < outputs; ++k) {
            double sum = static_cast<double>(bias[static_cast<std::size_t>(k)]);
            for (int c = 0; c < channels; ++c)
                sum += static_cast<double>(w[static_cast<std::size_t>(c * outputs + k)]) * exact[c];
            CHECK(std::fabs(static_cast<double>(factors[k]) - 1 / (1 + std::exp(-sum))) <= 1e-5);
        }
    });
}
