// Fourier transforms, of complex numbers in pairs and of real ones.
#include "fathom/ops/fft.hpp"

#include <cmath>
#include <complex>
#include <numbers>

#include "tests/ops/case.hpp"

namespace fathom::tests {
namespace {

using fft::Norm;
using fft::Options;
using fft::Options2d;
using Complex = std::complex<double>;

// What a case transforms; n: -1 as in Options.
struct Transform {
    bool inverse, real_x, real_y;
};
constexpr Transform forth{false, false, false}, back{true, false, false}, from_real{false, true, false},
    to_real{true, false, true};

// The transform along one dimension, by its definition.
Plain transformed(const Plain& x, const Transform& t, int dim, std::int64_t n, Norm norm) {
    Shape shape = x.shape;
    if (dim < 0) dim += shape.rank() - (t.real_x ? 0 : 1);
    const std::int64_t given = shape[dim];
    if (n == -1) n = t.real_y ? 2 * (given - 1) : given;
    shape[dim] = t.real_x ? n / 2 + 1 : n;
    if (t.real_x) shape.push_back(2);
    if (t.real_y) shape.erase(shape.rank() - 1);
    const double scale = norm == Norm::ortho                     ? 1 / std::sqrt(static_cast<double>(n))
                         : (norm == Norm::backward) == t.inverse ? 1 / static_cast<double>(n)
                                                                 : 1;
    const auto element = [&](Shape index, std::int64_t j) {
        index[dim] = j;
        if (t.real_x) return Complex(x.at(index));
        index[index.rank() - 1] = 0;
        const double re = x.at(index);
        index[index.rank() - 1] = 1;
        return Complex(re, x.at(index));
    };
    std::vector<Complex> roots;
    for (std::int64_t k = 0; k < n; ++k)
        roots.push_back(std::polar(
            scale, (t.inverse ? 2 : -2) * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n)));
    return plain(shape, [&](const Shape& index) {
        Shape from = index;
        if (t.real_x) from.erase(from.rank() - 1);
        if (t.real_y) from.push_back(0);
        Complex sum = 0;
        for (std::int64_t j = 0; j < n; ++j) {
            Complex value = 0;
            const bool mirrored = t.real_y && 2 * j > n;
            const std::int64_t at = mirrored ? n - j : j;
            if (at < given) value = element(from, at);
            if (mirrored) value = std::conj(value);
            if (t.real_y && (at == 0 || 2 * at == n)) value = value.real();
            sum += value * roots[static_cast<std::size_t>(j * index[dim] % n)];
        }
        return t.real_y || index[index.rank() - 1] == 0 ? sum.real() : sum.imag();
    });
}

double terms_of_transform(const Shapes& in, const Shape& out) {
    return static_cast<double>(std::max(in[0].numel(), out.numel()));
}

template <class F>
OpCase entry(const char* name, const Transform& t, std::vector<Shapes> shapes, F f) {
    OpCase op{.name = name, .inputs = {{.name = t.real_x ? "x" : "z"}}, .shapes = std::move(shapes), .golden = name};
    op.golden_file = "fft";
    op.terms = terms_of_transform;
    set_function(op, f);
    return op;
}

void add_line(std::vector<OpCase>& list, const char* name, const Transform& t, const Options& o,
              std::vector<Shapes> shapes) {
    OpCase op = entry(name, t, std::move(shapes), [=](const auto& in) {
        return t.real_x    ? fft::rfft(in[0], o)
               : t.real_y  ? fft::irfft(in[0], o)
               : t.inverse ? fft::ifft(in[0], o)
                           : fft::fft(in[0], o);
    });
    op.reference = [=](const std::vector<Plain>& in) { return transformed(in[0], t, o.dim, o.n, o.norm); };
    list.push_back(op);
}

void add_plane(std::vector<OpCase>& list, const char* name, const Transform& t, const Options2d& o,
               std::vector<Shapes> shapes) {
    OpCase op = entry(name, t, std::move(shapes), [=](const auto& in) {
        return t.real_x    ? fft::rfft2(in[0], o)
               : t.real_y  ? fft::irfft2(in[0], o)
               : t.inverse ? fft::ifft2(in[0], o)
                           : fft::fft2(in[0], o);
    });
    op.reference = [=](const std::vector<Plain>& in) {
        const auto n = [&](int i) { return o.s.rank() > 0 ? o.s[i] : -1; };
        const auto along = [&](const Plain& x, const Transform& part, int i) {
            return transformed(x, part, static_cast<int>(o.dim[i]), n(i), o.norm);
        };
        if (t.real_y) return along(along(in[0], back, 0), to_real, 1);
        return along(along(in[0], t, 1), t.inverse ? back : forth, 0);
    };
    list.push_back(op);
}

}  // namespace

