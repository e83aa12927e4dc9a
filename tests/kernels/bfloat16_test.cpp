// The kernels on rows of bfloat16 against sums in double.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "fathom/core/float16.hpp"
#include "fathom/core/random.hpp"
#include "fathom/kernels/frame_rows.hpp"
#include "fathom/kernels/tile_conv.hpp"
#include "tests/kernels/for_each_isa.hpp"

using namespace fathom;
using namespace fathom::kernels;
using fathom::tests::for_each_tile_isa;

namespace {

using Bits = std::uint16_t;
constexpr int pixel = 32, left = 2, right = 20;  // pixels around those that are computed

double value(Bits bits) { return static_cast<double>(static_cast<float>(Float16<7>::from_bits(bits))); }
double rounded(double x) { return value(Float16<7>(x).bits()); }

// Uniform in [-1, 1).
class Numbers {
public:
    explicit Numbers(std::uint64_t seed) : seed_(seed) {}
    double operator()() { return 2 * uniform({seed_, 0}, next_++) - 1; }

private:
    std::uint64_t seed_, next_ = 0;
};

// Aligned rows of pixels of 32 channels, by plane and row.
class Rows {
public:
    Rows(int count, int columns)
        : pitch_((left + columns + right) * pixel), memory_(static_cast<std::size_t>(count * pitch_ + 64)) {}
    Bits* operator[](int row) {
        auto* start = reinterpret_cast<Bits*>((reinterpret_cast<std::uintptr_t>(memory_.data()) + 63) / 64 * 64);
        return start + row * pitch_ + left * pixel;
    }
    template <class F>
    void fill(F f) {
        for (Bits& x : memory_) x = Float16<7>(f()).bits();
    }
    std::int64_t pitch() const { return pitch_; }
    std::int64_t count_not(Bits bits) const {
        return std::count_if(memory_.begin(), memory_.end(), [=](Bits b) { return b != bits; });
    }

private:
    std::int64_t pitch_;
    std::vector<Bits> memory_;
};

// What float sums and the rounding of the result may differ from the exact result, whose terms add up to `size` in
// absolute value: 2^-8 of the result, and 2^-24 of the size for each of some hundred additions.
bool close(double got, double exact, double size) {
    return std::fabs(got - exact) <= std::fabs(exact) * 0x1p-8 + size * 300 * 0x1p-24;
}

struct Case {
    int taps, channels, outputs, columns;
    std::vector<int> unwanted = {};  // rows
    TileEpilogue epilogue = TileEpilogue::activate;
    int stride = 1;
    bool transposed = false;
};

double finished(double sum, TileEpilogue epilogue, double other) {
    if (epilogue == TileEpilogue::gate) return other / (1 + std::exp(-sum));
    if (epilogue == TileEpilogue::add) sum += other;
    return sum < 0 && epilogue != TileEpilogue::numbers ? 0.2 * sum : sum;
}

void check_conv(const Case& c) {
    INFO("taps " << c.taps << ", stride " << c.stride << ", " << c.channels << " -> " << c.outputs << ", " << c.columns
                 << " columns, epilogue " << static_cast<int>(c.epilogue) << ", transposed " << c.transposed);
    Numbers next(static_cast<std::uint64_t>(c.channels * 1000 + c.columns));
    const int planes = (c.channels + 31) / 32, in_rows = tile_conv_rows(c.taps, c.stride), halves = c.outputs / 16;
    // Of a transposed map, the rows are its columns: a row of pixels for each column, one pixel of each row.
    const int in_pixels = c.stride * ((c.columns + 15) / 16 * 16) + 2, out_pixels = c.columns;
    Rows x(c.transposed ? in_pixels : planes * in_rows, c.transposed ? planes * in_rows : in_pixels),
        y(c.transposed ? out_pixels : halves * tile_rows, c.transposed ? halves * tile_rows : out_pixels),
        z(c.transposed ? out_pixels : halves * tile_rows, c.transposed ? halves * tile_rows : out_pixels);
    x.fill(next), z.fill(next);
    std::vector<float> w(static_cast<std::size_t>(c.outputs * c.channels * c.taps * c.taps)),
        bias(static_cast<std::size_t>(c.outputs));
    for (float& v : w) v = static_cast<float>(rounded(next()));
    for (float& v : bias) v = static_cast<float>(next());
    std::vector<Bits> memory(static_cast<std::size_t>(tile_weight_elements(c.outputs, planes, c.taps)) + 32);
    auto* packed = reinterpret_cast<Bits*>((reinterpret_cast<std::uintptr_t>(memory.data()) + 63) / 64 * 64);
    pack_tile_weights(w.data(), c.outputs, c.channels, c.taps, packed);

    const auto place = [&](Rows& map, int row, int first) {
        return c.transposed ? map[first] + row * pixel : map[row] + first * pixel;
    };
    const int first = c.taps / 2;  // the pixel of the first output
    std::vector<const Bits*> rows, other;
    for (int r = 0; r < planes * in_rows; ++r) rows.push_back(place(x, r, first));
    std::vector<Bits*> out;
    std::vector<float> numbers(static_cast<std::size_t>(halves * tile_rows * c.columns * 16 + 1));
    std::vector<float*> floats;
    const auto unwanted = [&](int r) { return std::count(c.unwanted.begin(), c.unwanted.end(), r) > 0; };
    for (int k = 0; k < halves; ++k)
        for (int r = 0; r < tile_rows; ++r) {
            const int row = k * tile_rows + r;
            out.push_back(unwanted(r) ? nullptr : place(y, row, 0) + k % 2 * 16);
            other.push_back(place(z, row, 0) + k % 2 * 16);
            floats.push_back(unwanted(r) ? nullptr : numbers.data() + row * c.columns * 16);
        }
    TileConv conv{c.taps, planes, rows.data(), packed, bias.data(), 0.2f, c.outputs, c.columns, out.data(), c.epilogue};
    if (c.epilogue == TileEpilogue::numbers) conv.floats = floats.data();
    conv.other = other.data();
    conv.stride = c.stride, conv.transposed = c.transposed;
    conv.in_step = c.transposed ? x.pitch() : pixel, conv.out_step = c.transposed ? y.pitch() : pixel;
    for_each_tile_isa([&] {
        y.fill([] { return 7; });
        std::fill(numbers.begin(), numbers.end(), 7.0f);
        {
            const TileSession session;
            tile_conv(conv);
        }
        int wrong = 0;
        for (int k = 0; k < c.outputs; ++k)
            for (int r = 0; r < tile_rows; ++r)
                for (int i = 0; i < c.columns && !unwanted(r); ++i) {
                    double sum = static_cast<double>(bias[static_cast<std::size_t>(k)]), size = std::fabs(sum);
                    for (int channel = 0; channel < c.channels; ++channel)
                        for (int t = 0; t < c.taps * c.taps; ++t) {
                            const int row = c.taps == 1 ? r : c.stride * r + t / c.taps;
                            const Bits* from = rows[static_cast<std::size_t>(channel / 32 * in_rows + row)];
                            const int kernel = c.transposed ? t % c.taps * c.taps + t / c.taps : t;
                            const double term =
                                static_cast<double>(w[static_cast<std::size_t>(
                                    (k * c.channels + channel) * c.taps * c.taps + kernel)]) *
                                value(from[(c.stride * i + t % c.taps - c.taps / 2) * conv.in_step + channel % 32]);
                            sum += term, size += std::fabs(term);
                        }
                    const auto at = static_cast<std::size_t>(k / 16 * tile_rows + r);
                    const double more = value(other[at][i * conv.out_step + k % 16]);
                    const double got = conv.floats ? static_cast<double>(floats[at][i * 16 + k % 16])
                                                   : value(out[at][i * conv.out_step + k % 16]);
                    wrong += !close(got, finished(sum, c.epilogue, more), size + std::fabs(more));
                }
        CHECK(wrong == 0);
        const auto wanted = static_cast<std::int64_t>(tile_rows) - static_cast<std::int64_t>(c.unwanted.size());
        CHECK(y.count_not(Float16<7>(7).bits()) <= wanted * c.outputs * c.columns);  // and nothing beside them
        CHECK(numbers.back() == 7.0f);
    });
}

}  // namespace

