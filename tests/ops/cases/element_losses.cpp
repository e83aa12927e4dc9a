// Losses of single numbers and of overlaps, and of classes by probabilities or log-probabilities; cosine similarity.
#include <algorithm>
#include <cmath>

#include "fathom/ops/binary_loss.hpp"
#include "fathom/ops/kl_div.hpp"
#include "fathom/ops/nll_loss.hpp"
#include "fathom/ops/similarity.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

double all_to_one(const Shapes& in, const Shape& out) {
    return static_cast<double>(in[0].numel()) / static_cast<double>(out.numel() ? out.numel() : 1);
}

Plain reduced_by(const Plain& each, Reduction reduction, double divisor) {
    if (reduction == Reduction::none) return each;
    double sum = 0;
    for (const double v : each.values) sum += v;
    return {{}, {reduction == Reduction::sum ? sum : sum / divisor}};
}
Plain reduced_by(const Plain& each, Reduction reduction) {
    return reduced_by(each, reduction, static_cast<double>(each.values.size()));
}

OpCase loss_case(const char* name, std::vector<OpInput> inputs, std::vector<Shapes> shapes) {
    return {.name = name,
            .inputs = std::move(inputs),
            .shapes = std::move(shapes),
            .golden = name,
            .golden_file = "losses",
            .terms = all_to_one};
}

std::vector<Shapes> pairs(std::initializer_list<Shape> shapes) {
    std::vector<Shapes> twice;
    for (const Shape& s : shapes) twice.push_back({s, s});
    return twice;
}

void add_huber_cases(std::vector<OpCase>& list) {
    const auto x = OpInput{.name = "x", .low = -3, .high = 3}, t = OpInput{.name = "t"};
    const auto sizes = pairs({{3, 7}, {}, {1}, {65}, {3, 65, 101}});
    OpCase op = loss_case("smooth_l1_loss", {x, t}, sizes);
    set_function(op, [](const auto& in) { return smooth_l1_loss(in[0], in[1], Reduction::mean, 0.5); });
    op.reference = [](const std::vector<Plain>& in) {
        return reduced_by(plain(in[0].shape,
                                [&](const Shape& i) {
                                    const double d = std::fabs(in[0].at(i) - in[1].at(i));
                                    return d < 0.5 ? d * d : d - 0.25;
                                }),
                          Reduction::mean);
    };
    list.push_back(op);
    op = loss_case("huber_loss", {x, t}, sizes);
    set_function(op, [](const auto& in) { return huber_loss(in[0], in[1], Reduction::sum, 0.7); });
    op.reference = [](const std::vector<Plain>& in) {
        return reduced_by(plain(in[0].shape,
                                [&](const Shape& i) {
                                    const double d = std::fabs(in[0].at(i) - in[1].at(i));
                                    return d < 0.7 ? d * d / 2 : 0.7 * (d - 0.35);
                                }),
                          Reduction::sum);
    };
    list.push_back(op);
}

void add_divergence_cases(std::vector<OpCase>& list) {
    const auto x = OpInput{.name = "x", .low = -3, .high = 0};
    const auto sizes = pairs({{3, 4}, {1}, {65}, {3, 65, 101}});
    OpCase op = loss_case("kl_div", {x, {.name = "t", .low = 0.1, .high = 1}}, sizes);
    set_function(op, [](const auto& in) { return kl_div(in[0], in[1]); });
    op.reference = [](const std::vector<Plain>& in) {
        return reduced_by(
            plain(in[0].shape, [&](const Shape& i) { return in[1].at(i) * (std::log(in[1].at(i)) - in[0].at(i)); }),
            Reduction::mean);
    };
    list.push_back(op);
    op = loss_case("kl_div_batchmean", {x, {.name = "t", .low = -2, .high = 0}}, sizes);
    set_function(op, [](const auto& in) { return kl_div(in[0], in[1], KlReduction::batchmean, true); });
    op.reference = [](const std::vector<Plain>& in) {
        return reduced_by(
            plain(in[0].shape, [&](const Shape& i) { return std::exp(in[1].at(i)) * (in[1].at(i) - in[0].at(i)); }),
            Reduction::mean, static_cast<double>(in[0].shape[0]));
    };
    list.push_back(op);
}

// A probability stays one where a test plants another number in its place.
template <class T>
Tensor<T> probability(const Tensor<T>& x) {
    return clamp(x, T{0}, T{1});
}

