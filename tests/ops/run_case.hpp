// How the driver makes an entry's inputs, runs it forward and backward, and compares.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/ops/copy.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/ops/case.hpp"

namespace fathom::tests {

// Random numbers in [low, high), one in each of `count` equal parts, so that they differ in every element; exact in
// float.
inline std::vector<double> spread(std::int64_t count, double low, double high, std::uint64_t seed,
                                  const std::vector<double>& kinks = {}) {
    std::vector<std::size_t> part(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < part.size(); ++i) {
        const auto j = static_cast<std::size_t>(uniform({seed, 0}, i) * static_cast<double>(i + 1));
        part[i] = part[j], part[j] = i;
    }
    std::vector<double> out;
    for (std::int64_t i = 0; i < count; ++i) {
        const double within = 0.1 + 0.8 * uniform({seed, 1u << 30}, static_cast<std::uint64_t>(i));
        const double place =
            (static_cast<double>(part[static_cast<std::size_t>(i)]) + within) / static_cast<double>(count);
        double value = low + (high - low) * place;
        for (double kink : kinks)
            if (std::fabs(value - kink) < 1e-3) value = kink + 2e-3 + 1e-6 * static_cast<double>(i % 1000);
        out.push_back(static_cast<double>(static_cast<float>(value)));
    }
    return out;
}

// The plain inputs of an entry: floating ones, then labels.
inline std::vector<Plain> make_inputs(const OpCase& op, const Shapes& shapes) {
    std::vector<Plain> in, labels;
    for (std::size_t k = 0; k < shapes.size(); ++k) {
        const OpInput& rule = op.inputs[k];
        const std::int64_t n = shapes[k].numel();
        if (!rule.integral()) {
            in.push_back({shapes[k], spread(n, rule.low, rule.high, k + 1, rule.kinks)});
            continue;
        }
        labels.push_back({shapes[k], {}});
        for (std::int64_t i = 0; i < n; ++i)
            labels.back().values.push_back(
                rule.kind == OpInput::labels && i % 11 == 5
                    ? 255
                    : static_cast<double>((i * 7 + i / 5) % static_cast<std::int64_t>(rule.high)));
    }
    in.insert(in.end(), labels.begin(), labels.end());
    return in;
}

template <class T>
Tensor<T> to_tensor(const Plain& x) {
    std::vector<T> values;
    for (double v : x.values) values.push_back(static_cast<T>(v));
    return from_data(values.data(), x.shape);
}

template <class T>
Inputs<T> to_inputs(const OpCase& op, const std::vector<Plain>& plain) {
    Inputs<T> in;
    std::size_t labels = 0;
    for (const OpInput& rule : op.inputs) labels += rule.integral();
    for (std::size_t i = 0; i < plain.size(); ++i) {
        if (i + labels < plain.size())
            in.tensors.push_back(to_tensor<T>(plain[i]));
        else
            in.labels.push_back(to_tensor<std::int64_t>(plain[i]));
    }
    return in;
}

inline bool differentiable(const OpCase& op, std::size_t tensor) {
    for (const OpInput& rule : op.inputs) {
        if (rule.integral()) continue;
        if (tensor-- == 0) return rule.kind == OpInput::differentiable;
    }
    return false;
}

template <class T>
Tensor<T> call(const OpCase& op, const Inputs<T>& in) {
    if constexpr (std::is_same_v<T, float>)
        return op.run_float(in);
    else
        return op.run_double(in);
}

template <class T>
struct Result {
    Tensor<T> y;
    std::vector<Tensor<T>> gradients;  // undefined for inputs that want none
};

template <class T>
Tensor<T> cotangent_for(const Shape& shape) {
    return to_tensor<T>({shape, spread(shape.numel(), 0.5, 1.5, 99)});
}

// Forward and backward. The inputs are leaves as they are given, views or not.
template <class T>
Result<T> run_case(const OpCase& op, Inputs<T> in, const Tensor<T>& cotangent = {}) {
    for (std::size_t i = 0; i < in.tensors.size(); ++i)
        if (differentiable(op, i)) in.tensors[i] = in.tensors[i].detach().requires_grad_();
    Result<T> result;
    result.y = call(op, in);
    backward(result.y, cotangent.defined() ? cotangent : cotangent_for<T>(result.y.shape()));
    for (Tensor<T>& x : in.tensors) result.gradients.push_back(x.grad());
    result.y = result.y.detach();
    return result;
}

// What a result may be off: each term is rounded a few times and the errors of a sum add up like a random walk, so
// eps * 4 * (4 + sqrt(terms)), relative to the largest element of the tensor.
template <class T>
double rounding_bound(double terms) {
    return static_cast<double>(std::numeric_limits<T>::epsilon()) * 4 * (4 + std::sqrt(terms));
}

inline double terms_of(const OpCase& op, const Shapes& in, const Shape& out) {
    return op.terms ? op.terms(in, out) : 1;
}

// Each of the products of the forward pass comes back once, spread over the elements of the input.
inline double gradient_terms(double terms, const Shape& in, const Shape& out) {
    return terms +
           terms * static_cast<double>(out.numel()) / static_cast<double>(std::max<std::int64_t>(in.numel(), 1));
}

// Largest difference, relative to the largest expected element; infinite where shapes differ or a NaN stands alone.
inline double difference(const AnyTensor& got, const Plain& expected) {
    constexpr double never = std::numeric_limits<double>::infinity();
    if (!got.defined() || !(got.shape() == expected.shape)) return never;
    const std::vector<double> values = numbers(got);
    double most = 0, scale = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double e = expected.values[i];
        if (std::isnan(e) && std::isnan(values[i])) continue;
        const double d = std::fabs(values[i] - e);
        if (!(d < never)) return never;
        most = std::max(most, d), scale = std::max(scale, std::fabs(e));
    }
    return most == 0 ? 0 : most / scale;
}

