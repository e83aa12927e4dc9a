// A contact sheet: rows of small pictures with names, as one picture to look at. Programs write it with
// io::write_image.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "fathom/core/config.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::data {

struct ContactSheetOptions {
    std::int64_t cell_width = 320;  // pixels, 16 to 4096
};

struct LegendEntry {
    std::string name;
    std::array<std::uint8_t, 3> color = {};  // red, green, blue
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

    // A box of its color and a name for each entry, at the bottom of the sheet; data::class_legend() has those of the
    // labels.
    void add_legend(const std::vector<LegendEntry>& entries);

    std::int64_t rows() const { return static_cast<std::int64_t>(rows_.size()); }

    // [H, W, 3]. Text that does not fit its cell is cut.
    Tensor<std::uint8_t> render(Where site = Where::here()) const;

private:
    struct Cell {
        std::int64_t height = 0, width = 0;
        std::vector<std::uint8_t> pixels;  // [height, width, 3]
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

// An image [C, H, W] or [1, C, H, W] with values in [0, 1] as bytes [H, W, C]: clamped and rounded.
Tensor<std::uint8_t> image_bytes(const Tensor<float>& image, Where site = Where::here());

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/contact_sheet.inl.hpp"
#endif
