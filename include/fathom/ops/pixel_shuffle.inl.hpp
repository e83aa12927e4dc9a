// Definitions of pixel_shuffle.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE Shuffle pixel_shuffle(const AnyTensor& x, std::int64_t factor, bool inverse, const char* name,
                                    Where site) {
    require_defined(x, name, site);
    const int leading = x.rank() - 3;
    if (leading < 0) fail(name, site, {"input has shape ", x.shape(), ", expected [...,C,H,W]"});
    if (factor < 1) fail(name, site, {"the factor must be at least 1, got ", factor});
    const Shape& s = x.shape();
    const std::int64_t c = s[-3], h = s[-2], w = s[-1], r = factor, square = times(r, r);
    if (inverse && (h % r != 0 || w % r != 0))
        fail(name, site, {"input has shape ", s, ", expected a height and width that ", r, " divides"});
    if (!inverse && c % square != 0)
        fail(name, site,
             {"input has shape ", s, ", expected channels that ", square, ", the factor's square, divides"});
    // Leading dimensions are one while channels and pixels are apart.
    std::int64_t n = 1;
    for (int d = 0; d < leading; ++d) n = times(n, s[d]);
    Shuffle shuffle;
    shuffle.channels_last = leading == 1 && c > 1 && has_pixel_stride(s, x.strides());
    const std::int64_t channels = inverse ? times(c, square) : c / square, height = inverse ? h / r : times(h, r),
                       width = inverse ? w / r : times(w, r);
    if (shuffle.channels_last) {
        shuffle.split = inverse ? Shape{n, height, r, width, r, c} : Shape{n, h, w, channels, r, r};
        shuffle.order = inverse ? Shape{0, 1, 3, 5, 2, 4} : Shape{0, 1, 4, 2, 5, 3};
        shuffle.result = {n, height, width, channels};
        return shuffle;
    }
    shuffle.split = inverse ? Shape{n, c, height, r, width, r} : Shape{n, channels, r, r, h, w};
    shuffle.order = inverse ? Shape{0, 1, 3, 5, 2, 4} : Shape{0, 1, 4, 2, 5, 3};
    for (int d = 0; d < leading; ++d) shuffle.result.push_back(s[d]);
    for (const std::int64_t size : {channels, height, width}) shuffle.result.push_back(size);
    return shuffle;
}

}  // namespace fathom::inline v0::detail
