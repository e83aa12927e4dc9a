// Definitions of dense.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor channels_of(const AnyTensor& x, std::int64_t begin, std::int64_t count) {
    Shape shape = x.shape();
    shape[1] = count;
    return new_view(x, shape, x.strides(), x.impl().offset + begin * x.strides()[1]);
}

FATHOM_INLINE AnyTensor join_channels(const AnyTensor& buffer, const std::vector<AnyTensor>& parts, Where site) {
    return finish_view<Cat>(detached(buffer), "cat", site, InputList(parts), [&](Cat& f) {
        f.dim = 1;
        for (const AnyTensor& part : parts) f.sizes.push_back(part.shape()[1]);
    });
}

}  // namespace fathom::inline v0::detail
