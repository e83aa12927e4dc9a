// Elements put in place of others, diagonals, turns, stacks, pairs, differences.
#include "fathom/ops/rearrange.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

template <class F>
void add_moved(std::vector<OpCase>& list, const char* name, std::vector<const char*> inputs, std::vector<Shapes> shapes,
               F f) {
    OpCase op{.name = name, .inputs = {}, .shapes = std::move(shapes), .golden = name, .golden_file = "arranged"};
    for (const char* input : inputs) op.inputs.push_back({.name = input});
    op.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0].numel()); };
    set_function(op, f);
    list.push_back(op);
}

using Indices64 = Tensor<std::int64_t>;

template <class T>
Indices64 beside(const Tensor<T>& x, const Indices64& index) {
    return index.to(x.device());
}

void add_copied_cases(std::vector<OpCase>& list) {
    add_moved(list, "index_copy", {"x", "y"}, {{{4, 5}, {4, 3}}, {{0, 5}, {0, 3}}, {{33, 65}, {33, 3}}},
              [](const auto& in) {
                  return index_copy(in[0], 1, beside(in[0], Indices64{4, 0, 2}), in[1]);
              });
    add_moved(list, "index_fill", {"x", "y"}, {{{4, 5}, {1}}, {{5, 0}, {1}}, {{33, 65}, {1}}}, [](const auto& in) {
        return index_fill(in[0], 0, beside(in[0], Indices64{3, 0}), in[1][0]);
    });
    add_moved(list, "select_scatter", {"x", "y"}, {{{2, 3, 4}, {2, 4}}, {{0, 2, 1}, {0, 1}}, {{9, 17, 33}, {9, 33}}},
              [](const auto& in) { return select_scatter(in[0], in[1], 1, -2); });
    add_moved(list, "slice_scatter", {"x", "y"},
              {{{2, 3, 4}, {2, 3, 2}}, {{1, 1, 5}, {1, 1, 1}}, {{9, 17, 4}, {9, 17, 2}}},
              [](const auto& in) { return slice_scatter(in[0], in[1], 2, -3, 4, 2); });
    add_moved(list, "diagonal_scatter", {"x", "y"}, {{{2, 3, 4}, {3, 1}}, {{1, 2, 1}, {2, 0}}, {{33, 9, 17}, {9, 17}}},
              [](const auto& in) { return diagonal_scatter(in[0], in[1], 1, 2, 0); });
    add_moved(list, "diagonal_scatter_below", {"x", "y"}, {{{4, 5}, {3}}, {{2, 1}, {1}}, {{33, 65}, {32}}},
              [](const auto& in) { return diagonal_scatter(in[0], in[1], -1); });
    add_moved(list, "take", {"x"}, {{{4, 5}}, {{4, 5, 1}}}, [](const auto& in) {
        return take(in[0], beside(in[0], Indices64{{3, -1}, {0, 19}}));
    });
    add_moved(list, "put", {"x", "y"}, {{{4, 5}, {2, 2}}, {{9, 7}, {4}}}, [](const auto& in) {
        return put(in[0], beside(in[0], Indices64{{3, 1}, {0, 19}}), in[1]);
    });
    add_moved(list, "put_add", {"x", "y"}, {{{4, 5}, {3}}, {{9, 7}, {3, 1}}}, [](const auto& in) {
        return put(in[0], beside(in[0], Indices64{3, 1, 3}), in[1], true);
    });
    add_moved(list, "take_along_dim", {"x"}, {{{4, 5}}, {{0, 5}}, {{33, 5}}}, [](const auto& in) {
        return take_along_dim(in[0], beside(in[0], Indices64{{2, 0, 1, 1, 4, 0}}), 1);
    });
}

void add_diagonal_cases(std::vector<OpCase>& list) {
    add_moved(list, "diag_embed", {"x"}, {{{4, 5}}, {{1}}, {{0, 2}}, {{2, 0}}, {{9, 33}}},
              [](const auto& in) { return diag_embed(in[0]); });
    list.back().reference = [](const std::vector<Plain>& in) {
        Shape shape = in[0].shape;
        shape.push_back(shape[-1]);
        return plain(shape, [&](Shape i) {
            if (i[-1] != i[-2]) return 0.0;
            i.erase(i.rank() - 1);
            return in[0].at(i);
        });
    };
    add_moved(list, "diag_embed_dims", {"x"}, {{{4, 5}}, {{2, 1}}, {{3, 17}}},
              [](const auto& in) { return diag_embed(in[0], -2, 2, 0); });
    add_moved(list, "diag_vector", {"x"}, {{{4}}, {{0}}, {{17}}}, [](const auto& in) { return diag(in[0], 1); });
    add_moved(list, "diag_matrix", {"x"}, {{{4, 5}}, {{2, 1}}, {{33, 9}}},
              [](const auto& in) { return diag(in[0], -1); });
    add_moved(list, "diagflat", {"x"}, {{{2, 2}}, {{}}, {{3, 2, 3}}},
              [](const auto& in) { return diagflat(in[0], 1); });
    add_moved(list, "trace", {"x"}, {{{4, 5}}, {{0, 3}}, {{33, 9}}}, [](const auto& in) { return trace(in[0]); });
    add_moved(list, "block_diag", {"a", "b", "c"},
              {{{2, 3}, {4}, {3, 1}}, {{}, {0, 2}, {1}}, {{9, 17}, {3, 3}, {33, 5}}}, [](const auto& in) {
                  return block_diag(std::vector{in[0], in[1], in[2]});
              });
}

