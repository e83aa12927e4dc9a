// Definitions of shape.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE Shape flattened_shape(const AnyTensor& x, int start, int end, Where site) {
    require_defined(x, "Flatten", site);
    if (x.rank() == 0) return {1};
    const int first = checked_dim(start, x.rank(), "Flatten", site), last = checked_dim(end, x.rank(), "Flatten", site);
    if (first > last)
        fail("Flatten", site, {"start_dim ", start, " stands behind end_dim ", end, " in shape ", x.shape()});
    Shape shape = x.shape();
    for (int d = first; d < last; ++d) {
        shape[first] = times(shape[first], shape[first + 1]);
        shape.erase(first + 1);
    }
    return shape;
}

FATHOM_INLINE Shape unflattened_shape(const AnyTensor& x, int dim, const Shape& sizes, Where site) {
    require_defined(x, "Unflatten", site);
    const int d = checked_dim(dim, x.rank(), "Unflatten", site);
    const std::int64_t n = x.shape()[d];
    std::int64_t known = 1;
    int open = -1;
    for (int i = 0; i < sizes.rank(); ++i) {
        if (sizes[i] == -1 && open < 0)
            open = i;
        else
            known = sizes[i] < 0 ? -1 : times(known < 0 ? 0 : known, sizes[i]);
    }
    Shape parts = sizes;
    bool fits = sizes.rank() > 0 && known >= 0 && (open < 0 ? known == n : known > 0 && n % known == 0);
    if (!fits) fail("Unflatten", site, {"dimension ", d, " of shape ", x.shape(), " does not unflatten to ", sizes});
    if (open >= 0) parts[open] = n / known;
    Shape shape;
    for (int i = 0; i < x.rank(); ++i) {
        if (i != d) shape.push_back(x.shape()[i]);
        if (i == d)
            for (const std::int64_t part : parts) shape.push_back(part);
    }
    return shape;
}

}  // namespace fathom::inline v0::detail
