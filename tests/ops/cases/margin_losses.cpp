// Losses by distances and margins, likelihoods of numbers, distances of vectors.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/ops/class_margin_loss.hpp"
#include "fathom/ops/likelihood_loss.hpp"
#include "fathom/ops/margin_loss.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

double every_element(const Shapes& in, const Shape& out) {
    return 8 * static_cast<double>(in[0].numel()) / static_cast<double>(std::max<std::int64_t>(out.numel(), 1));
}

template <class F>
OpCase margin_case(const char* name, std::vector<OpInput> inputs, std::vector<Shapes> shapes, F f) {
    OpCase op{.name = name,
              .inputs = std::move(inputs),
              .shapes = std::move(shapes),
              .golden = name,
              .golden_file = "margins",
              .terms = every_element};
    set_function(op, f);
    return op;
}

template <class F>
void compare_with(OpCase& op, Reduction reduction, F f) {
    op.reference = [reduction, f](const std::vector<Plain>& in) {
        const Plain each = plain(in[0].shape, [&](const Shape& i) { return f(in, i); });
        double sum = 0;
        for (const double v : each.values) sum += v;
        const double count = reduction == Reduction::mean ? static_cast<double>(each.values.size()) : 1;
        return reduction == Reduction::none ? each : Plain{{}, {sum / count}};
    };
}

std::vector<Shapes> same_shapes(std::size_t inputs, std::initializer_list<Shape> shapes) {
    std::vector<Shapes> all;
    for (const Shape& s : shapes) all.push_back(Shapes(inputs, s));
    return all;
}

void add_likelihood_cases(std::vector<OpCase>& list) {
    const OpInput x{.name = "x", .low = -2, .high = 2}, t{.name = "t"}, v{.name = "v", .low = 0.2, .high = 2},
        counts{.name = "t", .low = 0.2, .high = 4, .kinks = {1}}, rates{.name = "x", .low = 0.2, .high = 4};
    // Where a test plants another number in its place, a variance stays one.
    const auto variance = [](const auto& y) { return abs(y); };
    list.push_back(margin_case("gaussian_nll_loss", {x, t, v}, same_shapes(3, {{3, 4}, {}, {1}, {65}, {3, 65, 101}}),
                               [=](const auto& in) { return gaussian_nll_loss(in[0], in[1], variance(in[2])); }));
    compare_with(list.back(), Reduction::mean, [](const auto& in, const Shape& i) {
        const double d = in[0].at(i) - in[1].at(i), s = std::fabs(in[2].at(i));
        return (std::log(s) + d * d / s) / 2;
    });
    list.push_back(margin_case("gaussian_nll_loss_rows", {x, t, {.name = "v", .low = 0.2, .high = 2, .kinks = {0.7}}},
                               {{{3, 4}, {3, 4}, {3}}, {{2, 1}, {2, 1}, {2}}, {{3, 65}, {3, 65}, {3, 1}}},
                               [=](const auto& in) {
                                   return gaussian_nll_loss(in[0], in[1], variance(in[2]),
                                                            {.full = true, .eps = 0.7, .reduction = Reduction::none});
                               }));
    // A bounded variance has a gradient that no difference shows.
    list.back().shapes.clear();
    const auto pairs = same_shapes(2, {{3, 4}, {}, {1}, {65}, {3, 65, 101}});
    list.push_back(margin_case("poisson_nll_loss", {x, counts}, pairs,
                               [](const auto& in) { return poisson_nll_loss(in[0], in[1], {.full = true}); }));
    compare_with(list.back(), Reduction::mean, [](const auto& in, const Shape& i) {
        const double target = in[1].at(i), loss = std::exp(in[0].at(i)) - target * in[0].at(i);
        return target > 1 ? loss + target * std::log(target) - target + std::log(2 * M_PI * target) / 2 : loss;
    });
    list.push_back(
        margin_case("poisson_nll_loss_rates", {rates, {.name = "t", .low = -2, .high = 2}}, pairs, [=](const auto& in) {
            return poisson_nll_loss(variance(in[0]), in[1], {.log_input = false, .reduction = Reduction::sum});
        }));
    compare_with(list.back(), Reduction::sum, [](const auto& in, const Shape& i) {
        return std::fabs(in[0].at(i)) - in[1].at(i) * std::log(std::fabs(in[0].at(i)) + 1e-8);
    });
}

