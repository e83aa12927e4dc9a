// Pictures with boxes: what was labelled, and which of what was found is right.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <vector>

#include "fathom/data/canvas.hpp"
#include "fathom/metrics/detection.hpp"
#include "fathom/ops/copy.hpp"
#include "support/progress.hpp"

namespace evaluate {

inline constexpr fathom::data::Color labelled_color = {60, 220, 60}, right_color = {80, 180, 255},
                                     false_color = {255, 70, 60};
inline constexpr double least_score_drawn = 0.25;  // a detector's list goes on with many boxes that it hardly believes

namespace detail {

// The frame around the pixels whose centres are in the box; as far as it is outside of the picture it is not there.
inline void draw_box(const fathom::data::Canvas& canvas, const fathom::metrics::Box& box,
                     const fathom::data::Color& color, std::int64_t thickness) {
    const auto pixel = [&](double edge, std::int64_t size) {
        const auto outside = static_cast<double>(thickness + 1);
        return static_cast<std::int64_t>(
            std::clamp(std::ceil(edge - 0.5), -outside, static_cast<double>(size) + outside));
    };
    canvas.frame(pixel(box.y1, canvas.height), pixel(box.x1, canvas.width), pixel(box.y2, canvas.height) - 1,
                 pixel(box.x2, canvas.width) - 1, thickness, color);
}

// Above the box, or in it where that is at the upper border.
inline void draw_name(const fathom::data::Canvas& canvas, const std::string& text, const fathom::metrics::Box& box,
                      const fathom::data::Color& color) {
    constexpr std::int64_t line = fathom::data::glyph_height + 2;
    const std::int64_t width = fathom::data::Canvas::width_of(text, 1) + 1;
    const auto place = [](double at, std::int64_t most) {
        return static_cast<std::int64_t>(std::clamp(at, 0.0, static_cast<double>(std::max<std::int64_t>(most, 0))));
    };
    const std::int64_t x = place(box.x1, canvas.width - width),
                       y = place(box.y1 - static_cast<double>(line), canvas.height - line);
    canvas.fill(y, x, line, width, color);
    canvas.write(text, x + 1, y + 1, 1, canvas.width);
}

}  // namespace detail

// picture [H, W, 3] with its labelled boxes and the predictions of some score, right or false at IoU .5.
inline fathom::Tensor<std::uint8_t> with_boxes(const fathom::Tensor<std::uint8_t>& picture,
                                               const std::vector<fathom::metrics::LabelledBox>& boxes,
                                               const std::vector<fathom::metrics::PredictedBox>& predictions,
                                               const std::vector<std::string>& classes) {
    auto out = fathom::clone(picture);
    const fathom::data::Canvas canvas{out.size(0), out.size(1), out.mutable_data()};
    for (const auto& labelled : boxes) detail::draw_box(canvas, labelled.box, labelled_color, 2);
    std::vector<fathom::metrics::BoxMatch> matches = fathom::metrics::match_boxes(boxes, predictions, 0.5);
    std::erase_if(matches, [&](const auto& m) { return predictions[m.prediction].score < least_score_drawn; });
    for (const auto& match : matches)
        detail::draw_box(canvas, predictions[match.prediction].box, match.box ? right_color : false_color, 1);
    for (const auto& match : matches) {
        const auto& prediction = predictions[match.prediction];
        const std::string& name = classes[static_cast<std::size_t>(prediction.category)];
        detail::draw_name(canvas, name + program::format(" %.2f", prediction.score), prediction.box,
                          match.box ? right_color : false_color);
    }
    return out;
}

}  // namespace evaluate
