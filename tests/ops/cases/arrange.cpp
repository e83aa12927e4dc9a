// The same elements in other places.
#include "fathom/ops/arrange.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

template <class F, class R>
void add_arranged(std::vector<OpCase>& list, const char* name, std::vector<Shapes> shapes, F f, R reference) {
    OpCase op{.name = name, .inputs = {{.name = "x"}}, .shapes = std::move(shapes), .golden = name};
    op.golden_file = "index";
    set_function(op, f);
    op.reference = [reference](const std::vector<Plain>& in) { return reference(in[0]); };
    list.push_back(op);
}

}  // namespace

void add_arrange_cases(std::vector<OpCase>& list) {
    add_arranged(
        list, "repeat", {{{2, 3, 2}}, {{1, 1, 1}}, {{2, 0, 3}}, {{33, 9, 65}}},
        [](const auto& in) {
            return in[0].repeat({3, 1, 2, 4});
        },
        [](const Plain& x) {
            const Shape& s = x.shape;
            return plain({3, s[0], 2 * s[1], 4 * s[2]}, [&](const Shape& i) {
                return x.at({i[1], i[2] % s[1], i[3] % s[2]});
            });
        });
    add_arranged(
        list, "flip", {{{3, 4, 5}}, {{1, 1, 1}}, {{2, 0, 3}}, {{2, 3, 4, 5}}, {{33, 9, 129}}},
        [](const auto& in) {
            return in[0].flip({0, -1});
        },
        [](const Plain& x) {
            return plain(x.shape, [&](Shape i) {
                i[0] = x.shape[0] - 1 - i[0], i[-1] = x.shape[-1] - 1 - i[-1];
                return x.at(i);
            });
        });
    add_arranged(
        list, "roll", {{{3, 4, 5}}, {{1, 1, 1}}, {{2, 0, 3}}, {{0, 2, 3}}, {{33, 9, 129}}},
        [](const auto& in) {
            return in[0].roll({-1, 7}, {2, 0});
        },
        [](const Plain& x) {
            return plain(x.shape, [&](Shape i) {
                i[2] = (i[2] + 1) % x.shape[2], i[0] = (i[0] + 7 * x.shape[0] - 7) % x.shape[0];
                return x.at(i);
            });
        });
    add_arranged(
        list, "roll_all", {{{3, 4}}, {{1, 1}}, {{0, 3}}}, [](const auto& in) { return roll(in[0], 5); },
        [](const Plain& x) {
            const std::int64_t n = x.shape.numel();
            Plain out = x;
            for (std::int64_t i = 0; i < n; ++i)
                out.values[static_cast<std::size_t>((i + 5) % n)] = x.values[static_cast<std::size_t>(i)];
            return out;
        });
    add_arranged(
        list, "tril", {{{2, 4, 5}}, {{1, 1}}, {{0, 3}}, {{3, 129, 200}}}, [](const auto& in) { return in[0].tril(1); },
        [](const Plain& x) {
            return plain(x.shape, [&](const Shape& i) { return i[-1] - i[-2] <= 1 ? x.at(i) : 0; });
        });
    add_arranged(
        list, "triu", {{{5, 4}}, {{1, 1}}, {{3, 0}}, {{3, 200, 129}}}, [](const auto& in) { return in[0].triu(-1); },
        [](const Plain& x) {
            return plain(x.shape, [&](const Shape& i) { return i[-1] - i[-2] >= -1 ? x.at(i) : 0; });
        });

    OpCase grid{.name = "meshgrid_xy", .inputs = {{.name = "a"}, {.name = "b"}}, .golden = "meshgrid_xy"};
    grid.golden_file = "index";
    grid.shapes = {{{3}, {4}}, {{1}, {1}}, {{0}, {2}}, {{129}, {300}}};
    set_function(grid, [](const auto& in) { return stack(meshgrid(in.tensors, Indexing::xy), 0); });
    grid.reference = [](const std::vector<Plain>& in) {
        return plain({2, in[1].shape[0], in[0].shape[0]},
                     [&](const Shape& i) { return i[0] == 0 ? in[0].at({i[2]}) : in[1].at({i[1]}); });
    };
    grid.terms = [](const Shapes&, const Shape& out) { return static_cast<double>(out[1] + out[2]); };
    list.push_back(grid);
}

}  // namespace fathom::tests
