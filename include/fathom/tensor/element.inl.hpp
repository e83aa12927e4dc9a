// Definitions of element.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE std::int64_t element_offset(const AnyTensor& x, std::initializer_list<Index> indices) {
    const Where site = indices.size() ? indices.begin()->site : Where{};
    require_defined(x, "element access", site);
    if (static_cast<int>(indices.size()) != x.rank())
        fail("element access", site, {indices.size(), " indices for a tensor of shape ", x.shape()});
    if (!x.device().is_cpu())
        fail("element access", site, {"the tensor is on ", x.device(), ": copy it with .to(Device::cpu()) first"});
    std::int64_t offset = 0;
    int dim = 0;
    for (const Index& index : indices) {
        const std::int64_t n = x.shape()[dim];
        if (index.value < -n || index.value >= n)
            fail("element access", site,
                 {"index ", index.value, " is out of range for dimension ", dim, " of shape ", x.shape()});
        offset += (index.value < 0 ? index.value + n : index.value) * x.strides()[dim++];
    }
    return offset;
}

[[gnu::cold]] FATHOM_INLINE void fail_ragged(const Shape& shape, Where site) {
    fail("tensor", site, {"ragged nested lists: the first entries have shape ", shape, ", another differs"});
}

}  // namespace fathom::inline v0::detail
