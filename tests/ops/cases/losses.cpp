// Losses: L1, mean squares, cross-entropy in its forms, SeAFusion's content loss.
#include <cmath>

#include "fathom/ops/loss.hpp"
#include "fathom/seafusion/content_loss.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

double everything(const Shapes& in, const Shape& out) {
    return static_cast<double>(in[0].numel()) / static_cast<double>(out.numel() ? out.numel() : 1);
}

double mean_of(const Plain& x) {
    double sum = 0;
    for (double v : x.values) sum += v;
    return sum / static_cast<double>(x.values.size());
}

template <class F, class R>
OpCase distance(const char* name, const char* golden, F f, R reference) {
    OpCase op{.name = name,
              .inputs = {{.name = "x"}, {.name = "t", .low = -1.5, .high = 1.5}},
              .golden = golden,
              .terms = everything};
    op.shapes = {{{2, 3, 4}, {2, 3, 4}}, {{}, {}}, {{1}, {1}}, {{65}, {65}}, {{3, 65, 701}, {3, 65, 701}}};
    set_function(op, f);
    op.reference = [reference](const std::vector<Plain>& in) {
        return plain(in[0].shape, [&](const Shape& i) { return reference(in[0].at(i), in[1].at(i)); });
    };
    return op;
}

OpCase averaged(OpCase op) {
    op.reference = [each = op.reference](const std::vector<Plain>& in) { return Plain{{}, {mean_of(each(in))}}; };
    return op;
}

struct Settings {
    bool weighted = false;
    Reduction reduction = Reduction::mean;
    double smoothing = 0;
};

// By the definition: -sum over classes of (smoothed target) weight log softmax; the mean is over the targets' weights.
Plain cross_entropy_of(const std::vector<Plain>& in, const Settings& settings) {
    const Plain &x = in[0], &target = in.back();
    const std::int64_t classes = x.shape[1];
    double total = 0;
    Plain each = plain(target.shape, [&](const Shape& i) {
        const auto label = static_cast<std::int64_t>(target.at(i));
        if (label == 255) return 0.0;
        const auto logit = [&](std::int64_t c) {
            Shape index = i;
            index.insert(1, c);
            return x.at(index);
        };
        const auto weight = [&](std::int64_t c) { return settings.weighted ? in[1].at({c}) : 1.0; };
        double sum = 0, loss = 0;
        for (std::int64_t c = 0; c < classes; ++c) sum += std::exp(logit(c));
        for (std::int64_t c = 0; c < classes; ++c) {
            const double share =
                settings.smoothing / static_cast<double>(classes) + (c == label ? 1 - settings.smoothing : 0);
            loss -= share * weight(c) * (logit(c) - std::log(sum));
        }
        total += weight(label);
        return loss;
    });
    if (settings.reduction == Reduction::none) return each;
    double sum = 0;
    for (double v : each.values) sum += v;
    return {{}, {settings.reduction == Reduction::sum ? sum : sum / total}};
}

OpCase entropy(const char* name, const char* golden, const Settings& settings) {
    OpCase op{.name = name, .inputs = {{.name = "x", .low = -2, .high = 2}}, .golden = golden, .terms = everything};
    if (settings.weighted) op.inputs.push_back({.name = "w", .low = 0.2, .high = 1.5, .kind = OpInput::constant});
    op.inputs.push_back({.name = "t", .high = 3, .kind = OpInput::labels});
    std::vector<Shapes> targets = {
        {{2, 3, 2, 4}, {2, 2, 4}},    {{1, 3}, {1}}, {{7, 3}, {7}}, {{2, 3, 5}, {2, 5}}, {{1, 17, 3, 5}, {1, 3, 5}},
        {{2, 9, 33, 31}, {2, 33, 31}}};
    if (settings.reduction != Reduction::mean) targets.push_back({{0, 3, 2}, {0, 2}});
    for (const Shapes& s : targets) op.shapes.push_back(settings.weighted ? Shapes{s[0], {s[0][1]}, s[1]} : s);
    set_function(op, [settings](const auto& in) {
        using T = typename std::decay_t<decltype(in[0])>::value_type;
        CrossEntropyOptions<T> options{
            .ignore_index = 255, .reduction = settings.reduction, .label_smoothing = settings.smoothing};
        if (settings.weighted) options.weight = in[1];
        return cross_entropy(in[0], in.labels[0], options);
    });
    op.reference = [settings](const std::vector<Plain>& in) { return cross_entropy_of(in, settings); };
    return op;
}

