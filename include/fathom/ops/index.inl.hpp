// Definitions of index.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE int checked_index(const AnyTensor& x, const AnyTensor& index, std::int64_t dim, const char* name,
                                Where site) {
    require_defined(x, name, site), require_defined(index, name, site);
    check_device(x, index, name, site);
    const int d = checked_dim(dim, x.rank(), name, site);
    bool fits = index.rank() == x.rank();
    for (int k = 0; fits && k < x.rank(); ++k) fits = k == d || index.shape()[k] <= x.shape()[k];
    if (!fits)
        fail(name, site,
             {"index has shape ", index.shape(), ", expected one as ", x.shape(), " or smaller; only dimension ", d,
              " may be larger"});
    return d;
}

FATHOM_INLINE AnyTensor checked_source(const AnyTensor& y, const AnyTensor& x, const AnyTensor& index, const char* name,
                                       Where site) {
    require_defined(y, name, site);
    check_device(x, y, name, site);
    bool fits = y.rank() == index.rank();
    for (int k = 0; fits && k < y.rank(); ++k) fits = index.shape()[k] <= y.shape()[k];
    if (!fits)
        fail(name, site, {"source has shape ", y.shape(), ", expected at least that of the index, ", index.shape()});
    AnyTensor part = y;
    for (int k = 0; k < y.rank(); ++k)
        if (index.shape()[k] < y.shape()[k]) part = narrow(part, k, 0, index.shape()[k], site);
    return part;
}

FATHOM_INLINE AnyTensor index_along(const AnyTensor& x, int dim, const AnyTensor& list, const char* name, Where site) {
    require_defined(list, name, site);
    check_device(x, list, name, site);
    if (list.rank() > 1) fail(name, site, {"index has shape ", list.shape(), ", expected a list [n]"});
    Shape shape = x.shape(), strides = Shape::filled(x.rank(), 0);
    shape[dim] = list.numel(), strides[dim] = list.rank() == 1 ? list.strides()[0] : 1;
    return new_view(list, shape, strides, list.impl().offset);
}

}  // namespace fathom::inline v0::detail
