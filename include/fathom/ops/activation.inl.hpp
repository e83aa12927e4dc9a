// Definitions of activation.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE Shape prelu_weight_shape(const Shape& shape, const Shape& weight, Where site) {
    const std::int64_t channels = shape.rank() > 1 ? shape[1] : 1, n = weight.numel();
    if (weight.rank() > 1 || (n != 1 && n != channels))
        fail("prelu", site,
             {"weight has shape ", weight, ", expected one number or one for each of ", channels, " channels (input ",
              shape, ")"});
    if (n == 1) return {};
    Shape broadcast = Shape::filled(shape.rank() - 1, 1);
    broadcast[0] = n;
    return broadcast;
}

}  // namespace fathom::inline v0::detail
