// Definitions of gradcheck.hpp: templates, so included in every mode.
#pragma once

#include <cmath>

namespace fathom::inline v0::detail {

// Calls visit(offset in elements) for every element in logical order.
template <class Visit>
void for_each_offset(const Shape& shape, const Shape& strides, Visit visit) {
    const std::int64_t n = shape.numel();
    Shape index = Shape::filled(shape.rank(), 0);
    for (std::int64_t i = 0, offset = 0; i < n; ++i) {
        visit(offset);
        for (int d = shape.rank() - 1; d >= 0; --d) {
            offset += strides[d];
            if (++index[d] < shape[d]) break;
            offset -= strides[d] * shape[d];
            index[d] = 0;
        }
    }
}

// Sum of the elements of y times the cotangent.
template <class Double>
double dot(const Tensor<Double>& y, const Tensor<Double>& cotangent) {
    double sum = 0;
    const double *p = y.data(), *q = cotangent.data();  // the cotangent is row-major
    for_each_offset(y.shape(), y.strides(), [&](std::int64_t offset) { sum += p[offset] * *q++; });
    return sum;
}

template <class Double>
Tensor<Double> random_like(const Tensor<Double>& y, std::uint64_t seed, Where site) {
    auto random = Tensor<Double>::adopt(
        new_tensor(y.shape(), row_major_strides(y.shape()), DType::float64, Device::cpu(), "gradcheck", site));
    double* p = random.mutable_data();
    for (std::int64_t i = 0; i < y.numel(); ++i) p[i] = 0.5 + uniform({seed, 0}, static_cast<std::uint64_t>(i));
    return random;
}

template <class Double>
void gradcheck(GradcheckFunction<Double> f, void* state, std::vector<Tensor<Double>> inputs,
               const GradcheckOptions& options, Where site) {
    // Fresh leaves over the same storage: the caller's own gradients stay as they are, strides and views are checked as
    // given.
    std::vector<Tensor<Double>> leaves;
    for (const Tensor<Double>& x : inputs) leaves.push_back(x.detach().requires_grad_(true, site));
    const Tensor<Double> y = f(state, leaves);
    // A result without history claims that all gradients are zero, which the differences then check.
    const bool constant = !y.defined() || !requires_grad(y);
    if (constant && !options.allow_zero)
        throw GradcheckError(join({"gradcheck: the result does not depend on the inputs at ", to_string(site)}));
    const Tensor<Double> cotangent = random_like(y, options.seed, site);
    GradOptions grad_options;
    grad_options.allow_unused = true;
    grad_options.grad_outputs = {cotangent};
    const std::vector<Tensor<Double>> analytic =
        constant ? std::vector<Tensor<Double>>(leaves.size()) : grad(y, leaves, grad_options, site);
    bool all_zero = true;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        auto* values = static_cast<double*>(host_data(inputs[i], site));
        std::int64_t element = 0;
        const double* expected = analytic[i].defined() ? analytic[i].data() : nullptr;
        std::vector<std::int64_t> offsets;
        if (expected)
            for_each_offset(analytic[i].shape(), analytic[i].strides(), [&](std::int64_t o) { offsets.push_back(o); });
        for_each_offset(inputs[i].shape(), inputs[i].strides(), [&](std::int64_t offset) {
            const double before = values[offset], step = options.eps * (1 + std::fabs(before));
            const auto at = [&](double v) {
                values[offset] = v;
                std::vector<Tensor<Double>> in;
                for (const Tensor<Double>& x : inputs) in.push_back(x.detach().requires_grad_(true, site));
                return dot(f(state, in), cotangent);
            };
            const double up = before + step, down = before - step;
            const double numeric = (at(up) - at(down)) / (up - down);
            values[offset] = before;
            const double given = expected ? expected[offsets[static_cast<std::size_t>(element)]] : 0;
            all_zero = all_zero && given == 0;
            if (!(std::fabs(given - numeric) <= options.atol + options.rtol * std::fabs(numeric)))
                throw GradcheckError(
                    join({"gradcheck: input ", i, ", element ", element, " (shape ", inputs[i].shape(),
                          "): backward gives ", given, ", differences give ", numeric, " at ", to_string(site)}));
            ++element;
        });
    }
    if (all_zero && !options.allow_zero)
        throw GradcheckError(join({"gradcheck: every gradient is zero: nothing was checked at ", to_string(site)}));
}

template <class Double>
void check_recorded(GradcheckFunction<Double> f, void* state, const std::vector<Tensor<Double>>& inputs,
                    const GradcheckOptions& options, Where site) {
    std::vector<Tensor<Double>> leaves;
    for (const Tensor<Double>& x : inputs) leaves.push_back(x.detach().requires_grad_(true, site));
    const Tensor<Double> y = f(state, leaves);
    if (!y.defined() || !requires_grad(y)) return;  // gradcheck says so
    GradOptions grad_options;
    grad_options.retain_graph = grad_options.allow_unused = true;
    grad_options.grad_outputs = {random_like(y, options.seed + 1, site)};
    const std::vector<Tensor<Double>> plain = grad(y, leaves, grad_options, site);
    grad_options.create_graph = true;
    const std::vector<Tensor<Double>> recorded = grad(y, leaves, grad_options, site);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const auto values = [&](const Tensor<Double>& g) {
            std::vector<double> all(static_cast<std::size_t>(inputs[i].numel()), 0);
            if (!g.defined()) return all;
            std::size_t next = 0;
            const double* p = g.data(site);
            for_each_offset(g.shape(), g.strides(), [&](std::int64_t offset) { all[next++] = p[offset]; });
            return all;
        };
        const std::vector<double> a = values(plain[i]), b = values(recorded[i]);
        for (std::size_t element = 0; element < a.size(); ++element)
            if (!(std::fabs(a[element] - b[element]) <= 1e-8 * (1 + std::fabs(a[element]))))
                throw GradcheckError(join({"gradgradcheck: input ", i, ", element ", element, " (shape ",
                                           inputs[i].shape(), "): backward gives ", a[element],
                                           ", under create_graph it gives ", b[element], " at ", to_string(site)}));
    }
}

}  // namespace fathom::inline v0::detail
