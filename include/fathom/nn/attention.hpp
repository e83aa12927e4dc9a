// MultiheadAttention: ops/attention.hpp with its projections.
#pragma once

#include <array>

#include "fathom/nn/dropout.hpp"
#include "fathom/nn/linear.hpp"
#include "fathom/ops/attention.hpp"
#include "fathom/ops/copy.hpp"

namespace fathom::inline v0 {

namespace nn {

struct MultiheadAttentionOptions {
    double dropout = 0;        // of the attention weights, while training
    bool bias = true;          // of the projections
    bool batch_first = false;  // [N, L, E] in place of [L, N, E]
};

// Of one call. As in torch.nn.MultiheadAttention, true in a mask hides a key (scaled_dot_product_attention has it the
// other way round).
struct MultiheadAttentionCall {
    Tensor<bool> key_padding_mask = {};  // [N, S], or [S] without a batch
    bool need_weights = true;
    Tensor<bool> attn_mask = {};       // [L, S] or [N * num_heads, L, S]
    bool average_attn_weights = true;  // over the heads
    bool is_causal = false;            // query i sees keys 0 to i; in place of attn_mask
};

// auto [output, weights] = attention(query, key, value)
template <FloatElement T>
struct AttentionResult {
    Tensor<T> output;   // as the query
    Tensor<T> weights;  // [N, L, S], or [N, num_heads, L, S] where not averaged; undefined unless asked for
};

}  // namespace nn

namespace detail {
void check_attention_sizes(std::int64_t embed_dim, std::int64_t num_heads, double dropout, Where site);
// Everything that forward is given. The shapes are [N, L, E] already.
void check_multihead(const AnyTensor& query, const AnyTensor& key, const AnyTensor& value, std::int64_t embed_dim,
                     std::int64_t num_heads, const nn::MultiheadAttentionCall& call, Where site);
// The keys that may be seen, to broadcast to [N, num_heads, L, S]; undefined where all may.
Tensor<bool> visible_keys(const AnyTensor& query, const AnyTensor& key, std::int64_t num_heads,
                          const nn::MultiheadAttentionCall& call, Where site);
}  // namespace detail

namespace nn {

// in_proj_weight [3 E, E] makes queries, keys and values, num_heads of E / num_heads numbers each; out_proj what comes
// of them. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.2.
template <FloatElement T>
class MultiheadAttention : public Module {
public:
    Parameter<T> in_proj_weight, in_proj_bias;  // [3 embed_dim, embed_dim], [3 embed_dim]
    Linear<T> out_proj;
    std::int64_t num_heads;
    MultiheadAttentionOptions options;

    MultiheadAttention(std::int64_t embed_dim, std::int64_t heads, const MultiheadAttentionOptions& o, Generator& gen,
                       Where site = Where::here())
        : MultiheadAttention(embed_dim, heads, o, DropoutGenerator(gen), site) {
        init::xavier_uniform_(in_proj_weight, gen, 1, site);
        init::default_(out_proj.weight, {}, gen, site);
        if (!o.bias) return;
        init::zeros_(in_proj_bias, site);
        init::zeros_(out_proj.bias, site);
    }
    // Without values: forward throws until weights are loaded.
    MultiheadAttention(std::int64_t embed_dim, std::int64_t heads, const MultiheadAttentionOptions& o = {},
                       Where site = Where::here())
        : MultiheadAttention(embed_dim, heads, o, DropoutGenerator(), site) {}

    void visit(Visitor& v) override {
        v("in_proj_weight", in_proj_weight);
        v("in_proj_bias", in_proj_bias);
        v("out_proj", out_proj);
        generator_.visit(v);
    }
    const char* kind() const override { return "MultiheadAttention"; }

