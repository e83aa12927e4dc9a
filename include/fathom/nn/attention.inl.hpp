// Definitions of attention.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_attention_sizes(std::int64_t embed_dim, std::int64_t num_heads, double dropout, Where site) {
    if (embed_dim < 1 || num_heads < 1 || embed_dim % num_heads != 0)
        fail("MultiheadAttention", site,
             {"embed_dim ", embed_dim, ", expected a multiple of num_heads ", num_heads, ", both at least 1"});
    if (!(dropout >= 0 && dropout <= 1)) fail("MultiheadAttention", site, {"dropout ", dropout, " is outside [0, 1]"});
}

FATHOM_INLINE void check_multihead(const AnyTensor& query, const AnyTensor& key, const AnyTensor& value,
                                   std::int64_t embed_dim, std::int64_t num_heads,
                                   const nn::MultiheadAttentionCall& call, Where site) {
    const char* name = "MultiheadAttention";
    for (const AnyTensor* x : {&query, &key, &value}) require_defined(*x, name, site);
    const Shape &q = query.shape(), &k = key.shape(), &v = value.shape();
    const bool fits =
        q.rank() == 3 && k.rank() == 3 && k == v && q[0] == k[0] && q[2] == embed_dim && k[2] == embed_dim;
    if (!fits)
        fail(name, site,
             {"query has shape ", q, ", key ", k, ", value ", v,
              " (the batch first), expected [N,L,E] and twice [N,S,E] with E = ", embed_dim});
    const Tensor<bool>&padding = call.key_padding_mask, &mask = call.attn_mask;
    if (padding.defined() && !(padding.shape() == Shape{k[0], k[1]}) && !(k[0] == 1 && padding.shape() == Shape{k[1]}))
        fail(name, site, {"key_padding_mask has shape ", padding.shape(), ", expected [", k[0], ",", k[1], "]"});
    if (mask.defined() && !(mask.shape() == Shape{q[1], k[1]}) &&
        !(mask.shape() == Shape{q[0] * num_heads, q[1], k[1]}))
        fail(name, site,
             {"attn_mask has shape ", mask.shape(), ", expected [", q[1], ",", k[1], "] or [", q[0] * num_heads, ",",
              q[1], ",", k[1], "]"});
    if (mask.defined() && call.is_causal) fail(name, site, {"attn_mask and is_causal exclude each other"});
}

FATHOM_INLINE Tensor<bool> visible_keys(const AnyTensor& query, const AnyTensor& key, std::int64_t num_heads,
                                        const nn::MultiheadAttentionCall& call, Where site) {
    const std::int64_t n = query.shape()[0], queries = query.shape()[1], keys = key.shape()[1];
    Tensor<bool> visible;
    if (call.attn_mask.defined()) {
        visible = logical_not(Operand<bool>(call.attn_mask, site));
        if (visible.rank() == 3) visible = reshape(visible, {n, num_heads, queries, keys}, site);
    }
    if (!call.key_padding_mask.defined()) return visible;
    if (call.is_causal) visible = causal_mask(queries, keys, query.device(), site);
    const Tensor<bool> padding =
        reshape(logical_not(Operand<bool>(call.key_padding_mask, site)), {n, 1, 1, keys}, site);
    return visible.defined() ? logical_and(Operand<bool>(visible, site), Operand<bool>(padding, site)) : padding;
}

}  // namespace fathom::inline v0::detail
