// OHEM cross-entropy: both branches, and where they meet.
#include "fathom/ops/ohem.hpp"

#include <algorithm>
#include <cmath>

#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

// By the definition, with a sort.
double mined(const Plain& x, const Plain& target, const OhemOptions& options) {
    std::vector<double> losses = plain(target.shape, [&](const Shape& i) {
                                     const auto label = static_cast<std::int64_t>(target.at(i));
                                     if (label == options.ignore_index) return 0.0;
                                     double sum = 0, own = 0;
                                     for (std::int64_t c = 0; c < x.shape[1]; ++c) {
                                         Shape index = i;
                                         index.insert(1, c);
                                         sum += std::exp(x.at(index));
                                         if (c == label) own = x.at(index);
                                     }
                                     return std::log(sum) - own;
                                 }).values;
    std::sort(losses.begin(), losses.end(), std::greater<>());
    const double threshold = -std::log(options.threshold);
    std::size_t count = std::min(static_cast<std::size_t>(options.n_min), losses.size());
    if (count < losses.size() && losses[count] > threshold)
        while (count < losses.size() && losses[count] > threshold) ++count;
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += losses[i];
    return count == 0 ? 0 : sum / static_cast<double>(count);
}

OpCase ohem(const char* name, const char* golden, const char* file, const OhemOptions& options) {
    OpCase op{.name = name,
              .inputs = {{.name = "x", .low = -2, .high = 2}, {.name = "t", .high = 3, .kind = OpInput::labels}},
              .golden = golden,
              .golden_file = file,
              .terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0].numel()); }};
    op.shapes = {{{2, 3, 2, 4}, {2, 2, 4}},
                 {{1, 3, 1, 1}, {1, 1, 1}},
                 {{1, 5, 7, 9}, {1, 7, 9}},
                 {{2, 9, 33, 31}, {2, 33, 31}},
                 {{1, 3, 181, 363}, {1, 181, 363}}};
    set_function(op, [options](const auto& in) { return ohem_cross_entropy(in[0], in.labels[0], options); });
    op.reference = [options](const std::vector<Plain>& in) { return Plain{{}, {mined(in[0], in[1], options)}}; };
    return op;
}

}  // namespace

void add_ohem_cases(std::vector<OpCase>& list) {
    list.push_back(ohem("ohem_threshold", "ohem_threshold", "ops", {.n_min = 20}));
    list.push_back(ohem("ohem_n_min", "ohem_n_min", "ops", {.n_min = 30}));
    OpCase ignored = ohem("ohem_ignored_count", "ohem_ignored_count", "edges", {.n_min = 30});
    ignored.golden_in_float = false;
    list.push_back(ignored);
    list.push_back(ohem("ohem_exactly_n_min", "ohem_exactly_n_min", "edges", {.n_min = 5}));
    list.push_back(ohem("ohem_one_more", "ohem_one_more", "edges", {.n_min = 4}));
    list.push_back(ohem("ohem_all", "", "ops", {.threshold = 1e-9, .n_min = 1 << 20}));
    list.push_back(ohem("ohem_none", "", "ops", {.threshold = 0.99, .n_min = 0}));
}

}  // namespace fathom::tests
