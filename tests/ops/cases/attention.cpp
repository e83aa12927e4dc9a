// scaled_dot_product_attention.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/ops/attention.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

// seen(query, key, in): what is added to a score, minus infinity where the key is hidden.
using Addend = double (*)(std::int64_t query, std::int64_t key, const std::vector<Plain>& in);

Plain attend(const std::vector<Plain>& in, double scale, Addend addend) {
    const Plain &q = in[0], &k = in[1], &v = in[2];
    const std::int64_t keys = k.shape[1], e = q.shape[2];
    return plain({q.shape[0], q.shape[1], v.shape[2]}, [&](const Shape& i) {
        double total = 0, sum = 0;
        for (std::int64_t s = 0; s < keys; ++s) {
            double score = 0;
            for (std::int64_t d = 0; d < e; ++d) score += q.at({i[0], i[1], d}) * k.at({i[0], s, d});
            const double weight = std::exp(score * scale + addend(i[1], s, in));
            sum += weight, total += weight * v.at({i[0], s, i[2]});
        }
        return sum == 0 ? 0 : total / sum;
    });
}

OpCase attention_case(const char* name, std::vector<Shapes> shapes) {
    OpCase op{.name = name,
              .inputs = {{.name = "q"}, {.name = "k"}, {.name = "v"}},
              .shapes = std::move(shapes),
              .golden = name,
              .golden_file = "losses",
              .terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0][-1] + in[1][-2]); }};
    return op;
}

}  // namespace

void add_attention_cases(std::vector<OpCase>& list) {
    const std::vector<Shapes> sizes = {{{2, 3, 4}, {2, 5, 4}, {2, 5, 2}},
                                       {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
                                       {{2, 0, 3}, {2, 2, 3}, {2, 2, 3}},
                                       {{3, 33, 17}, {3, 65, 17}, {3, 65, 9}}};
    OpCase op = attention_case("attention", sizes);
    set_function(op, [](const auto& in) { return scaled_dot_product_attention(in[0], in[1], in[2]); });
    op.reference = [](const std::vector<Plain>& in) {
        return attend(in, 1 / std::sqrt(static_cast<double>(in[0].shape[2])),
                      [](std::int64_t, std::int64_t, const std::vector<Plain>&) { return 0.0; });
    };
    list.push_back(op);
    op = attention_case("attention_causal", sizes);
    set_function(op, [](const auto& in) {
        return scaled_dot_product_attention(in[0], in[1], in[2], {.is_causal = true, .scale = 0.3});
    });
    op.reference = [](const std::vector<Plain>& in) {
        return attend(in, 0.3, [](std::int64_t query, std::int64_t key, const std::vector<Plain>&) {
            return key <= query ? 0 : -std::numeric_limits<double>::infinity();
        });
    };
    list.push_back(op);
    op = attention_case("attention_bias", {{{2, 3, 4}, {2, 5, 4}, {2, 5, 2}, {3, 5}}});
    op.inputs.push_back({.name = "b"});
    set_function(
        op, [](const auto& in) { return scaled_dot_product_attention(in[0], in[1], in[2], {.attn_bias = in[3]}); });
    op.reference = [](const std::vector<Plain>& in) {
        return attend(in, 1 / std::sqrt(static_cast<double>(in[0].shape[2])),
                      [](std::int64_t query, std::int64_t key, const std::vector<Plain>& all) {
                          return all[3].at({query, key});
                      });
    };
    list.push_back(op);
    // Labels that are 0 hide a key; the second query of the golden one sees none.
    op = attention_case("attention_mask", {{{2, 3, 4}, {2, 5, 4}, {2, 5, 2}, {3, 5}}});
    op.inputs.push_back({.name = "m", .high = 2, .kind = OpInput::labels});
    set_function(op, [](const auto& in) {
        return scaled_dot_product_attention(in[0], in[1], in[2], {.attn_mask = in.labels[0] != 0});
    });
    op.reference = [](const std::vector<Plain>& in) {
        return attend(in, 1 / std::sqrt(static_cast<double>(in[0].shape[2])),
                      [](std::int64_t query, std::int64_t key, const std::vector<Plain>& all) {
                          return all[3].at({query, key}) != 0 ? 0 : -std::numeric_limits<double>::infinity();
                      });
    };
    list.push_back(op);
}

}  // namespace fathom::tests
