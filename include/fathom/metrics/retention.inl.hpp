// Definitions of retention.hpp.
#include <algorithm>
#include <cmath>

#include "fathom/core/luminance.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0::metrics {
namespace retaining {

// The channels of an image of the mask's size.
FATHOM_INLINE std::int64_t channels(const Tensor<std::uint8_t>& image, const char* kind, const Shape& mask,
                                    Where site) {
    const Shape& s = image.shape();
    const bool fits =
        (s.rank() == 2 || (s.rank() == 3 && (s[2] == 1 || s[2] == 3))) && s[0] == mask[0] && s[1] == mask[1];
    if (!fits)
        fail("retention", site,
             {"the ", kind, " image has shape ", s, ", the mask ", mask,
              "; expected [H,W], [H,W,1] or [H,W,3] and [H,W] of one size"});
    return s.rank() == 2 ? 1 : s[2];
}

FATHOM_INLINE double luminance_at(const std::uint8_t* pixel, std::int64_t channels) {
    if (channels == 1) return *pixel;
    return luminance<double>(pixel[0], pixel[1], pixel[2]);
}

}  // namespace retaining

FATHOM_INLINE void Retention::add(const Tensor<std::uint8_t>& infrared, const Tensor<std::uint8_t>& fused,
                                  const Tensor<std::uint8_t>& mask, Where site) {
    if (mask.rank() != 2) fail("retention", site, {"the mask has shape ", mask.shape(), ", expected [H,W]"});
    const std::int64_t infrared_channels = retaining::channels(infrared, "infrared", mask.shape(), site),
                       fused_channels = retaining::channels(fused, "fused", mask.shape(), site);
    const auto i = contiguous(infrared, MemoryFormat::row_major, site),
               f = contiguous(fused, MemoryFormat::row_major, site),
               m = contiguous(mask, MemoryFormat::row_major, site);
    const std::uint8_t *from = i.data(site), *to = f.data(site), *counts = m.data(site);
    for (std::int64_t p = 0; p < m.numel(); ++p) {
        if (counts[p] == 0) continue;
        infrared_ += retaining::luminance_at(from + p * infrared_channels, infrared_channels);
        fused_ += retaining::luminance_at(to + p * fused_channels, fused_channels);
        ++pixels_;
    }
}

FATHOM_INLINE std::optional<double> Retention::value() const {
    if (infrared_ == 0) return std::nullopt;
    return fused_ / infrared_;
}

FATHOM_INLINE std::optional<double> retention(const Tensor<std::uint8_t>& infrared, const Tensor<std::uint8_t>& fused,
                                              const Tensor<std::uint8_t>& mask, Where site) {
    Retention one;
    one.add(infrared, fused, mask, site);
    return one.value();
}

FATHOM_INLINE Tensor<std::uint8_t> class_mask(const Tensor<std::uint8_t>& label, std::int64_t c, Where site) {
    const Tensor<std::uint8_t> l = contiguous(label, MemoryFormat::row_major, site);
    auto mask = zeros<std::uint8_t>(l.shape());
    const std::uint8_t* in = l.data(site);
    std::uint8_t* out = mask.mutable_data(site);
    for (std::int64_t i = 0; i < l.numel(); ++i) out[i] = in[i] == c ? 1 : 0;
    return mask;
}

FATHOM_INLINE Tensor<std::uint8_t> box_mask(std::int64_t height, std::int64_t width, std::span<const Box> boxes,
                                            Where site) {
    auto mask = zeros<std::uint8_t>({height, width});
    std::uint8_t* out = mask.mutable_data(site);
    // The first pixel whose centre is not before `edge`.
    const auto first = [](double edge, std::int64_t size) {
        return static_cast<std::int64_t>(std::clamp(std::ceil(edge - 0.5), 0.0, static_cast<double>(size)));
    };
    for (const Box& box : boxes) {
        if (!std::isfinite(box.x1 + box.x2 + box.y1 + box.y2))
            fail("box_mask", site, {"a box has a corner that is not finite"});
        for (std::int64_t y = first(box.y1, height); y < first(box.y2, height); ++y)
            for (std::int64_t x = first(box.x1, width); x < first(box.x2, width); ++x) out[y * width + x] = 1;
    }
    return mask;
}

}  // namespace fathom::inline v0::metrics
