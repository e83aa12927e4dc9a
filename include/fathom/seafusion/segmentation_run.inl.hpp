// One frame of the segmentation net in bfloat16 (segmentation_frame.hpp): its maps, and what computes them. Next:
// task_schedule.hpp (on which threads).
#pragma once

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "fathom/kernels/tile_images.hpp"
#include "fathom/kernels/tuning.hpp"
#include "fathom/seafusion/segmentation_frame.hpp"
#include "fathom/seafusion/task_schedule.hpp"

namespace fathom::inline v0::seafusion::detail {

inline constexpr int tile_plane = kernels::tile_channels, stem_taps = 7;
inline constexpr float color_scale = 255;  // pictures of 8 bits are so exact in bfloat16
constexpr std::int64_t up_to(std::int64_t multiple, std::int64_t x) { return (x + multiple - 1) / multiple * multiple; }
constexpr std::int64_t pieces(std::int64_t x, std::int64_t size) { return (x + size - 1) / size; }

// Planes of pixels of 32 channels, with a pixel around each.
struct TileMap {
    std::uint16_t* data = nullptr;  // the first pixel
    kernels::TileResize::Image shape{};

    // From element `at` of `memory`; returns where the next may begin. A row's last tile, of 16 pixels or every other
    // of 32, may reach beyond it, but not into the next row, which may be another thread's; nor may a column's into the
    // next plane. An odd number of cache
    // lines from row to row: columns, too, are spread over the cache.
    std::int64_t place(std::uint16_t* memory, std::int64_t at, LevelSize size, int planes) {
        const std::int64_t pitch = (up_to(2 * kernels::tile_pixels, size.width) + 1) * tile_plane;
        shape = {size.height, size.width, pitch, (up_to(2 * kernels::tile_pixels, size.height) + 2) * pitch};
        if (memory) data = memory + at + pitch + tile_plane;
        return at + planes * shape.plane + (2 * kernels::tile_pixels + 2) * pitch;
    }

    std::uint16_t* plane(int i) const { return data + i * shape.plane; }

    void clear_border(int planes) const {
        const std::int64_t around = (shape.width + 2) * tile_plane;
        for (int p = 0; p < planes; ++p) {
            std::uint16_t* const first = plane(p) - tile_plane;
            std::fill_n(first - shape.pitch, around, std::uint16_t{0});
            std::fill_n(first + shape.height * shape.pitch, around, std::uint16_t{0});
            for (std::int64_t y = 0; y < shape.height; ++y) {
                std::fill_n(first + y * shape.pitch, tile_plane, std::uint16_t{0});
                std::fill_n(first + y * shape.pitch + around - tile_plane, tile_plane, std::uint16_t{0});
            }
        }
    }
};

// Layers [first, last), one after the other on the same rows; a task is a group of rows of all outputs, or, of a layer
// with many weights, some outputs of all rows, so that the weights are read once.
struct Chain {
    std::size_t first, last;
    std::int64_t tasks;
    int outputs;  // of a task; 0: all
};

// Chains beside each other.
struct ChainStep {
    std::vector<Chain> chains;
    std::int64_t tasks;
};

class SegmentationRun {
public:
    SegmentationRun(const SegmentationFrame& frame, LevelSize size, float* const* logits)
        : frame_(frame), size_(size), logits_{logits[0], logits[1]}, memory_(place(nullptr), "SegmentationNet") {
        place(memory_.as<std::uint16_t>());
        for (std::size_t i = 0; i < segmentation_layers.size();) i = add_step(i);
    }

    void run(const ColorImages& x, std::int64_t image) {
        x_ = x, x_.data += image * x.image;
        image_ = image;
        schedule_.run([&](int step, std::int64_t task) {
            const Chain* c = steps_[static_cast<std::size_t>(step)].chains.data();
            for (; task >= c->tasks; ++c) task -= c->tasks;
            run(*c, task);
        });
    }

private:
    // All maps in one piece of memory: its bytes.
    std::int64_t place(std::uint16_t* memory) {
        std::int64_t next = 0;
        for (int i = 0; i < segmentation_maps; ++i)
            next = maps_[i].place(memory, next, size_.at(map_shapes[i].level), map_shapes[i].planes);
        return next * std::int64_t{sizeof(std::uint16_t)};
    }

