// What comes to one place, reduced.
#include "fathom/nn/embedding_bag.hpp"

#include <algorithm>

#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

// Along dimension 1 of x, y and i, all with the same other dimensions or fewer of them.
Plain scattered(const std::vector<Plain>& in, ScatterReduce reduce, bool include_self) {
    const Plain &x = in[0], &y = in[1], &index = in[2];
    return plain(x.shape, [&](const Shape& at) {
        std::vector<double> all;
        Shape j = at;
        bool inside = true;
        for (int d = 0; d < at.rank(); ++d) inside = inside && (d == 1 || at[d] < index.shape[d]);
        for (j[1] = 0; inside && j[1] < index.shape[1]; ++j[1])
            if (static_cast<std::int64_t>(index.at(j)) == at[1]) all.push_back(y.at(j));
        if (include_self || all.empty()) all.push_back(x.at(at));
        double sum = 0, product = 1;
        for (const double v : all) sum += v, product *= v;
        if (reduce == ScatterReduce::sum) return sum;
        if (reduce == ScatterReduce::prod) return product;
        if (reduce == ScatterReduce::mean) return sum / static_cast<double>(all.size());
        return reduce == ScatterReduce::amax ? *std::max_element(all.begin(), all.end())
                                             : *std::min_element(all.begin(), all.end());
    });
}

void add_bag_cases(std::vector<OpCase>& list) {
    const OpInput w{.name = "w"}, i{.name = "i", .high = 5, .kind = OpInput::indices};
    const std::pair<const char*, BagMode> kinds[] = {{"embedding_bag_sum", BagMode::sum},
                                                     {"embedding_bag_mean", BagMode::mean},
                                                     {"embedding_bag_max", BagMode::max}};
    for (const auto& [name, mode] : kinds) {
        OpCase op{.name = name,
                  .inputs = {w, i},
                  .shapes = {{{5, 3}, {3, 4}}, {{6, 1}, {2, 0}}, {{5, 33}, {17, 9}}},
                  .golden = name,
                  .golden_file = "scattered",
                  .terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[1].numel()); }};
        set_function(op, [mode = mode](const auto& in) {
            return embedding_bag(in.labels[0], in[0], {.mode = mode, .padding_idx = 2});
        });
        list.push_back(op);
    }
    OpCase op = list.back();
    op.name = op.golden = "embedding_bag_offsets";
    op.inputs = {w, {.name = "y"}, i};
    op.shapes = {{{5, 3}, {6}, {6}}, {{5, 33}, {65}, {65}}};
    set_function(op, [](const auto& in) {
        return embedding_bag(
            in.labels[0], in[0],
            {.offsets = Tensor<std::int64_t>({0, 2, 2}), .mode = BagMode::sum, .per_sample_weights = in[1]});
    });
    list.push_back(op);
}

}  // namespace

void add_scattered_cases(std::vector<OpCase>& list) {
    const std::pair<const char*, ScatterReduce> kinds[] = {{"sum", ScatterReduce::sum},
                                                           {"prod", ScatterReduce::prod},
                                                           {"mean", ScatterReduce::mean},
                                                           {"amax", ScatterReduce::amax},
                                                           {"amin", ScatterReduce::amin}};
    for (const auto& [kind, reduce] : kinds)
        for (const bool own : {true, false}) {
            OpCase op{.name = kind,
                      .inputs = {{.name = "x"}, {.name = "y"}, {.name = "i", .high = 4, .kind = OpInput::indices}},
                      .golden_file = "scattered",
                      .terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[1].numel()); }};
            op.name = op.golden = std::string("scatter_reduce_") + kind + (own ? "" : "_alone");
            op.shapes = {{{3, 4, 2}, {3, 5, 2}, {2, 5, 2}}, {{1, 4}, {1, 0}, {1, 0}}, {{17, 5}, {17, 33}, {17, 33}}};
            set_function(op, [reduce = reduce, own](const auto& in) {
                return scatter_reduce(in[0], 1, in.labels[0], in[1], reduce, own);
            });
            op.reference = [reduce = reduce, own](const std::vector<Plain>& in) { return scattered(in, reduce, own); };
            list.push_back(op);
            if (reduce == ScatterReduce::sum) continue;
            op.name = op.golden = std::string("index_reduce_") + kind + (own ? "" : "_alone");
            op.shapes = {{{5, 3}, {6, 3}, {6}}, {{5}, {3}, {3}}, {{7, 65}, {33, 65}, {33}}};
            set_function(op, [reduce = reduce, own](const auto& in) {
                return index_reduce(in[0], 0, in.labels[0], in[1], reduce, own);
            });
            op.reference = nullptr;
            list.push_back(op);
        }
    add_bag_cases(list);
}

}  // namespace fathom::tests
