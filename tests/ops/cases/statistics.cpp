// Order statistics, sums and means without NaN, running products.
#include "fathom/ops/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/ops/cumulative.hpp"
#include "tests/ops/cases/reduction_case.hpp"

namespace fathom::tests {
namespace {

const std::vector<Shapes> lines = {{{3, 5}}, {{1}}, {{2, 6, 3}}, {{65, 17}}};

// f folds what stands along dimension `dim`, in order and without what is above 0.5 where `holed`.
template <class F, class R>
OpCase statistic(const char* name, int dim, bool holed, std::vector<Shapes> shapes, F f, R fold) {
    OpCase op = reduction(name, name, std::move(shapes), f, [=](const Plain& x) {
        const auto bit = 1u << (dim < 0 ? x.shape.rank() + dim : dim);
        return without(reduced(x, bit,
                               [&](std::vector<double> v) {
                                   std::sort(v.begin(), v.end());
                                   while (holed && !v.empty() && v.back() > 0.5) v.pop_back();
                                   return fold(v);
                               }),
                       bit);
    });
    op.golden_file = "statistics";
    op.inputs[0] = {.low = -1, .high = 1, .kinks = {0, 0.5}};
    return op;
}
template <class F>
OpCase statistic(const char* name, std::vector<Shapes> shapes, F f) {
    OpCase op = statistic(name, 0, false, std::move(shapes), f, [](const std::vector<double>&) { return 0; });
    op.reference = nullptr;
    return op;
}

template <class T>
Tensor<T> holed(const Tensor<T>& x) {
    return where(x > T(0.5), std::numeric_limits<T>::quiet_NaN(), x);
}
double middle(const std::vector<double>& v) { return v.empty() ? std::nan("") : v[(v.size() - 1) / 2]; }

}  // namespace

void add_statistic_cases(std::vector<OpCase>& list) {
    list.push_back(
        statistic("median", {{{3, 5}}, {{}}, {{2, 4}}, {{65, 17}}}, [](const auto& in) { return median(in[0]); }));
    list.push_back(statistic(
        "median_dim", -1, false, lines, [](const auto& in) { return median(in[0], -1).values; }, middle));
    list.back().golden = "";
    list.push_back(statistic(
        "median_of_cube", 1, false, {{{2, 6, 3}}}, [](const auto& in) { return median(in[0], 1).values; }, middle));
    list.back().golden = "median_dim";
    list.push_back(statistic("nanmedian_dim", {{{2, 6, 3}}, {{3, 40, 2}}},
                             [](const auto& in) { return nanmedian(holed(in[0]), 1, true).values; }));
    list.push_back(statistic(
        "kthvalue", 0, false, {{{3, 5}}, {{65, 17}}}, [](const auto& in) { return kthvalue(in[0], 2, 0).values; },
        [](const std::vector<double>& v) { return v[1]; }));

    using Q = QuantileInterpolation;
    const auto fold = [](Q kind) {
        return [kind](const std::vector<double>& v) {
            const double rank = 0.3 * static_cast<double>(v.size() - 1), low = std::floor(rank), high = std::ceil(rank);
            const double a = v[static_cast<std::size_t>(low)], b = v[static_cast<std::size_t>(high)];
            const double share = kind == Q::lower     ? 0
                                 : kind == Q::higher  ? 1
                                 : kind == Q::nearest ? std::nearbyint(rank) - low
                                 : kind == Q::linear  ? rank - low
                                                      : 0.5;
            return a + share * (b - a);
        };
    };
    const std::pair<const char*, Q> kinds[] = {{"quantile_linear", Q::linear},
                                               {"quantile_lower", Q::lower},
                                               {"quantile_higher", Q::higher},
                                               {"quantile_nearest", Q::nearest},
                                               {"quantile_midpoint", Q::midpoint}};
    for (const auto& [name, kind] : kinds)
        list.push_back(statistic(
            name, 1, false, {{{2, 6, 3}}, {{3, 1}}, {{0, 3}}, {{17, 65}}},
            [kind = kind](const auto& in) { return quantile(in[0], 0.3, 1, false, kind); }, fold(kind)));
    const Tensor<double> q{0.0, 0.55, 1.0};
    list.push_back(statistic("quantile_list", {{{2, 6, 3}}, {{1}}, {{9, 33}}},
                             [q](const auto& in) { return quantile(in[0], q, -1, true); }));
    list.push_back(
        statistic("quantile_all", {{{3, 5}}, {{}}, {{9, 33}}}, [](const auto& in) { return quantile(in[0], 0.7); }));
    list.push_back(statistic("nanquantile", {{{2, 6, 3}}, {{9, 33}}},
                             [q](const auto& in) { return nanquantile(holed(in[0]), q, 1); }));
    list.push_back(statistic(
        "nansum", 1, true, {{{2, 6, 3}}, {{0, 3}}, {{9, 33}}}, [](const auto& in) { return nansum(holed(in[0]), {1}); },
        sum_of));
    list.push_back(statistic("nanmean", {{{2, 6, 3}}, {{9, 33, 2}}}, [](const auto& in) {
        return nanmean(holed(in[0]), {0, 1}, true);
    }));
    list.push_back(statistic("count_nonzero", {{{2, 6, 3}}, {{9, 33, 2}}}, [](const auto& in) {
        using T = typename std::decay_t<decltype(in[0])>::value_type;
        return count_nonzero(relu(in[0]), {1}).template to<T>() * in[0].sum({1});
    }));
    for (const char* name : {"cumprod", "cumprod_zero"}) {
        const int dim = name[7] == '\0' ? 1 : 0;
        list.push_back(
            statistic(name, {{{2, 6, 3}}, {{4, 0}}, {{9, 17}}}, [dim](const auto& in) { return cumprod(in[0], dim); }));
        list.back().reference = [dim](const std::vector<Plain>& in) {
            return plain(in[0].shape, [&](const Shape& i) {
                double product = 1;
                Shape j = i;
                for (j[dim] = 0; j[dim] <= i[dim]; ++j[dim]) product *= in[0].at(j);
                return product;
            });
        };
    }
}

}  // namespace fathom::tests
