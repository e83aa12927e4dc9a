// einsum, against loops over all of its indices.
#include <string>

#include "fathom/ops/einsum.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

// Of an equation of single letters with its output.
struct Equation {
    std::vector<std::string> in;
    std::string out, letters;

    explicit Equation(const std::string& text) {
        const std::size_t arrow = text.find("->");
        std::string subscripts;
        for (const char c : text.substr(0, arrow) + ",") {
            if (c == ',') {
                in.push_back(subscripts);
                subscripts.clear();
                continue;
            }
            subscripts += c;
            if (letters.find(c) == std::string::npos) letters += c;
        }
        out = text.substr(arrow + 2);
    }
    // Sizes of the letters in `names`.
    Shape sizes(const Shapes& shapes, const std::string& names) const {
        Shape sizes;
        for (const char c : names) {
            std::int64_t size = 1;
            for (std::size_t i = 0; i < in.size(); ++i)
                for (std::size_t d = 0; d < in[i].size(); ++d)
                    if (in[i][d] == c && size == 1) size = shapes[i][static_cast<int>(d)];
            sizes.push_back(size);
        }
        return sizes;
    }
};

OpCase einsum_case(const char* name, const std::string& text, std::vector<Shapes> shapes) {
    const Equation equation(text);
    OpCase op{.name = name, .inputs = {}, .shapes = std::move(shapes), .golden = name, .golden_file = "products"};
    constexpr const char* names[] = {"a", "b", "c"};
    for (std::size_t i = 0; i < op.shapes[0].size(); ++i) op.inputs.push_back({.name = names[i]});
    op.terms = [equation](const Shapes& in, const Shape& out) {
        return static_cast<double>(equation.sizes(in, equation.letters).numel()) /
               static_cast<double>(out.numel() ? out.numel() : 1);
    };
    set_function(op, [text](const auto& in) { return einsum(text, in.tensors); });
    op.reference = [equation](const std::vector<Plain>& in) {
        Shapes given;
        for (const Plain& x : in) given.push_back(x.shape);
        Plain y = plain(equation.sizes(given, equation.out), [](const Shape&) { return 0.0; });
        plain(equation.sizes(given, equation.letters), [&](const Shape& index) {
            const auto at = [&](const std::string& subscripts, const Shape& shape) {
                Shape own;
                for (std::size_t d = 0; d < subscripts.size(); ++d) {
                    const auto letter = static_cast<int>(equation.letters.find(subscripts[d]));
                    own.push_back(shape[static_cast<int>(d)] == 1 ? 0 : index[letter]);
                }
                return own;
            };
            double product = 1;
            for (std::size_t i = 0; i < in.size(); ++i) product *= in[i].at(at(equation.in[i], in[i].shape));
            const Shape place = at(equation.out, y.shape);
            std::int64_t offset = 0;
            for (int d = 0; d < place.rank(); ++d) offset = offset * y.shape[d] + place[d];
            return y.values[static_cast<std::size_t>(offset)] += product;
        });
        return y;
    };
    return op;
}

// Of an equation that the loops do not read: PyTorch's numbers alone.
OpCase einsum_golden(const char* name, const char* text, const Shapes& shapes) {
    OpCase op = einsum_case(name, "i->i", {shapes});
    op.reference = {};
    op.terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0].numel()); };
    set_function(op, [text](const auto& in) { return einsum(text, in.tensors); });
    return op;
}

}  // namespace

void add_einsum_cases(std::vector<OpCase>& list) {
    list.push_back(
        einsum_case("einsum_matrix", "ij,jk->ki",
                    {{{3, 4}, {4, 2}}, {{1, 1}, {1, 1}}, {{0, 3}, {3, 2}}, {{3, 0}, {0, 2}}, {{65, 33}, {33, 67}}}));
    list.push_back(
        einsum_case("einsum_batched", "bhik,bhjk->bhij",
                    {{{1, 2, 2, 3}, {1, 2, 3, 3}}, {{2, 1, 2, 3}, {2, 2, 1, 3}}, {{2, 3, 17, 9}, {2, 3, 33, 9}}}));
    list.push_back(einsum_case("einsum_diagonal", "iij->ji", {{{3, 3, 2}}, {{0, 0, 2}}, {{1, 1, 1}}, {{31, 31, 33}}}));
    list.push_back(einsum_case("einsum_outer", "i,j->ij", {{{3}, {4}}, {{0}, {4}}, {{65}, {701}}}));
    list.push_back(einsum_case("einsum_dots", "bi,bi->b",
                               {{{3, 5}, {3, 5}}, {{3, 0}, {3, 0}}, {{1, 1}, {1, 1}}, {{65, 701}, {65, 701}}}));
    list.push_back(
        einsum_case("einsum_three", "ijk,kl,jm->ilm", {{{2, 3, 2}, {2, 2}, {3, 2}}, {{7, 9, 8}, {8, 5}, {9, 6}}}));
    list.push_back(einsum_case("einsum_ones", "bij,bjk->bik",
                               {{{1, 3, 4}, {2, 1, 2}}, {{2, 1, 1}, {1, 3, 2}}, {{5, 1, 3}, {5, 3, 1}}}));
    list.push_back(
        einsum_case("einsum_bilinear", "bn,anm,bm->ba", {{{2, 3}, {2, 3, 2}, {2, 2}}, {{9, 7}, {5, 7, 3}, {9, 3}}}));
    list.push_back(einsum_golden("einsum_trace", "ii", {{3, 3}}));
    list.push_back(einsum_golden("einsum_ellipsis", "...ij,jk", {{2, 1, 2, 3}, {3, 2}}));
    list.push_back(einsum_golden("einsum_ellipsis_sum", "i ... , ... i -> i", {{3, 2, 2}, {2, 1, 3}}));
    list.push_back(einsum_golden("einsum_implicit", "bac,Cb", {{2, 3, 2}, {2, 2}}));
}

}  // namespace fathom::tests