void add_binary_cases(std::vector<OpCase>& list) {
    const OpInput x{.name = "x", .low = 0.05, .high = 0.95}, t{.name = "t", .low = 0, .high = 1},
        logits{.name = "x", .low = -4, .high = 4}, w{.name = "w", .low = 0.2, .high = 1.5, .kind = OpInput::constant},
        p{.name = "p", .low = 0.2, .high = 3, .kind = OpInput::constant};
    OpCase op = loss_case("binary_cross_entropy", {x, t}, pairs({{2, 3, 4}, {}, {1}, {65}, {3, 65, 101}}));
    set_function(op, [](const auto& in) { return binary_cross_entropy(probability(in[0]), in[1]); });
    const auto entropy = [](double y, double target) { return -target * std::log(y) - (1 - target) * std::log(1 - y); };
    op.reference = [entropy](const std::vector<Plain>& in) {
        return reduced_by(plain(in[0].shape, [&](const Shape& i) { return entropy(in[0].at(i), in[1].at(i)); }),
                          Reduction::mean);
    };
    list.push_back(op);
    op = loss_case("binary_cross_entropy_weighted", {x, t, w},
                   {{{2, 3, 4}, {2, 3, 4}, {3, 1}}, {{2, 0}, {2, 0}, {2, 1}}, {{33, 65}, {33, 65}, {65}}});
    set_function(op, [](const auto& in) {
        return binary_cross_entropy(probability(in[0]), in[1], {in[2], Reduction::none});
    });
    op.reference = [entropy](const std::vector<Plain>& in) {
        return plain(in[0].shape,
                     [&](const Shape& i) { return broadcast_at(in[2], i) * entropy(in[0].at(i), in[1].at(i)); });
    };
    list.push_back(op);

    op = loss_case("binary_cross_entropy_with_logits", {logits, t}, pairs({{2, 3, 4}, {}, {1}, {65}, {3, 65, 101}}));
    set_function(op, [](const auto& in) { return binary_cross_entropy_with_logits(in[0], in[1]); });
    const auto logistic = [](double y, double target, double positive) {
        return (1 - target) * y + (1 + (positive - 1) * target) * std::log1p(std::exp(-y));
    };
    op.reference = [logistic](const std::vector<Plain>& in) {
        return reduced_by(plain(in[0].shape, [&](const Shape& i) { return logistic(in[0].at(i), in[1].at(i), 1); }),
                          Reduction::mean);
    };
    list.push_back(op);
    op = loss_case("binary_cross_entropy_with_logits_weighted", {logits, t, w, p},
                   {{{2, 3, 4}, {2, 3, 4}, {3, 1}, {4}}, {{33, 65}, {33, 65}, {33, 1}, {65}}});
    set_function(op, [](const auto& in) {
        return binary_cross_entropy_with_logits(in[0], in[1], {in[2], Reduction::sum, in[3]});
    });
    op.reference = [logistic](const std::vector<Plain>& in) {
        return reduced_by(plain(in[0].shape,
                                [&](const Shape& i) {
                                    return broadcast_at(in[2], i) *
                                           logistic(in[0].at(i), in[1].at(i), broadcast_at(in[3], i));
                                }),
                          Reduction::sum);
    };
    list.push_back(op);

    op = loss_case("dice_loss", {x, t}, pairs({{2, 3, 4}, {1, 1, 1}, {2, 1, 0}, {2, 3, 33, 65}}));
    set_function(op, [](const auto& in) { return dice_loss(in[0], in[1]); });
    op.reference = [](const std::vector<Plain>& in) {
        const Shape& s = in[0].shape;
        const std::int64_t masks = s[0] * s[1], n = masks ? s.numel() / masks : 0;
        double total = 0;
        for (std::int64_t m = 0; m < masks; ++m) {
            double both = 0, all = 0;
            for (std::int64_t i = m * n; i < (m + 1) * n; ++i) {
                const double a = in[0].values[static_cast<std::size_t>(i)],
                             b = in[1].values[static_cast<std::size_t>(i)];
                both += a * b, all += a + b;
            }
            total += 1 - (2 * both + 1) / (all + 1);
        }
        return Plain{{}, {total / static_cast<double>(masks)}};
    };
    list.push_back(op);
}

// log softmax of x over dimension 1 at a position and class.
double log_share(const Plain& x, const Shape& index) {
    double sum = 0;
    Shape i = index;
    for (i[1] = 0; i[1] < x.shape[1]; ++i[1]) sum += std::exp(x.at(i));
    return x.at(index) - std::log(sum);
}

// Sums of f over the classes at each position.
template <class F>
Plain over_classes(const Shape& shape, F f) {
    Shape positions = shape;
    positions.erase(1);
    return plain(positions, [&](const Shape& i) {
        double sum = 0;
        for (std::int64_t c = 0; c < shape[1]; ++c) {
            Shape at = i;
            at.insert(1, c);
            sum += f(std::as_const(at));
        }
        return sum;
    });
}

