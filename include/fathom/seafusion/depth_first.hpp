// A net that keeps the image's size, run depth-first: each layer makes its next few rows as soon as its inputs have
// what they need, and what it made is kept only as long as somebody reads it. So no plane of activations goes to
// memory: a block of columns needs a few rows of each layer, which stay in the cache. Blocks of the image are
// independent; what neighbours share is computed twice. For inference. The layers are data (fusion_layers.hpp), the
// element type and what computes rows of it come as an argument (frame.hpp). Next: fusion_layers.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::seafusion::detail {

// Activations lie in planes of 32 channels, each a ring of rows; a half of one has 16.
inline constexpr int plane_channels = 32, half_channels = 16;
// Rows that a layer makes at once. Those of a layer begin at multiples of it, less the layer's lag: with the image's
// rows fixed to them, no result depends on where a block begins.
inline constexpr int group_rows = 4;

enum class RowKind { stem, conv3x3, conv1x1, sobel, last };

struct RowLayer {
    RowKind kind;
    int lag;                 // its rows are so many behind the stem's: 3x3 kernels on the longest way from there
    int in, inputs;          // planes; of the stem: the image, 1
    int out, outputs;        // halves: 2 * plane, or 2 * plane + 1; of the last: none
    double slope;            // of the leaky ReLU behind it; 1: none
    int copy = -1;           // another half for the stem's output
    bool with_rest = false;  // outputs are every other half: those behind hold what rounding them lost

    // Where output h goes.
    constexpr int half(int h) const { return out + (with_rest ? 2 * h : h); }

    constexpr bool reads_neighbours() const { return kind != RowKind::conv1x1; }
};

// Where the rings lie: `rows[plane]` rows from row `first[plane]` of all.
template <int planes>
struct RowPlan {
    int rows[planes] = {}, first[planes] = {};
    int all_rows = 0, last_lag = 0;

    constexpr explicit RowPlan(std::span<const RowLayer> layers) {
        int made[planes];  // lag of what fills the plane first
        for (int& lag : made) lag = -1;
        for (const RowLayer& layer : layers) {
            last_lag = std::max(last_lag, layer.lag);
            for (int h = 0; h < layer.outputs; ++h)
                if (int& lag = made[layer.half(h) / 2]; lag < 0 || layer.lag < lag) lag = layer.lag;
            if (layer.copy >= 0) made[layer.copy / 2] = layer.lag;
        }
        // In one turn a layer reads up to the rows that have just been made, and from the one above its own.
        for (const RowLayer& layer : layers)
            for (int p = layer.in; layer.kind != RowKind::stem && p < layer.in + layer.inputs; ++p)
                rows[p] = std::max(rows[p], group_rows + layer.lag - made[p] + (layer.reads_neighbours() ? 1 : 0));
        for (int p = 0; p < planes; ++p) first[p] = all_rows, all_rows += rows[p];
    }
};

// N images [height, width], row-major.
struct FrameShape {
    std::int64_t images, height, width;
};

// How the image is cut. Depends on the shape alone.
class FrameBlocks {
public:
    explicit FrameBlocks(const FrameShape& s) : shape_(s) {
        const auto cut = [](std::int64_t size, std::int64_t most, std::int64_t& step) {
            // Rather an eighth more than one piece more: its halo would be computed twice.
            const std::int64_t pieces = std::max<std::int64_t>(1, (size + most - 1 - most / 8) / most);
            step = (size + pieces - 1) / pieces;
            step = (step + group_rows - 1) / group_rows * group_rows;
            return (size + step - 1) / step;
        };
        across_ = cut(s.width, kernels::tuning::frame_columns, columns_);
        down_ = cut(s.height, kernels::tuning::frame_rows, rows_);
    }
    struct Block {
        std::int64_t image, top, bottom, left, right;
    };
    std::int64_t count() const { return shape_.images * down_ * across_; }
    std::int64_t columns() const { return columns_; }  // the most of a block
    Block operator[](std::int64_t i) const {
        const std::int64_t left = i % across_ * columns_, top = i / across_ % down_ * rows_;
        return {i / across_ / down_, top, std::min(top + rows_, shape_.height), left,
                std::min(left + columns_, shape_.width)};
    }

private:
    FrameShape shape_;
    std::int64_t columns_, rows_, across_, down_;
};

// One block's work. Rows: what computes, with
//   Element, overhang                      pixels beyond the last column that it may read
//   stem(layer, rows, columns, out, copy)  rows: [group_rows + 2] of float, from the pixel up and left of the first
//   convolve(layer, rows, columns, out)    rows: [inputs][group_rows (+ 2)], from the pixel above (at) the first
//   sobel(layer, rows, columns, out)       the same
//   last(layer, rows, columns, out)        out: [group_rows] of float
// `layer` is an index; out: [outputs][group_rows] of 16 channels in pixels of 32, null for a row that is not wanted.
template <class Rows, int planes>
class FrameBlock {
public:
    using Element = typename Rows::Element;

    FrameBlock(const Rows& rows, std::span<const RowLayer> layers, const RowPlan<planes>& plan, const FrameShape& shape,
               std::int64_t columns)
        : rows_(rows),
          layers_(layers),
          plan_(plan),
          shape_(shape),
          pitch_((columns + 2 * (plan.last_lag + margin) + Rows::overhang) * plane_channels),
          image_pitch_(columns + 2 * (plan.last_lag + margin)),
          ring_(ring_bytes() + (group_rows + 2) * image_pitch_ * std::int64_t{sizeof(float)}, "FusionNet") {}

