// Channels-last images as the kernels of windows and resampling take them: a thread for some neighbouring channels of a
// pixel, 16 bytes where the layout allows it, and places in 32 bits.
#pragma once

#include "cuda/backend/host.hpp"
#include "cuda/kernels/index.cuh"
#include "cuda/kernels/pack.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// The first channel of a pixel of [N, H, W, C]; channels lie side by side.
template <class T>
struct Pixels {
    T* data;
    int image, row, pixel;

    __device__ T* at(int n, int h, int w) const { return data + (n * image + h * row + w * pixel); }
};

template <class T>
Pixels<T> pixels_of(const abi::Array& a) {
    const auto i = [](std::int64_t v) { return static_cast<int>(v); };
    return {data<T>(a), i(a.strides[0]), i(a.strides[2]), i(a.strides[3])};
}

// All groups of `lanes` channels of [N, C, H, W], in the order of memory.
struct PixelGrid {
    Divisor groups, width, height;
    unsigned count = 0;
    int lanes = 1;

    PixelGrid(const abi::Array& a, int lanes_of_group)
        : groups(a.shape[1] / lanes_of_group),
          width(a.shape[3]),
          height(a.shape[2]),
          count(static_cast<unsigned>(numel(a) / lanes_of_group)),
          lanes(lanes_of_group) {}

    struct Place {
        int n, c, h, w;
    };
    __device__ Place place(unsigned i) const {
        const unsigned c = groups.split(i), w = width.split(i), h = height.split(i);
        return {static_cast<int>(i), static_cast<int>(c) * lanes, static_cast<int>(h), static_cast<int>(w)};
    }
};

// Why the kernels cannot take an image, absent ones left out; null where they can.
inline const char* accepts_images(std::initializer_list<const abi::Array*> arrays) {
    for (const abi::Array* a : arrays) {
        if (!a->data) continue;
        if (a->shape[1] > 1 && a->strides[1] != 1) return "its images have the channels of a pixel side by side";
        if (!fits_31_bits(*a)) return "its images have less than 2^31 elements";
    }
    return nullptr;
}

// Whether the channels of every pixel of all of them are whole packs of 16 bytes; absent ones left out.
template <class T>
bool whole_packs(std::initializer_list<const abi::Array*> arrays) {
    constexpr std::int64_t lanes = pack_lanes<T>;
    for (const abi::Array* a : arrays) {
        if (!a->data) continue;
        if (reinterpret_cast<std::uintptr_t>(a->data) % 16 != 0) return false;
        if (a->shape[1] % lanes != 0) return false;
        for (const int d : {0, 2, 3})
            if (a->shape[d] > 1 && a->strides[d] % lanes != 0) return false;
    }
    return true;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
