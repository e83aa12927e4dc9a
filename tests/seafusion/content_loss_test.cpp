#include "fathom/seafusion/content_loss.hpp"

#include "fathom/autograd/gradcheck.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;
using seafusion::content_loss;

TEST_CASE("seafusion/content_loss: by hand on one pixel") {
    // Zero padding: the only pixel has no neighbours, so all gradients are 0.
    const auto value = [](double x) { return full<double>({1, 1, 1, 1}, x); };
    const auto loss = content_loss(value(0.25), value(0.5), value(0.75));
    CHECK(loss.intensity() == 0.5);
    CHECK(loss.texture() == 0);
    CHECK(loss.total.item() == 0.5);
}

TEST_CASE("seafusion/content_loss: by hand on a row of two pixels") {
    // |grad| of a row [a, b] with zeros around it: |sx| + |sy| = 2 |b| + 0 at the first, 2 |a| at the second.
    const auto row = [](double a, double b) { return Tensor<double>({{a, b}}).reshape({1, 1, 1, 2}); };
    const auto loss = content_loss(row(0.5, 0.25), row(0.5, 0.5), row(0.25, 0.75), 3);
    CHECK(loss.intensity() == doctest::Approx((0 + 0.5) / 2));
    CHECK(loss.texture() == doctest::Approx((std::fabs(0.5 - 1.5) + std::fabs(1.0 - 1.0)) / 2));
    CHECK(loss.total.item() == doctest::Approx(0.25 + 3 * 0.5));
}

TEST_CASE("seafusion/content_loss: fused and composite agree") {
    for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{2, 1, 7, 1}, Shape{3, 1, 8, 33}}) {
        CAPTURE(to_string(shape));
        auto f = random_image<double>(shape, 1), g = f.clone();
        const auto y = random_image<double>(shape, 2), ir = random_image<double>(shape, 3);
        f.requires_grad_(), g.requires_grad_();
        const auto a = content_loss(f, y, ir, 2.5).total;
        const auto b = seafusion::detail::ContentLossFunction<double>::composite(g, y, ir, 2.5, Where::here());
        CHECK(std::fabs(a.item() - b.item()) <= 1e-13 * b.item());
        (a * 3.0).backward(), (b * 3.0).backward();
        CHECK(difference(f.grad(), g.grad()) <= 1e-13);
    }
}

TEST_CASE("seafusion/content_loss: float agrees with double on every ISA, strided too") {
    const Shape shape{2, 1, 21, 35};
    const auto f = random_image<float>(shape, 4), y = random_image<float>(shape, 5), ir = random_image<float>(shape, 6);
    auto exact = f.to<double>();
    exact.requires_grad_();
    const auto expected = content_loss(exact, y.to<double>(), ir.to<double>());
    expected.total.backward();
    const auto strided = [](const Tensor<float>& x) { return transpose(contiguous(transpose(x, 2, 3)), 2, 3); };
    for_each_isa([&] {
        for (const bool views : {false, true}) {
            auto x = f.clone();
            x.requires_grad_();
            const auto loss = views ? content_loss(strided(x), strided(y), strided(ir)) : content_loss(x, y, ir);
            CHECK(loss.total.item() == doctest::Approx(expected.total.item()).epsilon(1e-6));
            CHECK(loss.intensity() == doctest::Approx(expected.intensity()).epsilon(1e-6));
            CHECK(loss.texture() == doctest::Approx(expected.texture()).epsilon(1e-6));
            loss.total.backward();
            CHECK(relative_difference(x.grad(), exact.grad()) <= 1e-5);
        }
    });
}

TEST_CASE("seafusion/content_loss: gradcheck") {
    const Shape shape{2, 1, 5, 6};
    const auto y = random_image<double>(shape, 7), ir = random_image<double>(shape, 8);
    const auto loss = [&](std::vector<Tensor<double>>& in) { return content_loss(in[0], y, ir).total; };
    gradcheck(loss, {random_image<double>(shape, 9)});
    // Piecewise linear: the second derivative is 0 wherever it exists.
    gradgradcheck(loss, {random_image<double>(shape, 9)}, {.allow_zero = true});
}

TEST_CASE("seafusion/content_loss: errors") {
    const auto image = [](const Shape& shape) { return zeros<float>(shape); };
    const auto good = image({1, 1, 4, 4});
    CHECK(message_of([&] {
              content_loss(image({4, 4}), good, good);
          }) == "content_loss: fused has shape [4,4], expected [N,1,H,W] with at least one pixel at here");
    CHECK(message_of([&] {
              content_loss(image({1, 3, 4, 4}), good, good);
          }) == "content_loss: fused has shape [1,3,4,4], expected [N,1,H,W] with at least one pixel at here");
    CHECK(message_of([&] {
              content_loss(image({1, 1, 0, 4}), good, good);
          }) == "content_loss: fused has shape [1,1,0,4], expected [N,1,H,W] with at least one pixel at here");
    CHECK(message_of([&] {
              content_loss(good, image({1, 1, 4, 5}), good);
          }) ==
          "content_loss: fused has shape [1,1,4,4], visible [1,1,4,5], infrared [1,1,4,4]; expected the same at here");
    CHECK(message_of([&] {
              content_loss(good, good, image({2, 1, 4, 4}));
          }) ==
          "content_loss: fused has shape [1,1,4,4], visible [1,1,4,4], infrared [2,1,4,4]; expected the same at here");
    auto learned = image({1, 1, 4, 4});
    learned.requires_grad_();
    const std::string text = "content_loss: the images are data and take no gradient; detach() them at here";
    CHECK(message_of([&] { content_loss(good, learned, good); }) == text);
    CHECK(message_of([&] { content_loss(good, good, learned); }) == text);
}

