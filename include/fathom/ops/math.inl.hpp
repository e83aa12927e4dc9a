// Definitions of math.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor new_where(const AnyTensor& condition, const AnyTensor& a, const AnyTensor& b, Where site) {
    for (const AnyTensor* x : {&condition, &a, &b}) require_defined(*x, "where", site);
    check_device(a, b, "where", site);
    check_device(condition, a, "where", site);
    Shape shape = broadcast_shape(a, b, "where", site);
    if (!broadcast_shapes(shape, condition.shape(), shape))
        fail("where", site,
             {"condition ", condition.shape(), ", a ", a.shape(), " and b ", b.shape(), " do not broadcast"});
    return new_tensor(shape, output_strides(shape, {&a, &b, &condition}), a.dtype(), a.device(), "where", site);
}

}  // namespace fathom::inline v0::detail