    // Rows run along the image's columns where that takes fewer tiles: with 15x20 pixels 5 for 8.
    bool transposed(int level) const {
        const auto [height, width] = size_.at(level);
        using kernels::tile_pixels, kernels::tile_rows;
        return pieces(height, tile_pixels) * pieces(width, tile_rows) <
               pieces(width, tile_pixels) * pieces(height, tile_rows);
    }
    static int level_of(const SegmentationLayer& layer) { return map_shapes[layer.out.map].level; }
    std::int64_t groups(int level) const {
        const auto [height, width] = size_.at(level);
        return pieces(transposed(level) ? width : height, kernels::tile_rows);
    }
    int outputs_of(const SegmentationLayer& layer) const {
        return layer.kind == SegmentationKind::classes ? frame_.logits_step() : layer.outputs;
    }

    // The step that begins with a layer; where the next begins.
    std::size_t add_step(std::size_t first) {
        ChainStep step{{}, 0};
        std::size_t i = first;
        do {
            const std::size_t begin = i++;
            while (i < segmentation_layers.size() && segmentation_layers[i].turn == Turn::chained) ++i;
            step.chains.push_back(chain(begin, i));
            step.tasks += step.chains.back().tasks;
        } while (i < segmentation_layers.size() && segmentation_layers[i].turn == Turn::beside);
        schedule_.add(step.tasks, by_rows(step));
        steps_.push_back(std::move(step));
        return i;
    }

    Chain chain(std::size_t first, std::size_t last) const {
        const SegmentationLayer& layer = segmentation_layers[first];
        using enum SegmentationKind;
        if (layer.kind == stem) return {first, last, pieces(maps_[x4].shape.height, band), 0};
        if (layer.kind == borders) return {first, last, segmentation_maps, 0};
        if (layer.kind == attention) return {first, last, 1, 0};
        const std::int64_t bytes =
            2 * kernels::tile_weight_elements(layer.outputs, layer.channels / tile_plane, layer.taps);
        if (last - first == 1 && layer.kind == conv && bytes > kernels::tuning::segmentation_cached_weights)
            return {first, last, layer.outputs / tile_plane, tile_plane};
        return {first, last, groups(level_of(layer)), 0};
    }

    // In a ResNet's stage: 3x3 kernels, the second of which writes into the first one's input.
    bool by_rows(const ChainStep& step) const {
        const Chain& c = step.chains[0];
        if (step.chains.size() > 1 || steps_.empty() || c.outputs > 0) return false;
        const SegmentationLayer &layer = segmentation_layers[c.first], &before = segmentation_layers[c.first - 1];
        return layer.kind == SegmentationKind::conv && layer.stride == 1 && layer.taps == 3 && c.last - c.first == 1 &&
               before.kind == SegmentationKind::conv && before.stride == 1 && before.taps == 3 &&
               steps_.back().chains.size() == 1 && steps_.back().tasks == step.tasks &&
               layer.in.map == before.out.map && layer.out.map == before.in.map;
    }

    void run(const Chain& c, std::int64_t task) {
        const SegmentationLayer& layer = segmentation_layers[c.first];
        if (layer.kind == SegmentationKind::borders) return clear_border(task);
        if (layer.kind == SegmentationKind::attention) return attend(c.first);
        const kernels::TileSession session;
        if (layer.kind == SegmentationKind::stem)
            stem_band(c.first, task * band, std::min(maps_[x4].shape.height, (task + 1) * band));
        else if (c.outputs == 0)
            for (std::size_t i = c.first; i < c.last; ++i) make(i, task, 0, outputs_of(segmentation_layers[i]));
        else
            for (std::int64_t g = 0; g < groups(level_of(layer)); ++g)
                make(c.first, g, static_cast<int>(task) * c.outputs, c.outputs);
    }

    void make(std::size_t index, std::int64_t group, int first, int outputs) const {
        const SegmentationLayer& layer = segmentation_layers[index];
        if (layer.kind == SegmentationKind::resize) return resize(layer, group);
        if (layer.kind == SegmentationKind::conv) return convolve(index, group, first, outputs);
        for (int n = 0; n < outputs; n += kernels::tile_outputs) convolve(index, group, n, kernels::tile_outputs);
    }

