// Definitions of index_list.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE Tensor<std::int64_t> true_places(const Tensor<bool>& mask, const char* name, Where site) {
    const std::int64_t n = sum(mask, site).item(site);
    const Shape shape{n, mask.rank()};
    const auto out = new_tensor<std::int64_t>(shape, row_major_strides(shape), mask.device(), name, site);
    run(mask, name, site, operation::nonzero, &cpu::nonzero, {.mask = array_of(mask), .out = array_of(out)});
    observe(out, name, site, {mask});
    return out;
}

FATHOM_INLINE Places places_of(const AnyTensor& x, IndexList indices, const char* name, Where site) {
    require_defined(x, name, site);
    if (indices.size() < 1 || indices.size() > max_rank)
        fail(name, site, {indices.size(), " indices, expected 1 to ", max_rank});
    abi::PlacesArgs args{};
    AnyTensor each[max_rank];
    Shape shape;
    int covered = 0;  // dimensions of x
    for (const TensorIndex& entry : indices) {
        const int k = args.count++;
        each[k] = entry.is_integer ? AnyTensor(scalar_tensor(entry.integer, x.device(), site)) : entry.tensor;
        require_defined(each[k], name, site);
        check_device(x, each[k], name, site);
        const bool is_mask = each[k].dtype() == DType::boolean;
        const int dims = is_mask ? each[k].rank() : 1;
        if (covered + dims > x.rank()) fail(name, site, {"too many indices for a tensor of shape ", x.shape()});
        args.dims[k] = covered, args.sizes[k] = 1;
        for (int d = 0; d < dims; ++d) args.sizes[k] *= x.shape()[covered + d];
        if (is_mask) {
            const auto mask = typed<bool>(each[k]);
            const Shape part = Shape::from(x.shape().begin() + covered, x.shape().begin() + covered + dims);
            if (!(mask.shape() == part))
                fail(name, site,
                     {"mask has shape ", mask.shape(), ", expected that of the dimensions it covers, ", part, " of ",
                      x.shape()});
            each[k] = select(true_places(reshape(mask, {mask.numel()}, site), name, site), 1, 0, site);
        }
        covered += dims;
        if (!broadcast_shapes(shape, each[k].shape(), shape))
            fail(name, site, {"indices do not broadcast: ", each[k].shape(), " behind ", shape});
    }
    const auto at = new_tensor<std::int64_t>(shape, row_major_strides(shape), x.device(), name, site);
    args.out = array_of(at);
    Places places;
    places.rows = {1, 1};
    for (int k = 0; k < args.count; ++k) args.index[k] = array_of(each[k], shape), places.rows[0] *= args.sizes[k];
    run(at, name, site, operation::places, &cpu::places, args);
    places.result = shape;
    for (int d = covered; d < x.rank(); ++d) places.result.push_back(x.shape()[d]), places.rows[1] *= x.shape()[d];
    places.at = reshape(at, {at.numel()}, site);
    return places;
}

}  // namespace fathom::inline v0::detail
