// Definitions of fusion_loss.hpp, on the rows and stencils of the Sobel kernels.
#pragma once

#include "fathom/kernels/fusion_loss.hpp"
#include "fathom/kernels/sobel.inl.hpp"

namespace fathom::inline v0::kernels::detail {

template <class T>
struct FusionRows {
    StencilRows<T> fused, visible, infrared;
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/fusion_loss.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// The last three rows of the three images in buffers 0 to 8, from column `begin` to `end`.
template <class T>
struct FusionWindow {
    const ImageShape& shape;
    const FusionImages<T>& images;
    const RowBuffers<T>& rows;
    std::int64_t image, begin, end;

    void read(std::int64_t h) const {
        const std::int64_t slot = (h + 3) % 3;
        read_row<T>(shape, images.fused, image, h, begin, end, rows[slot]);
        read_row<T>(shape, images.visible, image, h, begin, end, rows[3 + slot]);
        read_row<T>(shape, images.infrared, image, h, begin, end, rows[6 + slot]);
    }
    // Rows h - 1 to h + 1.
    FusionRows<T> around(std::int64_t h) const {
        const auto stencil = [&](std::int64_t k) {
            return StencilRows<T>{rows[k + (h + 2) % 3], rows[k + (h + 3) % 3], rows[k + (h + 1) % 3], shape.channels};
        };
        return {stencil(0), stencil(3), stencil(6)};
    }
};

}  // namespace detail

template <class T>
void fusion_loss(const ImageShape& s, const FusionImages<T>& images,
                 double* sums) {  // [2]: intensity, texture
    const detail::ImageTiles tiles(s);
    std::vector<double> parts(static_cast<std::size_t>(2 * tiles.count()), 0.0);  // [tiles, 2]
    parallel_for(0, tiles.count(), 1, [&](std::int64_t first, std::int64_t last) {
        const detail::RowBuffers<T> rows("fusion_loss", 9, (tiles.width + 2) * s.channels);  // [9][pixels, channels]
        for (std::int64_t i = first; i < last; ++i) {
            const auto t = tiles[i];
            const detail::FusionWindow<T> window{s, images, rows, t.image, t.left - 1, t.right + 1};
            window.read(t.top - 1);
            window.read(t.top);
            for (std::int64_t h = t.top; h < t.bottom; ++h) {
                window.read(h + 1);
                FATHOM_DISPATCH(fusion_loss_kernel::sums<T>(window.around(h), (t.right - t.left) * s.channels,
                                                            parts.data() + 2 * i));
            }
        }
    });
    sums[0] = sums[1] = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) sums[i % 2] += parts[i];
}

template <class T>
void fusion_loss_backward(const ImageShape& s, const FusionImages<T>& images, double scale_intensity,
                          double scale_texture, Images<T> dfused, bool accumulate) {
    const detail::ImageTiles tiles(s);
    const std::int64_t channels = s.channels;
    parallel_for(0, tiles.count(), 1, [&](std::int64_t first, std::int64_t last) {
        // 0 to 8: the images, 9 to 11: ax, 12 to 14: ay, the signs of the texture's difference times those of the two
        // convolutions; 15: dfused.
        const detail::RowBuffers<T> rows("fusion_loss", 16, (tiles.width + 4) * channels);  // [16][pixels, channels]
        for (std::int64_t i = first; i < last; ++i) {
            const auto t = tiles[i];
            const std::int64_t n = (t.right - t.left) * channels;
            const detail::FusionWindow<T> window{s, images, rows, t.image, t.left - 2, t.right + 2};
            window.read(t.top - 2);
            window.read(t.top - 1);
            for (std::int64_t h = t.top - 1; h <= t.bottom; ++h) {
                window.read(h + 1);
                const detail::FusionRows<T> around = window.around(h);
                const std::int64_t slot = (h + 3) % 3;
                T *ax = rows[9 + slot], *ay = rows[12 + slot];
                FATHOM_DISPATCH(fusion_loss_kernel::texture_signs<T>(around, static_cast<T>(scale_texture),
                                                                     n + 2 * channels, ax, ay));
                // Outside the image there is no loss.
                const bool outside = h < 0 || h >= s.height;
                for (T* a : {ax, ay}) {
                    if (outside || t.left == 0) std::fill(a, a + (outside ? n + 2 * channels : channels), T{0});
                    if (t.right == s.width) std::fill(a + n + channels, a + n + 2 * channels, T{0});
                }
                if (h <= t.top) continue;
                const auto stencil = [&](std::int64_t k) {
                    return detail::StencilRows<T>{rows[k + (h + 1) % 3], rows[k + (h + 2) % 3], rows[k + slot],
                                                  channels};
                };
                const std::int64_t c = 2 * channels;
                FATHOM_DISPATCH(fusion_loss_kernel::gradient<T>(stencil(9), stencil(12), around.fused.up + c,
                                                                around.visible.up + c, around.infrared.up + c,
                                                                static_cast<T>(scale_intensity), n, rows[15]));
                detail::write_row<T>(s, dfused, t.image, h - 1, t.left, t.right, rows[15], accumulate);
            }
        }
    });
}

}  // namespace fathom::inline v0::kernels
