// Views of parts: windows, diagonals, splits.
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/parts.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

template <class F, class R>
void add_parts(std::vector<OpCase>& list, const char* name, std::vector<Shapes> shapes, F f, R reference) {
    OpCase op{.name = name, .inputs = {{.name = "x"}}, .shapes = std::move(shapes), .golden = name};
    op.golden_file = "index";
    set_function(op, f);
    op.reference = [reference](const std::vector<Plain>& in) { return reference(in[0]); };
    op.terms = [](const Shapes& in, const Shape& out) {
        return out.numel() > 0 ? 1 + static_cast<double>(in[0].numel()) / static_cast<double>(out.numel()) : 1;
    };
    list.push_back(op);
}

// The sum of the parts, each summed over a dimension and times its number.
template <class T>
Tensor<T> weighted(const std::vector<Tensor<T>>& parts, int dim) {
    Tensor<T> total;
    for (std::size_t k = 0; k < parts.size(); ++k) {
        const Tensor<T> sum = parts[k].sum(dim) * static_cast<int>(k);
        total = total.defined() ? total + sum : sum;
    }
    return total;
}

}  // namespace

void add_part_cases(std::vector<OpCase>& list) {
    add_parts(
        list, "unfold", {{{2, 9, 3}}, {{1, 3, 1}}, {{2, 4, 0}}, {{9, 70, 65}}},
        [](const auto& in) { return in[0].unfold(1, 3, 2) * 1; },
        [](const Plain& x) {
            return plain({x.shape[0], (x.shape[1] - 3) / 2 + 1, x.shape[2], 3}, [&](const Shape& i) {
                return x.at({i[0], i[1] * 2 + i[3], i[2]});
            });
        });
    add_parts(
        list, "unfold_apart", {{{9, 2}}, {{2, 1}}, {{300, 129}}},
        [](const auto& in) { return in[0].unfold(0, 2, 3) * 1; },
        [](const Plain& x) {
            return plain({(x.shape[0] - 2) / 3 + 1, x.shape[1], 2}, [&](const Shape& i) {
                return x.at({i[0] * 3 + i[2], i[1]});
            });
        });
    add_parts(
        list, "diagonal", {{{4, 2, 5}}, {{1, 2, 1}}, {{3, 2, 0}}, {{70, 129, 65}}},
        [](const auto& in) { return in[0].diagonal(1, -1, 0) * 1; },
        [](const Plain& x) {
            const std::int64_t rows = x.shape[2], columns = x.shape[0] - 1;
            return plain({x.shape[1], std::max<std::int64_t>(std::min(rows, columns), 0)}, [&](const Shape& i) {
                return x.at({i[1] + 1, i[0], i[1]});
            });
        });
    add_parts(
        list, "split_sizes", {{{4, 6}}, {{0, 6}}, {{200, 6}}},
        [](const auto& in) {
            return weighted(in[0].split({1, 3, 2}, 1), 1);
        },
        [](const Plain& x) {
            return plain({x.shape[0]}, [&](const Shape& i) {
                return x.at({i[0], 1}) + x.at({i[0], 2}) + x.at({i[0], 3}) + 2 * (x.at({i[0], 4}) + x.at({i[0], 5}));
            });
        });
    add_parts(
        list, "chunk", {{{4, 7}}, {{3, 4}}, {{2, 0}}, {{200, 301}}},
        [](const auto& in) { return weighted(in[0].chunk(3, -1), -1); },
        [](const Plain& x) {
            const std::int64_t size = (x.shape[1] + 2) / 3;
            return plain({x.shape[0]}, [&](const Shape& i) {
                double sum = 0;
                for (std::int64_t k = 0; k < x.shape[1]; ++k) sum += static_cast<double>(k / size) * x.at({i[0], k});
                return sum;
            });
        });
    add_parts(
        list, "unbind", {{{4, 3, 2}}, {{1, 2, 1}}},
        [](const auto& in) {
            auto total = in[0].select(1, 0) * 0;
            const auto slices = in[0].unbind(1);
            for (std::size_t k = 0; k < slices.size(); ++k) total = total + slices[k] * slices[k] * static_cast<int>(k);
            return total;
        },
        [](const Plain& x) {
            return plain({x.shape[0], x.shape[2]}, [&](const Shape& i) {
                double sum = 0;
                for (std::int64_t k = 0; k < x.shape[1]; ++k)
                    sum += static_cast<double>(k) * x.at({i[0], k, i[1]}) * x.at({i[0], k, i[1]});
                return sum;
            });
        });
    add_parts(
        list, "flatten_middle", {{{2, 1, 4, 3}}, {{1, 6, 2, 6}}},
        [](const auto& in) {
            return in[0].flatten(1, -2).unflatten(-1, {3, -1}).squeeze();
        },
        [](const Plain& x) {
            Shape shape;
            for (const std::int64_t n : {x.shape[0], x.shape[1] * x.shape[2], std::int64_t{3}, x.shape[3] / 3})
                if (n != 1) shape.push_back(n);
            return Plain{shape, x.values};
        });
}

}  // namespace fathom::tests
