// Images for stencil kernels: rows of all channels, copied into packed buffers with a border of zeros, so that a
// stencil runs over flat memory in which the left and right neighbours are `channels` elements away, whatever the
// layout and the number of channels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {

struct ImageShape {
    std::int64_t images, channels, height, width;
};

// Elements of [images, channels, height, width]; strides in elements. data may be null where an argument is optional.
template <class T>
struct Images {
    T* data;
    std::int64_t image, channel, row, pixel;

    T* at(std::int64_t n, std::int64_t h, std::int64_t w) const { return data + n * image + h * row + w * pixel; }
};

namespace detail {

// Begins to bring the channels of a pixel into the cache.
template <class T>
void prefetch_pixel(const T* from, std::int64_t channels) {
    for (std::int64_t c = 0; c < channels; c += 64 / static_cast<std::int64_t>(sizeof(T))) __builtin_prefetch(from + c);
}

// The channels of a pixel: 64 bytes at a time, in which the compiler needs no call.
template <class T>
void copy_pixel(T* to, const T* from, std::int64_t channels) {
    constexpr std::int64_t some = 64 / static_cast<std::int64_t>(sizeof(T));
    std::int64_t c = 0;
    for (; c + some <= channels; c += some) std::memcpy(to + c, from + c, 64);
    for (; c < channels; ++c) to[c] = from[c];
}

// Row h, columns [begin, end), into row [end - begin, channels]; zeros outside the image.
template <class T>
void read_row(const ImageShape& s, const Images<const T>& x, std::int64_t n, std::int64_t h, std::int64_t begin,
              std::int64_t end, T* row) {
    const auto bytes = [&](std::int64_t pixels) { return static_cast<std::size_t>(pixels * s.channels) * sizeof(T); };
    const std::int64_t first = std::max<std::int64_t>(begin, 0), last = std::min(end, s.width);
    if (h < 0 || h >= s.height || first >= last) {
        std::memset(row, 0, bytes(end - begin));
        return;
    }
    std::memset(row, 0, bytes(first - begin));
    std::memset(row + (last - begin) * s.channels, 0, bytes(end - last));
    row += (first - begin) * s.channels;
    const T* from = x.at(n, h, first);
    if ((x.channel == 1 || s.channels == 1) && x.pixel == s.channels) {
        std::memcpy(row, from, bytes(last - first));
    } else if (x.channel == 1) {
        for (std::int64_t w = first; w < last; ++w, from += x.pixel, row += s.channels) {
            prefetch_pixel(from + tuning::pixels_ahead * x.pixel, s.channels);
            copy_pixel(row, from, s.channels);
        }
    } else {
        for (std::int64_t c = 0; c < s.channels; ++c)
            for (std::int64_t w = 0; w < last - first; ++w) row[w * s.channels + c] = from[c * x.channel + w * x.pixel];
    }
}

// The packed row into columns [begin, end) of row h, or added to them.
template <class T>
void write_row(const ImageShape& s, const Images<T>& y, std::int64_t n, std::int64_t h, std::int64_t begin,
               std::int64_t end, const T* row, bool accumulate) {
    T* to = y.at(n, h, begin);
    if ((y.channel == 1 || s.channels == 1) && y.pixel == s.channels) {
        const std::int64_t elements = (end - begin) * s.channels;
        for (std::int64_t i = 0; accumulate && i < elements; ++i) to[i] += row[i];
        if (!accumulate) std::memcpy(to, row, static_cast<std::size_t>(elements) * sizeof(T));
        return;
    }
    if (y.channel == 1) {
        for (std::int64_t w = begin; w < end; ++w, to += y.pixel, row += s.channels)
            if (!accumulate)
                copy_pixel(to, row, s.channels);
            else
                for (std::int64_t c = 0; c < s.channels; ++c) to[c] += row[c];
        return;
    }
    for (std::int64_t c = 0; c < s.channels; ++c)
        for (std::int64_t w = 0; w < end - begin; ++w) {
            T& target = to[c * y.channel + w * y.pixel];
            const T value = row[w * s.channels + c];
            target = accumulate ? target + value : value;
        }
}

// Whether the channels of a pixel are whole vectors of every ISA, so that kernels may write them in place. Otherwise
// they write packed rows, each pixel's last vector reaching into the next pixel, which they overwrite after that.
template <class T>
constexpr bool whole_vectors(std::int64_t channels) {
    return channels * static_cast<std::int64_t>(sizeof(T)) % 64 == 0;
}

// How images are cut into tasks: tiles of columns by bands of rows.
struct ImageTiles {
    static constexpr std::int64_t band = tuning::image_band;
    ImageShape shape;
    std::int64_t width, columns, bands;

    explicit ImageTiles(const ImageShape& s)
        : shape(s),
          width(std::max<std::int64_t>(
              1, std::min(s.width, std::max(tuning::image_least_columns,
                                            tuning::image_row_elements / std::max<std::int64_t>(1, s.channels))))),
          columns((s.width + width - 1) / width),
          bands((s.height + band - 1) / band) {}

    std::int64_t count() const { return shape.channels == 0 ? 0 : shape.images * bands * columns; }

    struct Tile {
        std::int64_t image, top, bottom, left, right;
    };
    Tile operator[](std::int64_t i) const {
        const std::int64_t column = i % columns, row = i / columns % bands;
        return {i / columns / bands, row * band, std::min(shape.height, (row + 1) * band), column * width,
                std::min(shape.width, (column + 1) * width)};
    }
};

}  // namespace detail
}  // namespace fathom::inline v0::kernels
