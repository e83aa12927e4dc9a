// Reading and writing by index and mask.
#include "fathom/ops/index_list.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

template <class F>
OpCase& add_indexed(std::vector<OpCase>& list, const char* name, std::vector<OpInput> inputs,
                    std::vector<Shapes> shapes, F f, std::function<Plain(const std::vector<Plain>&)> reference) {
    OpCase op{.name = name, .inputs = std::move(inputs), .shapes = std::move(shapes), .golden = name};
    op.golden_file = "index";
    set_function(op, f);
    op.reference = std::move(reference);
    list.push_back(op);
    return list.back();
}

OpInput indices(const char* name, double below) { return {.name = name, .high = below, .kind = OpInput::indices}; }

std::int64_t integer(double value) { return static_cast<std::int64_t>(value); }

// A permutation of 0 .. n - 1 for each row.
Tensor<std::int64_t> circulant(std::int64_t rows, std::int64_t columns, std::int64_t n) {
    std::vector<std::int64_t> values;
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) values.push_back((i + j) % n);
    return from_vector(values, {rows, columns});
}

// y[..., i, ...] = or += values, where place(index of y) gives the index of x.
template <class Place>
Plain written(Plain x, const Plain& y, bool add, Place place) {
    plain(y.shape, [&](const Shape& i) {
        const Shape at = place(i);
        std::int64_t offset = 0;
        for (int d = 0; d < at.rank(); ++d) offset = offset * x.shape[d] + at[d];
        double& element = x.values[static_cast<std::size_t>(offset)];
        return element = (add ? element : 0) + y.at(i);
    });
    return x;
}

template <class F>
Plain chosen(const Plain& x, F f) {
    Plain out{{0}, {}};
    plain(x.shape, [&](const Shape& i) {
        if (f(i)) out.values.push_back(x.at(i)), ++out.shape[0];
        return 0.0;
    });
    return out;
}

void add_along_a_dimension(std::vector<OpCase>& list) {
    add_indexed(
        list, "gather", {{.low = -2, .high = 2}, indices("i", 5)},
        {{{4, 5, 3}, {3, 7, 2}},
         {{1, 5, 1}, {1, 1, 1}},
         {{2, 5, 0}, {2, 3, 0}},
         {{3, 5, 2}, {3, 0, 2}},
         {{40, 70, 33}, {40, 65, 33}}},
        [](const auto& in) { return gather(in[0], 1, in.labels[0]); },
        [](const std::vector<Plain>& in) {
            return plain(in[1].shape, [&](const Shape& i) { return in[0].at({i[0], integer(in[1].at(i)), i[2]}); });
        });
    add_indexed(
        list, "gather_last", {{.name = "x"}, indices("i", 6)}, {{{3, 6}, {3, 4}}, {{70, 600}, {70, 601}}, {{6}, {3}}},
        [](const auto& in) { return in[0].gather(-1, in.labels[0]); },
        [](const std::vector<Plain>& in) {
            return plain(in[1].shape, [&](Shape i) {
                const double index = in[1].at(i);
                i[-1] = integer(index);
                return in[0].at(i);
            });
        });
    add_indexed(
        list, "scatter", {{.name = "x"}, {.name = "y"}}, {{{4, 5}, {4, 4}}, {{1, 3}, {1, 3}}, {{200, 257}, {200, 7}}},
        [](const auto& in) {
            return in[0].scatter(1, circulant(in[0].size(0), 3, in[0].size(1)).to(in[0].device()), in[1]);
        },
        [](const std::vector<Plain>& in) {
            const Shape part{in[0].shape[0], 3};
            const Plain y = plain(part, [&](const Shape& i) { return in[1].at(i); });
            return written(in[0], y, false, [&](const Shape& i) {
                return Shape{i[0], (i[0] + i[1]) % in[0].shape[1]};
            });
        });
    add_indexed(
        list, "scatter_number", {{.name = "x"}}, {{{4, 5}}, {{4, 4}}},
        [](const auto& in) { return in[0].scatter(0, circulant(2, 4, 4).to(in[0].device()), 0.5); },
        [](const std::vector<Plain>& in) {
            return written(in[0], plain({2, 4}, [](const Shape&) { return 0.5; }), false, [](const Shape& i) {
                return Shape{(i[0] + i[1]) % 4, i[1]};
            });
        });
    OpCase& sums = add_indexed(
        list, "scatter_add", {{.low = -2, .high = 2}, {.name = "y"}, indices("i", 5)},
        {{{4, 5, 3}, {4, 6, 2}, {4, 6, 2}},
         {{1, 5, 1}, {1, 1, 1}, {1, 1, 1}},
         {{2, 5, 2}, {2, 3, 0}, {2, 3, 0}},
         {{40, 70, 33}, {40, 66, 33}, {40, 65, 33}}},
        [](const auto& in) { return in[0].scatter_add(1, in.labels[0], in[1]); },
        [](const std::vector<Plain>& in) {
            const Plain y = plain(in[2].shape, [&](const Shape& i) { return in[1].at(i); });
            return written(in[0], y, true, [&](const Shape& i) { return Shape{i[0], integer(in[2].at(i)), i[2]}; });
        });
    sums.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[2].rank() ? in[2][1] : 1); };
    add_indexed(
        list, "index_select", {{.low = -2, .high = 2}, indices("i", 5)},
        {{{4, 5, 3}, {7}}, {{1, 5, 1}, {1}}, {{2, 5, 0}, {3}}, {{2, 5}, {0}}, {{40, 70, 33}, {129}}},
        [](const auto& in) { return in[0].index_select(1, in.labels[0]); },
        [](const std::vector<Plain>& in) {
            Shape shape = in[0].shape;
            shape[1] = in[1].shape[0];
            return plain(shape, [&](Shape i) {
                i[1] = integer(in[1].at({i[1]}));
                return in[0].at(i);
            });
        });
    OpCase& added = add_indexed(
        list, "index_add", {{.low = -2, .high = 2}, {.name = "y"}, indices("i", 3)},
        {{{4, 5, 3}, {4, 5, 6}, {6}}, {{1, 3}, {1, 1}, {1}}, {{2, 3}, {2, 0}, {0}}, {{300, 3}, {300, 257}, {257}}},
        [](const auto& in) { return in[0].index_add(-1, in.labels[0], in[1]); },
        [](const std::vector<Plain>& in) {
            return written(in[0], in[1], true, [&](Shape i) {
                i[-1] = integer(in[2].at({i[-1]}));
                return i;
            });
        });
    added.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[2][0]); };
}

