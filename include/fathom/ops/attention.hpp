// scaled_dot_product_attention. Next: nn/attention.hpp.
#pragma once

#include <cmath>
#include <limits>

#include "fathom/ops/dropout.hpp"
#include "fathom/ops/mask.hpp"
#include "fathom/ops/matmul.hpp"
#include "fathom/ops/softmax.hpp"

namespace fathom::inline v0 {

template <FloatElement T>
struct AttentionOptions {
    Tensor<bool> attn_mask = {};     // true: takes part; broadcasts to [..., L, S]
    Tensor<T> attn_bias = {};        // added to the scores, in place of a mask; broadcasts to [..., L, S]
    double dropout_p = 0;            // of the weights
    Generator* generator = nullptr;  // for the dropout
    bool is_causal = false;          // query i sees keys 0 to i; in place of a mask
    double scale = 0;                // of the scores; 0: 1 / sqrt(E)
};

namespace detail {

void check_attention(const AnyTensor& query, const AnyTensor& key, const AnyTensor& mask, const AnyTensor& bias,
                     bool is_causal, double dropout_p, bool has_generator, const char* name, Where site);
// [L, S]: true where the key is not behind the query.
Tensor<bool> causal_mask(std::int64_t queries, std::int64_t keys, Device device, Where site);

// softmax(scale query key^T) over the keys, before dropout. A query that sees no key has the weights 0.
template <FloatElement T>
Tensor<T> attention_weights(const Tensor<T>& query, const Tensor<T>& key, const AttentionOptions<T>& options,
                            const char* name, Where site) {
    check_attention(query, key, options.attn_mask, options.attn_bias, options.is_causal, options.dropout_p,
                    options.generator != nullptr, name, site);
    const double scale = options.scale != 0 ? options.scale : 1 / std::sqrt(static_cast<double>(query.shape()[-1]));
    const Tensor<T> scores = matmul(affine(query, scale, no_constant, name, site), transpose(key, -1, -2, site), site);
    if (options.attn_bias.defined()) {
        const Tensor<T> biased = add(Operand<T>(scores, site), Operand<T>(options.attn_bias, site));
        return softmax(biased, -1, site);
    }
    Tensor<bool> mask = options.attn_mask;
    if (options.is_causal) mask = causal_mask(scores.shape()[-2], scores.shape()[-1], query.device(), site);
    if (!mask.defined()) return softmax(scores, -1, site);
    const auto outside = scalar_tensor(-std::numeric_limits<T>::infinity(), query.device(), site);
    if (options.is_causal) return softmax(fathom::where(mask, scores, outside, site), -1, site);
    const Tensor<bool> sees = any(mask, Shape{-1}, true, site);
    if (mask.device().is_cpu() && all(sees, {}, false, site).item())  // on another device that would wait for it
        return softmax(fathom::where(mask, scores, outside, site), -1, site);
    // Softmax of nothing is not a number: such a query sees all keys until its weights are 0.
    const Tensor<bool> blind = logical_not(Operand<bool>(sees, site)),
                       seen = logical_or(Operand<bool>(mask, site), Operand<bool>(blind, site));
    const auto zero = scalar_tensor(T{}, query.device(), site);
    return fathom::where(sees, softmax(fathom::where(seen, scores, outside, site), -1, site), zero, site);
}

}  // namespace detail

// dropout(softmax(scale query key^T + mask)) value: query [..., L, E], key [..., S, E], value [..., S, V] ->
// [..., L, V]; the leading dimensions broadcast. A query whose mask hides every key gives 0.
// Vaswani et al., "Attention is all you need", NeurIPS 2017, equation 1.
template <FloatElement T>
Tensor<T> scaled_dot_product_attention(const Tensor<T>& query, const Tensor<T>& key, const Tensor<T>& value,
                                       const std::type_identity_t<AttentionOptions<T>>& options = {},
                                       Where site = Where::here()) {
    const char* name = "scaled_dot_product_attention";
    Tensor<T> weights = detail::attention_weights(query, key, options, name, site);
    if (options.dropout_p > 0) weights = dropout(weights, options.dropout_p, *options.generator, site);
    return matmul(weights, value, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/attention.inl.hpp"
#endif
