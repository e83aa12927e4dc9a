// embedding_bag: sums, means or maxima of rows of a table, bag by bag.
#pragma once

#include "fathom/nn/embedding.hpp"
#include "fathom/ops/index_list.hpp"
#include "fathom/ops/scatter_reduce.hpp"
#include "fathom/ops/searchsorted.hpp"

namespace fathom::inline v0 {

enum class BagMode { sum, mean, max };

template <FloatElement T>
struct EmbeddingBagOptions {
    Tensor<std::int64_t> offsets = {};  // of a list of indices: where each bag begins, the first one at 0
    BagMode mode = BagMode::mean;
    Tensor<T> per_sample_weights = {};  // of the indices' shape; of sums only
    bool include_last_offset = false;   // offsets end with the length of the list
    std::int64_t padding_idx = no_padding;
};

namespace detail {
// The bag of each index, as a list, and how many bags there are.
inline std::pair<Tensor<std::int64_t>, std::int64_t> bags_of(const Tensor<std::int64_t>& indices,
                                                             const Tensor<std::int64_t>& offsets, bool include_last,
                                                             const char* name, Where site) {
    require_defined(indices, name, site);
    if (indices.rank() == 2) {
        if (offsets.defined()) fail(name, site, {"offsets stand beside indices of shape ", indices.shape()});
        const std::int64_t bags = indices.size(0), each = indices.size(1);
        return {reshape(expand(reshape(arange<std::int64_t>(bags, site), {bags, 1}, site), {bags, each}, site),
                        {bags * each}, site),
                bags};
    }
    if (indices.rank() != 1 || !offsets.defined() || offsets.rank() != 1 || offsets.numel() < (include_last ? 1 : 0))
        fail(name, site, {"indices have shape ", indices.shape(), ", expected [B,N], or [L] with a list of offsets"});
    const std::int64_t bags = offsets.numel() - (include_last ? 1 : 0);
    const Tensor<std::int64_t> begins = narrow(offsets, 0, 0, bags, site),
                               places = searchsorted(begins, arange<std::int64_t>(indices.numel(), site), true, site);
    if (indices.numel() > 0 && (bags == 0 || select(begins, 0, 0, site).item(site) != 0))
        fail(name, site, {"the first of the offsets is not 0"});
    return {sub(Operand<std::int64_t>(places, site), Operand<std::int64_t>(1, site)), bags};
}
}  // namespace detail

// Of the rows of weight [V, D] that indices name, those of one bag together: indices [B, N], a bag in each row, or [L]
// with offsets -> [B, D]. padding_idx counts in no bag and gets no gradient; an empty bag gives zeros.
template <FloatElement T>
Tensor<T> embedding_bag(const Tensor<std::int64_t>& indices, const Tensor<T>& weight,
                        const std::type_identity_t<EmbeddingBagOptions<T>>& o = {}, Where site = Where::here()) {
    const char* name = "embedding_bag";
    auto [bag, bags] = detail::bags_of(indices, o.offsets, o.include_last_offset, name, site);
    Tensor<std::int64_t> list = reshape(indices, {indices.numel()}, site);
    Tensor<T> each = o.per_sample_weights;
    if (each.defined()) {
        if (o.mode != BagMode::sum || !(each.shape() == indices.shape()))
            fail(name, site,
                 {"per_sample_weights of shape ", each.shape(), ", expected ", indices.shape(), " and BagMode::sum"});
        each = reshape(each, {indices.numel()}, site);
    }
    detail::require_defined(weight, name, site);
    bag = bag.to(weight.device(), site);
    if (weight.rank() != 2) fail(name, site, {"weight has shape ", weight.shape(), ", expected [V,D]"});
    const std::int64_t padding = detail::padding_row(o.padding_idx, weight.shape()[0], name, site);
    if (padding != no_padding) {
        const auto counted =
            reshape(nonzero(not_equal(Operand<std::int64_t>(list, site), Operand<std::int64_t>(padding, site)), site),
                    {-1}, site);
        list = index_select(list, 0, counted, site), bag = index_select(bag, 0, counted, site);
        if (each.defined()) each = index_select(each, 0, counted, site);
    }
    Tensor<T> rows = embedding(list, weight, no_padding, site);
    if (each.defined()) rows = mul(Operand<T>(rows, site), Operand<T>(unsqueeze(each, 1, site), site));
    const Tensor<T> nothing = zeros<T>({bags, weight.shape()[1]}, weight.device(), site);
    if (o.mode == BagMode::max) return index_reduce(nothing, 0, bag, rows, ScatterReduce::amax, false, site);
    const Tensor<T> sums = index_add(nothing, 0, bag, rows, site);
    if (o.mode == BagMode::sum) return sums;
    const Tensor<T> ones_of_bags = ones<T>({bag.numel(), 1}, weight.device(), site),
                    counts = index_add(zeros<T>({bags, 1}, weight.device(), site), 0, bag, ones_of_bags, site);
    return div(Operand<T>(sums, site), Operand<T>(maximum(counts, T{1}, site), site));
}

}  // namespace fathom::inline v0
