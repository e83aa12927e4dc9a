// Images with their elements in other places: padding in all its forms, pixel_shuffle, unfold and fold.
#include <algorithm>

#include "fathom/ops/pad.hpp"
#include "fathom/ops/pixel_shuffle.hpp"
#include "fathom/ops/unfold.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

// Where element i of a padded dimension comes from; -1: from nowhere.
std::int64_t source(Pad mode, std::int64_t i, std::int64_t n) {
    if (mode == Pad::replicate) return std::clamp<std::int64_t>(i, 0, n - 1);
    if (mode == Pad::circular) return (i + n) % n;
    if (mode == Pad::reflect) return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
    return i < 0 || i >= n ? -1 : i;
}

OpCase padding(const char* name, const char* golden, Pad mode, const Shape& amounts, double value,
               std::vector<Shapes> shapes, const char* golden_file = "images") {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = golden, .golden_file = golden_file};
    set_function(op, [=](const auto& in) { return pad(in[0], amounts, mode, value); });
    op.reference = [=](const std::vector<Plain>& in) {
        Shape shape = in[0].shape;
        for (int k = 0; k < amounts.rank(); ++k) shape[shape.rank() - 1 - k / 2] += amounts[k];
        return plain(shape, [&](const Shape& index) {
            Shape from = index;
            for (int k = 0; k < amounts.rank(); k += 2) {
                const int d = shape.rank() - 1 - k / 2;
                from[d] = source(mode, from[d] - amounts[k], in[0].shape[d]);
                if (from[d] < 0) return value;
            }
            return in[0].at(from);
        });
    };
    return op;
}

// Images [N, C, H, W] with `factor` more rows and columns, or as many fewer.
OpCase shuffle(const char* name, bool inverse, std::vector<Shapes> shapes) {
    constexpr std::int64_t r = 2;
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes), .golden = name, .golden_file = "images"};
    set_function(op, [=](const auto& in) { return inverse ? pixel_unshuffle(in[0], r) : pixel_shuffle(in[0], r); });
    op.reference = [=](const std::vector<Plain>& in) {
        const Shape& s = in[0].shape;
        if (inverse)
            return plain({s[0], s[1] * r * r, s[2] / r, s[3] / r}, [&](const Shape& i) {
                return in[0].at({i[0], i[1] / (r * r), i[2] * r + i[1] / r % r, i[3] * r + i[1] % r});
            });
        return plain({s[0], s[1] / (r * r), s[2] * r, s[3] * r}, [&](const Shape& i) {
            return in[0].at({i[0], i[1] * r * r + i[2] % r * r + i[3] % r, i[2] / r, i[3] / r});
        });
    };
    return op;
}

const UnfoldOptions windows{.kernel_size = {3, 2}, .dilation = {1, 2}, .padding = {1, 0}, .stride = 2};

// Calls f(row of the columns within a channel, column, h, w) for every element of a window, also beyond the image.
template <class F>
void for_each_element(std::int64_t height, std::int64_t width, F f) {
    const std::int64_t down = (height + 2 - 3) / 2 + 1, across = (width - 3) / 2 + 1;
    for (std::int64_t p = 0; p < 3; ++p)
        for (std::int64_t q = 0; q < 2; ++q)
            for (std::int64_t i = 0; i < down; ++i)
                for (std::int64_t j = 0; j < across; ++j)
                    f(p * 2 + q, i * across + j, i * 2 - 1 + p, j * 2 + 2 * q, down * across);
}

OpCase unfolded(std::vector<Shapes> shapes) {
    OpCase op{.name = "unfold of images", .inputs = {{}}, .shapes = std::move(shapes), .golden = "unfold"};
    op.golden_file = "images";
    set_function(op, [](const auto& in) { return unfold(in[0], windows); });
    op.reference = [](const std::vector<Plain>& in) {
        const Shape& s = in[0].shape;
        std::int64_t count = 0;
        for_each_element(s[2], s[3], [&](auto, auto, auto, auto, std::int64_t all) { count = all; });
        Plain y = plain({s[0], s[1] * 6, count}, [](const Shape&) { return 0.0; });
        for (std::int64_t n = 0; n < s[0] * s[1]; ++n)
            for_each_element(
                s[2], s[3],
                [&](std::int64_t row, std::int64_t column, std::int64_t h, std::int64_t w, std::int64_t all) {
                    if (h < 0 || h >= s[2] || w >= s[3]) return;
                    y.values[static_cast<std::size_t>((n * 6 + row) * all + column)] =
                        in[0].values[static_cast<std::size_t>((n * s[2] + h) * s[3] + w)];
                });
        return y;
    };
    return op;
}