void add_class_cases(std::vector<OpCase>& list) {
    const OpInput x{.name = "x", .low = -2, .high = 2}, share{.name = "t", .low = 0, .high = 1},
        w{.name = "w", .low = 0.2, .high = 1.5, .kind = OpInput::constant},
        labels{.name = "t", .high = 3, .kind = OpInput::labels};
    OpCase op = loss_case("cross_entropy_probabilities", {x, share}, pairs({{2, 3, 2, 2}, {1, 2}, {7, 5}, {2, 9, 33}}));
    set_function(op, [](const auto& in) { return cross_entropy(in[0], in[1]); });
    op.reference = [](const std::vector<Plain>& in) {
        return reduced_by(over_classes(in[0].shape, [&](const Shape& i) { return -in[1].at(i) * log_share(in[0], i); }),
                          Reduction::mean);
    };
    list.push_back(op);
    op = loss_case("cross_entropy_probabilities_weighted", {x, share, w},
                   {{{2, 3, 2}, {2, 3, 2}, {3}}, {{0, 3}, {0, 3}, {3}}, {{2, 9, 33}, {2, 9, 33}, {9}}});
    set_function(op, [](const auto& in) {
        using T = typename std::decay_t<decltype(in[0])>::value_type;
        CrossEntropyOptions<T> options{.reduction = Reduction::none, .label_smoothing = 0.1};
        options.weight = in[2];
        return cross_entropy(in[0], in[1], options);
    });
    op.reference = [](const std::vector<Plain>& in) {
        return over_classes(in[0].shape, [&](const Shape& i) {
            const double smoothed = 0.9 * in[1].at(i) + 0.1 / static_cast<double>(in[0].shape[1]);
            return -smoothed * in[2].at({i[1]}) * log_share(in[0], i);
        });
    };
    list.push_back(op);

    op = loss_case("nll_loss", {x, labels},
                   {{{2, 3, 2, 4}, {2, 2, 4}}, {{1, 3}, {1}}, {{7, 3}, {7}}, {{2, 5, 333}, {2, 333}}});
    const auto picked = [](const std::vector<Plain>& in, bool weighted, double& total) {
        const Plain& target = in.back();
        return plain(target.shape, [&](const Shape& i) {
            const auto label = static_cast<std::int64_t>(target.at(i));
            if (label == 255) return 0.0;
            Shape at = i;
            at.insert(1, label);
            const double weight = weighted ? in[1].at({label}) : 1;
            total += weight;
            return -weight * in[0].at(at);
        });
    };
    set_function(op, [](const auto& in) { return nll_loss(in[0], in.labels[0], {.ignore_index = 255}); });
    op.reference = [picked](const std::vector<Plain>& in) {
        double total = 0;
        const Plain each = picked(in, false, total);
        return reduced_by(each, Reduction::mean, total);
    };
    list.push_back(op);
    op = loss_case("nll_loss_weighted", {x, w, labels}, {{{2, 3, 2, 4}, {3}, {2, 2, 4}}, {{0, 3}, {3}, {0}}});
    set_function(op, [](const auto& in) {
        return nll_loss(in[0], in.labels[0], {.weight = in[1], .ignore_index = 255, .reduction = Reduction::none});
    });
    op.reference = [picked](const std::vector<Plain>& in) {
        double total = 0;
        return picked(in, true, total);
    };
    list.push_back(op);
}

void add_similarity_cases(std::vector<OpCase>& list) {
    const auto cosine = [](const std::vector<Plain>& in, const Shape& shape, int dim) {
        Shape rest = shape;
        rest.erase(dim);
        return plain(rest, [&](const Shape& i) {
            double ab = 0, aa = 0, bb = 0;
            for (std::int64_t k = 0; k < shape[dim]; ++k) {
                Shape at = i;
                at.insert(dim, k);
                const double a = broadcast_at(in[0], at), b = broadcast_at(in[1], at);
                ab += a * b, aa += a * a, bb += b * b;
            }
            return ab / std::sqrt(std::max(aa, 1e-16) * std::max(bb, 1e-16));
        });
    };
    OpCase op =
        loss_case("cosine_similarity", {{.name = "a"}, {.name = "b"}}, pairs({{3, 5}, {1, 2}, {2, 0}, {2, 65, 33}}));
    set_function(op, [](const auto& in) { return cosine_similarity(in[0], in[1]); });
    op.reference = [cosine](const std::vector<Plain>& in) { return cosine(in, in[0].shape, 1); };
    list.push_back(op);
    op = loss_case("cosine_similarity_broadcast", {{.name = "a"}, {.name = "b"}}, {{{2, 1, 4}, {3, 4}}});
    set_function(op, [](const auto& in) { return cosine_similarity(in[0], in[1], -1); });
    op.reference = [cosine](const std::vector<Plain>& in) {
        return cosine(in, {in[0].shape[0], in[1].shape[0], in[1].shape[1]}, 2);
    };
    list.push_back(op);
}

}  // namespace

void add_element_loss_cases(std::vector<OpCase>& list) {
    add_huber_cases(list);
    add_divergence_cases(list);
    add_binary_cases(list);
    add_class_cases(list);
    add_similarity_cases(list);
}

}  // namespace fathom::tests
