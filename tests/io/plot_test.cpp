#include "fathom/io/plot.hpp"

#include <cmath>
#include <limits>

#include "fathom/io/image.hpp"
#include "fathom/io/plot_axis.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/io/support.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace io_test;
using fathom::tests::contains;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

}  // namespace

TEST_CASE("io/plot: lines of vectors and tensors") {
    const Folder folder;
    const std::vector<float> train = {3, 2, 1.5f, 1.25f};
    plot::lines(folder / "loss.svg",
                {{"train", train}, {"a < b & c", Tensor<double>({2, 3})}, {"own x", {1, 2}, {0.5, 2}}},
                {.title = "Loss", .x_label = "epoch", .y_label = "nats"});
    const std::string svg = read_file(folder / "loss.svg");
    CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720.0 400.0\""));
    CHECK(svg.ends_with("</svg>\n"));
    for (const char* part :
         {">train</text>", ">a &lt; b &amp; c</text>", ">Loss</text>", ">epoch</text>", ">nats</text>"})
        CHECK(contains(svg, part));
    CHECK(count(svg, "<circle") == 8);
    CHECK(count(svg, "stroke-width=\"1.6\"") == 3);
    // Without a second line there is no legend, without any nothing but axes.
    CHECK_FALSE(contains(plot::lines_svg({{"train", train}}), ">train</text>"));
    CHECK(count(plot::lines_svg({}), "<path") == 2);
    CHECK(count(plot::lines_svg({{"none", std::vector<int>{}}}), "<path") == 2);
    CHECK(contains(plot::lines_svg({{"one", {5}}}), "<circle"));
    CHECK(plot::lines_svg({{"same", {2, 2, 2}}}).find("nan") == std::string::npos);
}

TEST_CASE("io/plot: what is not finite is left out, and long curves are thinned") {
    const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    const std::string svg = plot::lines_svg({{"gaps", {1, nan, 2, inf, 3, -inf}}});
    CHECK(count(svg, "<circle") == 3);
    CHECK_FALSE(contains(svg, "nan"));
    CHECK_FALSE(contains(svg, "inf"));
    std::vector<double> noisy(200000);
    for (std::size_t i = 0; i < noisy.size(); ++i) noisy[i] = std::sin(static_cast<double>(i) * 1.7);
    CHECK(plot::lines_svg({{"noisy", noisy}}).size() < 100000);
    const std::vector<double> x = {0, 1, 2, 3, 4, 5, 6, 7}, y = {5, 9, 1, 4, 4, nan, 4, 4};
    CHECK(plot::visible_points(x, y, 0, 7, 2) == std::vector<std::size_t>{0, 1, 2, 3, 4, 7});
}

TEST_CASE("io/plot: axes") {
    const plot::Axis falling = plot::value_axis({100, 10, 1, 0.1, 0.01});
    CHECK(falling.log);
    CHECK(falling.share(std::sqrt(falling.low * falling.high)) == doctest::Approx(0.5).epsilon(1e-12));
    CHECK(falling.ticks(6).size() == 5);
    const plot::Axis narrow = plot::value_axis({1e9, 1e9 + 1e-7});
    CHECK(narrow.ticks(6).size() < 30);
    CHECK(plot::value_axis({0, 3}).low == 0);
    CHECK(plot::Axis{0, 10}.ticks(5) == std::vector<double>{0, 2, 4, 6, 8, 10});
    CHECK(plot::Axis{-0.25, 0.25}.ticks(5).at(2) == 0);
    CHECK(plot::Axis{0, 3}.ticks(6, 1) == std::vector<double>{0, 1, 2, 3});
    CHECK(contains(plot::lines_svg({{"loss", {1, 0.9}}}, {.log = true}), "</svg>"));
    CHECK(contains(plot::lines_svg({{"loss", {100, 0.01}}}, {.log = false}), "</svg>"));
}

TEST_CASE("io/plot: lines that cannot be drawn") {
    const auto error = [](const std::vector<plot::Line>& lines, const plot::LinesOptions& options = {}) {
        return error_of([&] { plot::lines_svg(lines, options); });
    };
    CHECK(error({{"a", {1, 2}, {1}}}).find("plot::lines: line \"a\" has 1 values of x and 2 of y at ") == 0);
    CHECK(error({{"a", {1, 2}, {1, 0}}})
              .find("plot::lines: line \"a\": x falls from 1 to 0, expected ascending values at ") == 0);
    CHECK(error({{"a", {1, 0}}}, {.log = true})
              .find("plot::lines: line \"a\" has the value 0, which has no place on a logarithmic axis at ") == 0);
    CHECK(error_of([] {
              plot::Numbers(zeros<float>({2, 2}));
          }).find("plot::lines: numbers of shape [2,2], expected one dimension") == 0);
    CHECK(error_of([] {
              plot::lines("a.txt", {});
          }).find("plot::lines: a.txt: expected a name that ends with .svg at ") == 0);
}

TEST_CASE("io/plot: grids of images") {
    Tensor<float> x = zeros<float>({3, 1, 2, 2});
    for (std::int64_t i = 0; i < 12; ++i) x.mutable_data()[i] = static_cast<float>(i) / 11;
    const auto grid = plot::grid(x, {.nrow = 2, .padding = 1});
    CHECK(grid.shape() == Shape({7, 7, 3}));
    CHECK(grid(0, 0, 0) == 0);
    CHECK(grid(1, 2, 0) == 23);  // 1 / 11
    CHECK(grid(1, 2, 2) == 23);
    CHECK(grid(4, 1, 1) == 185);  // the first pixel of the third image, 8 / 11
    CHECK(grid(5, 2, 1) == 255);
    CHECK(grid(5, 5, 0) == 0);
    CHECK(tests::same_bits(plot::grid(x.to<double>(), {.nrow = 2, .padding = 1}), grid));
    CHECK(tests::same_bits(plot::grid((x * 5.0f) - 2.0f, {.nrow = 2, .padding = 1, .normalize = true}), grid));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(tests::elements(plot::grid(Tensor<double>({{{-1, 2, nan, 0.5}}}), {.padding = 0})) ==
          std::vector<std::uint8_t>{0, 0, 0, 255, 255, 255, 0, 0, 0, 128, 128, 128});
    const Tensor<std::uint8_t> color({{{{1}}, {{2}}, {{3}}}});
    CHECK(tests::elements(plot::grid(color, {.padding = 0})) == std::vector<std::uint8_t>{1, 2, 3});

    const Folder folder;
    plot::images(folder / "grid.png", x);
    CHECK(tests::same_bits(io::read_image(folder / "grid.png"), plot::grid(x)));
    CHECK(error_of([&] {
              plot::grid(zeros<float>({2, 2, 2, 2}));
          }).find("plot::images: images of shape [2,2,2,2], expected [N, 1, H, W]") == 0);
    CHECK(error_of([&] { plot::grid(zeros<float>({0, 3, 3})); }).find("plot::images: images of shape [0,3,3]") == 0);
    CHECK(error_of([&] {
              plot::grid(zeros<int>({1, 3, 3}));
          }).find("plot::images: images of int32, expected floating ones or uint8") == 0);
    CHECK(error_of([&] { plot::grid(x, {.nrow = 0}); }).find("plot::images: nrow 0 and padding 2") == 0);
}
