// Normalisation: of channels over a batch, in training and outside, with activations; of each position's features.
#include "fathom/ops/batch_norm.hpp"
#include "fathom/ops/layer_norm.hpp"

#include <cmath>

#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

double activated(double z, const BatchNormOptions& o) {
    if (o.activation == Activation::none || z > 0) return z;
    return o.activation == Activation::relu ? 0 : z * o.slope;
}

// Inputs x, w, b.
Plain train_of(const std::vector<Plain>& in, const BatchNormOptions& o) {
    const Plain &x = in[0], &w = in[1], &b = in[2];
    const auto mean_of = [&](std::int64_t c, auto f) {
        double sum = 0;
        for (std::int64_t n = 0; n < x.shape[0]; ++n)
            for (std::int64_t h = 0; h < x.shape[2]; ++h)
                for (std::int64_t v = 0; v < x.shape[3]; ++v) sum += f(x.at({n, c, h, v}));
        return sum / static_cast<double>(x.shape[0] * x.shape[2] * x.shape[3]);
    };
    std::vector<double> mean, inverse;
    for (std::int64_t c = 0; c < x.shape[1]; ++c) {
        const double m = mean_of(c, [](double value) { return value; });
        mean.push_back(m);
        inverse.push_back(1 / std::sqrt(mean_of(c, [m](double value) { return (value - m) * (value - m); }) + o.eps));
    }
    return plain(x.shape, [&](const Shape& i) {
        const auto c = static_cast<std::size_t>(i[1]);
        return activated((x.at(i) - mean[c]) * inverse[c] * w.at({i[1]}) + b.at({i[1]}), o);
    });
}

std::vector<Shapes> with_channels(const std::vector<Shape>& images, std::size_t arrays) {
    std::vector<Shapes> all;
    for (const Shape& x : images) {
        all.push_back({x});
        for (std::size_t i = 0; i < arrays; ++i) all.back().push_back({x[1]});
    }
    return all;
}

OpCase train(const char* name, const char* golden, BatchNormOptions options) {
    options.training = true;
    OpCase op{.name = name, .inputs = {{.name = "x"}, {.name = "w"}, {.name = "b"}}, .golden = golden};
    // With two values the gradient of x is a difference of equal numbers. Channels around a vector, pixels around a
    // tile of 64 and around a chunk.
    op.shapes = with_channels({{2, 3, 2, 3},
                               {3, 1, 1, 2},
                               {1, 2, 2, 3},
                               {3, 15, 3, 7},
                               {1, 16, 5, 13},
                               {1, 17, 9, 7},
                               {2, 33, 4, 8},
                               {2, 64, 33, 31}},
                              2);
    op.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0][0] * in[0][2] * in[0][3]); };
    set_function(op, [options](const auto& in) { return batch_norm(in[0], {}, {}, in[1], in[2], options); });
    op.reference = [options](const std::vector<Plain>& in) { return train_of(in, options); };
    return op;
}

OpCase eval(const char* name, const char* golden, const BatchNormOptions& options) {
    OpCase op{.name = name,
              .inputs = {{.name = "x"},
                         {.name = "running_mean", .kind = OpInput::constant},
                         {.name = "running_var", .low = 0.5, .high = 2, .kind = OpInput::constant},
                         {.name = "w"},
                         {.name = "b"}},
              .golden = golden};
    op.shapes = with_channels({{2, 3, 2, 3}, {1, 1, 1, 1}, {0, 2, 3, 3}, {3, 17, 3, 7}, {2, 64, 33, 31}}, 4);
    op.terms = [](const Shapes&, const Shape&) { return 2.0; };
    set_function(op, [options](const auto& in) { return batch_norm(in[0], in[1], in[2], in[3], in[4], options); });
    op.reference = [options](const std::vector<Plain>& in) {
        return plain(in[0].shape, [&](const Shape& i) {
            const auto of = [&](std::size_t k) { return in[k].at({i[1]}); };
            return activated((in[0].at(i) - of(1)) / std::sqrt(of(2) + options.eps) * of(3) + of(4), options);
        });
    };
    return op;
}

// Inputs x [..., features], w and b [features].
OpCase layer(const char* name, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{.name = "x"}, {.name = "w"}, {.name = "b"}}, .shapes = std::move(shapes)};
    op.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[1].numel()); };
    set_function(op, [](const auto& in) { return layer_norm(in[0], in[1].shape(), in[1], in[2]); });
    op.reference = [](const std::vector<Plain>& in) {
        const Plain &x = in[0], &w = in[1], &b = in[2];
        const std::size_t features = w.values.size();
        Plain y = x;
        for (std::size_t first = 0; first < x.values.size(); first += features) {
            const auto mean_of = [&](auto f) {
                double sum = 0;
                for (std::size_t k = 0; k < features; ++k) sum += f(x.values[first + k]);
                return sum / static_cast<double>(features);
            };
            const double mean = mean_of([](double value) { return value; }),
                         variance = mean_of([mean](double value) { return (value - mean) * (value - mean); });
            for (std::size_t k = 0; k < features; ++k)
                y.values[first + k] =
                    (x.values[first + k] - mean) / std::sqrt(variance + 1e-5) * w.values[k] + b.values[k];
        }
        return y;
    };
    return op;
}

}  // namespace

void add_batch_norm_cases(std::vector<OpCase>& list) {
    list.push_back(train("batch_norm_train", "batch_norm_train", {}));
    list.push_back(train("batch_norm_train_relu", "", {.activation = Activation::relu}));
    list.push_back(train("batch_norm_train_leaky_relu", "", {.activation = Activation::leaky_relu, .slope = 0.2}));
    list.push_back(eval("batch_norm_eval", "batch_norm_eval", {}));
    list.push_back(eval("batch_norm_eval_relu", "", {.activation = Activation::relu}));
    // Features around a vector and around four, rows around a tile of 64. The gradient behind one feature is a
    // difference of equal numbers.
    list.push_back(layer("layer_norm", {{{2, 3, 5}, {5}, {5}},
                                        {{0, 3}, {3}, {3}},
                                        {{7}, {7}, {7}},
                                        {{5, 15}, {15}, {15}},
                                        {{63, 16}, {16}, {16}},
                                        {{65, 17}, {17}, {17}},
                                        {{3, 63}, {63}, {63}},
                                        {{2, 1027}, {1027}, {1027}},
                                        {{260, 257}, {257}, {257}}}));
    list.push_back(layer("layer_norm_planes", {{{2, 3, 2, 3}, {2, 3}, {2, 3}}, {{9, 20, 33, 17}, {33, 17}, {33, 17}}}));
}

}  // namespace fathom::tests