    // query [L, N, E], key and value [S, N, E], or with the batch first, or without one.
    AttentionResult<T> forward(const Tensor<T>& query, const Tensor<T>& key, const Tensor<T>& value,
                               const MultiheadAttentionCall& call = {}, Where site = Where::here()) {
        this->require_initialised(site, in_proj_weight, in_proj_bias, out_proj.weight, out_proj.bias);
        const ModuleScope scope(this->path());
        const bool batched = query.defined() && query.rank() == 3;
        const auto batch_first = [&](const Tensor<T>& x) {
            if (!x.defined() || (batched ? options.batch_first : x.rank() != 2)) return x;
            return batched && x.rank() == 3 ? transpose(x, 0, 1, site) : batched ? x : unsqueeze(x, 0, site);
        };
        const Tensor<T> q = batch_first(query), k = key.untyped().same_as(query) ? q : batch_first(key),
                        v = value.untyped().same_as(key) ? k : batch_first(value);
        detail::check_multihead(q, k, v, out_proj.weight.shape()[0], num_heads, call, site);

        const auto projected = project(q, k, v, site);
        AttentionOptions<T> attention;
        attention.attn_mask = detail::visible_keys(q, k, num_heads, call, site);
        attention.is_causal = call.is_causal && !attention.attn_mask.defined();
        Tensor<T> weights = detail::attention_weights(projected[0], projected[1], attention, kind(), site);
        Tensor<T> shown;
        if (this->is_training() && options.dropout > 0)
            weights = dropout(weights, options.dropout, generator_.get(*this, site), site);
        if (call.need_weights) shown = call.average_attn_weights ? mean(weights, Shape{1}, false, site) : weights;
        const Tensor<T> heads = permute(matmul(weights, projected[2], site), {0, 2, 1, 3}, site);
        const Tensor<T> y = out_proj(reshape(heads, q.shape(), site), site);
        if (!batched) return {squeeze(y, 0, site), shown.defined() ? squeeze(shown, 0, site) : shown};
        return {options.batch_first ? y : transpose(y, 0, 1, site), shown};
    }
    AttentionResult<T> operator()(const Tensor<T>& query, const Tensor<T>& key, const Tensor<T>& value,
                                  const MultiheadAttentionCall& call = {}, Where site = Where::here()) {
        return forward(query, key, value, call, site);
    }

private:
    MultiheadAttention(std::int64_t embed_dim, std::int64_t heads, const MultiheadAttentionOptions& o,
                       const DropoutGenerator& generator, Where site)
        : out_proj((detail::check_attention_sizes(embed_dim, heads, o.dropout, site), embed_dim), embed_dim, o.bias,
                   site),
          num_heads(heads),
          options(o),
          generator_(generator) {
        in_proj_weight = Parameter<T>::uninitialised({3 * embed_dim, embed_dim}, site);
        if (o.bias) in_proj_bias = Parameter<T>::uninitialised({3 * embed_dim}, site);
    }

    // Queries, keys and values, [N, num_heads, L, E / num_heads]: one product for those of the same tensor.
    std::array<Tensor<T>, 3> project(const Tensor<T>& q, const Tensor<T>& k, const Tensor<T>& v, Where site) const {
        const std::int64_t e = out_proj.weight.shape()[0];
        const auto part = [&](const Tensor<T>& x, std::int64_t first, std::int64_t count) {
            const Tensor<T> bias =
                in_proj_bias.defined() ? narrow(in_proj_bias, 0, first * e, count * e, site) : Tensor<T>();
            return linear(x, narrow(in_proj_weight, 0, first * e, count * e, site), bias, site);
        };
        const auto heads = [&](const Tensor<T>& x) {
            return permute(reshape(x, {x.shape()[0], x.shape()[1], num_heads, e / num_heads}, site), {0, 2, 1, 3},
                           site);
        };
        const auto of = [&](const Tensor<T>& x, std::int64_t i) { return heads(narrow(x, -1, i * e, e, site)); };
        if (q.untyped().same_as(k) && k.untyped().same_as(v)) {
            const Tensor<T> all = part(q, 0, 3);
            return {of(all, 0), of(all, 1), of(all, 2)};
        }
        if (k.untyped().same_as(v)) {
            const Tensor<T> both = part(k, 1, 2);
            return {heads(part(q, 0, 1)), of(both, 0), of(both, 1)};
        }
        return {heads(part(q, 0, 1)), heads(part(k, 1, 1)), heads(part(v, 2, 1))};
    }

    DropoutGenerator generator_;
};

}  // namespace nn
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/nn/attention.inl.hpp"
#endif
