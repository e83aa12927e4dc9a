// Embedding: a table of vectors, looked up by number.
#pragma once

#include <limits>

#include "fathom/nn/init.hpp"
#include "fathom/nn/module.hpp"
#include "fathom/ops/index.hpp"

namespace fathom::inline v0 {

inline constexpr std::int64_t no_padding = std::numeric_limits<std::int64_t>::min();

namespace detail {
// padding_idx, which may count from the end, as a row of a table; no_padding stays.
std::int64_t padding_row(std::int64_t padding_idx, std::int64_t rows, const char* name, Where site);
}  // namespace detail

// The rows of weight [V, D] that indices of any shape name: [..., D]. The row of padding_idx gets no gradient.
template <FloatElement T>
Tensor<T> embedding(const Tensor<std::int64_t>& indices, const Tensor<T>& weight, std::int64_t padding_idx = no_padding,
                    Where site = Where::here()) {
    const char* name = "embedding";
    detail::require_defined(indices, name, site), detail::require_defined(weight, name, site);
    if (weight.rank() != 2) fail(name, site, {"weight has shape ", weight.shape(), ", expected [V,D]"});
    const std::int64_t padding = detail::padding_row(padding_idx, weight.shape()[0], name, site);
    const Tensor<std::int64_t> list = reshape(indices, {indices.numel()}, site);
    Tensor<T> rows =
        detail::Gather<T>::forward(weight, 0, detail::index_along(weight, 0, list, name, site), name, site);
    if (padding != no_padding && autograd::recording(weight.untyped())) {
        const Tensor<bool> padded =
            unsqueeze(equal(Operand<std::int64_t>(list, site), Operand<std::int64_t>(padding, site)), 1, site);
        rows = where(padded, rows.detach(), rows, site);
    }
    Shape shape = indices.shape();
    shape.push_back(weight.shape()[1]);
    return reshape(rows, shape, site);
}

namespace nn {

// weight [num_embeddings, embedding_dim], normal with deviation 1; the row of padding_idx, if there is one, begins as
// zeros and gets no gradient.
template <FloatElement T>
class Embedding : public Module {
public:
    Parameter<T> weight;
    std::int64_t padding_idx = no_padding;

    Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim, Generator& gen,
              std::int64_t padding = no_padding, Where site = Where::here())
        : Embedding(num_embeddings, embedding_dim, padding, site) {
        init::normal_(weight, gen, 0, 1, site);
        if (padding_idx != no_padding) init::zeros_(weight.detach().select(0, padding_idx, site), site);
    }
    // Without values: forward throws until weights are loaded.
    Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim, std::int64_t padding = no_padding,
              Where site = Where::here()) {
        if (num_embeddings < 1 || embedding_dim < 1)
            fail("Embedding", site,
                 {"num_embeddings and embedding_dim must be at least 1, got ", num_embeddings, " and ", embedding_dim});
        padding_idx = detail::padding_row(padding, num_embeddings, "Embedding", site);
        weight = Parameter<T>::uninitialised({num_embeddings, embedding_dim}, site);
    }

    void visit(Visitor& v) override { v("weight", weight); }
    const char* kind() const override { return "Embedding"; }

    // Indices of any shape -> [..., embedding_dim].
    Tensor<T> forward(const Tensor<std::int64_t>& indices, Where site = Where::here()) const {
        require_initialised(site, weight);
        const ModuleScope scope(path());
        return embedding(indices, Tensor<T>(weight), padding_idx, site);
    }
    Tensor<T> operator()(const Tensor<std::int64_t>& indices, Where site = Where::here()) const {
        return forward(indices, site);
    }
};

}  // namespace nn
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/nn/embedding.inl.hpp"
#endif