OpCase folded(const char* name, Pair size, std::vector<Shapes> shapes) {
    OpCase op{.name = name, .inputs = {{}}, .shapes = std::move(shapes)};
    op.terms = [](const Shapes&, const Shape&) { return 6.0; };
    set_function(op, [size](const auto& in) { return fold(in[0], size, windows); });
    op.reference = [size](const std::vector<Plain>& in) {
        const Shape& s = in[0].shape;
        Plain y = plain({s[0], s[1] / 6, size.h, size.w}, [](const Shape&) { return 0.0; });
        for (std::int64_t n = 0; n < s[0] * s[1] / 6; ++n)
            for_each_element(
                size.h, size.w,
                [&](std::int64_t row, std::int64_t column, std::int64_t h, std::int64_t w, std::int64_t all) {
                    if (h < 0 || h >= size.h || w >= size.w) return;
                    y.values[static_cast<std::size_t>((n * size.h + h) * size.w + w)] +=
                        in[0].values[static_cast<std::size_t>((n * 6 + row) * all + column)];
                });
        return y;
    };
    return op;
}

}  // namespace

void add_rearrange_cases(std::vector<OpCase>& list) {
    const std::vector<Shapes> small = {
        {{1, 2, 5, 6}}, {{2, 3, 3, 4}}, {{0, 2, 4, 4}}, {{1, 17, 7, 15}}, {{2, 5, 65, 33}}};
    std::vector<Shapes> smaller = small;
    smaller.push_back({{1, 2, 1, 1}});
    list.push_back(padding("pad_reflect", "pad_reflect", Pad::reflect, {2, 1, 1, 2}, 0, small, "ops"));
    list.push_back(padding("pad_replicate", "pad_replicate", Pad::replicate, {2, 1, 1, 2}, 0, smaller, "ops"));
    list.push_back(padding("pad_constant", "", Pad::constant, {2, 0, 1, 3}, 1.5, smaller));
    list.push_back(padding("pad_nothing", "", Pad::reflect, {0, 0, 0, 0}, 0, smaller));

    const std::vector<Shapes> images = {
        {{1, 2, 5, 7}}, {{2, 3, 6, 5}}, {{0, 2, 5, 4}}, {{1, 17, 7, 15}}, {{2, 5, 65, 33}}};
    list.push_back(padding("pad_circular", "pad_circular", Pad::circular, {2, 1, 0, 5}, 0, images));
    list.push_back(padding("pad_negative", "pad_negative", Pad::constant, {-2, 1, 1, -1}, 1.5, images));
    list.push_back(padding("pad_reflect_negative", "pad_reflect_negative", Pad::reflect, {-1, 3, 2, -2}, 0, images));
    list.push_back(padding("pad_replicate_negative", "", Pad::replicate, {-4, 3, 2, -1}, 0, images));
    list.push_back(padding("pad_circular_negative", "", Pad::circular, {-1, 3, 2, -2}, 0, images));
    list.push_back(padding("pad_row", "pad_row", Pad::reflect, {2, 1}, 0, {{{2, 3, 4}}, {{5}}, {{1, 17, 3}}}));
    const std::vector<Shapes> volumes = {{{1, 2, 3, 2, 4}}, {{3, 2, 5}}, {{0, 3, 3, 3}}, {{2, 3, 9, 20, 31}}};
    list.push_back(
        padding("pad_volume_constant", "pad_volume_constant", Pad::constant, {2, 1, 0, 1, 1, 2}, 0, volumes));
    list.push_back(padding("pad_volume_reflect", "pad_volume_reflect", Pad::reflect, {2, 1, 0, 1, 1, 2}, 0,
                           {{{1, 2, 3, 2, 4}}, {{3, 2, 5}}}));
    list.push_back(
        padding("pad_volume_replicate", "pad_volume_replicate", Pad::replicate, {2, 1, 0, 1, 1, 2}, 0, volumes));
    list.push_back(
        padding("pad_volume_circular", "pad_volume_circular", Pad::circular, {2, 1, 0, 1, 1, 2}, 0, volumes));

    list.push_back(shuffle("pixel_shuffle", false,
                           {{{2, 8, 3, 2}}, {{1, 4, 1, 5}}, {{0, 4, 2, 2}}, {{1, 68, 3, 3}}, {{2, 12, 40, 51}}}));
    list.push_back(shuffle("pixel_unshuffle", true,
                           {{{2, 2, 4, 6}}, {{1, 1, 2, 2}}, {{0, 4, 2, 2}}, {{1, 17, 4, 6}}, {{2, 3, 80, 102}}}));
    list.push_back(unfolded({{{1, 2, 5, 7}}, {{2, 3, 1, 3}}, {{0, 2, 5, 4}}, {{1, 17, 6, 8}}, {{2, 5, 65, 33}}}));
    OpCase fold = folded("fold", {5, 7}, {{{1, 12, 9}}, {{2, 6, 9}}, {{0, 12, 9}}, {{3, 102, 9}}});
    fold.golden = "fold", fold.golden_file = "images";
    list.push_back(fold);
    list.push_back(folded("fold_large", {65, 33}, {{{1, 6, 528}}, {{2, 30, 528}}}));
}

}  // namespace fathom::tests