TEST_CASE("kernels/bfloat16: convolution on tiles") {
    check_conv({3, 32, 16, 16, {}});
    check_conv({3, 32, 32, 1, {}});
    check_conv({3, 64, 32, 15, {0}});
    check_conv({3, 96, 64, 17, {}});
    check_conv({3, 16, 16, 33, {1, 3}});
    check_conv({3, 20, 48, 31, {}});
    check_conv({1, 32, 32, 16, {}});
    check_conv({1, 64, 32, 33, {2}});
    check_conv({1, 128, 48, 47, {}});
    check_conv({1, 5, 16, 3, {0, 1, 2}});
}

TEST_CASE("kernels/bfloat16: convolution with stride 2, on columns, with what follows") {
    using enum TileEpilogue;
    for (const bool transposed : {false, true})
        for (const int stride : {1, 2}) {
            check_conv({3, 64, 32, 17, {}, activate, stride, transposed});
            check_conv({3, 32, 16, 16, {3}, add, stride, transposed});
            check_conv({3, 32, 48, 33, {}, gate, stride, transposed});
            check_conv({1, 64, 32, 31, {2, 3}, activate, stride, transposed});
            check_conv({1, 32, 16, 48, {}, add, stride, transposed});
            check_conv({1, 96, 80, 18, {1}, gate, stride, transposed});
        }
    check_conv({1, 128, 16, 37, {}, numbers});
    check_conv({3, 32, 48, 5, {2}, numbers});
}