void add_turned_cases(std::vector<OpCase>& list) {
    const std::vector<Shapes> cubes = {{{2, 3, 4}}, {{1, 1, 1}}, {{2, 0, 3}}, {{9, 17, 33}}},
                              tables = {{{4, 5}}, {{2, 3, 2}}, {{33, 65}}};
    const std::pair<const char*, int> turns[] = {{"rot90_1", -3}, {"rot90_2", 2}, {"rot90_3", 7}};
    for (const auto& [name, k] : turns)
        add_moved(list, name, {"x"}, cubes, [k = k](const auto& in) { return rot90(in[0], k, {2, 0}); });
    add_moved(list, "movedim", {"x"}, cubes, [](const auto& in) { return movedim(in[0], {0, 1}, {-1, 0}); });
    add_moved(list, "tile", {"x"}, cubes, [](const auto& in) { return tile(in[0], {2, 3}); });
    add_moved(list, "repeat_interleave", {"x"}, {{{4, 5}}, {{4}}, {{4, 65}}}, [](const auto& in) {
        return repeat_interleave(in[0], beside(in[0], Indices64{2, 0, 1, 3}), 0);
    });
    add_moved(list, "repeat_interleave_all", {"x"}, {{{4, 5}}, {{}}, {{9, 17}}},
              [](const auto& in) { return repeat_interleave(in[0], 2); });
    add_moved(list, "hstack", {"a", "b"}, {{{2, 3, 2}, {2, 1, 2}}, {{}, {3}}, {{5}, {2}}, {{33, 9}, {33, 65}}},
              [](const auto& in) {
                  return hstack(std::vector{in[0], in[1]});
              });
    add_moved(list, "vstack", {"a", "b"}, {{{3}, {2, 3}}, {{}, {1}}, {{33, 65}, {65}}}, [](const auto& in) {
        return vstack(std::vector{in[0], in[1]});
    });
    add_moved(list, "dstack", {"a", "b"}, {{{2, 3}, {2, 3, 2}}, {{5}, {5}}, {{33, 65}, {33, 65}}}, [](const auto& in) {
        return dstack(std::vector{in[0], in[1]});
    });
    const auto weighted = [](const auto& parts, int dim) {
        auto y = parts[1].sum(dim) * 1;
        for (std::size_t k = 2; k < parts.size(); ++k) y = y + parts[k].sum(dim) * static_cast<int>(k);
        return y;
    };
    add_moved(list, "tensor_split", {"x"}, {{{4, 5}}, {{2, 7}}, {{3, 2}}},
              [=](const auto& in) { return weighted(tensor_split(in[0], 3, 1), 1); });
    add_moved(list, "tensor_split_at", {"x"}, tables, [=](const auto& in) {
        return weighted(tensor_split(in[0], std::vector<std::int64_t>{1, 3}), 0);
    });
    add_moved(list, "cartesian_prod", {"a", "b"}, {{{3}, {2}}, {{1}, {0}}, {{33}, {17}}}, [](const auto& in) {
        return cartesian_prod(std::vector{in[0], in[1]});
    });
    add_moved(list, "combinations", {"x"}, {{{5}}, {{2}}, {{17}}},
              [](const auto& in) { return combinations(in[0], 3); });
    add_moved(list, "combinations_again", {"x"}, {{{4}}, {{1}}, {{33}}},
              [](const auto& in) { return combinations(in[0], 2, true); });
    add_moved(list, "diff", {"x"}, {{{4, 5}}, {{3, 1}}, {{0}}, {{33, 65}}}, [](const auto& in) { return diff(in[0]); });
    add_moved(list, "diff_more", {"x", "a", "b"},
              {{{4, 5}, {1, 5}, {2, 5}}, {{1}, {0}, {1}}, {{33, 9}, {2, 9}, {1, 9}}},
              [](const auto& in) { return diff(in[0], 2, 0, in[1], in[2]); });
}

}  // namespace

void add_arranged_cases(std::vector<OpCase>& list) {
    add_copied_cases(list);
    add_diagonal_cases(list);
    add_turned_cases(list);
}

}  // namespace fathom::tests
