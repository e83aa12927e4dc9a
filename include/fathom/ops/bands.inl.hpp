// Definitions of bands.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor Band::of(const AnyTensor& x) const {
    const Shape &s = x.shape(), &strides = x.strides();
    return new_view(x, {images, s[1], rows, s[3]}, strides, x.impl().offset + image * strides[0] + top * strides[2]);
}

FATHOM_INLINE AnyTensor Band::images_of(const AnyTensor& x) const {
    const Shape& s = x.shape();
    return new_view(x, {images, s[1], s[2], s[3]}, x.strides(), x.impl().offset + image * x.strides()[0]);
}

FATHOM_INLINE Bands::Bands(const AnyTensor& x, std::int64_t channels) {
    const Shape& s = x.shape();
    const bool cpu = x.device() == Device::cpu();
    images_ = cpu ? std::min<std::int64_t>(s[0], 1) : s[0];
    height_ = s[2];
    const std::int64_t row_bytes = channels * s[3] * static_cast<std::int64_t>(size_of(x.dtype()));
    rows_ = std::max<std::int64_t>(height_, 1);
    if (cpu)
        rows_ = std::clamp<std::int64_t>(kernels::tuning::band_bytes / std::max<std::int64_t>(row_bytes, 1), 1, rows_);
    // One band at least, so that sums over no pixels become zeros.
    per_image_ = std::max<std::int64_t>((height_ + rows_ - 1) / rows_, 1);
    bands_ = images_ == 0 ? 1 : s[0] / images_ * per_image_;
    per_chunk_ = (bands_ - 1) / kernels::tuning::band_chunks + 1;
    chunks_ = (bands_ - 1) / per_chunk_ + 1;
}

FATHOM_INLINE Band Bands::band(std::int64_t index, std::int64_t chunk) const {
    const std::int64_t top = index % per_image_ * rows_;
    return {index / per_image_, images_, top, std::min(rows_, height_ - top), chunk, index == chunk * per_chunk_};
}

FATHOM_INLINE BandSum::BandSum(const Target& total, const Bands& bands, const char* name, Where site)
    : total_(total), chunks_(bands.chunks()) {
    if (!total.wanted() || chunks_ < 2) return;
    const AnyTensor& sum = total.view;
    const Shape shape{chunks_, sum.numel()};
    parts_ = new_tensor(shape, row_major_strides(shape), sum.dtype(), sum.device(), name, site);
}

FATHOM_INLINE AnyTensor BandSum::part(std::int64_t chunk) const {
    const Shape& shape = total_.view.shape();
    return new_view(parts_, shape, row_major_strides(shape), parts_.impl().offset + chunk * parts_.strides()[0]);
}

FATHOM_INLINE Target BandSum::of(const Band& band) const {
    if (!total_.wanted()) return {};
    if (!parts_.defined()) return {total_.view, total_.add || !band.first};
    return {part(band.chunk), !band.first};
}

FATHOM_INLINE void BandSum::finish(const ElementwiseKernel& copy, const char* name, Where site) const {
    for (std::int64_t chunk = 0; parts_.defined() && chunk < chunks_; ++chunk) {
        const AnyTensor own = part(chunk);
        run_elementwise(copy, {total_.view, total_.add || chunk > 0}, {&own}, name, site);
    }
}

}  // namespace fathom::inline v0::detail
