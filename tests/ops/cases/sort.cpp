// Values in order.
#include <algorithm>

#include "fathom/ops/sort.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

template <class F>
void add_sorted(std::vector<OpCase>& list, const char* name, std::vector<Shapes> shapes, F f, int dim, bool descending,
                std::int64_t count = -1) {
    OpCase op{.name = name, .inputs = {{.name = "x"}}, .shapes = std::move(shapes), .golden = name};
    op.golden_file = "index";
    set_function(op, f);
    op.reference = [=](const std::vector<Plain>& in) {
        Shape shape = in[0].shape;
        const std::int64_t n = shape[dim];
        if (count >= 0) shape[dim] = count;
        return plain(shape, [&](Shape i) {
            const auto place = static_cast<std::size_t>(i[dim]);
            std::vector<double> line;
            for (i[dim] = 0; i[dim] < n; ++i[dim]) line.push_back(in[0].at(i));
            std::sort(line.begin(), line.end());
            if (descending) std::reverse(line.begin(), line.end());
            return line[place];
        });
    };
    list.push_back(op);
}

}  // namespace

void add_sort_cases(std::vector<OpCase>& list) {
    add_sorted(
        list, "sort", {{{3, 9, 2}}, {{1, 1, 1}}, {{2, 0, 3}}, {{0, 4, 1}}, {{7, 65, 33}}},
        [](const auto& in) { return sort(in[0], 1).values; }, 1, false);
    add_sorted(
        list, "sort_descending", {{{3, 9}}, {{1, 1}}, {{2, 700}}, {{1, 1025}}},
        [](const auto& in) { return in[0].sort(-1, true).values; }, -1, true);
    add_sorted(
        list, "topk", {{{8, 2}}, {{3, 1}}, {{700, 3}}}, [](const auto& in) { return topk(in[0], 3, 0).values; }, 0,
        true, 3);
    add_sorted(
        list, "topk_smallest", {{{2, 8}}, {{1, 4}}, {{0, 5}}, {{3, 1000}}},
        [](const auto& in) { return in[0].topk(4, -1, false).values; }, -1, false, 4);
}

}  // namespace fathom::tests
