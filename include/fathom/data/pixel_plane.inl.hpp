// Definitions of pixel_plane.hpp.
namespace fathom::inline v0::data {

FATHOM_INLINE PixelPlane::PixelPlane(const Tensor<float>& values) {
    const float* in = values.data();
    const auto n = static_cast<std::size_t>(values.numel());
    eight_.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        const float scaled = in[i] * 255, rounded = static_cast<float>(static_cast<int>(scaled + 0.5f));
        eight_[i] = static_cast<std::uint8_t>(rounded);
        // A 16-bit sample that is no multiple of 257 is at least 1 / 257 away.
        if (scaled - rounded < 1e-3f && rounded - scaled < 1e-3f) continue;
        eight_ = {};
        sixteen_.resize(n);
        for (std::size_t j = 0; j < n; ++j) sixteen_[j] = static_cast<std::uint16_t>(in[j] * 65535 + 0.5f);
        return;
    }
}

}  // namespace fathom::inline v0::data