    // Outputs [first, first + outputs) of a group of rows.
    void convolve(std::size_t index, std::int64_t group, int first, int outputs) const {
        using kernels::tile_outputs, kernels::tile_rows;
        const SegmentationLayer& layer = segmentation_layers[index];
        const TileMap &in = maps_[layer.in.map], &out = maps_[layer.out.map], &other = maps_[layer.other];
        const bool turned = transposed(level_of(layer));
        // Elements along a row and from row to row.
        const auto along = [=](const TileMap& map) { return turned ? map.shape.pitch : tile_plane; };
        const auto down = [=](const TileMap& map) { return turned ? tile_plane : map.shape.pitch; };
        const int planes = layer.channels / tile_plane, in_rows = kernels::tile_conv_rows(layer.taps, layer.stride);
        const std::int64_t row = group * tile_rows, wanted = (turned ? out.shape.width : out.shape.height) - row;

        constexpr int most_planes = 16, most_rows = 9;
        const std::uint16_t* rows[most_planes * most_rows];
        const std::int64_t above = layer.taps / 2, step = layer.taps == 1 ? layer.stride : 1;
        // Another task may be at work on rows that only unwanted outputs need: the last wanted one stands for them.
        const int made = static_cast<int>(std::min<std::int64_t>(wanted, tile_rows)),
                  needed = layer.taps == 1 ? made : layer.stride * (made - 1) + 3;
        for (int p = 0; p < planes; ++p)
            for (int r = 0; r < in_rows; ++r)
                rows[p * in_rows + r] = in.plane(layer.in.first + p) +
                                        (row * layer.stride + std::min(r, needed - 1) * step - above) * down(in);

        std::uint16_t* to[2 * most_planes * tile_rows];
        const std::uint16_t* more[2 * most_planes * tile_rows];
        float* numbers[tile_rows];
        const std::int64_t numbers_step = frame_.logits_step(), width = out.shape.width;
        if (layer.kind == SegmentationKind::classes) {
            float* const image = logits_[layer.index] + image_ * out.shape.height * width * numbers_step + first;
            for (int r = 0; r < tile_rows; ++r)
                numbers[r] = r < wanted ? image + (row + r) * (turned ? 1 : width) * numbers_step : nullptr;
        } else {
            for (int h = 0; h < outputs / tile_outputs; ++h)
                for (int r = 0; r < tile_rows; ++r) {
                    const int half = first / tile_outputs + h;
                    const auto place = [&](const TileMap& map, int plane) {
                        return map.plane(plane + half / 2) + half % 2 * tile_outputs + (row + r) * down(map);
                    };
                    to[h * tile_rows + r] = r < wanted ? place(out, layer.out.first) : nullptr;
                    more[h * tile_rows + r] = place(other, 0);
                }
        }
        const auto& packed = frame_.layer(index);
        kernels::TileConv conv{
            layer.taps,
            planes,
            rows,
            frame_.at<std::uint16_t>(packed.weights) + kernels::tile_weight_elements(first, planes, layer.taps),
            frame_.at<float>(packed.bias) + first,
            static_cast<float>(layer.slope),
            outputs,
            turned ? out.shape.height : width,
            to,
            layer.epilogue};
        if (layer.kind == SegmentationKind::classes) conv.floats = numbers;
        conv.other = more;
        conv.stride = layer.stride;
        conv.in_step = along(in), conv.out_step = along(out), conv.float_step = (turned ? width : 1) * numbers_step;
        conv.transposed = turned;
        kernels::tile_conv(conv);
    }

    void resize(const SegmentationLayer& layer, std::int64_t group) const {
        const TileMap &in = maps_[layer.in.map], &out = maps_[layer.out.map];
        const bool turned = transposed(level_of(layer));
        const std::int64_t size = turned ? out.shape.width : out.shape.height, first = group * kernels::tile_rows,
                           last = std::min<std::int64_t>(size, first + kernels::tile_rows);
        kernels::TileResize r{in.plane(layer.in.first),
                              out.plane(layer.out.first),
                              in.shape,
                              out.shape,
                              layer.channels / tile_plane,
                              layer.index < 0 ? nullptr : factors_[layer.index],
                              0,
                              out.shape.height,
                              0,
                              out.shape.width};
        (turned ? r.left : r.top) = first, (turned ? r.right : r.bottom) = last;
        kernels::tile_resize(r);
    }

    // Factors of the channels.
    void attend(std::size_t index) {
        const SegmentationLayer& layer = segmentation_layers[index];
        const TileMap& map = maps_[layer.in.map];
        float means[attended_channels];
        for (int p = 0; p < attended_channels / tile_plane; ++p)
            kernels::plane_mean(map.plane(p), map.shape, means + p * tile_plane);
        const auto& packed = frame_.layer(index);
        kernels::attention(frame_.at<float>(packed.weights), frame_.at<float>(packed.bias), means, attended_channels,
                           attended_channels, factors_[layer.index]);
    }

    void clear_border(std::int64_t map) const {
        if (map_shapes[map].border) maps_[map].clear_border(map_shapes[map].planes);
    }

    // ---- The stem and max pooling, by bands of pooled rows.

