// The instantiations of a kernel for fathom::compiled: `template decltype(f<T>) f<T>` repeats f's declaration by its
// type.
#pragma once

#define FATHOM_INSTANTIATE(f, ...) template decltype(f<__VA_ARGS__>) f<__VA_ARGS__>;
#define FATHOM_INSTANTIATE_FLOATING(f) FATHOM_INSTANTIATE(f, float) FATHOM_INSTANTIATE(f, double)
