// Going through the list of dtypes (core/dtype.hpp), so that a new one is tested by what is there.
#pragma once

#include "fathom/core/dtype.hpp"

namespace fathom::tests {

// f(Type<T>{}) for every dtype.
template <class F>
void for_each_dtype(F f) {
    for (const DTypeNames& d : dtype_names) with_dtype(d.dtype, f);
}

// The same for those of two bytes.
template <class F>
void for_each_stored(F f) {
    for_each_dtype([&]<class T>(Type<T> type) {
        if constexpr (StoredElement<T>) f(type);
    });
}

}  // namespace fathom::tests
