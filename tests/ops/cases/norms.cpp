// Standard deviations, norms, products, running sums, logsumexp, extremes of several dimensions, their places.
#include <cmath>
#include <limits>

#include "fathom/ops/cumulative.hpp"
#include "fathom/ops/norm.hpp"
#include "tests/ops/cases/reduction_case.hpp"

namespace fathom::tests {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Dimensions 0 and 2 of three, or one of them; around vector widths; the last is for two threads.
std::vector<Shapes> three() {
    return {{{2, 3, 4}}, {{1, 1, 1}}, {{3, 17, 2}}, {{5, 1, 16}}, {{2, 65, 3}}, {{3, 0, 2}}, {{17, 33, 65}}};
}
std::vector<Shapes> whole() { return {{{2, 3, 4}}, {{}}, {{1}}, {{129}}, {{33, 1025}}}; }

double norm_of(const std::vector<double>& v, double p) {
    double sum = 0;
    for (double x : v) sum += std::pow(std::fabs(x), p);
    return std::pow(sum, 1 / p);
}

double product_of(const std::vector<double>& v) {
    double product = 1;
    for (double x : v) product *= x;
    return product;
}

double log_sum_exp_of(const std::vector<double>& v) {
    double sum = 0;
    for (double x : v) sum += std::exp(x);
    return std::log(sum);
}

// The index of the first largest along dimension d.
Plain place_of(const Plain& x, int d, bool smallest) {
    return reduced(x, 1u << d, [&](const std::vector<double>& v) {
        std::size_t at = 0;
        for (std::size_t i = 0; i < v.size(); ++i)
            if (smallest ? v[i] < v[at] : v[i] > v[at]) at = i;
        return static_cast<double>(at);
    });
}

Plain times(Plain a, const Plain& b) {
    for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] *= b.values[i];
    return a;
}

Plain running_sums(const Plain& x, int d) {
    return plain(x.shape, [&](const Shape& index) {
        double sum = 0;
        Shape i = index;
        for (i[d] = 0; i[d] <= index[d]; ++i[d]) sum += x.at(i);
        return sum;
    });
}

template <class F, class R>
OpCase all_of(const char* name, F f, R fold) {
    OpCase op = reduction(name, name, whole(), f, [fold](const Plain& x) { return Plain{{}, {fold(x.values)}}; });
    op.golden_file = "reductions";
    return op;
}

}  // namespace

