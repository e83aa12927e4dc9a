// A picture that is drawn on: text and frames. Used by contact_sheet.hpp, and by programs that show boxes.
#pragma once

#include <cstdint>
#include <string>

#include "fathom/data/classes.hpp"
#include "fathom/data/font.hpp"

namespace fathom::inline v0::data {

struct Canvas {
    std::int64_t height, width;
    std::uint8_t* pixels;  // [height, width, 3]

    // What lies outside is left out.
    void set(std::int64_t y, std::int64_t x, const Color& color) const {
        if (y < 0 || y >= height || x < 0 || x >= width) return;
        for (std::size_t c = 0; c < 3; ++c) pixels[(y * width + x) * 3 + static_cast<std::int64_t>(c)] = color[c];
    }

    void fill(std::int64_t y, std::int64_t x, std::int64_t rows, std::int64_t columns, const Color& color) const {
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < columns; ++j) set(y + i, x + j, color);
    }

    // How wide a text is, with the gap behind it.
    static std::int64_t width_of(const std::string& text, std::int64_t scale) {
        return static_cast<std::int64_t>(text.size()) * (glyph_width + 1) * scale;
    }
    // Text with its upper left corner at (x, y), enlarged by `scale`, cut at `limit`.
    void write(const std::string& text, std::int64_t x, std::int64_t y, std::int64_t scale, std::int64_t limit,
               const Color& color = {20, 20, 20}) const {
        for (const char character : text) {
            if (x + glyph_width * scale > limit) return;
            for (std::int64_t row = 0; row < glyph_height * scale; ++row)
                for (std::int64_t column = 0; column < glyph_width * scale; ++column)
                    if (has_ink(character, row / scale, column / scale)) set(y + row, x + column, color);
            x += (glyph_width + 1) * scale;
        }
    }

    // The outline, `thickness` pixels inwards, of the pixels [y1, y2] x [x1, x2].
    void frame(std::int64_t y1, std::int64_t x1, std::int64_t y2, std::int64_t x2, std::int64_t thickness,
               const Color& color) const {
        for (std::int64_t i = 0; i < thickness; ++i) {
            for (std::int64_t x = x1; x <= x2; ++x) set(y1 + i, x, color), set(y2 - i, x, color);
            for (std::int64_t y = y1; y <= y2; ++y) set(y, x1 + i, color), set(y, x2 - i, color);
        }
    }
};

}  // namespace fathom::inline v0::data
