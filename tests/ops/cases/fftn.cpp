// Fourier transforms along any dimensions, and of real spectra.
#include "fathom/ops/fftn.hpp"

#include <cmath>

#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

template <class F>
OpCase transform_case(const char* name, const char* input, std::vector<Shapes> shapes, F f) {
    OpCase op{
        .name = name, .inputs = {{.name = input}}, .shapes = std::move(shapes), .golden = name, .golden_file = "fftn"};
    op.terms = [](const Shapes& in, const Shape&) { return 4 * std::log2(2.0 + static_cast<double>(in[0].numel())); };
    set_function(op, f);
    return op;
}

// fftn by its definition: sums over all elements of z [..., 2].
Plain by_definition(const Plain& z) {
    const int rank = z.shape.rank() - 1;
    return plain(z.shape, [&](const Shape& k) {
        double sum = 0;
        plain(z.shape, [&](const Shape& j) {
            double turns = 0;
            for (int d = 0; d < rank; ++d)
                turns += static_cast<double>(k[d] * j[d] % z.shape[d]) / static_cast<double>(z.shape[d]);
            const double c = std::cos(2 * M_PI * turns), s = -std::sin(2 * M_PI * turns);
            // (x + i y) (c + i s): its real part, or its imaginary one.
            const double factor = k[rank] == 0 ? (j[rank] == 0 ? c : -s) : (j[rank] == 0 ? s : c);
            sum += factor * z.at(j);
            return 0.0;
        });
        return sum;
    });
}

}  // namespace

void add_fftn_cases(std::vector<OpCase>& list) {
    using fft::Norm;
    list.push_back(transform_case("fftn", "z", {{{2, 4, 3, 2}}, {{1, 2}}, {{5, 7, 11, 2}}},
                                  [](const auto& in) { return fft::fftn(in[0]); }));
    list.back().reference = [](const std::vector<Plain>& in) { return by_definition(in[0]); };
    list.back().terms = [](const Shapes& in, const Shape&) { return static_cast<double>(in[0].numel()); };
    list.push_back(transform_case("fftn_dims", "z", {{{4, 2, 3, 2}}, {{17, 3, 2, 2}}}, [](const auto& in) {
        return fft::fftn(in[0], {.s = {3, 5}, .dim = {2, 0}, .norm = Norm::ortho});
    }));
    list.push_back(transform_case("ifftn", "z", {{{2, 4, 3, 2}}, {{3, 1, 2}}}, [](const auto& in) {
        return fft::ifftn(in[0], {.s = {5, 2}});
    }));
    list.push_back(transform_case("rfftn", "x", {{{2, 4, 5}}, {{1}}, {{9, 33}}},
                                  [](const auto& in) { return fft::rfftn(in[0], {.norm = Norm::forward}); }));
    list.push_back(transform_case("irfftn", "z", {{{2, 3, 3, 2}}, {{1, 1, 1, 2}}}, [](const auto& in) {
        return fft::irfftn(in[0], {.s = {2, 3, 5}});
    }));
    list.push_back(transform_case("hfft", "z", {{{2, 4, 2}}, {{0, 3, 2}}, {{17, 5, 2}}},
                                  [](const auto& in) { return fft::hfft(in[0], {.n = 7}); }));
    list.push_back(transform_case("hfft_forward", "z", {{{4, 2, 2}}, {{17, 5, 2}}},
                                  [](const auto& in) { return fft::hfft(in[0], {.dim = 0, .norm = Norm::forward}); }));
    list.push_back(
        transform_case("ihfft", "x", {{{2, 7}}, {{1}}, {{5, 33}}}, [](const auto& in) { return fft::ihfft(in[0]); }));
    list.push_back(transform_case("hfftn", "z", {{{3, 3, 2, 2}}, {{1, 5, 3, 2}}}, [](const auto& in) {
        return fft::hfftn(in[0], {.s = {3, 4}, .dim = {0, 1}});
    }));
    list.push_back(transform_case("ihfftn", "x", {{{2, 3, 4}}, {{1}}, {{9, 33}}},
                                  [](const auto& in) { return fft::ihfftn(in[0], {.norm = Norm::ortho}); }));
}

}  // namespace fathom::tests
