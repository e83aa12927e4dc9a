// Definitions of scalar.hpp.
#include <limits>

namespace fathom::inline v0::detail {

[[gnu::cold]] FATHOM_INLINE void fail_scalar(Part value, DType dtype, Where site) {
    with_dtype(dtype, [&]<class T>(Type<T>) {
        if constexpr (std::is_integral_v<T>)
            fail("scalar", site,
                 {value, " does not fit ", dtype, ", which holds ", +std::numeric_limits<T>::lowest(), " to ",
                  +std::numeric_limits<T>::max()});
        else
            fail("scalar", site, {value, " is too large for ", dtype});
    });
    __builtin_unreachable();
}

}  // namespace fathom::inline v0::detail