void add_norm_cases(std::vector<OpCase>& list) {
    const auto add = [&](const char* name, std::vector<Shapes> shapes, auto f, auto reference) -> OpCase& {
        list.push_back(reduction(name, name, std::move(shapes), f, reference));
        list.back().golden_file = "reductions";
        return list.back();
    };
    const auto golden_only = [&](const char* name, auto f) {
        add(name, {}, f, [](const Plain& x) { return x; }).reference = {};
    };
    const auto by = [](auto fold, unsigned dims, bool keepdim = false) {
        return [=](const Plain& x) { return keepdim ? reduced(x, dims, fold) : without(reduced(x, dims, fold), dims); };
    };
    const auto deviation = [](double correction) {
        return [=](const std::vector<double>& v) { return std::sqrt(variance_of(v, correction)); };
    };

    // Of one element there is no deviation: none of those shapes.
    add(
        "var_correction", {{{2, 3, 4}}, {{3, 17, 2}}, {{17, 33, 65}}},
        [](const auto& in) {
            return var(in[0], {0, 2}, 2.5);
        },
        by([](const std::vector<double>& v) { return variance_of(v, 2.5); }, 0b101));
    add(
        "var_all", {{{2, 3, 4}}, {{129}}}, [](const auto& in) { return in[0].var(); },
        by([](const std::vector<double>& v) { return variance_of(v, 1); }, 0b111));
    list.back().reference = [](const std::vector<Plain>& in) { return Plain{{}, {variance_of(in[0].values, 1)}}; };
    add(
        "std", {{{2, 3, 4}}, {{1, 2, 1}}, {{5, 17, 3}}, {{3, 5, 0}}, {{17, 33, 65}}},
        [](const auto& in) { return in[0].std(1); }, by(deviation(1), 0b010));
    add(
        "std_biased", {{{2, 3, 4}}, {{5, 1, 16}}, {{17, 33, 65}}},
        [](const auto& in) {
            return fathom::std(in[0], {0, 2}, 0, true);
        },
        by(deviation(0), 0b101, true));
    list.push_back(all_of(
        "std_all", [](const auto& in) { return in[0].std(); }, deviation(1)));
    list.back().shapes = {{{2, 3, 4}}, {{129}}, {{33, 1025}}};
    golden_only("std_constant", [](const auto& in) { return in[0].std(1); });

    add(
        "norm", three(),
        [](const auto& in) {
            return norm(in[0], 2, {0, 2});
        },
        by([](const std::vector<double>& v) { return norm_of(v, 2); }, 0b101));
    list.push_back(all_of(
        "norm_all", [](const auto& in) { return in[0].norm(); },
        [](const std::vector<double>& v) { return norm_of(v, 2); }));
    struct {
        const char* name;
        double p;
        const char* of_zeros;
    } const norms[] = {{"norm_1", 1, "norm_1_of_zeros"},       {"norm_inf", infinity, "norm_inf_of_zeros"},
                       {"norm_minus_inf", -infinity, nullptr}, {"norm_3", 3, "norm_3_of_zeros"},
                       {"norm_1_5", 1.5, "norm_1_5_of_zeros"}, {"norm_minus_1", -1, nullptr},
                       {nullptr, 2, "norm_2_of_zeros"}};
    for (const auto& n : norms) {
        const double p = n.p;
        const auto fold = [p](const std::vector<double>& v) {
            if (std::fabs(p) < infinity) return norm_of(v, p);
            std::vector<double> sizes;
            for (double x : v) sizes.push_back(std::fabs(x));
            return p > 0 ? largest_of(sizes) : smallest_of(sizes);
        };
        if (n.name) {
            add(
                n.name, {{{2, 3, 4}}, {{1, 1, 1}}, {{3, 17, 2}}, {{17, 33, 65}}},
                [p](const auto& in) {
                    return norm(in[0], p, {0, 2});
                },
                by(fold, 0b101))
                .inputs = {{.low = -2, .high = 2, .kinks = {0}}};
        }
        if (n.of_zeros) golden_only(n.of_zeros, [p](const auto& in) { return norm(in[0], p, {1}); });
    }
    golden_only("norm_0", [](const auto& in) { return in[0] * norm(in[0], 0, {1}, true); });

    // Larger products of such numbers are beyond float.
    add(
        "prod", {{{2, 3, 4}}, {{1, 1, 1}}, {{5, 17, 3}}, {{0, 3, 2}}, {{2, 0, 2}}, {{33, 5, 65}}},
        [](const auto& in) { return prod(in[0], 1); }, by(product_of, 0b010));
    add(
        "prod_last", {{{2, 3, 4}}, {{65, 2, 17}}}, [](const auto& in) { return in[0].prod(-1, true); },
        by(product_of, 0b100, true))
        .golden = "";
    list.push_back(all_of(
        "prod_all", [](const auto& in) { return in[0].prod(); }, product_of));
    list.back().shapes = {{{2, 3, 4}}, {{}}, {{1}}, {{0}}, {{33}}};
    golden_only("prod_zeros", [](const auto& in) { return prod(in[0], 1); });
    golden_only("prod_all_zero", [](const auto& in) { return prod(in[0]); });

    const auto running = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0][1]); };
    add(
        "cumsum", {{{2, 3, 4}}, {{1, 1, 1}}, {{2, 17, 65}}, {{3, 5, 0}}, {{2, 0, 3}}, {{3, 401, 70}}},
        [](const auto& in) { return in[0].cumsum(1); }, [](const Plain& x) { return running_sums(x, 1); })
        .terms = running;
    add(
        "cumsum_last", {{{2, 3, 4}}, {{2, 17, 65}}, {{17, 3, 257}}}, [](const auto& in) { return cumsum(in[0], -1); },
        [](const Plain& x) { return running_sums(x, 2); })
        .terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0][2]); };

    add(
        "logsumexp", three(),
        [](const auto& in) {
            return logsumexp(in[0], {0, 2});
        },
        by(log_sum_exp_of, 0b101));
    add(
        "logsumexp_last", {{{2, 3, 4}}, {{2, 17, 65}}}, [](const auto& in) { return logsumexp(in[0], {-1}, true); },
        by(log_sum_exp_of, 0b100, true))
        .golden = "";
    golden_only("logsumexp_large", [](const auto& in) { return logsumexp(in[0], {0}); });
    list.back().golden_in_float = false;

    add(
        "amax", three(),
        [](const auto& in) {
            return amax(in[0], {0, 2});
        },
        by(largest_of, 0b101));
    add(
        "amin", three(),
        [](const auto& in) {
            return amin(in[0], {0, 2}, true);
        },
        by(smallest_of, 0b101, true));
    golden_only("amax_ties", [](const auto& in) { return amax(in[0], {1}); });
    golden_only("amin_ties", [](const auto& in) { return amin(in[0], {0, 1}); });
    golden_only("max_ties", [](const auto& in) { return in[0].max(); });
    golden_only("max_dim_ties", [](const auto& in) { return in[0].max(1).values; });

    // Times the sum: places have no gradient.
    const auto as = []<class T>(const Tensor<T>&, const Tensor<std::int64_t>& places) { return places.to<T>(); };
    add(
        "argmax", {{{2, 3, 4}}, {{1, 1, 1}}, {{5, 17, 3}}, {{33, 65, 17}}},
        [as](const auto& in) { return in[0].sum(1) * as(in[0], argmax(in[0], 1)); },
        [](const Plain& x) { return without(times(reduced(x, 0b010, sum_of), place_of(x, 1, false)), 0b010); });
    add(
        "argmin", {{{2, 3, 4}}, {{5, 17, 3}}, {{3, 2, 257}}},
        [as](const auto& in) { return in[0].sum(2, true) * as(in[0], in[0].argmin(-1, true)); },
        [](const Plain& x) { return times(reduced(x, 0b100, sum_of), place_of(x, 2, true)); });
    golden_only("argmax_all", [as](const auto& in) { return in[0].sum() * as(in[0], in[0].argmax()); });
}

}  // namespace fathom::tests
