// Definitions of dense.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor new_images(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w,
                                   const AnyTensor& like, const char* name, Where site) {
    const Shape shape{n, c, h, w};
    return new_tensor(shape, channels_last_strides(shape), like.dtype(), like.device(), name, site);
}

FATHOM_INLINE AnyTensor channels_of(const AnyTensor& x, std::int64_t begin, std::int64_t count) {
    Shape shape = x.shape();
    shape[1] = count;
    return new_view(x, shape, x.strides(), x.impl().offset + begin * x.strides()[1]);
}

FATHOM_INLINE AnyTensor join_channels(const AnyTensor& buffer, const std::vector<AnyTensor>& parts,
                                      const autograd::TypeOps* ops, Where site) {
    std::vector<std::int64_t> sizes;
    bool recorded = false;
    for (const AnyTensor& part : parts) {
        sizes.push_back(part.shape()[1]);
        recorded = recorded || autograd::recording(part);
    }
    AnyTensor joined = new_view(buffer, buffer.shape(), buffer.strides(), buffer.impl().offset);
    if (!recorded) return joined;
    autograd::record(joined, Ref<autograd::Node>(new CatNode(1, std::move(sizes))), "cat", site, ops, {});
    for (const AnyTensor& part : parts) autograd::node_of(joined)->inputs.emplace_back(autograd::node_of(part));
    return joined;
}

}  // namespace fathom::inline v0::detail