void add_fft_cases(std::vector<OpCase>& list) {
    add_line(list, "fft_8", forth, {}, {{{2, 8, 2}}, {{1, 2}}, {{0, 3, 2}}, {{17, 4, 2}}, {{600, 60, 2}}});
    add_line(list, "fft_15", forth, {}, {{{1, 15, 2}}, {{3, 2, 2}}});
    add_line(list, "fft_7", forth, {}, {{{3, 7, 2}}, {{1, 97, 2}}});
    add_line(list, "fft_22", forth, {}, {{{1, 22, 2}}});
    add_line(list, "ifft_8", back, {}, {{{2, 8, 2}}, {{1, 2}}, {{0, 3, 2}}, {{9, 5, 2}}});
    add_line(list, "ifft_15", back, {}, {{{1, 15, 2}}});
    add_line(list, "ifft_7", back, {}, {{{3, 7, 2}}, {{1, 97, 2}}});
    add_line(list, "ifft_22", back, {}, {{{1, 22, 2}}});
    add_line(list, "rfft_8", from_real, {}, {{{2, 8}}, {{1}}, {{2}}, {{0, 4}}, {{17, 6}}, {{300, 120}}});
    add_line(list, "rfft_15", from_real, {}, {{{1, 15}}, {{33, 3}}});
    add_line(list, "rfft_7", from_real, {}, {{{2, 7}}, {{1, 97}}});
    add_line(list, "rfft_22", from_real, {}, {{{1, 22}}, {{3, 194}}});
    add_line(list, "irfft_8", to_real, {.n = 8}, {{{2, 5, 2}}, {{0, 5, 2}}, {{17, 5, 2}}});
    add_line(list, "irfft_15", to_real, {.n = 15}, {{{1, 8, 2}}, {{33, 8, 2}}});
    add_line(list, "irfft_7", to_real, {.n = 7}, {{{2, 4, 2}}});
    add_line(list, "irfft_22", to_real, {.n = 22}, {{{1, 12, 2}}});
    add_line(list, "fft_cut", forth, {.n = 4, .dim = 0, .norm = Norm::ortho}, {{{6, 2, 2}}, {{4, 19, 2}}});
    add_line(list, "ifft_padded", back, {.n = 9, .dim = 1, .norm = Norm::forward}, {{{2, 5, 1, 2}}, {{2, 0, 3, 2}}});
    add_line(list, "rfft_cut", from_real, {.n = 6, .dim = -2, .norm = Norm::forward}, {{{9, 2}}, {{7, 19}}});
    add_line(list, "rfft_padded", from_real, {.n = 11, .dim = 0, .norm = Norm::ortho}, {{{8, 2}}, {{5, 19}}});
    add_line(list, "irfft_default", to_real, {.dim = 0}, {{{5, 2, 2}}, {{2, 3, 2}}});
    add_line(list, "irfft_cut", to_real, {.n = 6, .norm = Norm::ortho}, {{{2, 6, 2}}, {{19, 5, 2}}});
    add_line(list, "irfft_padded", to_real, {.n = 13, .norm = Norm::forward}, {{{2, 4, 2}}, {{19, 1, 2}}});
    add_plane(list, "fft2", forth, {}, {{{1, 4, 3, 2}}, {{5, 7, 2}}, {{0, 4, 3, 2}}});
    add_plane(list, "ifft2", back, {.s = {5, 4}, .dim = {0, 2}, .norm = Norm::ortho}, {{{4, 1, 5, 2}}, {{2, 3, 2, 2}}});
    add_plane(list, "rfft2", from_real, {}, {{{1, 4, 6}}, {{5, 7}}, {{0, 4, 3}}, {{3, 30, 33}}});
    add_plane(list, "rfft2_sizes", from_real, {.s = {4, 7}, .dim = {1, 0}, .norm = Norm::forward}, {{{6, 5, 1}}});
    add_plane(list, "irfft2", to_real, {.s = {4, 5}}, {{{1, 4, 3, 2}}, {{2, 2, 2, 2}}});
}

}  // namespace fathom::tests
