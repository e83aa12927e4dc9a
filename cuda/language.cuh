// What kernels are written in: CUDA C++ as nvcc takes it, and as g++ and clang++ take it for the emulator. Two words
// are our own: FATHOM_SHARED and FATHOM_DYNAMIC_SHARED declare shared memory, which the emulator surrounds with
// redzones. Kernels are never launched by <<<>>> but by launch.hpp; inline PTX stands in ptx.cuh alone.
//
//   FATHOM_SHARED(float, tile, 16, 17);   // __shared__ float tile[16][17]
//   FATHOM_SHARED(int, count);            // __shared__ int count
//   FATHOM_DYNAMIC_SHARED(float, rows);   // float* rows: the launch's shared_bytes
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/namespace.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

namespace detail {
template <class T, std::size_t... Sizes>
struct SharedArray {
    using type = T;
};
template <class T, std::size_t First, std::size_t... Rest>
struct SharedArray<T, First, Rest...> {
    using type = typename SharedArray<T, Rest...>::type[First];
};
}  // namespace detail

// T[a][b]... of the sizes a, b, ...; T itself without any.
template <class T, std::size_t... Sizes>
using SharedArray = typename detail::SharedArray<T, Sizes...>::type;

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE

#if defined(FATHOM_EMULATOR)

#include "cuda/emulator/language.hpp"

#elif defined(__CUDACC__)

#define FATHOM_SHARED(type, name, ...) \
    __shared__ ::fathom::FATHOM_CUDA_NAMESPACE::SharedArray<type __VA_OPT__(, ) __VA_ARGS__> name
#define FATHOM_DYNAMIC_SHARED(type, name)                                   \
    extern __shared__ __align__(128) unsigned char fathom_dynamic_shared[]; \
    type* const name = reinterpret_cast<type*>(fathom_dynamic_shared)

#else
#error \
    "cuda/language.cuh: device code is compiled by nvcc, or with FATHOM_EMULATOR defined (fathom_add_kernels in cuda/CMakeLists.txt)"
#endif
