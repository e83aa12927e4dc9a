// Where one coordinate of a grid lies along one dimension of an image: which pixels it is made of, and their weights
// with all derivatives. Next: grid_sample.hpp.
#pragma once

#include <cmath>
#include <cstdint>

#include "fathom/abi/operations.hpp"
#include "fathom/kernels/cubic.hpp"

namespace fathom::inline v0::kernels {

// One dimension of an image that is sampled.
struct SampledDimension {
    std::int64_t size;
    Interpolation mode;
    GridPadding padding;
    bool align_corners;
};

// A coordinate and its derivative by the grid's.
template <class T>
struct GridPlace {
    T at, slope;
};

// Into [0, size - 1]; NaN becomes 0. On the edges nothing moves, as in PyTorch.
template <class T>
GridPlace<T> clipped(GridPlace<T> p, std::int64_t size) {
    const T last = static_cast<T>(size - 1);
    if (p.at > 0 && p.at < last) return p;
    return {p.at > 0 ? last : T{0}, T{0}};
}

// Reflected until it is inside: at the outermost centres with align_corners, else at the borders, then clipped.
template <class T>
GridPlace<T> reflected(GridPlace<T> p, std::int64_t size, bool align_corners) {
    const T low = align_corners ? T{0} : T(-0.5), span = static_cast<T>(align_corners ? size - 1 : size);
    if (span == 0) return {T{0}, T{0}};
    T in = p.at - low, sign = 1;
    if (in < 0) in = -in, sign = -1;
    const T rest = std::fmod(in, span), turns = std::floor(in / span);
    const bool back = std::fmod(turns, T{2}) != 0;
    const GridPlace<T> inside{(back ? span - rest : rest) + low, (back ? -sign : sign) * p.slope};
    return clipped(inside, size);
}

// The pixels that make up a sample along one dimension; those beyond the image are -1.
template <class T>
struct GridAxis {
    int count = 0;
    std::int64_t at[4];
    T behind = 0, slope = 0;  // the place behind its first pixel, or for bicubic the second; its derivative
    Interpolation mode;

    GridAxis(T g, const SampledDimension& d) : mode(d.mode) {
        const T n = static_cast<T>(d.size);
        GridPlace<T> p = d.align_corners ? GridPlace<T>{(g + 1) / 2 * (n - 1), (n - 1) / 2}
                                         : GridPlace<T>{((g + 1) * n - 1) / 2, n / 2};
        // With bicubic every pixel is brought inside for itself.
        if (mode != Interpolation::bicubic) p = inside(p, d);
        const T first = mode == Interpolation::nearest ? std::nearbyint(p.at) : std::floor(p.at);
        behind = p.at - first, slope = p.slope;
        count = mode == Interpolation::nearest ? 1 : mode == Interpolation::bilinear ? 2 : 4;
        for (int k = 0; k < count; ++k) {
            T pixel = first + static_cast<T>(count == 4 ? k - 1 : k);
            if (mode == Interpolation::bicubic) pixel = inside({pixel, T{0}}, d).at;
            at[k] = pixel >= 0 && pixel < n ? static_cast<std::int64_t>(pixel) : -1;
        }
    }

    // The weights, differentiated `derivative` times by the grid's coordinate; false where all are zero.
    bool weights(int derivative, T out[4]) const {
        const int most = mode == Interpolation::nearest ? 0 : mode == Interpolation::bilinear ? 1 : 3;
        if (derivative > most || (derivative > 0 && slope == 0)) return false;
        if (mode == Interpolation::nearest) {
            out[0] = 1;
        } else if (mode == Interpolation::bilinear) {
            out[0] = derivative == 0 ? 1 - behind : T{-1}, out[1] = derivative == 0 ? behind : T{1};
        } else {
            cubic_weights(behind, derivative, out);
        }
        for (int i = 0; i < derivative; ++i)
            for (int k = 0; k < count; ++k) out[k] *= slope;
        return true;
    }

private:
    static GridPlace<T> inside(const GridPlace<T>& p, const SampledDimension& d) {
        if (d.padding == GridPadding::border) return clipped(p, d.size);
        return d.padding == GridPadding::reflection ? reflected(p, d.size, d.align_corners) : p;
    }
};

}  // namespace fathom::inline v0::kernels