void add_hinge_cases(std::vector<OpCase>& list) {
    const OpInput x{.name = "x", .low = -2, .high = 2}, t{.name = "t", .kinks = {0}, .kind = OpInput::constant},
        a{.name = "a", .low = -2, .high = 2}, b{.name = "b"}, far{.name = "b", .low = 0.2, .high = 2};
    list.push_back(margin_case("margin_ranking_loss", {a, b, t}, same_shapes(3, {{3, 4}, {}, {1}, {65}, {3, 65, 101}}),
                               [](const auto& in) { return margin_ranking_loss(in[0], in[1], sign(in[2]), 0.3); }));
    const auto sign_of = [](double y) { return y > 0 ? 1.0 : y < 0 ? -1.0 : 0.0; };
    compare_with(list.back(), Reduction::mean, [=](const auto& in, const Shape& i) {
        return std::max(0.0, 0.3 - sign_of(in[2].at(i)) * (in[0].at(i) - in[1].at(i)));
    });
    list.push_back(margin_case("hinge_embedding_loss", {x, t}, same_shapes(2, {{3, 4}, {}, {1}, {65}, {3, 65, 101}}),
                               [](const auto& in) { return hinge_embedding_loss(in[0], sign(in[1]), 0.7); }));
    compare_with(list.back(), Reduction::mean, [](const auto& in, const Shape& i) {
        return in[1].at(i) > 0 ? in[0].at(i) : std::max(0.0, 0.7 - in[0].at(i));
    });
    list.push_back(margin_case("cosine_embedding_loss", {a, far, t},
                               {{{3, 4}, {3, 4}, {3}}, {{5}, {5}, {}}, {{70, 65}, {70, 65}, {70}}},
                               [](const auto& in) { return cosine_embedding_loss(in[0], in[1], sign(in[2]), -0.5); }));
    const OpInput p{.name = "p"}, n{.name = "n", .low = 0.2, .high = 2};
    const auto triples = same_shapes(3, {{3, 4}, {5}, {1, 1}, {2, 0}, {70, 65}});
    list.push_back(margin_case("triplet_margin_loss", {a, p, n}, triples, [](const auto& in) {
        return triplet_margin_loss(in[0], in[1], in[2], {.p = 3, .reduction = Reduction::none});
    }));
    list.push_back(margin_case("triplet_margin_loss_swap", {a, p, n}, triples, [](const auto& in) {
        return triplet_margin_loss(in[0], in[1], in[2], {.margin = 2, .swap = true});
    }));
}

void add_class_margin_cases(std::vector<OpCase>& list) {
    const OpInput x{.name = "x", .low = -2, .high = 2},
        w{.name = "w", .low = 0.2, .high = 2, .kind = OpInput::constant},
        label{.name = "t", .high = 4, .kind = OpInput::indices}, some{.name = "t", .high = 5, .kind = OpInput::indices};
    list.push_back(margin_case("soft_margin_loss", {x, {.name = "t", .kind = OpInput::constant}},
                               same_shapes(2, {{3, 4}, {}, {1}, {65}, {3, 65, 101}}),
                               [](const auto& in) { return soft_margin_loss(in[0], in[1]); }));
    compare_with(list.back(), Reduction::mean,
                 [](const auto& in, const Shape& i) { return std::log1p(std::exp(-in[0].at(i) * in[1].at(i))); });
    list.push_back(margin_case("multilabel_soft_margin_loss", {x, {.name = "t", .low = 0, .high = 1}, w},
                               {{{3, 4}, {3, 4}, {4}}, {{5}, {5}, {5}}, {{2, 3, 65}, {2, 3, 65}, {65}}},
                               [](const auto& in) {
                                   return multilabel_soft_margin_loss(in[0], in[1], {in[2], Reduction::none});
                               }));
    list.push_back(margin_case("multi_margin_loss", {x, label},
                               {{{3, 4}, {3}}, {{4}, {}}, {{0, 4}, {0}}, {{65, 5}, {65}}},
                               [](const auto& in) { return multi_margin_loss(in[0], in.labels[0]); }));
    list.push_back(margin_case("multi_margin_loss_squares", {x, w, label},
                               {{{3, 4}, {4}, {3}}, {{4}, {4}, {}}, {{65, 5}, {5}, {65}}}, [](const auto& in) {
                                   return multi_margin_loss(in[0], in.labels[0], {2, 0.6, in[1], Reduction::none});
                               }));
    list.push_back(margin_case("multilabel_margin_loss", {x, some},
                               {{{3, 4}, {3, 4}}, {{5}, {5}}, {{33, 17}, {33, 17}}},
                               [](const auto& in) { return multilabel_margin_loss(in[0], in.labels[0] - 1); }));
}