TEST_CASE("kernels/bfloat16: pixels that overlap are a kernel of eight columns") {
    constexpr int columns = 21;
    Numbers next(7);
    Rows x(tile_rows, columns / 2 + 8), y(2 * tile_rows, columns);
    x.fill(next);
    std::vector<float> w(32 * 32), bias(32, 0.25f);
    for (float& v : w) v = static_cast<float>(rounded(next()));
    alignas(64) Bits packed[32 * 32];
    pack_tile_weights(w.data(), 32, 32, 1, packed);
    const Bits* rows[tile_rows];
    Bits* out[2 * tile_rows];
    for (int r = 0; r < tile_rows; ++r) rows[r] = x[r], out[r] = y[r], out[tile_rows + r] = y[r] + 16;
    TileConv conv{1, 1, rows, packed, bias.data(), 1, 32, columns, out};
    conv.stride = 2, conv.in_step = 4;
    for_each_tile_isa([&] {
        {
            const TileSession session;
            tile_conv(conv);
        }
        int wrong = 0;
        for (int k = 0; k < 32; ++k)
            for (int r = 0; r < tile_rows; ++r)
                for (int i = 0; i < columns; ++i) {
                    double sum = 0.25, size = 0.25;
                    for (int t = 0; t < 32; ++t) {
                        const double term =
                            static_cast<double>(w[static_cast<std::size_t>(k * 32 + t)]) * value(rows[r][8 * i + t]);
                        sum += term, size += std::fabs(term);
                    }
                    wrong += !close(value(y[r][i * pixel + k]), sum, size);
                }
        CHECK(wrong == 0);
    });
}

