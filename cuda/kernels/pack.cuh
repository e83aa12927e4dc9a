// Neighbouring elements that move in one access of up to 16 bytes.
#pragma once

#include <cstdint>
#include <type_traits>

#include "cuda/language.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// As many as fill 16 bytes.
template <class T>
inline constexpr int pack_lanes = 16 / static_cast<int>(sizeof(T));

template <class T, int lanes = pack_lanes<T>>
struct alignas(sizeof(T) * lanes) Pack {
    T at[lanes];
};

template <int lanes, class T>
__device__ Pack<std::remove_const_t<T>, lanes> load_pack(T* from) {  // [lanes]
    return *reinterpret_cast<const Pack<std::remove_const_t<T>, lanes>*>(from);
}

template <int lanes, class T>
__device__ void store_pack(T* to,  // [lanes]
                           const Pack<T, lanes>& value) {
    *reinterpret_cast<Pack<T, lanes>*>(to) = value;
}
// to = value, or to += value
template <int lanes, class T>
__device__ void store_pack(T* to,  // [lanes]
                           Pack<T, lanes> value, bool add) {
    if (add) {
        const Pack<T, lanes> old = load_pack<lanes>(to);
        for (int i = 0; i < lanes; ++i) value.at[i] = old.at[i] + value.at[i];
    }
    store_pack<lanes>(to, value);
}

// Whether a pack may stand there.
template <int lanes, class T>
bool pack_aligned(const T* data) {
    return reinterpret_cast<std::uintptr_t>(data) % sizeof(Pack<T, lanes>) == 0;
}

// f(the lanes of a pack): 16 bytes of T where `whole` says that all arrays allow it, otherwise 1.
template <class T, class F>
auto with_lanes(bool whole, F f) {
    return whole ? f(std::integral_constant<int, pack_lanes<T>>{}) : f(std::integral_constant<int, 1>{});
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
