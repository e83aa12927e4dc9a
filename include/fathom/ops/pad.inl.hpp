// Definitions of pad.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_padding(const AnyTensor& x, const Shape& amounts, Pad mode, Where site) {
    require_defined(x, "pad", site);
    if (amounts.rank() % 2 != 0 || amounts.rank() > 2 * x.rank())
        fail("pad", site,
             {"amounts ", amounts, " for an input of shape ", x.shape(),
              ", expected two for each dimension to pad, {left, right, top, bottom} of images"});
    for (int i = 0; i < amounts.rank(); i += 2) {
        const int dim = x.rank() - 1 - i / 2;
        const std::int64_t size = x.shape()[dim], before = amounts[i], after = amounts[i + 1],
                           most = before > after ? before : after, padded = plus(size, plus(before, after));
        const char* reason = nullptr;
        if (padded < (mode == Pad::constant ? 0 : 1)) reason = "nothing is left of it";
        if (mode == Pad::reflect && most >= size) reason = "a reflection adds less than the size";
        if (mode == Pad::circular && most > size) reason = "the other side adds at most the size";
        if (mode == Pad::replicate && size == 0) reason = "there is no edge to repeat";
        if (reason)
            fail("pad", site,
                 {"amounts ", before, " and ", after, " do not fit dimension ", dim, " of an input of shape ",
                  x.shape(), ": ", reason});
    }
}

FATHOM_INLINE Shape padded_shape(const AnyTensor& x, const Shape& amounts) {
    Shape shape = x.shape();
    for (int i = 0; i < 2; ++i) {
        std::int64_t& size = shape[shape.rank() - 1 - i];
        size = plus(size, plus(amounts[2 * i], amounts[2 * i + 1]));
    }
    return shape;
}

}  // namespace fathom::inline v0::detail