inline Plain to_plain(const AnyTensor& x) { return {x.shape(), numbers(x)}; }

// Ways to lay out the same elements in memory.
enum class Layout { row_major, channels_last, wide_pixels, reversed, stepped, count };

inline const char* name_of(Layout layout) {
    constexpr const char* names[] = {"row-major", "channels-last", "channels of a wider image", "reversed dimensions",
                                     "every second element"};
    return names[static_cast<int>(layout)];
}

template <class T>
Tensor<T> laid_out(const Tensor<T>& x, Layout layout) {
    NoGrad off;
    Tensor<T> storage, view;
    const int rank = x.rank();
    if (layout == Layout::channels_last && rank == 4) return x.contiguous(MemoryFormat::channels_last);
    if (layout == Layout::wide_pixels && rank == 4) {
        storage = full<T>({x.size(0), x.size(2), x.size(3), x.size(1) + 7}, T(99));
        view = storage.permute({0, 3, 1, 2}).narrow(1, 4, x.size(1));
    } else if (layout == Layout::reversed && rank >= 2) {
        Shape sizes, order;
        for (int d = rank - 1; d >= 0; --d) sizes.push_back(x.size(d)), order.push_back(d);
        view = full<T>(sizes, T(99)).permute(order);
    } else if (layout == Layout::stepped && rank >= 1) {
        Shape sizes = x.shape();
        sizes[rank - 1] = 2 * sizes[rank - 1] + 3;
        sizes[0] += rank > 1 ? 1 : 0;
        storage = full<T>(sizes, T(99));
        view = storage.narrow(0, rank > 1 ? 1 : 0, rank > 1 ? x.size(0) : sizes[0])
                   .slice(rank - 1, 1, 1 + 2 * x.size(rank - 1), 2);
    } else {
        return x;
    }
    view.copy_(x);
    return view;
}

}  // namespace fathom::tests
