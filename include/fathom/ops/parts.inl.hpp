// Definitions of parts.hpp.

namespace fathom::inline v0::detail {

// The diagonal of two dimensions as a new last one: element i is [i + down, i + right].
struct Diagonal {
    int first, second;
    std::int64_t down, right;
    AnyTensor of(const AnyTensor& x) const {
        Shape shape = x.shape(), strides = x.strides();
        const std::int64_t rows = shape[first] - down, columns = shape[second] - right,
                           length = rows < columns ? rows : columns;
        const std::int64_t offset = length > 0 ? down * strides[first] + right * strides[second] : 0,
                           step = strides[first] + strides[second];
        for (const int d : {first < second ? second : first, first < second ? first : second})
            shape.erase(d), strides.erase(d);
        shape.push_back(length > 0 ? length : 0), strides.push_back(step);
        return new_view(x, shape, strides, x.impl().offset + offset);
    }
    void add(const AnyTensor& whole, const AnyTensor& part, const autograd::Node& node) const {
        autograd::engine::add_into(of(whole), part, node);
    }
};

// Windows of `size` elements of a dimension, `step` apart, which stand in a new last one.
struct Windows {
    int dim;
    std::int64_t size, step;
    std::int64_t count(const Shape& shape) const { return (shape[dim] - size) / step + 1; }
    AnyTensor of(const AnyTensor& x) const {
        Shape shape = x.shape(), strides = x.strides();
        shape.push_back(size), strides.push_back(strides[dim]);
        shape[dim] = count(x.shape());
        if (shape[dim] > 1) strides[dim] *= step;  // a step beyond the dimension could overflow
        return new_view(x, shape, strides, x.impl().offset);
    }
    // Windows may overlap, their first elements do not, nor their second ones.
    void add(const AnyTensor& whole, const AnyTensor& part, const autograd::Node& node) const {
        if (step >= size) return autograd::engine::add_into(of(whole), part, node);
        Shape shape = part.shape(), strides = part.strides();
        shape.erase(shape.rank() - 1), strides.erase(strides.rank() - 1);
        for (std::int64_t i = 0; i < size; ++i)
            autograd::engine::add_into(
                Range{dim, i, shape[dim], step}.of(whole),
                new_view(part, shape, strides, part.impl().offset + i * part.strides()[part.rank() - 1]), node);
    }
};

FATHOM_INLINE AnyTensor unfold(const AnyTensor& x, int dim, std::int64_t size, std::int64_t step, Where site) {
    require_defined(x, "unfold", site);
    const int d = checked_dim(dim, x.rank(), "unfold", site);
    if (x.rank() == max_rank) fail("unfold", site, {"shape ", x.shape(), " has ", max_rank, " dimensions already"});
    if (size < 0 || size > x.shape()[d])
        fail("unfold", site, {"size ", size, ", expected 0 to ", x.shape()[d], ", the size of dimension ", d});
    if (step < 1) fail("unfold", site, {"step ", step, ", expected at least 1"});
    return PartView<Windows>::forward(x, {d, size, step}, "unfold", site);
}

FATHOM_INLINE AnyTensor diagonal(const AnyTensor& x, std::int64_t offset, int dim1, int dim2, Where site) {
    require_defined(x, "diagonal", site);
    const int first = checked_dim(dim1, x.rank(), "diagonal", site),
              second = checked_dim(dim2, x.rank(), "diagonal", site);
    if (first == second) fail("diagonal", site, {"both dimensions are ", first, " of shape ", x.shape()});
    // Beyond the tensor there is nothing, however far.
    const std::int64_t down = offset < 0 ? -(offset + 1) : 0, right = offset > 0 ? offset : 0;
    const auto within = [](std::int64_t v, std::int64_t size) { return v < size ? v : size; };
    return PartView<Diagonal>::forward(
        x, {first, second, offset < 0 ? within(down, x.shape()[first] - 1) + 1 : 0, within(right, x.shape()[second])},
        "diagonal", site);
}

FATHOM_INLINE std::vector<AnyTensor> split(const AnyTensor& x, std::int64_t size, int dim, const char* name,
                                           Where site) {
    require_defined(x, name, site);
    const int d = checked_dim(dim, x.rank(), name, site);
    const std::int64_t n = x.shape()[d];
    if (size < (n > 0 ? 1 : 0)) fail(name, site, {"size ", size, ", expected at least 1 (shape ", x.shape(), ")"});
    std::vector<AnyTensor> parts;
    std::int64_t begin = 0;
    do {
        parts.push_back(SliceRange::forward(x, {d, begin, n - begin < size ? n - begin : size, 1}, name, site));
        begin += parts.back().shape()[d];
    } while (begin < n);
    return parts;
}

FATHOM_INLINE std::vector<AnyTensor> split(const AnyTensor& x, const std::vector<std::int64_t>& sizes, int dim,
                                           Where site) {
    require_defined(x, "split", site);
    const int d = checked_dim(dim, x.rank(), "split", site);
    std::int64_t sum = 0;
    for (const std::int64_t size : sizes) {
        if (size < 0) fail("split", site, {"size ", size, ", expected at least 0"});
        sum = plus(sum, size);
    }
    if (sum != x.shape()[d])
        fail("split", site, {"sizes add up to ", sum, ", expected ", x.shape()[d], ", the size of dimension ", d});
    std::vector<AnyTensor> parts;
    std::int64_t begin = 0;
    for (const std::int64_t size : sizes) {
        parts.push_back(SliceRange::forward(x, {d, begin, size, 1}, "split", site));
        begin += size;
    }
    return parts;
}

FATHOM_INLINE std::vector<AnyTensor> chunk(const AnyTensor& x, std::int64_t chunks, int dim, Where site) {
    require_defined(x, "chunk", site);
    const std::int64_t n = x.shape()[checked_dim(dim, x.rank(), "chunk", site)];
    if (chunks < 1) fail("chunk", site, {"chunks ", chunks, ", expected at least 1"});
    if (n > 0) return split(x, (n - 1) / chunks + 1, dim, "chunk", site);
    std::vector<AnyTensor> parts;  // of nothing as many as were asked for
    for (std::int64_t i = 0; i < chunks; ++i) parts.push_back(narrow(x, dim, 0, 0, site));
    return parts;
}

FATHOM_INLINE std::vector<AnyTensor> unbind(const AnyTensor& x, int dim, Where site) {
    require_defined(x, "unbind", site);
    const int d = checked_dim(dim, x.rank(), "unbind", site);
    std::vector<AnyTensor> slices;
    for (std::int64_t i = 0; i < x.shape()[d]; ++i) slices.push_back(select(x, d, i, site));
    return slices;
}

}  // namespace fathom::inline v0::detail