void add_lists(std::vector<OpCase>& list) {
    add_indexed(
        list, "index", {{.low = -2, .high = 2}, indices("i", 4), indices("j", 4)},
        {{{4, 5, 3}, {2, 1}, {6}}, {{4, 4}, {1}, {1}}, {{4, 4, 0}, {2}, {2}}, {{4, 400, 33}, {3, 1}, {100}}},
        [](const auto& in) {
            return in[0].index({in.labels[0], -in.labels[1]});
        },
        [](const std::vector<Plain>& in) {
            Shape shape;
            detail::broadcast_shapes(in[1].shape, in[2].shape, shape);
            const int own = shape.rank();
            for (int d = 2; d < in[0].shape.rank(); ++d) shape.push_back(in[0].shape[d]);
            return plain(shape, [&](const Shape& i) {
                const Shape at = Shape::from(i.begin(), i.begin() + own);
                const std::int64_t j = integer(broadcast_at(in[2], at));
                Shape from{integer(broadcast_at(in[1], at)), j == 0 ? 0 : in[0].shape[1] - j};
                for (int d = own; d < i.rank(); ++d) from.push_back(i[d]);
                return in[0].at(from);
            });
        });
    add_indexed(
        list, "index_rows", {{.low = -2, .high = 2}, indices("i", 4)},
        {{{4, 5, 3}, {2, 3}}, {{4, 3}, {}}, {{4}, {0, 3}}}, [](const auto& in) { return in[0][in.labels[0]]; },
        [](const std::vector<Plain>& in) {
            Shape shape = in[1].shape;
            const int own = shape.rank();
            for (int d = 1; d < in[0].shape.rank(); ++d) shape.push_back(in[0].shape[d]);
            return plain(shape, [&](const Shape& i) {
                Shape from{integer(in[1].at(Shape::from(i.begin(), i.begin() + own)))};
                for (int d = own; d < i.rank(); ++d) from.push_back(i[d]);
                return in[0].at(from);
            });
        });
    add_indexed(
        list, "index_mixed", {{.low = -2, .high = 2}, indices("i", 5)}, {{{4, 5, 3}, {6}}},
        [](const auto& in) {
            return in[0].index({2, in.labels[0]});
        },
        [](const std::vector<Plain>& in) {
            return plain({in[1].shape[0], 3}, [&](const Shape& i) {
                return in[0].at({2, integer(in[1].at({i[0]})), i[1]});
            });
        });
    add_indexed(
        list, "index_mask", {{.low = -2, .high = 2, .kinks = {0}}}, {{{4, 5, 3}}, {{1, 1, 1}}, {{300, 200, 2}}},
        [](const auto& in) { return in[0][in[0].select(2, 0) > 0]; },
        [](const std::vector<Plain>& in) {
            Plain rows = chosen(in[0], [&](const Shape& i) { return in[0].at({i[0], i[1], 0}) > 0; });
            rows.shape = {rows.shape[0] / in[0].shape[2], in[0].shape[2]};
            return rows;
        });
    add_indexed(
        list, "index_put", {{.low = -2, .high = 2}, {.name = "y"}}, {{{4, 5, 3}, {2, 3}}, {{4, 2, 1}, {1}}},
        [](const auto& in) {
            const Tensor<std::int64_t> i({2, -4}), j({1, 0});
            return index_put(in[0], {i.to(in[0].device()), j.to(in[0].device())}, in[1]);
        },
        [](const std::vector<Plain>& in) {
            const Plain y = plain({2, in[0].shape[2]}, [&](const Shape& i) { return broadcast_at(in[1], i); });
            return written(in[0], y, false, [](const Shape& i) {
                return i[0] == 0 ? Shape{2, 1, i[1]} : Shape{0, 0, i[1]};
            });
        });
    OpCase& sums = add_indexed(
        list, "index_put_add", {{.low = -2, .high = 2}, {.name = "y"}, indices("i", 4)},
        {{{4, 5, 3}, {5, 1}, {6}}, {{4, 2, 1}, {}, {1}}, {{4, 200, 33}, {300, 1, 1}, {300}}},
        [](const auto& in) { return index_put(in[0], {in.labels[0]}, in[1], true); },
        [](const std::vector<Plain>& in) {
            const Shape &x = in[0].shape, rows{in[2].shape[0], x[1], x[2]};
            const Plain y = plain(rows, [&](const Shape& i) { return broadcast_at(in[1], i); });
            return written(in[0], y, true, [&](const Shape& i) {
                return Shape{integer(in[2].at({i[0]})), i[1], i[2]};
            });
        });
    sums.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[2][0]); };
}