TEST_CASE("seafusion/content_loss: larger_gradient against plain loops") {
    // Left of column 20 infrared alone has texture, behind column 32 the visible image; both are flat between.
    constexpr std::int64_t n = 2, h = 17, w = 60;
    const auto noise_in = [&](std::uint64_t seed, std::int64_t first, std::int64_t last, double flat) {
        auto x = random_image<double>({n, 1, h, w}, seed);
        double* at = x.mutable_data();
        for (std::int64_t i = 0; i < x.numel(); ++i)
            if (i % w < first || i % w >= last) at[i] = flat;
        return x;
    };
    const auto y = noise_in(10, 32, w, 1.0), ir = noise_in(11, 0, 20, 0.0), f = random_image<double>({n, 1, h, w}, 12);
    const auto pixel = [&](const Tensor<double>& x, std::int64_t image, std::int64_t r, std::int64_t c) {
        return r < 0 || r >= h || c < 0 || c >= w ? 0.0 : x.data()[(image * h + r) * w + c];
    };
    const auto magnitude = [&](const Tensor<double>& x, std::int64_t image, std::int64_t r, std::int64_t c) {
        if (r < 0 || r >= h || c < 0 || c >= w) return 0.0;
        const auto at = [&](std::int64_t dr, std::int64_t dc) { return pixel(x, image, r + dr, c + dc); };
        return std::fabs(at(-1, -1) + 2 * at(0, -1) + at(1, -1) - at(-1, 1) - 2 * at(0, 1) - at(1, 1)) +
               std::fabs(at(-1, -1) + 2 * at(-1, 0) + at(-1, 1) - at(1, -1) - 2 * at(1, 0) - at(1, 1));
    };
    const auto local = [&](const Tensor<double>& x, std::int64_t image, std::int64_t r, std::int64_t c) {
        double sum = 0;
        for (std::int64_t dr = -5; dr <= 5; ++dr)
            for (std::int64_t dc = -5; dc <= 5; ++dc) sum += magnitude(x, image, r + dr, c + dc);
        return sum;
    };
    double intensity = 0, texture = 0;
    std::int64_t not_maximum = 0;
    for (std::int64_t image = 0; image < n; ++image)
        for (std::int64_t r = 0; r < h; ++r)
            for (std::int64_t c = 0; c < w; ++c) {
                const double a = pixel(y, image, r, c), b = pixel(ir, image, r, c), of_a = local(y, image, r, c),
                             of_b = local(ir, image, r, c);
                const double target = of_a > of_b ? a : of_b > of_a ? b : std::max(a, b);
                not_maximum += target != std::max(a, b);
                intensity += std::fabs(pixel(f, image, r, c) - target);
                texture += std::fabs(magnitude(f, image, r, c) -
                                     std::max(magnitude(y, image, r, c), magnitude(ir, image, r, c)));
            }
    CHECK(not_maximum > 100);  // overexposed pixels of which infrared is taken
    const auto loss = content_loss(f, y, ir, 3, seafusion::IntensityTarget::larger_gradient);
    const double pixels = n * h * w;
    CHECK(loss.pixels == n * h * w);
    CHECK(loss.intensity() == doctest::Approx(intensity / pixels).epsilon(1e-12));
    CHECK(loss.texture() == doctest::Approx(texture / pixels).epsilon(1e-12));
    CHECK(loss.total.item() == doctest::Approx((intensity + 3 * texture) / pixels).epsilon(1e-12));
    CHECK(content_loss(f, y, ir, 3, seafusion::IntensityTarget::maximum).total.item() ==
          content_loss(f, y, ir, 3).total.item());
}

TEST_CASE("seafusion/content_loss: larger_gradient, gradcheck, one pixel and errors") {
    using enum seafusion::IntensityTarget;
    const Shape shape{2, 1, 5, 6};
    const auto y = random_image<double>(shape, 7), ir = random_image<double>(shape, 8);
    const auto loss = [&](std::vector<Tensor<double>>& in) {
        return content_loss(in[0], y, ir, 10, larger_gradient).total;
    };
    gradcheck(loss, {random_image<double>(shape, 9)});
    gradgradcheck(loss, {random_image<double>(shape, 9)}, {.allow_zero = true});
    // Without neighbours both means are 0: the larger one.
    const auto value = [](double x) { return full<double>({1, 1, 1, 1}, x); };
    CHECK(content_loss(value(0.25), value(0.5), value(0.75), 10, larger_gradient).total.item() == 0.5);
    const auto image = zeros<float>({1, 1, 4, 4});
    CHECK(message_of([&] {
              content_loss(image, zeros<float>({1, 1, 4, 5}), image, 10, larger_gradient);
          }) ==
          "content_loss: fused has shape [1,1,4,4], visible [1,1,4,5], infrared [1,1,4,4]; expected the same at here");
}