// The p-norm of the differences of row i of a and row j of b.
double apart(const Plain& a, Shape i, const Plain& b, Shape j, double p) {
    double sum = 0;
    for (std::int64_t k = 0; k < a.shape[-1]; ++k) {
        i[-1] = k, j[-1] = k;
        const double d = std::fabs(a.at(i) - b.at(j));
        sum = std::isinf(p) ? std::max(sum, d) : sum + std::pow(d, p);
    }
    return std::isinf(p) ? sum : std::pow(sum, 1 / p);
}

void add_distance_cases(std::vector<OpCase>& list) {
    const OpInput a{.name = "a"}, b{.name = "b"}, wide{.name = "a", .low = -2, .high = 2};
    list.push_back(margin_case("dist", {wide, b}, {{{3, 4}, {4}}, {{}, {}}, {{2, 1, 5}, {3, 1}}, {{65, 70}, {70}}},
                               [](const auto& in) { return dist(in[0], in[1], 3); }));
    list.push_back(margin_case("pairwise_distance", {wide, b},
                               {{{3, 4}, {3, 4}}, {{5}, {5}}, {{2, 0}, {2, 0}}, {{70, 65}, {65}}},
                               [](const auto& in) { return pairwise_distance(in[0], in[1], 2, 1e-6, true); }));
    const std::vector<Shapes> all_pairs = {
        {{2, 3, 4}, {5, 4}}, {{1, 1}, {1, 1}}, {{3, 2}, {0, 2}}, {{2, 0}, {3, 0}}, {{33, 65}, {17, 65}}};
    for (const auto& [name, p] : {std::pair("cdist", 2.0), std::pair("cdist_1", 1.0),
                                  std::pair("cdist_largest", std::numeric_limits<double>::infinity())}) {
        list.push_back(
            margin_case(name, {a, b}, all_pairs, [p = p](const auto& in) { return cdist(in[0], in[1], p); }));
        list.back().reference = [p = p](const std::vector<Plain>& in) {
            Shape shape = in[0].shape;
            shape[-1] = in[1].shape[-2];
            return plain(shape, [&](const Shape& i) {
                Shape j = i;
                while (j.rank() > in[1].shape.rank()) j.erase(0);
                j[-2] = i[-1];
                return apart(in[0], i, in[1], j, p);
            });
        };
    }
    list.push_back(margin_case("pdist", {{.name = "x", .low = -2, .high = 2}},
                               {{{3, 4}}, {{1, 4}}, {{0, 3}}, {{17, 33}}},
                               [](const auto& in) { return pdist(in[0], 1.5); }));
    list.back().reference = [](const std::vector<Plain>& in) {
        const std::int64_t n = in[0].shape[0];
        Plain y{{n < 2 ? 0 : n * (n - 1) / 2}, {}};
        for (std::int64_t i = 0; i < n; ++i)
            for (std::int64_t j = i + 1; j < n; ++j) y.values.push_back(apart(in[0], {i, 0}, in[0], {j, 0}, 1.5));
        return y;
    };
}

}  // namespace

void add_margin_loss_cases(std::vector<OpCase>& list) {
    add_likelihood_cases(list);
    add_hinge_cases(list);
    add_class_margin_cases(list);
    add_distance_cases(list);
}

}  // namespace fathom::tests
