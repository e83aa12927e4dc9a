// Definitions of attention.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_attention(const AnyTensor& query, const AnyTensor& key, const AnyTensor& mask,
                                   const AnyTensor& bias, bool is_causal, double dropout_p, bool has_generator,
                                   const char* name, Where site) {
    require_defined(query, name, site), require_defined(key, name, site);
    if (query.rank() < 2 || key.rank() < 2 || query.shape()[-1] != key.shape()[-1])
        fail(name, site,
             {"query has shape ", query.shape(), ", key ", key.shape(), ", expected [...,L,E] and [...,S,E]"});
    if (mask.defined() + bias.defined() + is_causal > 1)
        fail(name, site, {"attn_mask, attn_bias and is_causal exclude each other"});
    if (!(dropout_p >= 0 && dropout_p <= 1)) fail(name, site, {"dropout_p ", dropout_p, " is outside [0, 1]"});
    if (dropout_p > 0 && !has_generator) fail(name, site, {"dropout_p ", dropout_p, " needs a generator"});
    const AnyTensor& given = mask.defined() ? mask : bias;
    if (!given.defined()) return;
    Shape scores, shape;
    const bool fits = broadcast_shapes(Shape::from(query.shape().begin(), query.shape().end() - 2),
                                       Shape::from(key.shape().begin(), key.shape().end() - 2), scores);
    if (!fits) return;  // the product says so
    scores.push_back(query.shape()[-2]), scores.push_back(key.shape()[-2]);
    if (!broadcast_shapes(given.shape(), scores, shape) || !(shape == scores))
        fail(name, site,
             {mask.defined() ? "attn_mask" : "attn_bias", " has shape ", given.shape(),
              ", expected one that broadcasts to ", scores});
}

FATHOM_INLINE Tensor<bool> causal_mask(std::int64_t queries, std::int64_t keys, Device device, Where site) {
    const auto mask = new_row_major<bool>({queries, keys}, "causal_mask", site);
    bool* p = static_cast<bool*>(mask.untyped().raw_unchecked());
    for (std::int64_t i = 0; i < queries; ++i)
        for (std::int64_t j = 0; j < keys; ++j) *p++ = j <= i;
    return typed<bool>(to_device(mask, device, cpu::kernel<bool, Elementwise::copy>, site));
}

}  // namespace fathom::inline v0::detail
