// A contact sheet: rows of small pictures with names, as one picture to look at. Programs write it with
// io::write_image. Next: pictures.hpp (images and labels as such pictures).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fathom/core/config.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::data {

struct ContactSheetOptions {
    std::int64_t cell_width = 320;  // pixels, 16 to 4096
};

class ContactSheet {
public:
    // One title per column.
    explicit ContactSheet(std::vector<std::string> titles, const ContactSheetOptions& options = {},
                          Where site = Where::here());

    // Pictures [H, W], [H, W, 1] or [H, W, 3], one per column, each scaled to the cell's width: a larger one by the
    // mean over the area of each pixel, a smaller one by the largest whole factor. An undefined tensor leaves its cell
    // empty.
    void add_row(const std::string& name, const std::vector<Tensor<std::uint8_t>>& pictures,
                 Where site = Where::here());

    // A box of its color (red, green, blue) and a name for each entry, at the bottom of the sheet. As many names as
    // colors.
    void add_legend(std::span<const char* const> names, std::span<const std::array<std::uint8_t, 3>> colors,
                    Where site = Where::here());

    std::int64_t rows() const { return static_cast<std::int64_t>(rows_.size()); }

    // [H, W, 3]. Text that does not fit its cell is cut.
    Tensor<std::uint8_t> render(Where site = Where::here()) const;

private:
    struct Cell {
        std::int64_t height = 0, width = 0;
        std::vector<std::uint8_t> pixels;  // [height, width, 3]
    };
    struct LegendEntry {
        std::string name;
        std::array<std::uint8_t, 3> color;
    };
    struct Row {
        std::string name;
        std::vector<Cell> cells;
    };

    std::vector<std::string> titles_;
    std::int64_t cell_width_;
    std::vector<Row> rows_;
    std::vector<LegendEntry> legend_;
};

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/contact_sheet.inl.hpp"
#endif
