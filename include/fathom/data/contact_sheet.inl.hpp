// Definitions of contact_sheet.hpp.
#include <utility>

#include "fathom/data/canvas.hpp"

namespace fathom::inline v0::data {
namespace sheet {

// The pixels [begin, end) of a line under one output pixel, with the share of the first and the last.
struct Span {
    std::int64_t begin, end;
    double first, last;

    // Output pixel i of `to` over a line of `from`.
    Span(std::int64_t i, std::int64_t from, std::int64_t to) {
        const std::int64_t low = i * from, high = (i + 1) * from;  // in 1 / to of a pixel
        begin = low / to;
        end = (high + to - 1) / to;
        first = static_cast<double>((begin + 1) * to - low) / static_cast<double>(to);
        last = static_cast<double>(high - (end - 1) * to) / static_cast<double>(to);
        if (end - begin == 1) first = last = static_cast<double>(from) / static_cast<double>(to);
    }
    double weight(std::int64_t i) const { return i == begin ? first : (i == end - 1 ? last : 1); }
};

// Where an entry of a legend stands: a box of a line's height, a gap and the name.
struct LegendPlace {
    std::int64_t x, line;
};

// Entries side by side from `left` on, in a new line where one would pass `right`.
template <class Entry>
std::vector<LegendPlace> place_legend(const std::vector<Entry>& entries, std::int64_t scale, std::int64_t left,
                                      std::int64_t right) {
    std::vector<LegendPlace> places;
    std::int64_t x = left, line = 0;
    for (const Entry& entry : entries) {
        const std::int64_t letters = static_cast<std::int64_t>(entry.name.size()),
                           width = (glyph_height + 3 + letters * (glyph_width + 1)) * scale;
        if (x > left && x + width > right) x = left, ++line;
        places.push_back({x, line});
        x += width + 2 * glyph_width * scale;
    }
    return places;
}

}  // namespace sheet

FATHOM_INLINE ContactSheet::ContactSheet(std::vector<std::string> titles, const ContactSheetOptions& options,
                                         Where site)
    : titles_(std::move(titles)), cell_width_(options.cell_width) {
    if (titles_.empty()) fail("contact sheet", site, {"no columns"});
    if (cell_width_ < 16 || cell_width_ > 4096)
        fail("contact sheet", site, {"cell_width is ", cell_width_, ", expected 16 to 4096"});
}

FATHOM_INLINE void ContactSheet::add_row(const std::string& name, const std::vector<Tensor<std::uint8_t>>& pictures,
                                         Where site) {
    if (pictures.size() != titles_.size())
        fail("contact sheet", site, {"row ", name, " has ", pictures.size(), " pictures, expected ", titles_.size()});
    Row row{name, {}};
    for (const Tensor<std::uint8_t>& picture : pictures) {
        Cell cell;
        if (picture.defined()) {
            const Shape& shape = picture.shape();
            const bool fits = (shape.rank() == 2 || (shape.rank() == 3 && (shape[2] == 1 || shape[2] == 3))) &&
                              shape[0] > 0 && shape[1] > 0;
            if (!fits)
                fail("contact sheet", site,
                     {"a picture of row ", name, " has shape ", shape, ", expected [H,W], [H,W,1] or [H,W,3]"});
            const std::int64_t height = shape[0], width = shape[1],
                               factor = width < cell_width_ ? cell_width_ / width : 1;
            cell.width = width < cell_width_ ? factor * width : cell_width_;
            cell.height = width < cell_width_ ? factor * height : (2 * height * cell_width_ + width) / (2 * width);
            if (cell.height < 1) cell.height = 1;
            cell.pixels.resize(static_cast<std::size_t>(cell.height * cell.width * 3));
            const std::int64_t sy = picture.strides()[0], sx = picture.strides()[1];
            const std::int64_t sc = shape.rank() == 3 && shape[2] == 3 ? picture.strides()[2] : 0;
            const std::uint8_t* in = picture.data(site);
            std::uint8_t* out = cell.pixels.data();
            for (std::int64_t y = 0; y < cell.height; ++y) {
                const sheet::Span down(y, height, cell.height);
                for (std::int64_t x = 0; x < cell.width; ++x) {
                    const sheet::Span across(x, width, cell.width);
                    double sum[3] = {}, weight = 0;
                    for (std::int64_t i = down.begin; i < down.end; ++i)
                        for (std::int64_t j = across.begin; j < across.end; ++j) {
                            const double w = down.weight(i) * across.weight(j);
                            weight += w;
                            for (int c = 0; c < 3; ++c) sum[c] += w * in[i * sy + j * sx + c * sc];
                        }
                    for (double s : sum) *out++ = static_cast<std::uint8_t>(s / weight + 0.5);
                }
            }
        }
        row.cells.push_back(std::move(cell));
    }
    rows_.push_back(std::move(row));
}

FATHOM_INLINE void ContactSheet::add_legend(std::span<const char* const> names,
                                            std::span<const std::array<std::uint8_t, 3>> colors, Where site) {
    if (names.size() != colors.size())
        fail("contact sheet", site, {"a legend has ", names.size(), " names and ", colors.size(), " colors"});
    for (std::size_t i = 0; i < names.size(); ++i) legend_.push_back({names[i], colors[i]});
}

FATHOM_INLINE Tensor<std::uint8_t> ContactSheet::render(Where site) const {
    constexpr std::int64_t margin = 6;
    const std::int64_t columns = static_cast<std::int64_t>(titles_.size()), title_scale = cell_width_ >= 160 ? 2 : 1;
    const std::int64_t name_scale = cell_width_ >= 480 ? 2 : 1;
    std::int64_t height = 2 * margin + glyph_height * title_scale;
    std::vector<std::int64_t> heights;
    for (const Row& row : rows_) {
        std::int64_t tallest = 0;
        for (const Cell& cell : row.cells) tallest = cell.height > tallest ? cell.height : tallest;
        heights.push_back(tallest);
        height += glyph_height * name_scale + 3 + tallest + margin;
    }
    const std::int64_t width = margin + columns * (cell_width_ + margin);
    const std::int64_t box = glyph_height * name_scale, line_height = box + margin;
    const auto places = sheet::place_legend(legend_, name_scale, margin, width - margin);
    if (!places.empty()) height += (places.back().line + 1) * line_height;
    auto picture = detail::new_row_major<std::uint8_t>({height, width, 3}, "contact sheet", site);
    const Canvas canvas{height, width, picture.mutable_data(site)};
    for (std::int64_t i = 0; i < picture.numel(); ++i) canvas.pixels[i] = 244;
    const auto left = [&](std::int64_t column) { return margin + column * (cell_width_ + margin); };
    for (std::int64_t c = 0; c < columns; ++c)
        canvas.write(titles_[static_cast<std::size_t>(c)], left(c), margin, title_scale, left(c) + cell_width_);
    std::int64_t top = 2 * margin + glyph_height * title_scale;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        canvas.write(rows_[r].name, margin, top, name_scale, width - margin);
        top += glyph_height * name_scale + 3;
        for (std::int64_t c = 0; c < columns; ++c) {
            const Cell& cell = rows_[r].cells[static_cast<std::size_t>(c)];
            const std::int64_t x0 = left(c) + (cell_width_ - cell.width) / 2, line = 3 * cell.width;
            for (std::int64_t y = 0; y < cell.height; ++y)
                for (std::int64_t i = 0; i < line; ++i)
                    canvas.pixels[((top + y) * width + x0) * 3 + i] =
                        cell.pixels[static_cast<std::size_t>(y * line + i)];
        }
        top += heights[r] + margin;
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::int64_t x0 = places[i].x, y0 = top + places[i].line * line_height;
        canvas.fill(y0, x0, box, box, legend_[i].color);
        canvas.write(legend_[i].name, x0 + box + 3 * name_scale, y0, name_scale, width - margin);
    }
    return picture;
}

}  // namespace fathom::inline v0::data