    // images: [2][N, height, width].
    void run(const FrameBlocks::Block& block, const float* const* images, float* out) {
        block_ = block;
        std::memset(ring_.template as<char>(), 0, static_cast<std::size_t>(ring_bytes()));  // borders, halves unused
        const std::int64_t from = std::max<std::int64_t>(0, block.top - plan_.last_lag) / group_rows,
                           to = (block.bottom - 1 + plan_.last_lag) / group_rows;
        for (std::int64_t turn = from; turn <= to; ++turn)
            for (std::size_t i = 0; i < layers_.size(); ++i) {
                const RowLayer& layer = layers_[i];
                const std::int64_t halo = plan_.last_lag - layer.lag, row = turn * group_rows - layer.lag;
                top_ = std::max<std::int64_t>({0, row, block.top - halo});
                bottom_ = std::min({shape_.height, row + group_rows, block.bottom + halo});
                if (top_ >= bottom_) continue;
                left_ = std::max<std::int64_t>(0, block.left - halo);
                columns_ = std::min(shape_.width, block.right + halo) - left_;
                make(layer, static_cast<int>(i), row, images, out);
            }
    }

private:
    static constexpr int margin = 1;  // columns of zeros beside the image

    // The rings, and a row of zeros for those above and below the image.
    std::int64_t ring_bytes() const { return (plan_.all_rows + 1) * pitch_ * std::int64_t{sizeof(Element)}; }
    Element* ring_row(std::int64_t row) const { return ring_.template as<Element>() + row * pitch_; }

    // The pixel of the layer's first column.
    Element* at(int plane, std::int64_t row) const {
        const bool outside = row < 0 || row >= shape_.height;
        return ring_row(outside ? plan_.all_rows : plan_.first[plane] + row % plan_.rows[plane]) +
               (left_ - block_.left + plan_.last_lag + margin) * plane_channels;
    }

    bool wanted(std::int64_t row) const { return row >= top_ && row < bottom_; }

    void output(int half, std::int64_t row, Element** out) const {  // [group_rows]
        for (std::int64_t y = row; y < row + group_rows; ++y)
            *out++ = wanted(y) ? at(half / 2, y) + half % 2 * half_channels : nullptr;
    }

    // Rows [row, row + group_rows) of a layer, those that are wanted.
    void make(const RowLayer& layer, int index, std::int64_t row, const float* const* images, float* result) {
        constexpr int most_inputs = 4, most_outputs = 4;
        Element* out[most_outputs * group_rows];
        for (int h = 0; h < layer.outputs; ++h) output(layer.half(h), row, out + h * group_rows);
        if (layer.kind == RowKind::stem) {
            const float* in[group_rows + 2];
            read_image(images[layer.in], row, in);
            Element* copy[group_rows];
            output(layer.copy, row, copy);
            return rows_.stem(index, in, columns_, out, copy);
        }
        const Element* in[most_inputs * (group_rows + 2)];
        const Element** next = in;
        const int around = layer.reads_neighbours() ? 1 : 0;
        for (int p = layer.in; p < layer.in + layer.inputs; ++p)
            for (std::int64_t y = row - around; y < row + group_rows + around; ++y) *next++ = at(p, y);
        if (layer.kind == RowKind::sobel) return rows_.sobel(index, in, columns_, out);
        if (layer.kind != RowKind::last) return rows_.convolve(index, in, columns_, out);
        float* numbers[group_rows];
        for (int r = 0; r < group_rows; ++r)
            numbers[r] =
                wanted(row + r) ? result + (block_.image * shape_.height + row + r) * shape_.width + left_ : nullptr;
        rows_.last(index, in, columns_, numbers);
    }

    // Image rows from row - 1, columns from left_ - 1, with zeros around the image.
    void read_image(const float* image, std::int64_t row, const float** rows) const {  // [group_rows + 2]
        float* to = reinterpret_cast<float*>(ring_.template as<char>() + ring_bytes());
        const std::int64_t first = std::max<std::int64_t>(0, left_ - 1),
                           last = std::min(shape_.width, left_ + columns_ + 1);
        for (std::int64_t y = row - 1; y < row + group_rows + 1; ++y, to += image_pitch_) {
            *rows++ = to;
            std::fill(to, to + image_pitch_, 0.0f);
            if (y >= 0 && y < shape_.height)
                std::copy_n(image + (block_.image * shape_.height + y) * shape_.width + first, last - first,
                            to + first - (left_ - 1));
        }
    }

    const Rows& rows_;
    std::span<const RowLayer> layers_;
    const RowPlan<planes>& plan_;
    FrameShape shape_;
    std::int64_t pitch_, image_pitch_;  // elements of a row
    Scratch ring_;
    FrameBlocks::Block block_{};
    std::int64_t top_ = 0, bottom_ = 0, left_ = 0, columns_ = 0;  // of the layer's rows at hand
};

// images: [2][N, height, width]; out [N, height, width]. Each thread has a Rows(frame, the most columns of a layer).
template <class Rows, class Frame, int planes>
void run_frame(const Frame& frame, std::span<const RowLayer> layers, const RowPlan<planes>& plan,
               const FrameShape& shape, const float* const* images, float* out) {
    const FrameBlocks blocks(shape);
    parallel_for(0, blocks.count(), 1, [&](std::int64_t first, std::int64_t last) {
        const Rows rows(frame, blocks.columns() + 2 * plan.last_lag);
        FrameBlock<Rows, planes> block(rows, layers, plan, shape, blocks.columns());
        for (std::int64_t i = first; i < last; ++i) block.run(blocks[i], images, out);
    });
}

}  // namespace fathom::inline v0::seafusion::detail
