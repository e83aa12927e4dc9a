// Fourier transforms: what lists of operation cases do not show. Their values and gradients: tests/ops/cases/fft.cpp.
#include "fathom/ops/fftn.hpp"

#include <cmath>

#include "fathom/ops/norm.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/fft: frequencies, and frequency 0 in the middle") {
    CHECK(elements(fft::fftfreq<double>(4)) == std::vector<double>{0, 0.25, -0.5, -0.25});
    CHECK(elements(fft::fftfreq<double>(5, 0.5)) == std::vector<double>{0, 0.4, 0.8, -0.8, -0.4});
    CHECK(elements(fft::rfftfreq<double>(5, 0.5)) == std::vector<double>{0, 0.4, 0.8});
    CHECK(elements(fft::rfftfreq<double>(4)) == std::vector<double>{0, 0.25, 0.5});
    const auto x = arange<std::int64_t>(5);
    CHECK(elements(fft::fftshift(x)) == std::vector<std::int64_t>{3, 4, 0, 1, 2});
    CHECK(elements(fft::ifftshift(fft::fftshift(x))) == elements(x));
    const auto z = arange<std::int64_t>(8).reshape({4, 2});
    CHECK(elements(fft::fftshift(z, {0})) == std::vector<std::int64_t>{4, 5, 6, 7, 0, 1, 2, 3});
    CHECK(elements(fft::fftshift(z)) == std::vector<std::int64_t>{5, 4, 7, 6, 1, 0, 3, 2});
}

TEST_CASE("ops/fft: a convolution is a product of spectra, and so is its gradient") {
    auto x = Tensor<double>({1, 2, 3, 4}).requires_grad_();
    const Tensor<double> w({5, 6, 7});
    const auto y = fft::irfft(fft::mul(fft::rfft(x, {.n = 6}), fft::rfft(w, {.n = 6})), {.n = 6});
    const std::vector<double> expected = {5, 16, 34, 52, 45, 28};
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(elements(y)[i] == doctest::Approx(expected[i]));
    y.sum().backward();
    for (const double g : elements(x.grad())) CHECK(g == doctest::Approx(18));
}

TEST_CASE("ops/fft: parts of complex numbers") {
    const Tensor<float> re({1, 2}), im({3, 4});
    const auto z = fft::complex(re, im);
    CHECK(elements(z) == std::vector<float>{1, 3, 2, 4});
    CHECK(elements(fft::complex(re)) == std::vector<float>{1, 0, 2, 0});
    CHECK(elements(fft::real(z)) == elements(re));
    CHECK(elements(fft::imag(z)) == elements(im));
    CHECK(elements(fft::mul(z, z)) == std::vector<float>{-8, 6, -12, 16});
    CHECK(elements(norm(fft::complex(Tensor<float>({3.0f}), Tensor<float>({4.0f})), 2, {-1})) == std::vector<float>{5});
}

TEST_CASE("ops/fft: what is no number stays in its line") {
    auto x = ones<float>({20, 8});
    x(3, 2) = NAN;
    const auto y = fft::rfft(x);
    for (std::int64_t line = 0; line < 20; ++line)
        for (std::int64_t k = 0; k < 5; ++k) CHECK(std::isnan(static_cast<float>(y(line, k, 0))) == (line == 3));
}

TEST_CASE("ops/fft: wrong arguments say what was expected and what came") {
    const auto x = zeros<float>({3, 4}), z = zeros<float>({3, 4, 2});
    CHECK(message_of([&] { fft::fft(x); }) ==
          "fft: input has shape [3,4], expected complex numbers: a last dimension of 2, real and imaginary at here");
    CHECK(message_of([&] { fft::fft(Tensor<float>()); }).find("fft: ") == 0);
    CHECK(message_of([&] { fft::rfft(zeros<float>({})); }) ==
          "rfft: input has shape [], expected one to 7 dimensions at here");
    CHECK(message_of([&] { fft::ifft(z, {.n = 0}); }) ==
          "ifft: the transform has 0 elements, expected at least 1 (input [3,4,2], dim -1) at here");
    CHECK(message_of([&] {
              fft::irfft(zeros<float>({3, 1, 2}));
          }) == "irfft: the transform has 0 elements, expected at least 1 (input [3,1,2], dim -1) at here");
    CHECK(message_of([&] { fft::fft(z, {.dim = 2}); }).find("fft: ") == 0);
    CHECK(message_of([&] {
              fft::rfft2(x, {.dim = {1, -1}});
          }) == "rfft2: dim [1,-1] names one dimension twice at here");
    CHECK(message_of([&] { fft::fft2(z, {.s = {3}}); }) ==
          "fft2: s [3], expected a length for each of two dimensions at here");
    CHECK(message_of([&] { fft::fft2(z, {.dim = {0}}); }) == "fft2: dim [0], expected two dimensions at here");
    CHECK(message_of([&] { fft::fftfreq(0); }) == "fftfreq: length 0, expected at least 1 at here");
    CHECK(message_of([&] { fft::rfftfreq(-1); }) == "rfftfreq: length -1, expected at least 1 at here");
    CHECK(message_of([&] { fft::real(x); }).find("real: input has shape [3,4]") == 0);
}

TEST_CASE("ops/fft: what transforms along any dimensions refuse") {
    const auto z = zeros<float>({3, 4, 2});
    CHECK(message_of([&] {
              fft::fftn(z, {.s = {1, 2, 3}}, Where{});
          }) == "fftn: s [1,2,3] for an input of 2 dimensions, shape [3,4,2]");
    CHECK(message_of([&] {
              fft::fftn(z, {.s = {1}, .dim = {0, 1}}, Where{});
          }) == "fftn: s [1], expected a length for each of the dimensions [0,1]");
    CHECK(message_of([&] {
              fft::rfftn(z, {.dim = {1, -2}}, Where{});
          }) == "rfftn: dim [1,-2] names one dimension twice");
    CHECK(message_of([&] { fft::ifftn(zeros<float>({2}), {}, Where{}); }) ==
          "ifftn: input has shape [2], expected a dimension to transform");
    CHECK(message_of([&] { fft::hfft(zeros<float>({2, 3}), {}, Where{}); }).find("hfft: input has shape [2,3]") == 0);
}
