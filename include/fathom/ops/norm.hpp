// norm, standard deviation, logsumexp over any dimensions; an empty list means all of them. Of two bytes they are
// float's, rounded.
#pragma once

#include <cmath>
#include <limits>

#include "fathom/ops/functions.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

namespace detail {

// y = scale * sqrt(sum of x^2)
template <FloatElement T>
struct Norm final : Function {
    static Tensor<T> forward(const Tensor<T>& x, unsigned dims, bool keepdim, double scale, const char* name,
                             Where site) {
        const auto y = typed<T>(
            reduce(x, dims, keepdim, scale, dtype_of<T>, operation::norm, &cpu::reduce<T, Reduce::norm>, name, site));
        return finish<Norm>(y, name, site, {x},
                            [&](Norm& f) { f.x = Saved(x), f.y = Saved::output(y), f.dims = dims, f.scale = scale; });
    }
    void backward(Gradients& g) override { gradient(g, x.get<T>(*this), y.get<T>(*this)); }
    void backward_recorded(Gradients& g) override { gradient(g, x.get_recorded<T>(*this), y.get_recorded<T>(*this)); }
    // scale^2 x dy / y; 0 where y is 0.
    void gradient(Gradients& g, const Tensor<T>& in, const Tensor<T>& out) {
        const Shape kept = kept_shape(in.shape(), dims);
        const auto value = fathom::reshape(out, kept, site), dy = fathom::reshape(g.output<T>(), kept, site);
        const auto none = value == 0;
        const auto slope =
            dy * (scale * scale) / fathom::where(none, scalar_tensor(T{1}, in.device(), site), value, site);
        g.add(0, in * fathom::where(none, scalar_tensor(T{}, in.device(), site), slope, site));
    }
    void release_saved() override { x.release(), y.release(); }

    Saved x, y;
    unsigned dims;
    double scale;
};

// y = log(sum exp(x)), without overflow: the exponentials are of differences from the largest.
template <FloatElement T>
struct LogSumExp final : Function {
    static Tensor<T> forward(const Tensor<T>& x, const Shape& dims, bool keepdim, Where site) {
        require_defined(x, "logsumexp", site);
        const unsigned reduced = reduced_dims(dims, x.rank(), "logsumexp", site);
        const Tensor<T> in = x.detach(), zero = scalar_tensor(T{}, x.device(), site);
        Tensor<T> largest = zero;
        if (reduced_count(x.shape(), reduced) > 0) {
            largest = amax(in, dims, true, site);
            largest = fathom::where(isfinite(largest, site), largest, zero, site);
        }
        const auto with = [&](const Tensor<T>& t) { return Operand<T>(t, site); };
        const auto sums = sum(exp(sub(with(in), with(largest)), site), dims, true, site);
        const auto y = fathom::reshape(add(with(log(sums, site)), with(largest)),
                                       reduced_shape(x.shape(), reduced, keepdim), site);
        return finish<LogSumExp>(y, "logsumexp", site, {x},
                                 [&](LogSumExp& f) { f.x = Saved(x), f.y = Saved::output(y), f.dims = reduced; });
    }
    void backward(Gradients& g) override { gradient(g, x.get<T>(*this), y.get<T>(*this)); }
    void backward_recorded(Gradients& g) override { gradient(g, x.get_recorded<T>(*this), y.get_recorded<T>(*this)); }
    // dy exp(x - y)
    void gradient(Gradients& g, const Tensor<T>& in, const Tensor<T>& out) {
        const Shape kept = kept_shape(in.shape(), dims);
        const auto value = fathom::reshape(out, kept, site), dy = fathom::reshape(g.output<T>(), kept, site);
        g.add(0, dy * exp(in - value));
    }
    void release_saved() override { x.release(), y.release(); }

    Saved x, y;
    unsigned dims;
};

// (sum |x|^p)^(1 / p). Zeros, of x or of the sum, are left out of the powers: their gradient is 0, not 0 times
// infinity.
template <FloatElement T>
Tensor<T> power_norm(const Tensor<T>& x, double p, const Shape& dims, bool keepdim, Where site) {
    const auto scalar = [&](T value) { return scalar_tensor(value, x.device(), site); };
    const auto power = [&](const Tensor<T>& base, double exponent) {
        const Tensor<bool> none = equal(Operand<T>(base, site), Operand<T>(0, site));
        const Tensor<T> powers = pow(fathom::where(none, scalar(1), base, site), exponent, site);
        return fathom::where(none, scalar(exponent > 0 ? T{0} : std::numeric_limits<T>::infinity()), powers, site);
    };
    return power(sum(power(abs(x, site), p), dims, keepdim, site), 1 / p);
}

}  // namespace detail

// The p-norm of x as a vector: 2 Euclid's, 1 the sum of sizes, infinity the largest size, -infinity the smallest, 0 how
// many are not 0, any other (sum |x|^p)^(1 / p).
template <FractionElement T>
Tensor<T> norm(const Tensor<T>& x, double p = 2, const Shape& dims = {}, bool keepdim = false,
               Where site = Where::here()) {
    detail::require_defined(x, "norm", site);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (is_nan(p)) fail("norm", site, {"p is ", p});
    if constexpr (StoredElement<T>) {
        return to<T>(norm(to<float>(x, site), p, dims, keepdim, site), site);
    } else {
        if (p == 2)
            return detail::Norm<T>::forward(x, detail::reduced_dims(dims, x.rank(), "norm", site), keepdim, 1, "norm",
                                            site);
        if (p == infinity) return amax(abs(x, site), dims, keepdim, site);
        if (p == -infinity) return amin(abs(x, site), dims, keepdim, site);
        if (p == 1) return sum(abs(x, site), dims, keepdim, site);
        if (p == 0) return sum(to<T>(not_equal(Operand<T>(x, site), Operand<T>(0, site)), site), dims, keepdim, site);
        return detail::power_norm(x, p, dims, keepdim, site);
    }
}

// Standard deviation, the root of var(); its gradient is 0 where it is 0. Also ft::std and x.std(): a call of `std`
// alone would find the namespace.
template <FractionElement T>
Tensor<T> standard_deviation(const Tensor<T>& x, const Shape& dims = {}, double correction = 1, bool keepdim = false,
                             Where site = Where::here()) {
    detail::require_defined(x, "std", site);
    if constexpr (StoredElement<T>) {
        return to<T>(standard_deviation(to<float>(x, site), dims, correction, keepdim, site), site);
    } else {
        const unsigned reduced = detail::reduced_dims(dims, x.rank(), "std", site);
        const auto n = static_cast<double>(detail::reduced_count(x.shape(), reduced));
        const Tensor<T> centred = sub(Operand<T>(x, site), Operand<T>(mean(x, dims, true, site), site));
        const double scale = 1 / std::sqrt(std::max(0.0, n - correction));
        return detail::Norm<T>::forward(centred, reduced, keepdim, scale, "std", site);
    }
}
template <FractionElement T>
Tensor<T> std(const Tensor<T>& x, const Shape& dims = {}, double correction = 1, bool keepdim = false,
              Where site = Where::here()) {
    return standard_deviation(x, dims, correction, keepdim, site);
}

// log(sum exp(x))
template <FractionElement T>
Tensor<T> logsumexp(const Tensor<T>& x, const Shape& dims, bool keepdim = false, Where site = Where::here()) {
    detail::require_defined(x, "logsumexp", site);
    if constexpr (StoredElement<T>)
        return to<T>(logsumexp(to<float>(x, site), dims, keepdim, site), site);
    else
        return detail::LogSumExp<T>::forward(x, dims, keepdim, site);
}

}  // namespace fathom::inline v0
