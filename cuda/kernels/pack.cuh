// Neighbouring elements that move in one access of up to 16 bytes.
#pragma once

#include <cstdint>

#include "cuda/language.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

template <class T, int size>
struct alignas(sizeof(T) * size) Pack {
    T at[size];
};

// As many as fill 16 bytes.
template <class T>
inline constexpr int full_pack = 16 / static_cast<int>(sizeof(T));

template <int size, class T>
__device__ Pack<T, size> load_pack(const T* from) {
    return *reinterpret_cast<const Pack<T, size>*>(from);
}

template <int size, class T>
__device__ void store_pack(T* to, const Pack<T, size>& value) {
    *reinterpret_cast<Pack<T, size>*>(to) = value;
}

// Whether a pack may stand there.
template <int size, class T>
bool pack_aligned(const T* data) {
    return reinterpret_cast<std::uintptr_t>(data) % sizeof(Pack<T, size>) == 0;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