Plain sobel_of(const Plain& x) {
    constexpr double filter[3][3] = {{1, 0, -1}, {2, 0, -2}, {1, 0, -1}};
    return plain(x.shape, [&](const Shape& i) {
        double gx = 0, gy = 0;
        for (std::int64_t p = 0; p < 3; ++p)
            for (std::int64_t q = 0; q < 3; ++q) {
                const std::int64_t h = i[2] + p - 1, v = i[3] + q - 1;
                if (h < 0 || h >= x.shape[2] || v < 0 || v >= x.shape[3]) continue;
                gx += filter[p][q] * x.at({i[0], i[1], h, v}), gy += filter[q][p] * x.at({i[0], i[1], h, v});
            }
        return std::fabs(gx) + std::fabs(gy);
    });
}

}  // namespace

void add_loss_cases(std::vector<OpCase>& list) {
    const auto l1 = [](double x, double t) { return std::fabs(x - t); };
    const auto squares = [](double x, double t) { return (x - t) * (x - t); };
    list.push_back(averaged(distance(
        "l1_loss", "l1_loss", [](const auto& in) { return l1_loss(in[0], in[1]); }, l1)));
    list.push_back(averaged(distance(
        "mse_loss", "mse_loss", [](const auto& in) { return mse_loss(in[0], in[1]); }, squares)));
    list.push_back(distance(
        "l1_loss_none", "", [](const auto& in) { return l1_loss(in[0], in[1], Reduction::none); }, l1));
    list.push_back(distance(
        "mse_loss_none", "", [](const auto& in) { return mse_loss(in[0], in[1], Reduction::none); }, squares));
    OpCase equal = list[list.size() - 4];
    equal.name = "l1_loss_equal", equal.golden = "l1_loss_equal", equal.golden_file = "edges", equal.shapes.clear();
    list.push_back(equal);

    list.push_back(entropy("cross_entropy", "cross_entropy_ignore", {}));
    list.push_back(entropy("cross_entropy_none", "cross_entropy_none", {.reduction = Reduction::none}));
    list.push_back(entropy("cross_entropy_sum", "", {.reduction = Reduction::sum}));
    list.push_back(entropy("cross_entropy_weighted", "cross_entropy_weighted", {.weighted = true}));
    list.push_back(entropy("cross_entropy_smoothed", "", {.smoothing = 0.1}));
    list.push_back(entropy("cross_entropy_smoothed_weighted", "", {.weighted = true, .smoothing = 0.3}));
    list.push_back(
        entropy("cross_entropy_smoothed_none", "", {.weighted = true, .reduction = Reduction::none, .smoothing = 1}));

    const OpInput image{.low = 0, .high = 1, .kind = OpInput::constant};
    OpCase content{.name = "content_loss", .inputs = {{.low = 0, .high = 1}, image, image}, .terms = everything};
    for (const Shape& s : {Shape{2, 1, 3, 4}, Shape{1, 1, 1, 1}, Shape{1, 1, 1, 9}, Shape{1, 1, 16, 17},
                           Shape{1, 1, 33, 2}, Shape{2, 1, 65, 130}})
        content.shapes.push_back({s, s, s});
    set_function(content, [](const auto& in) { return seafusion::content_loss(in[0], in[1], in[2]).total; });
    content.reference = [](const std::vector<Plain>& in) {
        const Plain f = sobel_of(in[0]), y = sobel_of(in[1]), ir = sobel_of(in[2]);
        const auto compare = [](const Plain& a, const Plain& b, const Plain& c) {
            return mean_of(
                plain(a.shape, [&](const Shape& i) { return std::fabs(a.at(i) - std::max(b.at(i), c.at(i))); }));
        };
        return Plain{{}, {compare(in[0], in[1], in[2]) + 10 * compare(f, y, ir)}};
    };
    list.push_back(content);
}

}  // namespace fathom::tests
