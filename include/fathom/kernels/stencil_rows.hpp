// Where a 3x3 stencil over the channels of an image reads its rows: in the image itself where channels are whole
// vectors and lie side by side, else in packed copies with a border of zeros.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fathom/core/allocator.hpp"
#include "fathom/kernels/image_rows.hpp"

namespace fathom::inline v0::kernels::detail {

// Elements behind a packed row that vectors may read and write.
inline constexpr std::int64_t row_slack = 16;

// Three rows as the stencil sees them: element i is the pixel to the left of output i, i + pixel the one above, at or
// below it.
template <class T>
struct StencilRows {
    const T *up, *middle, *down;  // [pixels, channels]
    std::int64_t pixel;           // elements from pixel to pixel
};

// Outputs of a row: `count` runs of `length` elements, a pixel of the rows apart. In packed rows a single run passes
// over all channels of all pixels.
struct PixelRuns {
    std::int64_t count, length;
};

// Buffers of a task.
template <class T>
class RowBuffers {
public:
    RowBuffers(const char* operation, std::int64_t rows, std::int64_t length)
        : length_(length + row_slack), scratch_(rows * length_ * static_cast<std::int64_t>(sizeof(T)), operation) {
        std::fill(scratch_.template as<T>(), scratch_.template as<T>() + rows * length_, T{0});
    }
    T* operator[](std::int64_t i) const { return scratch_.template as<T>() + i * length_; }

private:
    std::int64_t length_;
    Scratch scratch_;
};

// Whether rows are read and written where they lie. Pixels far apart would need long rows of zeros.
template <class T>
bool rows_in_place(const ImageShape& s, const Images<T>& x) {
    return x.channel == 1 && whole_vectors<std::remove_const_t<T>>(s.channels) && x.pixel <= 8 * s.channels;
}

// The rows around those of one tile after the other, downwards.
template <class T>
class StencilSource {
public:
    // width: the most columns of a tile; margin: how many more its outputs have on each side, and one.
    StencilSource(const ImageShape& shape, const Images<const T>& x, bool in_place, std::int64_t width,
                  std::int64_t margin, const char* operation)
        : shape_(shape),
          x_(x),
          in_place_(in_place),
          // In place: zeros for the row outside the image, and three pixels at its left or right border.
          rows_(operation, in_place ? 4 : 3, (width + 2 * margin) * (in_place ? x.pixel : shape.channels)) {}

    // The tile whose outputs have the columns [left, right), of which those outside the image count only in packed
    // rows.
    void begin(std::int64_t image, std::int64_t left, std::int64_t right) {
        image_ = image, left_ = left, right_ = right, next_ = none;
    }
    // Calls f(column, rows, runs) for the outputs of row h from `column` on, until all of the row have been. Rows
    // follow one another; in place those outside the image have no outputs.
    template <class F>
    void for_runs(std::int64_t h, F f) {
        const std::int64_t channels = shape_.channels;
        if (!in_place_) {
            for (next_ = std::max(next_, h - 1); next_ <= h + 1; ++next_)
                read_row<T>(shape_, x_, image_, next_, left_ - 1, right_ + 1, rows_[(next_ + 3) % 3]);
            f(left_, StencilRows<T>{rows_[(h + 2) % 3], rows_[(h + 3) % 3], rows_[(h + 1) % 3], channels},
              PixelRuns{1, (right_ - left_) * channels});
            return;
        }
        if (h < 0 || h >= shape_.height) return;
        const std::int64_t first = std::max<std::int64_t>(left_, 0), last = std::min(right_, shape_.width);
        const auto border = [&](std::int64_t column) {
            for (std::int64_t r = 0; r < 3; ++r)
                read_row<T>(shape_, x_, image_, h - 1 + r, column - 1, column + 2, rows_[r]);
            f(column, StencilRows<T>{rows_[0], rows_[1], rows_[2], channels}, PixelRuns{1, channels});
        };
        const std::int64_t begin = std::max<std::int64_t>(first, 1), end = std::min(last, shape_.width - 1);
        if (first == 0) border(0);
        if (begin < end) {
            const auto row = [&](std::int64_t r) {
                return r < 0 || r >= shape_.height ? rows_[3] : x_.at(image_, r, begin - 1);
            };
            f(begin, StencilRows<T>{row(h - 1), row(h), row(h + 1), x_.pixel}, PixelRuns{end - begin, channels});
        }
        if (last == shape_.width && shape_.width > 1) border(shape_.width - 1);
    }

private:
    static constexpr std::int64_t none = -4;  // above no row that a tile needs

    ImageShape shape_;
    Images<const T> x_;
    bool in_place_;
    RowBuffers<T> rows_;
    std::int64_t image_ = 0, left_ = 0, right_ = 0;
    std::int64_t next_ = none;  // the row that is to be packed next
};

}  // namespace fathom::inline v0::kernels::detail
