// Rung 0: kernels as plain loops that sum in double, for tests to compare with. `magnitude` is the same sum over
// absolute values, which bounds the rounding error of any order of summation.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "fathom/kernels/conv.hpp"

namespace fathom::tests {

struct Reference {
    std::vector<double> value, magnitude;
};

// The most that a result of T may differ: `terms` roundings of the sum's magnitude, with room for blocked orders.
template <class T>
double tolerance(double magnitude, std::int64_t terms) {
    const double roundings = 4 + std::sqrt(static_cast<double>(terms));
    return 2 * roundings * static_cast<double>(std::numeric_limits<T>::epsilon()) * magnitude + 1e-30;
}

// What an epilogue makes of a sum at element `at` of the result.
template <class T>
double reference_end(double v, std::int64_t at, const kernels::Epilogue<T>& epilogue) {
    const double side = epilogue.gate ? static_cast<double>(epilogue.gate[at]) : v;
    if (side > 0 || epilogue.activation == Activation::none) return v;
    return epilogue.activation == Activation::relu ? 0 : v * epilogue.slope;
}

// Calls f(x index, w index, y index) for every product of a convolution.
template <class F>
void for_each_product(const ConvShape& s, F&& f) {
    const std::int64_t channels = s.in_channels / s.groups, outputs = s.out_channels / s.groups;
    for (std::int64_t n = 0; n < s.n; ++n)
        for (std::int64_t oh = 0; oh < s.out_height(); ++oh)
            for (std::int64_t ow = 0; ow < s.out_width(); ++ow)
                for (std::int64_t k = 0; k < s.out_channels; ++k)
                    for (std::int64_t c = 0; c < channels; ++c)
                        for (std::int64_t i = 0; i < s.kernel_h; ++i)
                            for (std::int64_t j = 0; j < s.kernel_w; ++j) {
                                const std::int64_t ih = oh * s.stride_h - s.padding_h + i * s.dilation_h;
                                const std::int64_t iw = ow * s.stride_w - s.padding_w + j * s.dilation_w;
                                if (ih < 0 || ih >= s.height || iw < 0 || iw >= s.width) continue;
                                f(((n * s.height + ih) * s.width + iw) * s.x_step() + k / outputs * channels + c,
                                  ((k * channels + c) * s.kernel_h + i) * s.kernel_w + j,
                                  ((n * s.out_height() + oh) * s.out_width() + ow) * s.y_step() + k);
                            }
}

// Calls f(y index, k) for every output.
template <class F>
void for_each_output(const ConvShape& s, F&& f) {
    for (std::int64_t p = 0; p < s.n * s.out_height() * s.out_width(); ++p)
        for (std::int64_t k = 0; k < s.out_channels; ++k) f(p * s.y_step() + k, k);
}

template <class T>
Reference reference_conv_forward(const T* x, const T* w, const T* bias, const std::vector<T>& y, const ConvShape& s,
                                 const kernels::Epilogue<T>& epilogue) {
    Reference r{std::vector<double>(y.begin(), y.end()), std::vector<double>(y.size(), 0)};
    for_each_output(s, [&](std::int64_t at, std::int64_t k) {
        const double old = epilogue.residual ? static_cast<double>(epilogue.residual[at]) : 0;
        const double start = bias ? static_cast<double>(bias[k]) : 0;
        r.value[static_cast<std::size_t>(at)] = old + start;
        r.magnitude[static_cast<std::size_t>(at)] = std::abs(old) + std::abs(start);
    });
    for_each_product(s, [&](std::int64_t xi, std::int64_t wi, std::int64_t yi) {
        const double product = static_cast<double>(x[xi]) * static_cast<double>(w[wi]);
        r.value[static_cast<std::size_t>(yi)] += product;
        r.magnitude[static_cast<std::size_t>(yi)] += std::abs(product);
    });
    for_each_output(s, [&](std::int64_t at, std::int64_t) {
        double& value = r.value[static_cast<std::size_t>(at)];
        value = reference_end(value, at, epilogue);
    });
    return r;
}

template <class T>
Reference reference_conv_data(const T* dy, const T* w, const std::vector<T>& dx, const ConvShape& s,
                              const kernels::Epilogue<T>& epilogue) {
    Reference r{std::vector<double>(dx.begin(), dx.end()), std::vector<double>(dx.size(), 0)};
    const auto for_each_input = [&](auto&& f) {
        for (std::int64_t p = 0; p < s.n * s.height * s.width; ++p)
            for (std::int64_t c = 0; c < s.in_channels; ++c) f(p * s.x_step() + c);
    };
    for_each_input([&](std::int64_t at) {
        const double old = epilogue.residual ? static_cast<double>(epilogue.residual[at]) : 0;
        r.value[static_cast<std::size_t>(at)] = old, r.magnitude[static_cast<std::size_t>(at)] = std::abs(old);
    });
    for_each_product(s, [&](std::int64_t xi, std::int64_t wi, std::int64_t yi) {
        const double product = static_cast<double>(dy[yi]) * static_cast<double>(w[wi]);
        r.value[static_cast<std::size_t>(xi)] += product;
        r.magnitude[static_cast<std::size_t>(xi)] += std::abs(product);
    });
    for_each_input([&](std::int64_t at) {
        double& value = r.value[static_cast<std::size_t>(at)];
        value = reference_end(value, at, epilogue);
    });
    return r;
}

struct ReferenceWeight {
    Reference w, bias;
};

template <class T>
ReferenceWeight reference_conv_weight(const T* x, const T* dy, const std::vector<T>& dw, const std::vector<T>& dbias,
                                      const ConvShape& s, bool accumulate) {
    const auto start = [&](const std::vector<T>& old) {
        Reference r{std::vector<double>(old.size(), 0), std::vector<double>(old.size(), 0)};
        for (std::size_t i = 0; i < old.size() && accumulate; ++i)
            r.value[i] = static_cast<double>(old[i]), r.magnitude[i] = std::abs(r.value[i]);
        return r;
    };
    ReferenceWeight r{start(dw), start(dbias)};
    for_each_product(s, [&](std::int64_t xi, std::int64_t wi, std::int64_t yi) {
        const double product = static_cast<double>(x[xi]) * static_cast<double>(dy[yi]);
        r.w.value[static_cast<std::size_t>(wi)] += product;
        r.w.magnitude[static_cast<std::size_t>(wi)] += std::abs(product);
    });
    for_each_output(s, [&](std::int64_t at, std::int64_t k) {
        const double value = static_cast<double>(dy[at]);
        r.bias.value[static_cast<std::size_t>(k)] += value;
        r.bias.magnitude[static_cast<std::size_t>(k)] += std::abs(value);
    });
    return r;
}

// Numbers in [-1, 1) that differ in every element.
template <class T>
std::vector<T> test_numbers(std::int64_t count, std::uint64_t seed) {
    std::vector<T> numbers(static_cast<std::size_t>(count));
    for (T& x : numbers) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        x = static_cast<T>(static_cast<double>(seed >> 11) * 0x1p-52 - 1);
    }
    return numbers;
}

// The first element that is farther from the reference than it may be, -1 if none.
template <class T>
std::int64_t first_difference(const std::vector<T>& got, const Reference& expected, std::int64_t terms) {
    for (std::size_t i = 0; i < got.size(); ++i)
        if (!(std::abs(static_cast<double>(got[i]) - expected.value[i]) <= tolerance<T>(expected.magnitude[i], terms)))
            return static_cast<std::int64_t>(i);
    return -1;
}

}  // namespace fathom::tests
