// Which values of 16-bit infrared images are black and white: a thermal camera's counts often fill a small part of the
// 16 bits, and would all be one grey.
#pragma once

#include <algorithm>
#include <string>

#include "fathom/data/pairs.hpp"
#include "fathom/io/image.hpp"
#include "support/files.hpp"
#include "support/options.hpp"

namespace program {

class InfraredRange {
public:
    static constexpr double full = 65535;

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
        low_ = low, high_ = high;
        return true;
    }

    // Before the work, with the infrared images of all pairs: one range for all, so that a sequence does not flicker.
    template <class Pairs>
    void look(const Pairs& pairs) {
        if (mode_ == Mode::full) return;
        if (mode_ == Mode::automatic) low_ = full, high_ = 0;
        for (const fathom::data::ImagePair& pair : pairs) {
            const int bits = bits_of(pair.infrared);
            if (mode_ == Mode::given && bits != 16)
                throw fathom::Error(pair.infrared + ": has " + std::to_string(bits) +
                                    " bits per value, expected 16 for a range of counts (--ir-range)");
            if (mode_ != Mode::automatic || bits != 16) continue;
            const auto [least, most] = extremes(fathom::data::load_pair(pair).infrared);
            low_ = std::min(low_, least), high_ = std::max(high_, most);
        }
        high_ = std::max(high_, low_ + 1);  // all of one value: black
    }

    // The values of one image in the range. Warns of the first that has next to no contrast.
    fathom::Tensor<float> apply(const std::string& path, const fathom::Tensor<float>& infrared, Progress& progress) {
        if (bits_of(path) != 16) return infrared;
        if (mode_ == Mode::full) {
            const auto [least, most] = extremes(infrared);
            if (most - least < full / 10 && !warned_)
                progress.warn(path + format(": its 16-bit values lie between %.0f and %.0f, %.1f%% of the range, and "
                                            "will have little contrast; --ir-range auto stretches them",
                                            least, most, 100 * (most - least) / full));
            warned_ = warned_ || most - least < full / 10;
            return infrared;
        }
        const auto low = static_cast<float>(low_), high = static_cast<float>(high_);
        return fathom::clamp((infrared * static_cast<float>(full) - low) / (high - low), 0, 1);
    }

    // For the user; "" where nothing is stretched.
    std::string message() const {
        if (mode_ == Mode::full || low_ == full) return {};  // no image has 16 bits
        return format("16-bit infrared values %.0f to %.0f become black to white", low_, high_);
    }

private:
    enum class Mode { full, automatic, given };

    static std::pair<double, double> extremes(const fathom::Tensor<float>& image) {
        const auto counts = [](float value) { return std::round(static_cast<double>(value) * full); };
        return {counts(fathom::min(image).item()), counts(fathom::max(image).item())};
    }

    Mode mode_ = Mode::full;
    double low_ = 0, high_ = full;
    bool warned_ = false;
};

}  // namespace program
