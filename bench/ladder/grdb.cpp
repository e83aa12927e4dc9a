// The fusion net's first dense block, 16 channels to 32. Read grdb.hpp first.
#include "bench/ladder/grdb.hpp"

#include <memory>

#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"

using namespace fathom::bench;

namespace {

using Doubles = std::vector<double>;

// Plain loops in double, which all rungs are held against. Images [pixels, channels].
Doubles reference_conv(const ladder_grdb::Block& b, const Doubles& x, std::int64_t in, const std::vector<float>& w,
                       const std::vector<float>& bias, std::int64_t out, std::int64_t kernel) {
    Doubles y(static_cast<std::size_t>(b.pixels() * out));
    const std::int64_t border = kernel / 2;
    for (std::int64_t row = 0; row < b.height; ++row)
        for (std::int64_t col = 0; col < b.width; ++col)
            for (std::int64_t k = 0; k < out; ++k) {
                double sum = static_cast<double>(bias[static_cast<std::size_t>(k)]);
                for (std::int64_t i = 0; i < kernel; ++i)
                    for (std::int64_t j = 0; j < kernel; ++j) {
                        const std::int64_t r = row + i - border, q = col + j - border;
                        if (r < 0 || r >= b.height || q < 0 || q >= b.width) continue;
                        const double* from = x.data() + (r * b.width + q) * in;
                        const float* weights = w.data() + k * in * kernel * kernel + i * kernel + j;
                        for (std::int64_t c = 0; c < in; ++c)
                            sum += from[c] * static_cast<double>(weights[c * kernel * kernel]);
                    }
                y[static_cast<std::size_t>((row * b.width + col) * out + k)] = sum;
            }
    return y;
}

void leaky_relu(Doubles& v, double slope) {
    for (double& x : v) x = x < 0 ? slope * x : x;
}

Doubles side_by_side(const Doubles& a, std::int64_t a_channels, const Doubles& b, std::int64_t b_channels) {
    Doubles both;
    for (std::size_t p = 0; p < a.size() / static_cast<std::size_t>(a_channels); ++p) {
        const auto i = static_cast<std::ptrdiff_t>(p);
        both.insert(both.end(), a.begin() + i * a_channels, a.begin() + (i + 1) * a_channels);
        both.insert(both.end(), b.begin() + i * b_channels, b.begin() + (i + 1) * b_channels);
    }
    return both;
}

// A filter for each channel, and the size of what it gives.
Doubles reference_edges(const ladder_grdb::Block& b, const Doubles& x) {
    Doubles edges(x.size());
    for (std::int64_t row = 0; row < b.height; ++row)
        for (std::int64_t col = 0; col < b.width; ++col)
            for (std::int64_t c = 0; c < b.c; ++c) {
                double gx = 0, gy = 0;
                for (std::int64_t t = 0; t < 9; ++t) {
                    const std::int64_t r = row + t / 3 - 1, q = col + t % 3 - 1;
                    if (r < 0 || r >= b.height || q < 0 || q >= b.width) continue;
                    const double value = x[static_cast<std::size_t>((r * b.width + q) * b.c + c)];
                    gx += value * static_cast<double>(b.w.sobel_x[static_cast<std::size_t>(c * 9 + t)]);
                    gy += value * static_cast<double>(b.w.sobel_y[static_cast<std::size_t>(c * 9 + t)]);
                }
                edges[static_cast<std::size_t>((row * b.width + col) * b.c + c)] = std::abs(gx) + std::abs(gy);
            }
    return edges;
}

Doubles reference(const ladder_grdb::Block& b) {
    const Doubles x(b.x.begin(), b.x.end());
    Doubles y1 = reference_conv(b, x, b.c, b.w.conv1, b.w.bias1, b.c, 3);
    leaky_relu(y1, 0.2);
    const Doubles two = side_by_side(x, b.c, y1, b.c);
    Doubles y2 = reference_conv(b, two, 2 * b.c, b.w.conv2, b.w.bias2, b.c, 3);
    leaky_relu(y2, 0.2);
    const Doubles three = side_by_side(two, 2 * b.c, y2, b.c);
    Doubles out = reference_conv(b, three, 3 * b.c, b.w.down, b.w.bias_down, b.k, 1);
    const Doubles right = reference_conv(b, reference_edges(b, x), b.c, b.w.up, b.w.bias_up, b.k, 1);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += right[i];
    leaky_relu(out, 0.1);
    return out;
}

std::shared_ptr<ladder_grdb::Block> make_block(std::int64_t height, std::int64_t width) {
    auto b = std::make_shared<ladder_grdb::Block>();
    b->height = height, b->width = width, b->c = 16, b->k = 32;
    const std::int64_t c = b->c, k = b->k, n = b->pixels();
    b->w.conv1 = numbers(9 * c * c), b->w.conv2 = numbers(18 * c * c), b->w.down = numbers(3 * c * k);
    b->w.up = numbers(c * k), b->w.bias1 = b->w.bias2 = numbers(c), b->w.bias_down = b->w.bias_up = numbers(k);
    const float filter_x[] = {1, 0, -1, 2, 0, -2, 1, 0, -1}, filter_y[] = {1, 2, 1, 0, 0, 0, -1, -2, -1};
    for (std::int64_t i = 0; i < c; ++i) {
        b->w.sobel_x.insert(b->w.sobel_x.end(), filter_x, filter_x + 9);
        b->w.sobel_y.insert(b->w.sobel_y.end(), filter_y, filter_y + 9);
    }
    b->x = numbers(n * c), b->out = unset(n * k), b->right = unset(n * k);
    b->y1 = b->y2 = b->edges = unset(n * c), b->two = unset(2 * n * c), b->three = b->dense = unset(3 * n * c);
    for (std::int64_t p = 0; p < n; ++p) std::copy_n(b->x.data() + p * c, c, b->dense.data() + p * 3 * c);
    return b;
}

Ladder make_ladder(const Options& o) {
    const auto b = make_block(o.quick ? 4 : 120, o.quick ? 12 : 160);
    const auto want = std::make_shared<const Doubles>(reference(*b));
    const auto c = static_cast<double>(b->c), k = static_cast<double>(b->k), n = static_cast<double>(b->pixels());
    const double plane = 4 * n;
    Ladder ladder;
    ladder.title = "Gradient residual dense block, 16 to 32 channels, " + std::to_string(b->height) + "x" +
                   std::to_string(b->width);
    ladder.flops = 2 * n * (9 * c * c + 18 * c * c + 3 * c * k + c * k);
    ladder.read = c * plane, ladder.written = k * plane;
    ladder.holds = level_of((4 * c + 2 * k) * plane);  // what lies between x and out comes from there too
    ladder.forget = [b] { b->out.assign(b->out.size(), std::numeric_limits<float>::quiet_NaN()); };
    ladder.error = [b, want] { return relative_error(b->out, *want); };

    // One after another: the arithmetic of the 3x3 convolutions, during which their planes come and go, then what only
    // moves planes: `read` and `written` beside what the 1x1 convolutions and Sobel have to.
    const auto costs = [&](double read, double written) {
        return std::vector<Cost>{compute(ladder.flops),
                                 bytes(ladder.level(), (5 * c + read) * plane, (c + 2 * k + written) * plane)};
    };
    const auto add = [&](const char* name, std::vector<Cost> costs_of_rung, void (*run)(ladder_grdb::Block&)) {
        ladder.rungs.push_back({name, std::move(costs_of_rung), [b, run] { run(*b); }});
        ladder.rungs.back().one_after_another = true;
    };
    add("1 operations", costs(7 * c + 3 * k, 7 * c + 2 * k), ladder_grdb::operations);
    add("2 epilogues", costs(5 * c + k, 5 * c), ladder_grdb::epilogues);
    add("3 dense buffer", costs(k, 0), ladder_grdb::dense_buffer);
    if (o.all_threads() > 1) {
        add("4 the same on all threads", costs(k, 0), ladder_grdb::dense_buffer);
        ladder.rungs.back().threads = o.all_threads();
    }
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "The fusion net's dense block, from single operations to the library's.",
                       make_ladder);
}