void add_masks(std::vector<OpCase>& list) {
    add_indexed(
        list, "masked_select", {{.low = -2, .high = 2, .kinks = {0.25}}}, {{{4, 5, 3}}, {{1, 1}}, {{3, 70, 300}}},
        [](const auto& in) { return in[0].masked_select(in[0].detach()[0] > 0.25); },
        [](const std::vector<Plain>& in) {
            return chosen(in[0], [&](Shape i) {
                i[0] = 0;
                return in[0].at(i) > 0.25;
            });
        });
    add_indexed(
        list, "masked_fill", {{.low = -2, .high = 2, .kinks = {0.25}}, {.name = "y"}},
        {{{4, 5, 3}, {1}}, {{1, 1}, {1}}, {{0, 3}, {1}}, {{70, 3, 300}, {1}}},
        [](const auto& in) { return in[0].masked_fill(in[0].detach().narrow(1, 0, 1) > 0.25, in[1][0]); },
        [](const std::vector<Plain>& in) {
            return plain(in[0].shape, [&](const Shape& i) {
                Shape first = i;
                first[1] = 0;
                return in[0].at(first) > 0.25 ? in[1].values[0] : in[0].at(i);
            });
        });
    add_indexed(
        list, "where_number", {{.low = -2, .high = 2, .kinks = {0.25, 0.5}}}, {{{4, 5, 3}}, {{}}, {{0}}},
        [](const auto& in) { return where(in[0] > 0.25, in[0], 2.0) + where(in[0] > 0.5, -1, in[0]); },
        [](const std::vector<Plain>& in) {
            return plain(in[0].shape, [&](const Shape& i) {
                const double x = in[0].at(i);
                return (x > 0.25 ? x : 2) + (x > 0.5 ? -1 : x);
            });
        });
}

}  // namespace

void add_index_cases(std::vector<OpCase>& list) {
    add_along_a_dimension(list);
    add_lists(list);
    add_masks(list);
}

}  // namespace fathom::tests
