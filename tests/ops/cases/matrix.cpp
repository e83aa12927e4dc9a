// Matrix products.
#include "fathom/ops/matmul.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

double inner(const Shapes& in, const Shape&) { return static_cast<double>(in[0][in[0].rank() - 1]); }

// Two matrices, around the tiles of the kernel.
std::vector<Shapes> matrices() {
    std::vector<Shapes> shapes = {{{3, 4}, {4, 2}}, {{1, 1}, {1, 1}}, {{1, 5}, {5, 1}}, {{5, 1}, {1, 5}},
                                  {{0, 3}, {3, 2}}, {{3, 0}, {0, 2}}, {{3, 2}, {2, 0}}};
    for (std::int64_t n : {7, 8, 9, 15, 16, 17, 31, 33, 65}) shapes.push_back({{n, n + 1}, {n + 1, n - 1}});
    shapes.push_back({{130, 257}, {257, 67}});
    return shapes;
}

}  // namespace

void add_matrix_cases(std::vector<OpCase>& list) {
    OpCase product{.name = "matmul",
                   .inputs = {{.name = "a"}, {.name = "b"}},
                   .shapes = matrices(),
                   .golden = "matmul",
                   .terms = inner};
    set_function(product, [](const auto& in) { return matmul(in[0], in[1]); });
    product.reference = [](const std::vector<Plain>& in) {
        const Plain &a = in[0], &b = in[1];
        const auto batch = [](const Shape& s) { return Shape::from(s.begin(), s.end() - 2); };
        Shape shape;
        detail::broadcast_shapes(batch(a.shape), batch(b.shape), shape);
        shape.push_back(a.shape[a.shape.rank() - 2]);
        shape.push_back(b.shape[b.shape.rank() - 1]);
        const int rank = shape.rank();
        return plain(shape, [&](const Shape& i) {
            double sum = 0;
            for (std::int64_t k = 0; k < a.shape[a.shape.rank() - 1]; ++k) {
                const auto element = [&](const Plain& x, std::int64_t row, std::int64_t column) {
                    Shape index = x.shape;
                    for (int d = 0; d < index.rank() - 2; ++d)
                        index[d] = x.shape[d] == 1 ? 0 : i[rank - index.rank() + d];
                    index[index.rank() - 2] = row, index[index.rank() - 1] = column;
                    return x.at(index);
                };
                sum += element(a, i[rank - 2], k) * element(b, k, i[rank - 1]);
            }
            return sum;
        });
    };
    list.push_back(product);
    product.name = "matmul_batched", product.golden = "matmul_batched";
    product.shapes = {{{2, 3, 2, 4}, {3, 4, 2}}, {{2, 1, 3, 2}, {1, 3, 2, 3}}, {{1, 3, 2}, {2, 2, 5}},
                      {{3, 2}, {2, 2, 3}},       {{0, 3, 2}, {2, 4}},          {{2, 3, 0}, {2, 0, 4}},
                      {{5, 33, 17}, {5, 17, 31}}};
    list.push_back(product);

    // A vector is a matrix with one row, or one column, that the result does not have.
    const auto matrices_of = [plain_product = product.reference](const std::vector<Plain>& in) {
        std::vector<Plain> both = in;
        if (in[0].shape.rank() == 1) both[0].shape.insert(0, 1);
        if (in[1].shape.rank() == 1) both[1].shape.insert(1, 1);
        Plain y = plain_product(both);
        if (in[1].shape.rank() == 1) y.shape.erase(y.shape.rank() - 1);
        if (in[0].shape.rank() == 1) y.shape.erase(y.shape.rank() - (in[1].shape.rank() == 1 ? 1 : 2));
        return y;
    };
    product.reference = matrices_of, product.golden_file = "products";
    product.name = product.golden = "matmul_vectors",
    product.shapes = {{{5}, {5}}, {{0}, {0}}, {{1}, {1}}, {{701}, {701}}};
    list.push_back(product);
    product.name = product.golden = "matmul_vector_left";
    product.shapes = {{{3}, {3, 4}}, {{3}, {2, 3, 4}}, {{0}, {0, 2}}, {{33}, {5, 33, 17}}};
    list.push_back(product);
    product.name = product.golden = "matmul_vector_right";
    product.shapes = {{{3, 4}, {4}}, {{2, 3, 4}, {4}}, {{2, 0}, {0}}, {{0, 2, 3}, {3}}, {{5, 17, 33}, {33}}};
    list.push_back(product);
    product.name = product.golden = "matmul_one_matrix";
    product.shapes = {{{2, 3, 4}, {4, 2}}, {{2, 2, 3, 4}, {4, 5}}, {{0, 3, 4}, {4, 2}}, {{9, 33, 17}, {17, 31}}};
    list.push_back(product);

    for (bool bias : {true, false}) {
        OpCase op{
            .name = bias ? "linear" : "linear_without_bias", .inputs = {{.name = "x"}, {.name = "w"}}, .terms = inner};
        if (bias) op.inputs.push_back({.name = "b"}), op.golden = "linear";
        op.shapes = {{{2, 3}, {4, 3}}, {{1, 1}, {1, 1}}, {{5}, {3, 5}},        {{2, 3, 2}, {5, 2}},   {{0, 3}, {4, 3}},
                     {{3, 4}, {0, 4}}, {{2, 0}, {3, 0}}, {{15, 33}, {17, 33}}, {{64, 128}, {65, 128}}};
        if (bias)
            for (Shapes& s : op.shapes) s.push_back({s[1][0]});
        set_function(op, [bias](const auto& in) { return bias ? linear(in[0], in[1], in[2]) : linear(in[0], in[1]); });
        op.reference = [bias](const std::vector<Plain>& in) {
            Shape shape = in[0].shape;
            const int last = shape.rank() - 1;
            shape[last] = in[1].shape[0];
            return plain(shape, [&](const Shape& i) {
                double sum = bias ? in[2].at({i[last]}) : 0;
                for (std::int64_t k = 0; k < in[1].shape[1]; ++k) {
                    Shape row = i;
                    row[last] = k;
                    sum += in[0].at(row) * in[1].at({i[last], k});
                }
                return sum;
            });
        };
        list.push_back(op);
    }
}

}  // namespace fathom::tests