    static constexpr std::int64_t band = kernels::tuning::segmentation_band_rows;

    // Pooled rows [top, bottom). Groups of four of the stem's rows, of which eight are kept, make two pooled rows each;
    // the first row needs one of the group above.
    void stem_band(std::size_t index, std::int64_t top, std::int64_t bottom) const {
        using kernels::tile_outputs, kernels::tile_pixels, kernels::tile_rows;
        constexpr int halves = stem_outputs / tile_outputs, planes = stem_outputs / tile_plane;
        constexpr std::int64_t kept = 2 * tile_rows, around = stem_taps / 2, kept_colors = 16;
        static_assert(2 * (tile_rows - 1) + stem_taps <= kept_colors);
        const LevelSize half = size_.half();
        const TileMap& map = maps_[x4];
        const std::int64_t pixels = up_to(tile_pixels, half.width), pitch = (pixels + 2) * tile_plane,
                           color_pitch = up_to(8, 2 * pixels + 8) * 4,
                           bytes = 2 * ((kept + 1) * planes * pitch + kept_colors * color_pitch);
        const Scratch scratch(bytes, "SegmentationNet");
        std::memset(scratch.as<char>(), 0, static_cast<std::size_t>(bytes));
        std::uint16_t* const stem = scratch.as<std::uint16_t>();          // [kept + 1, of which the last is 0][planes]
        std::uint16_t* const color = stem + (kept + 1) * planes * pitch;  // [kept_colors][pixels][4], from pixel -3
        const auto stem_row = [&](std::int64_t row, std::int64_t plane) {
            const std::int64_t at = row < 0 || row >= half.height ? kept : row % kept;
            return stem + (at * planes + plane) * pitch + tile_plane;
        };
        const auto color_row = [&](std::int64_t row) {
            return color + (row + kept_colors) % kept_colors * color_pitch;
        };
        const std::int64_t first = std::max<std::int64_t>(0, 2 * top - tile_rows);
        std::int64_t next = 2 * first - around;  // color
        for (std::int64_t row = first; row < 2 * bottom; row += tile_rows) {
            for (; next < 2 * (row + tile_rows - 1) + around + 1; ++next)
                take_color(next, color_row(next) + 4 * around);
            const std::uint16_t* rows[stem_taps * tile_rows];
            for (int y = 0; y < stem_taps; ++y)
                for (int r = 0; r < tile_rows; ++r) rows[y * tile_rows + r] = color_row(2 * (row + r) - around + y);
            std::uint16_t* out[halves * tile_rows];
            for (int h = 0; h < halves; ++h)
                for (int r = 0; r < tile_rows; ++r)
                    out[h * tile_rows + r] =
                        row + r < half.height ? stem_row(row + r, h / 2) + h % 2 * tile_outputs : nullptr;
            const auto& packed = frame_.layer(index);
            kernels::TileConv conv{1,
                                   stem_taps,
                                   rows,
                                   frame_.at<std::uint16_t>(packed.weights),
                                   frame_.at<float>(packed.bias),
                                   0,
                                   stem_outputs,
                                   half.width,
                                   out};
            conv.stride = 2, conv.in_step = 4;
            kernels::tile_conv(conv);
            for (std::int64_t y = std::max(top, row / 2); y < std::min(bottom, row / 2 + tile_rows / 2); ++y)
                for (int p = 0; p < planes; ++p) {
                    const std::uint16_t* in[] = {stem_row(2 * y - 1, p), stem_row(2 * y, p), stem_row(2 * y + 1, p)};
                    kernels::max_pool_row(in, map.shape.width, map.plane(p) + y * map.shape.pitch);
                }
        }
    }

    // A row of the image, or zeros above and below it.
    void take_color(std::int64_t row, std::uint16_t* pixels) const {
        if (row < 0 || row >= size_.height)
            return static_cast<void>(std::fill_n(pixels, 4 * size_.width, std::uint16_t{0}));
        const float* const from = x_.data + row * x_.row;
        const float* const rows[] = {from, from + x_.channel, from + 2 * x_.channel};
        kernels::color_pixels(rows, x_.pixel, size_.width, color_scale, pixels);
    }

    const SegmentationFrame& frame_;
    LevelSize size_;
    float* logits_[2];
    ColorImages x_{};
    std::int64_t image_ = 0;
    std::vector<ChainStep> steps_;
    TaskSchedule schedule_;
    TileMap maps_[segmentation_maps];
    float factors_[attentions][attended_channels];
    Scratch memory_;
};

}  // namespace fathom::inline v0::seafusion::detail
