#include "fathom/kernels/copy.hpp"

#include <tuple>

#include "fathom/core/dtype.hpp"
#include "fathom/kernels/copy.inl.hpp"

namespace fathom::inline v0::kernels {

#define FATHOM_INSTANTIATE(T, ...) template void fill<T>(const Loop&, T*, T, bool);
FATHOM_DTYPES(FATHOM_INSTANTIATE)

// Every pair: a macro cannot go through the list inside of itself, so their addresses are what instantiates them.
template <class To>
struct CopyTo {
#define FATHOM_COPY_FROM(From, ...) , &copy<From, To>
    static constexpr std::tuple all{nullptr FATHOM_DTYPES(FATHOM_COPY_FROM)};
};
#define FATHOM_COPY_TO(To, ...) , &CopyTo<To>::all
[[gnu::used]] constexpr std::tuple all_copies{nullptr FATHOM_DTYPES(FATHOM_COPY_TO)};

}  // namespace fathom::inline v0::kernels
