// What the 3x3 stencils share: threads that walk down strips of rows, with the window in registers, and how a grid of
// such threads covers images.
#pragma once

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"
#include "cuda/kernels/pack.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// Which part of the images a block has: 1-D grid, channels innermost, then columns, strips of rows, images.
struct Tiling {
    int lanes;    // threads side by side along the channels
    int columns;  // without the halo
    int rows;     // of a strip
    int channel_blocks, column_blocks, strips;
    std::int64_t images;

    std::int64_t pixel_blocks() const { return images * strips * column_blocks; }
    std::int64_t blocks() const { return pixel_blocks() * channel_blocks; }
};

// For `height` rows of images like x: the rows of a strip for which the fewest steps come one after the other, when
// `resident` blocks run at a time and each takes some rows' time to begin and end. The shape alone decides, for one
// size of device, as sums depend on it.
template <class T>
Tiling tiling_of(const Image<T>& x, int height, int size, int threads, int halo, std::int64_t resident) {
    constexpr int least_rows = 4, most_rows = 64, begin_and_end = 4;
    const int groups = x.channels / size, most_lanes = x.channel == 1 ? 8 : 1;
    Tiling t{};
    t.channel_blocks = static_cast<int>(ceil_div(groups, most_lanes));
    t.lanes = static_cast<int>(ceil_div(groups, t.channel_blocks));
    t.columns = threads / t.lanes - 2 * halo;
    t.column_blocks = static_cast<int>(ceil_div(x.width, t.columns));
    t.images = x.images;
    std::int64_t fewest = 0;
    for (int rows = least_rows; rows <= most_rows; ++rows) {
        Tiling other = t;
        other.rows = rows, other.strips = static_cast<int>(ceil_div(height, rows));
        const std::int64_t steps = ceil_div(other.blocks(), resident) * (rows + begin_and_end);
        if (rows == least_rows || steps < fewest) t.rows = rows, t.strips = other.strips, fewest = steps;
    }
    return t;
}

// What a thread has of that.
struct Place {
    int image, channel, column, first, last;  // rows [first, last)
    bool inside, owner;                       // of the image; not of the halo either
};

template <int size, int halo>
__device__ Place place_of(const Tiling& t, int channels, int height, int width) {
    unsigned block = blockIdx.x;
    const auto next = [&](int n) {
        const unsigned index = block % static_cast<unsigned>(n);
        block /= static_cast<unsigned>(n);
        return static_cast<int>(index);
    };
    const int lane = static_cast<int>(threadIdx.x) % t.lanes, slot = static_cast<int>(threadIdx.x) / t.lanes;
    Place p;
    p.channel = (next(t.channel_blocks) * t.lanes + lane) * size;
    p.column = next(t.column_blocks) * t.columns + slot - halo;
    p.first = next(t.strips) * t.rows;
    p.last = p.first + t.rows < height ? p.first + t.rows : height;
    p.image = static_cast<int>(block);
    p.inside = slot < t.columns + 2 * halo && p.channel < channels && p.column >= 0 && p.column < width;
    p.owner = p.inside && slot >= halo && slot < t.columns + halo;
    return p;
}

// Walks down one column of an image and those beside it; zeros outside of it and from row `end` on.
template <class T, int size>
struct Column {
    const T* at;  // row h, channel and column of the thread
    std::int64_t row, pixel;
    int h, end;
    bool left, middle, right;

    __device__ Column(const Image<const T>& x, const Place& p, int first_row, int end_row)
        : at(x.data + p.image * x.image + p.channel * x.channel + p.column * x.pixel + first_row * x.row),
          row(x.row),
          pixel(x.pixel),
          h(first_row),
          end(end_row < x.height ? end_row : x.height),
          left(p.inside && p.column > 0),
          middle(p.inside),
          right(p.inside && p.column + 1 < x.width) {}

    __device__ bool inside() const { return h >= 0 && h < end; }
    __device__ void next() { ++h, at += row; }
    __device__ Pack<T, size> next_pixel() {
        const Pack<T, size> value = middle && inside() ? load_pack<size>(at) : Pack<T, size>{};
        next();
        return value;
    }
    __device__ void next_row(Pack<T, size> (&to)[3]) {
        const bool any = inside();
        to[0] = any && left ? load_pack<size>(at - pixel) : Pack<T, size>{};
        to[1] = any && middle ? load_pack<size>(at) : Pack<T, size>{};
        to[2] = any && right ? load_pack<size>(at + pixel) : Pack<T, size>{};
        next();
    }
};

// Rows h - 1 to h + 1 of a column, and `ahead` more that are under way: the last comes by fetch(). Unrolled by as many
// as there are rows, next() moves nothing.
template <class T, int size, int ahead>
struct Window {
    Pack<T, size> rows[3 + ahead][3];

    __device__ explicit Window(Column<T, size>& x) {
        for (int i = 0; i < 2 + ahead; ++i) x.next_row(rows[i]);
    }
    __device__ void fetch(Column<T, size>& x) { x.next_row(rows[2 + ahead]); }
    __device__ void next() {
        for (int i = 0; i < 2 + ahead; ++i)
            for (int k = 0; k < 3; ++k) rows[i][k] = rows[i + 1][k];
    }
};

// d where g > 0, -d where g < 0, 0 where it is 0 or NaN.
template <class T>
__device__ T with_sign(T d, T g) {
    return g > T{0} ? d : g < T{0} ? -d : T{0};
}

// Whether channels can be taken `size` at a time.
template <int size, class T>
bool packs(const Image<T>& x) {
    return size == 1 || (x.channel == 1 && x.channels % size == 0 && x.pixel % size == 0 && x.row % size == 0 &&
                         x.image % size == 0 && pack_aligned<size>(x.data));
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
