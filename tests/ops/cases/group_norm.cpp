// Normalisation of groups of channels within an image, and of channels over batches of rows.
#include "fathom/ops/group_norm.hpp"

#include <cmath>

#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

// x [N, C, ...]: every run of `features` elements, normalised, then weight and bias [C].
Plain normed_runs(const std::vector<Plain>& in, std::size_t features) {
    const Plain& x = in[0];
    const auto channels = static_cast<std::size_t>(x.shape[1]);
    Plain y = x;
    std::size_t plane = 1;
    for (int d = 2; d < x.shape.rank(); ++d) plane *= static_cast<std::size_t>(x.shape[d]);
    for (std::size_t first = 0; first < x.values.size(); first += features) {
        double mean = 0, variance = 0;
        for (std::size_t k = 0; k < features; ++k) mean += x.values[first + k] / static_cast<double>(features);
        for (std::size_t k = 0; k < features; ++k)
            variance += std::pow(x.values[first + k] - mean, 2) / static_cast<double>(features);
        for (std::size_t k = 0; k < features; ++k) {
            const std::size_t c = (first + k) / plane % channels;
            double& value = y.values[first + k];
            value = (value - mean) / std::sqrt(variance + 1e-5);
            if (in.size() > 1) value = value * in[1].values[c] + in[2].values[c];
        }
    }
    return y;
}

OpCase of_images(const char* name, bool affine, const std::vector<Shape>& shapes) {
    OpCase op{.name = name, .inputs = {{.name = "x"}}, .golden = name, .golden_file = "images"};
    if (affine) op.inputs.push_back({.name = "w"}), op.inputs.push_back({.name = "b"});
    for (const Shape& s : shapes) op.shapes.push_back(affine ? Shapes{s, {s[1]}, {s[1]}} : Shapes{s});
    op.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0].numel()) + 1; };
    return op;
}

std::size_t plane_of(const Shape& s, std::int64_t channels) {
    for (int d = 2; d < s.rank(); ++d) channels *= s[d];
    return static_cast<std::size_t>(channels);
}

}  // namespace

void add_group_norm_cases(std::vector<OpCase>& list) {
    OpCase group = of_images("group_norm", true,
                             {{2, 4, 3, 2}, {1, 2, 5}, {3, 6, 2, 2, 2}, {0, 4, 3, 3}, {2, 34, 3, 3}, {4, 32, 17, 33}});
    set_function(group, [](const auto& in) { return group_norm(in[0], 2, in[1], in[2]); });
    group.reference = [](const std::vector<Plain>& in) {
        return normed_runs(in, plane_of(in[0].shape, in[0].shape[1] / 2));
    };
    list.push_back(group);

    OpCase features = of_images("group_norm_features", false, {{3, 6}, {1, 34}, {0, 4}});
    set_function(features, [](const auto& in) { return group_norm(in[0], 2); });
    features.reference = [](const std::vector<Plain>& in) {
        return normed_runs(in, static_cast<std::size_t>(in[0].shape[1] / 2));
    };
    list.push_back(features);

    OpCase instance =
        of_images("instance_norm", true,
                  {{2, 3, 4, 2}, {1, 2, 5}, {2, 1, 2, 3, 2}, {0, 4, 3, 3}, {2, 17, 3, 3}, {4, 16, 17, 33}});
    set_function(instance, [](const auto& in) { return instance_norm(in[0], {}, {}, in[1], in[2]); });
    instance.reference = [](const std::vector<Plain>& in) { return normed_runs(in, plane_of(in[0].shape, 1)); };
    list.push_back(instance);

    OpCase rows = of_images("batch_norm_rows", true, {{3, 2, 5}, {2, 3, 2, 2, 3}, {5, 17, 3}});
    set_function(rows, [](const auto& in) { return batch_norm(in[0], {}, {}, in[1], in[2], {.training = true}); });
    rows.reference = [](const std::vector<Plain>& in) {
        // With the batch behind the channels, a channel is a run.
        const Shape& s = in[0].shape;
        const std::int64_t plane = static_cast<std::int64_t>(plane_of(s, 1));
        const auto at = [&](std::int64_t n, std::int64_t c, std::int64_t k) {
            return static_cast<std::size_t>((n * s[1] + c) * plane + k);
        };
        Plain turned{{1, s[1], s[0] * plane}, {}}, y = in[0];
        for (std::int64_t c = 0; c < s[1]; ++c)
            for (std::int64_t n = 0; n < s[0]; ++n)
                for (std::int64_t k = 0; k < plane; ++k) turned.values.push_back(in[0].values[at(n, c, k)]);
        const Plain normed = normed_runs({turned, in[1], in[2]}, static_cast<std::size_t>(s[0] * plane));
        std::size_t i = 0;
        for (std::int64_t c = 0; c < s[1]; ++c)
            for (std::int64_t n = 0; n < s[0]; ++n)
                for (std::int64_t k = 0; k < plane; ++k) y.values[at(n, c, k)] = normed.values[i++];
        return y;
    };
    list.push_back(rows);
}

}  // namespace fathom::tests
