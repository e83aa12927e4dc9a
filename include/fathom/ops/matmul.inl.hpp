// Definitions of matmul.hpp.

namespace fathom::inline v0::detail {

// The last two dimensions exchanged: a view.
FATHOM_INLINE AnyTensor matrix_transpose(const AnyTensor& x, Where site) {
    Shape dims;
    for (int i = 0; i < x.rank(); ++i) dims.push_back(i);
    dims[x.rank() - 1] = x.rank() - 2, dims[x.rank() - 2] = x.rank() - 1;
    return permute(x, dims, site);
}

FATHOM_INLINE void check_product(const AnyTensor& a, const AnyTensor& b, const char* name, Where site) {
    require_defined(a, name, site);
    require_defined(b, name, site);
    if (a.rank() < 1 || b.rank() < 1)
        fail(name, site, {"both inputs need at least 1 dimension, got ", a.shape(), " and ", b.shape()});
    const std::int64_t k = a.shape()[-1], inner = b.shape()[b.rank() == 1 ? 0 : -2];
    if (k != inner)
        fail(name, site, {"inner sizes differ: ", k, " and ", inner, " (inputs ", a.shape(), " and ", b.shape(), ")"});
}

FATHOM_INLINE AnyTensor without_vectors(const AnyTensor& y, bool a_is_vector, bool b_is_vector, Where site) {
    const AnyTensor rows = b_is_vector ? squeeze(y, -1, site) : y;
    return a_is_vector ? squeeze(rows, b_is_vector ? -1 : -2, site) : rows;
}

FATHOM_INLINE Shape product_shape(const AnyTensor& a, const AnyTensor& b, bool transposed, const char* name,
                                  Where site) {
    require_defined(a, name, site);
    require_defined(b, name, site);
    if (a.rank() < 2 || b.rank() < 2)
        fail(name, site, {"both inputs need at least 2 dimensions, got ", a.shape(), " and ", b.shape()});
    check_device(a, b, name, site);
    const std::int64_t k = a.shape()[a.rank() - 1], inner = b.shape()[b.rank() - (transposed ? 1 : 2)];
    if (k != inner)
        fail(name, site, {"inner sizes differ: ", k, " and ", inner, " (inputs ", a.shape(), " and ", b.shape(), ")"});
    Shape shape;
    if (!broadcast_shapes(Shape::from(a.shape().begin(), a.shape().end() - 2),
                          Shape::from(b.shape().begin(), b.shape().end() - 2), shape))
        fail(name, site, {"leading dimensions of ", a.shape(), " and ", b.shape(), " do not broadcast"});
    shape.push_back(a.shape()[a.rank() - 2]);
    shape.push_back(b.shape()[b.rank() - (transposed ? 2 : 1)]);
    return shape;
}

FATHOM_INLINE void matmul_into(const Target& out, const AnyTensor& a, const AnyTensor& b, const AnyTensor& bias,
                               CpuKernel<abi::MatmulArgs> cpu, const char* name, Where site) {
    const Shape& shape = out.view.shape();
    Shape a_shape = shape, b_shape = shape;
    const int r = shape.rank();
    a_shape[r - 1] = a.shape()[a.rank() - 1];
    b_shape[r - 2] = b.shape()[b.rank() - 2];
    run(out.view, name, site, operation::matmul, cpu,
        {.out = array_of(out),
         .a = array_of(a, a_shape),
         .b = array_of(b, b_shape),
         .bias = bias.defined() ? array_of(bias, shape) : abi::Array{}});
}

}  // namespace fathom::inline v0::detail
