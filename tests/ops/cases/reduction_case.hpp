// Entries of reductions, and plain ones for their references.
#pragma once

#include "tests/ops/case.hpp"

namespace fathom::tests {

// Reduces `dims` (a bit each) by fold(values), keeping them with size 1.
template <class Fold>
Plain reduced(const Plain& x, unsigned dims, Fold fold) {
    Shape shape = x.shape, inner = Shape::filled(x.shape.rank(), 1);
    for (int d = 0; d < shape.rank(); ++d)
        if (dims >> d & 1) inner[d] = shape[d], shape[d] = 1;
    return plain(shape, [&](const Shape& outer) {
        return fold(plain(inner, [&](const Shape& i) {
                        Shape index = outer;
                        for (int d = 0; d < index.rank(); ++d) index[d] += i[d];
                        return x.at(index);
                    }).values);
    });
}

inline Plain without(Plain x, unsigned dims) {
    for (int d = x.shape.rank() - 1; d >= 0; --d)
        if (dims >> d & 1) x.shape.erase(d);
    return x;
}

inline double sum_of(const std::vector<double>& v) {
    double sum = 0;
    for (double x : v) sum += x;
    return sum;
}
inline double mean_of(const std::vector<double>& v) { return sum_of(v) / static_cast<double>(v.size()); }
inline double variance_of(const std::vector<double>& v, double less) {
    double sum = 0;
    for (double x : v) sum += (x - mean_of(v)) * (x - mean_of(v));
    return sum / (static_cast<double>(v.size()) - less);
}
inline double largest_of(const std::vector<double>& v) {
    double most = v[0];
    for (double x : v) most = x > most ? x : most;
    return most;
}
inline double smallest_of(const std::vector<double>& v) {
    double least = v[0];
    for (double x : v) least = x < least ? x : least;
    return least;
}

// Terms of a reduction: what one output covers.
inline double covered(const Shapes& in, const Shape& out) {
    return out.numel() ? static_cast<double>(in[0].numel()) / static_cast<double>(out.numel()) : 1;
}

template <class F, class R>
OpCase reduction(const char* name, const char* golden, std::vector<Shapes> shapes, F f, R reference) {
    OpCase op{.name = name,
              .inputs = {{.low = -1, .high = 2}},
              .shapes = std::move(shapes),
              .golden = golden,
              .terms = covered};
    set_function(op, f);
    op.reference = [reference](const std::vector<Plain>& in) { return reference(in[0]); };
    return op;
}

}  // namespace fathom::tests