TEST_CASE("kernels/bfloat16: a gate's sigmoid, and NaN in it") {
    constexpr int columns = 16;
    Rows x(tile_rows, columns), y(tile_rows, columns), z(tile_rows, columns);
    x.fill([] { return 0; }), z.fill([] { return 1; });
    alignas(64) Bits packed[512] = {};
    const Bits *rows[] = {x[0], x[1], x[2], x[3]}, *other[] = {z[0], z[1], z[2], z[3]};
    Bits* out[] = {y[0], y[1], y[2], y[3]};
    for_each_tile_isa([&] {
        for (const float v : {0.0f, 0.3f, -0.3f, 1.0f, -7.5f, 20.0f, -20.0f, 300.0f, -300.0f, std::nanf(""),
                              std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
            CAPTURE(v);
            const std::vector<float> bias(16, v);
            TileConv conv{1, 1, rows, packed, bias.data(), 1, 16, columns, out, TileEpilogue::gate};
            conv.other = other;
            {
                const TileSession session;
                tile_conv(conv);
            }
            const double got = value(y[2][3 * pixel + 5]), exact = 1 / (1 + std::exp(-static_cast<double>(v)));
            if (v != v)
                CHECK(std::isnan(got));
            else
                CHECK(std::fabs(got - exact) <= exact * 0x1p-8 + 1e-37);
        }
    });
}

TEST_CASE("kernels/bfloat16: outputs in two halves hold twice the digits") {
    for (const int columns : {7, 32}) {
        Numbers next(4);
        Rows x(tile_rows + 2, columns), y(tile_rows, columns), z(tile_rows, columns);
        x.fill(next);
        std::vector<float> w(32 * 32 * 9), bias(32, 0.5f);
        for (float& v : w) v = static_cast<float>(rounded(next()));
        alignas(64) Bits packed[2 * 9 * 512];
        pack_tile_weights(w.data(), 32, 32, 3, packed);
        const Bits* rows[] = {x[0], x[1], x[2], x[3], x[4], x[5]};
        Bits* const out[] = {y[0], y[1], y[2], nullptr, z[0], z[1], z[2], nullptr};
        for_each_tile_isa([&] {
            {
                const TileSession session;
                tile_conv({3, 1, rows, packed, bias.data(), 0.2f, 32, columns, out, TileEpilogue::activate_with_rest});
            }
            int wrong = 0;
            for (int k = 0; k < 32; ++k)
                for (int r = 0; r < 3; ++r)
                    for (int i = 0; i < columns; ++i) {
                        double sum = 0.5, size = 0.5;
                        for (int t = 0; t < 32 * 9; ++t) {
                            const double term = static_cast<double>(w[static_cast<std::size_t>(k * 32 * 9 + t)]) *
                                                value(rows[r + t % 9 / 3][(i + t % 3 - 1) * pixel + t / 9]);
                            sum += term, size += std::fabs(term);
                        }
                        if (sum < 0) sum *= 0.2;
                        const Bits* const made = out[k / 16 * tile_rows + r] + i * pixel + k % 16;
                        const double got = value(made[0]) + value(made[16]);
                        wrong += !(std::fabs(got - sum) <= std::fabs(sum) * 0x1p-16 + size * 300 * 0x1p-24);
                    }
            CHECK(wrong == 0);
        });
    }
}

TEST_CASE("kernels/bfloat16: a layer of one output, with weights split in two") {
    constexpr int columns = 37;
    Numbers next(5);
    Rows x(tile_rows + 2, columns);
    x.fill(next);
    std::vector<float> w(2 * 16 * 9), split = w;
    for (std::size_t i = 0; i < 16 * 9; ++i) {
        w[i] = static_cast<float>(next());
        split[i] = static_cast<float>(rounded(static_cast<double>(w[i])));
        split[16 * 9 + i] = w[i] - split[i];
    }
    alignas(64) Bits packed[9 * 512];
    pack_tile_weights(split.data(), 2, 16, 3, packed);
    const float bias[16] = {0.25f};
    const Bits* rows[] = {x[0], x[1], x[2], x[3], x[4], x[5]};
    float out[tile_rows][columns + 1];
    float* const numbers[] = {out[0], nullptr, out[2], out[3]};
    for_each_tile_isa([&] {
        for (auto& row : out) std::fill(row, row + columns + 1, 7.0f);
        {
            const TileSession session;
            tile_conv({3, 1, rows, packed, bias, 1, 16, columns, nullptr, TileEpilogue::pair_sum, numbers});
        }
        for (int r = 0; r < tile_rows; ++r) {
            CHECK(out[r][columns] == 7.0f);
            for (int i = 0; i < columns; ++i) {
                if (r == 1) {
                    CHECK(out[r][i] == 7.0f);
                    continue;
                }
                double sum = 0.25, size = 0.25;
                for (int c = 0; c < 16; ++c)
                    for (int t = 0; t < 9; ++t) {
                        const double term = static_cast<double>(w[static_cast<std::size_t>(c * 9 + t)]) *
                                            value(rows[r + t / 3][(i + t % 3 - 1) * pixel + c]);
                        sum += term, size += std::fabs(term);
                    }
                CHECK(std::fabs(static_cast<double>(out[r][i]) - sum) <= size * 0x1p-16);
            }
        }
    });
}

TEST_CASE("kernels/bfloat16: the first layer and Sobel magnitudes") {
    constexpr int columns = 21;
    Numbers next(6);
    std::vector<float> image((tile_rows + 2) * (columns + 2)), stem(9 * 16), bias(16), wx(9 * 32), wy(9 * 32);
    for (std::vector<float>* v : {&image, &stem, &bias, &wx, &wy})
        for (float& e : *v) e = static_cast<float>(next());
    const float* in[tile_rows + 2];
    for (int r = 0; r < tile_rows + 2; ++r) in[r] = image.data() + r * (columns + 2);
    Rows x(tile_rows + 2, columns), y(tile_rows, columns), z(tile_rows, columns);
    x.fill(next);
    const Bits* rows[] = {x[0], x[1], x[2], x[3], x[4], x[5]};
    Bits* const out[] = {y[0], y[1], nullptr, y[3]};
    Bits* const copy[] = {z[0], z[1], nullptr, z[3]};
    for_each_tile_isa([&] {
        y.fill([] { return 7; }), z.fill([] { return 7; });
        stem_rows(StemRows<Bits>{in, stem.data(), bias.data(), 0.2f, columns, out, copy});
        for (int r = 0; r < tile_rows; ++r)
            for (int i = 0; i < columns && out[r]; ++i)
                for (int k = 0; k < 16; ++k) {
                    double sum = static_cast<double>(bias[static_cast<std::size_t>(k)]), size = std::fabs(sum);
                    for (int t = 0; t < 9; ++t) {
                        const double term = static_cast<double>(in[r + t / 3][i + t % 3]) *
                                            static_cast<double>(stem[static_cast<std::size_t>(t * 16 + k)]);
                        sum += term, size += std::fabs(term);
                    }
                    if (sum < 0) sum *= 0.2;
                    CHECK(close(value(out[r][i * pixel + k]), sum, size));
                    const Bits* const twin = copy[r] + i * pixel + k;
                    CHECK(out[r][i * pixel + k] == twin[0]);
                    CHECK(std::fabs(value(twin[0]) + value(twin[16]) - sum) <=
                          std::fabs(sum) * 0x1p-16 + size * 9 * 0x1p-24);
                }
        CHECK(y.count_not(Float16<7>(7).bits()) <= 3 * columns * 16);

        for (const int channels : {16, 32}) {
            y.fill([] { return 7; });
            sobel_rows(SobelRows<Bits>{rows, wx.data(), wy.data(), channels, columns, out});
            for (int r = 0; r < tile_rows; ++r)
                for (int i = 0; i < columns && out[r]; ++i)
                    for (int k = 0; k < channels; ++k) {
                        double gx = 0, gy = 0, size = 0;
                        for (int t = 0; t < 9; ++t) {
                            const double pixel_value = value(rows[r + t / 3][(i + t % 3 - 1) * pixel + k]);
                            const auto at = static_cast<std::size_t>(t * channels + k);
                            gx += pixel_value * static_cast<double>(wx[at]);
                            gy += pixel_value * static_cast<double>(wy[at]);
                            size += 2 * std::fabs(pixel_value);
                        }
                        CHECK(close(value(out[r][i * pixel + k]), std::fabs(gx) + std::fabs(gy), size));
                    }
            CHECK(y.count_not(Float16<7>(7).bits()) <= 3 * columns * channels);
        }
    });
}

TEST_CASE("kernels/bfloat16: NaN and infinity pass the first layer") {
    const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
    const float image[6][3] = {{}, {0, nan, 0}, {}, {}, {0, infinity, 0}, {}};
    const float* in[] = {image[0], image[1], image[2], image[3], image[4], image[5]};
    float weights[9 * 16] = {}, bias[16] = {};
    for (int k = 0; k < 16; ++k) weights[4 * 16 + k] = 1;
    Rows y(tile_rows, 1);
    Bits* const out[] = {y[0], y[1], y[2], y[3]};
    for_each_tile_isa([&] {
        stem_rows(StemRows<Bits>{in, weights, bias, 0.2f, 1, out, out});
        for (int k = 0; k < 16; ++k) {
            CHECK(std::isnan(value(y[0][k])));
            CHECK(std::isinf(value(y[3][k])));
        }
    });
}
