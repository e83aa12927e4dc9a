// Sums, means, variances, extremes, softmax.
#include <cmath>

#include "fathom/ops/reduce.hpp"
#include "fathom/ops/softmax.hpp"
#include "tests/ops/cases/reduction_case.hpp"

namespace fathom::tests {
namespace {

// Along the innermost, an outer and both dimensions; around vector widths and block sizes.
std::vector<Shapes> four(bool empty) {
    std::vector<Shapes> shapes = {{{2, 3, 4, 5}}, {{1, 1, 1, 1}},  {{2, 16, 3, 17}}, {{1, 15, 2, 33}},
                                  {{3, 1, 5, 1}}, {{1, 65, 1, 1}}, {{0, 3, 2, 4}}};
    if (empty) shapes.push_back({{2, 0, 3, 4}});
    shapes.push_back({{2, 33, 65, 63}});
    return shapes;
}

Plain softmax_of(const Plain& x, bool log) {
    const Plain sums = reduced(x, 2, [](const std::vector<double>& v) {
        double sum = 0;
        for (double e : v) sum += std::exp(e);
        return sum;
    });
    return plain(x.shape, [&](const Shape& i) {
        const double e = std::exp(x.at(i)) / broadcast_at(sums, i);
        return log ? std::log(e) : e;
    });
}

}  // namespace

void add_reduction_cases(std::vector<OpCase>& list) {
    list.push_back(reduction(
        "sum_dim", "sum_dim", four(true),
        [](const auto& in) {
            return in[0].sum({1, 3});
        },
        [](const Plain& x) { return without(reduced(x, 0b1010, sum_of), 0b1010); }));
    list.push_back(reduction(
        "sum_last", "", four(true), [](const auto& in) { return in[0].sum(-1, true); },
        [](const Plain& x) { return reduced(x, 0b1000, sum_of); }));
    list.push_back(reduction(
        "sum_first", "", four(true), [](const auto& in) { return in[0].sum(0); },
        [](const Plain& x) { return without(reduced(x, 0b0001, sum_of), 0b0001); }));
    list.push_back(reduction(
        "sum_images", "", four(true),
        [](const auto& in) {
            return in[0].sum({0, 2, 3});
        },
        [](const Plain& x) { return without(reduced(x, 0b1101, sum_of), 0b1101); }));
    list.push_back(reduction(
        "sum_all", "", {{{2, 3, 4}}, {{}}, {{1}}, {{0}}, {{127}}, {{128}}, {{129}}, {{4097}}, {{3, 65, 1001}}},
        [](const auto& in) { return in[0].sum(); },
        [](const Plain& x) {
            return Plain{{}, {sum_of(x.values)}};
        }));
    list.push_back(reduction(
        "mean_channel", "mean_channel", four(false), [](const auto& in) { return in[0].mean(1, true); },
        [](const Plain& x) { return reduced(x, 0b0010, mean_of); }));
    list.push_back(reduction(
        "mean_all", "", {{{2, 3, 4}}, {{}}, {{1}}, {{1023}}, {{3, 65, 1001}}},
        [](const auto& in) { return in[0].mean(); },
        [](const Plain& x) {
            return Plain{{}, {mean_of(x.values)}};
        }));
    list.push_back(reduction(
        "var_unbiased", "var_unbiased", {{{4, 3, 5}}, {{2, 1, 1}}, {{2, 17, 33}}, {{3, 0, 2}}, {{33, 65, 63}}},
        [](const auto& in) { return var(in[0], {0}); },
        [](const Plain& x) { return without(reduced(x, 1, [](const auto& v) { return variance_of(v, 1); }), 1); }));
    list.push_back(reduction(
        "var_biased", "", {{{2, 3, 2, 5}}, {{1, 2, 1, 2}}, {{2, 3, 16, 17}}},
        [](const auto& in) {
            return var(in[0], {0, 2, 3}, false, true);
        },
        [](const Plain& x) { return reduced(x, 0b1101, [](const auto& v) { return variance_of(v, 0); }); }));
    list.push_back(reduction(
        "max_channel", "max_channel", four(false), [](const auto& in) { return max(in[0], 1, true).values; },
        [](const Plain& x) { return reduced(x, 0b0010, largest_of); }));
    list.push_back(reduction(
        "min_last", "",
        {{{2, 3, 4, 5}}, {{1, 1, 1, 1}}, {{2, 3, 2, 17}}, {{1, 2, 3, 65}}, {{0, 3, 2, 4}}, {{9, 33, 15, 33}}},
        [](const auto& in) { return min(in[0], -1).values; },
        [](const Plain& x) { return without(reduced(x, 0b1000, smallest_of), 0b1000); }));
    list.push_back(reduction(
        "max_all", "", {{{2, 3, 4}}, {{}}, {{129}}}, [](const auto& in) { return max(in[0]); },
        [](const Plain& x) {
            return Plain{{}, {largest_of(x.values)}};
        }));
    list.push_back(reduction(
        "min_all", "", {{{2, 3, 4}}, {{}}, {{129}}}, [](const auto& in) { return min(in[0]); },
        [](const Plain& x) {
            return Plain{{}, {smallest_of(x.values)}};
        }));

    for (bool log : {false, true}) {
        OpCase op{.name = log ? "log_softmax" : "softmax", .inputs = {{.low = -3, .high = 3}}, .shapes = four(true)};
        op.golden = op.name;
        op.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0][1]); };
        set_function(op, [log](const auto& in) { return log ? log_softmax(in[0], 1) : softmax(in[0], 1); });
        op.reference = [log](const std::vector<Plain>& in) { return softmax_of(in[0], log); };
        list.push_back(op);
        op.name += "_last", op.golden.clear();
        op.shapes = {{{3, 5}}, {{1, 1}}, {{4, 16}}, {{2, 17}}, {{0, 3}}, {{129, 65}}};
        set_function(op, [log](const auto& in) { return log ? log_softmax(in[0], -1) : softmax(in[0], -1); });
        list.push_back(op);
    }
}

}  // namespace fathom::tests
