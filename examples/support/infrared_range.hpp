// Which values of 16-bit infrared images are black and white: a thermal camera's counts often fill a small part of the
// 16 bits, and would all be one grey.
#pragma once

#include <algorithm>
#include <string>

#include "fathom/data/pairs.hpp"
#include "fathom/io/image.hpp"
#include "fathom/ops/reduce.hpp"
#include "support/files.hpp"
#include "support/options.hpp"

namespace program {

class InfraredRange {
public:
    static constexpr double full = 65535;
    static constexpr const char* words = "auto, full or LOW:HIGH (0 to 65535)";
    static constexpr const char* help =
        "of 16-bit infrared images: full: all 16 bits; auto: what the images use, all together; or LOW:HIGH";

    // "full", "auto" or "LOW:HIGH"; false if it is none of them.
    bool parse(const std::string& text) {
        mode_ = text == "full" ? Mode::full : text == "auto" ? Mode::automatic : Mode::given;
        if (mode_ != Mode::given) return true;
        const std::size_t colon = text.find(':');
        const Bounds<int> counts{0, static_cast<int>(full)};
        int low = 0, high = 0;
        if (colon == std::string::npos || !parse_number(text.substr(0, colon), counts, low) ||
            !parse_number(text.substr(colon + 1), counts, high) || low >= high)
            return false;
        counts_ = {static_cast<double>(low), static_cast<double>(high)};
        return true;
    }

    // Before the work, with the infrared images of all pairs: one range for all, so that a sequence does not flicker.
    template <class Pairs>
    void look(const Pairs& pairs) {
        for (const fathom::data::ImagePair& pair : pairs) {
            if (mode_ == Mode::full) return;
            const int bits = bits_of(pair.infrared);
            if (mode_ == Mode::given && bits != 16)
                throw fathom::Error(pair.infrared + ": has " + std::to_string(bits) +
                                    " bits per value, expected 16 for a range of counts (--ir-range)");
            if (mode_ != Mode::automatic || bits != 16) continue;
            const auto [least, most] = extremes(fathom::data::load_pair(pair).infrared);
            if (!seen_) counts_ = {least, most};
            seen_ = true;
            // All of one value is black.
            counts_ = {std::min(counts_.low, least), std::max({counts_.high, most, counts_.low + 1})};
        }
    }

    // The values of one image in the range. Warns of the first that has next to no contrast.
    fathom::Tensor<float> apply(const std::string& path, const fathom::Tensor<float>& infrared, Progress& progress) {
        if (bits_of(path) != 16) return infrared;
        if (mode_ != Mode::full) return counts_.stretched(infrared);
        const auto [least, most] = extremes(infrared);
        const std::string text = little_contrast(path, least, most);
        if (!text.empty() && !warned_) progress.warn(text);
        warned_ = warned_ || !text.empty();
        return infrared;
    }

    bool is_full() const { return mode_ == Mode::full; }
    // What becomes black and white: all 16 bits before look().
    const fathom::data::InfraredCounts& counts() const { return counts_; }
    // "20000:21020".
    std::string text() const { return format("%.0f:%.0f", counts_.low, counts_.high); }

    // What is said of a 16-bit image with values from `least` to `most`; "" where they use a tenth of the range.
    static std::string little_contrast(const std::string& path, double least, double most) {
        if (most - least >= full / 10) return {};
        return path + format(
                          ": its 16-bit values lie between %.0f and %.0f, %.1f%% of the range, and will have little "
                          "contrast; --ir-range auto stretches them",
                          least, most, 100 * (most - least) / full);
    }

    // For the user; "" where nothing is stretched.
    std::string message() const {
        if (counts_.all()) return {};
        return format("16-bit infrared values %.0f to %.0f become black to white", counts_.low, counts_.high);
    }

private:
    enum class Mode { full, automatic, given };

    static std::pair<double, double> extremes(const fathom::Tensor<float>& image) {
        const auto counts = [](float value) { return std::round(static_cast<double>(value) * full); };
        return {counts(fathom::min(image).item()), counts(fathom::max(image).item())};
    }

    Mode mode_ = Mode::full;
    fathom::data::InfraredCounts counts_;
    bool seen_ = false, warned_ = false;
};

}  // namespace program
