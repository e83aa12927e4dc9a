// Image operations: Sobel magnitude, color.
#include <cmath>

#include "fathom/ops/image.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

std::vector<Shapes> images(std::int64_t channels) {
    return {{{2, channels, 3, 4}}, {{1, channels, 1, 1}},   {{1, channels, 1, 9}},   {{1, channels, 17, 2}},
            {{0, channels, 3, 3}}, {{1, channels, 16, 15}}, {{2, channels, 65, 130}}};
}

double filtered(const Plain& x, const Plain& w, const Shape& i) {
    double sum = 0;
    for (std::int64_t p = 0; p < 3; ++p)
        for (std::int64_t q = 0; q < 3; ++q) {
            const std::int64_t h = i[2] + p - 1, v = i[3] + q - 1;
            if (h >= 0 && h < x.shape[2] && v >= 0 && v < x.shape[3])
                sum += x.at({i[0], i[1], h, v}) * w.at({i[1], 0, p, q});
        }
    return sum;
}

Plain magnitude(const Plain& x, const Plain& wx, const Plain& wy) {
    return plain(x.shape,
                 [&](const Shape& i) { return std::fabs(filtered(x, wx, i)) + std::fabs(filtered(x, wy, i)); });
}

// A matrix and offsets over the three channels.
OpCase color(const char* name, std::vector<double> m, std::vector<double> offset) {
    OpCase op{.name = name, .inputs = {{.low = 0, .high = 1}}, .shapes = images(3), .golden = name};
    op.terms = [](const Shapes&, const Shape&) { return 9.0; };
    op.reference = [m, offset](const std::vector<Plain>& in) {
        return plain(in[0].shape, [&](const Shape& i) {
            double sum = offset[static_cast<std::size_t>(i[1])];
            for (std::int64_t c = 0; c < 3; ++c)
                sum += m[static_cast<std::size_t>(i[1] * 3 + c)] * in[0].at({i[0], c, i[2], i[3]});
            return sum;
        });
    };
    return op;
}

}  // namespace

void add_image_cases(std::vector<OpCase>& list) {
    const auto nine = [](const Shapes&, const Shape&) { return 18.0; };
    OpCase sobel{
        .name = "sobel_magnitude", .inputs = {{}}, .shapes = images(3), .golden = "sobel_magnitude", .terms = nine};
    sobel.shapes.push_back({{1, 16, 33, 31}});
    sobel.shapes.push_back({{1, 1, 17, 65}});
    set_function(sobel, [](const auto& in) { return sobel_magnitude(in[0]); });
    sobel.reference = [](const std::vector<Plain>& in) {
        constexpr double filter[3][3] = {{1, 0, -1}, {2, 0, -2}, {1, 0, -1}};
        const Shape shape = {in[0].shape[1], 1, 3, 3};
        return magnitude(in[0], plain(shape, [&](const Shape& i) { return filter[i[2]][i[3]]; }),
                         plain(shape, [&](const Shape& i) { return filter[i[3]][i[2]]; }));
    };
    list.push_back(sobel);

    OpCase trained{
        .name = "sobel_magnitude_trained", .inputs = {{.name = "x"}, {.name = "wx"}, {.name = "wy"}}, .terms = nine};
    for (const Shape& x :
         {Shape{2, 3, 3, 4}, Shape{1, 1, 1, 1}, Shape{0, 2, 3, 3}, Shape{1, 17, 5, 6}, Shape{1, 16, 33, 31}}) {
        const Shape w = {x[1], 1, 3, 3};
        trained.shapes.push_back({x, w, w});
    }
    set_function(trained, [](const auto& in) { return sobel_magnitude(in[0], in[1], in[2]); });
    trained.reference = [](const std::vector<Plain>& in) { return magnitude(in[0], in[1], in[2]); };
    list.push_back(trained);

    const double r = 0.299, g = 0.587, b = 0.114;
    OpCase to = color("rgb_to_ycrcb",
                      {r, g, b, 0.713 * (1 - r), -0.713 * g, -0.713 * b, -0.564 * r, -0.564 * g, 0.564 * (1 - b)},
                      {0, 0.5, 0.5});
    set_function(to, [](const auto& in) { return rgb_to_ycrcb(in[0]); });
    list.push_back(to);
    OpCase back = color("ycrcb_to_rgb", {1, 1.403, 0, 1, -0.714, -0.344, 1, 0, 1.773}, {-0.7015, 0.529, -0.8865});
    set_function(back, [](const auto& in) { return ycrcb_to_rgb(in[0]); });
    list.push_back(back);
}

}  // namespace fathom::tests
