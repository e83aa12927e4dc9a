// Definitions of batch_norm.hpp. Sums over pixels go through tiles of 64 rows, small enough for the cache and for T's
// own precision, and from there in double, in an order that depends on the sizes alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/batch_norm.hpp"
#include "fathom/kernels/epilogue.inl.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels::detail {

// ChannelNorm with scale = inverse_std w, every array padded to whole vectors.
template <class T>
struct PaddedNorm {
    const T *mean, *scale, *bias;  // [channels]
    Activation activation;
    T slope;
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/batch_norm.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// Arrays of one value per channel, zeros behind them up to whole vectors.
template <class T>
class ChannelArrays {
public:
    ChannelArrays(std::int64_t count, std::int64_t channels)
        : pitch_((channels + 15) / 16 * 16),
          memory_(count * pitch_ * static_cast<std::int64_t>(sizeof(T)), "batch_norm") {
        std::fill_n(memory_.as<T>(), count * pitch_, T{});
    }
    T* operator[](std::int64_t i) const { return memory_.as<T>() + i * pitch_; }
    void clear(std::int64_t i) const { std::fill_n((*this)[i], pitch_, T{}); }

private:
    std::int64_t pitch_;
    Scratch memory_;
};

template <class T>
class NormArrays {
public:
    NormArrays(const ChannelNorm<T>& norm, std::int64_t channels) : arrays_(3, channels), norm_(norm) {
        for (std::int64_t c = 0; c < channels; ++c) {
            arrays_[0][c] = norm.mean[c];
            arrays_[1][c] = norm.w ? norm.inverse_std[c] * norm.w[c] : norm.inverse_std[c];
            arrays_[2][c] = norm.b ? norm.b[c] : T{};
        }
    }
    PaddedNorm<T> get() const {
        return {arrays_[0], arrays_[1], arrays_[2], norm_.activation, static_cast<T>(norm_.slope)};
    }

private:
    ChannelArrays<T> arrays_;
    const ChannelNorm<T>& norm_;
};

// Rows in one chunk of a parallel loop: whole tiles, enough elements, and not too many chunks, since each keeps sums.
inline std::int64_t norm_grain(std::int64_t pixels, std::int64_t channels) {
    const std::int64_t tiles = (pixels + tuning::norm_rows - 1) / tuning::norm_rows,
                       enough = tuning::norm_grain / (tuning::norm_rows * std::max<std::int64_t>(1, channels));
    return tuning::norm_rows * std::max<std::int64_t>({1, enough, (tiles - 1) / tuning::norm_chunks + 1});
}

}  // namespace detail

template <class T>
void batch_norm_statistics(ChannelRows<const T> x, std::int64_t pixels, std::int64_t channels, double eps,
                           T* mean,          // [channels]
                           T* inverse_std,   // [channels]
                           T* running_mean,  // [channels] or null
                           T* running_var,   // [channels] or null
                           double momentum) {
    const std::int64_t grain = detail::norm_grain(pixels, channels), chunks = (pixels + grain - 1) / grain;
    // The mean and the sum of squared deviations of each chunk.
    std::vector<double> moments(static_cast<std::size_t>(chunks * 2 * channels), 0.0);  // [chunks][2, channels]
    // Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979):
    // joins `count` values of mean m and sum of squared deviations s to the `before` values that are in (mean,
    // squares).
    const auto join = [channels](double* to, double before, const auto* m, const auto* s, double count) {
        const double share = count / (before + count);
        for (std::int64_t c = 0; c < channels; ++c) {
            const double delta = static_cast<double>(m[c]) - to[c];
            to[c] += delta * share;
            to[channels + c] += static_cast<double>(s[c]) + delta * delta * before * share;
        }
    };
    parallel_for(0, pixels, grain, [&](std::int64_t first, std::int64_t last) {
        const detail::ChannelArrays<T> tile(2, channels);  // [2, channels]: mean, squared deviations
        double* const own = moments.data() + first / grain * 2 * channels;
        for (std::int64_t i = first; i < last; i += tuning::norm_rows) {
            const std::int64_t rows = std::min(last - i, tuning::norm_rows);
            tile.clear(0), tile.clear(1);
            FATHOM_DISPATCH(batch_norm_kernel::add_rows<T>(x.data + i * x.step, x.step, rows, channels, tile[0]));
            for (std::int64_t c = 0; c < channels; ++c) tile[0][c] /= static_cast<T>(rows);
            FATHOM_DISPATCH(
                batch_norm_kernel::add_squares<T>(x.data + i * x.step, x.step, rows, channels, tile[0], tile[1]));
            join(own, static_cast<double>(i - first), tile[0], tile[1], static_cast<double>(rows));
        }
    });
    for (std::int64_t k = 1; k < chunks; ++k) {
        const double* part = moments.data() + k * 2 * channels;
        join(moments.data(), static_cast<double>(k * grain), part, part + channels,
             static_cast<double>(std::min(pixels, (k + 1) * grain) - k * grain));
    }
    const auto n = static_cast<double>(pixels);
    const auto move = [momentum](T& running, double value) {
        running = static_cast<T>((1 - momentum) * static_cast<double>(running) + momentum * value);
    };
    for (std::int64_t c = 0; c < channels; ++c) {
        const double m = moments[static_cast<std::size_t>(c)],
                     squares = moments[static_cast<std::size_t>(channels + c)];
        mean[c] = static_cast<T>(m);
        inverse_std[c] = static_cast<T>(1 / std::sqrt(squares / n + eps));
        if (running_mean) move(running_mean[c], m);
        if (running_var) move(running_var[c], squares / (n - 1));
    }
}

template <class T>
void batch_norm(ChannelRows<const T> x, std::int64_t pixels, std::int64_t channels, const ChannelNorm<T>& norm,
                ChannelRows<T> y) {
    const detail::NormArrays<T> arrays(norm, channels);
    parallel_for(0, pixels, detail::norm_grain(pixels, channels), [&](std::int64_t first, std::int64_t last) {
        FATHOM_DISPATCH(batch_norm_kernel::normalise<T>(arrays.get(), x.data + first * x.step, x.step, last - first,
                                                        channels, y.data + first * y.step, y.step));
    });
}

template <class T>
void batch_norm_backward(ChannelRows<const T> x, std::int64_t pixels, std::int64_t channels, const ChannelNorm<T>& norm,
                         ChannelRows<const T> dy, bool training, ChannelRows<T> dx,
                         T* dw,  // [channels] or null
                         T* db,  // [channels] or null
                         BatchNormAdds add) {
    const detail::NormArrays<T> arrays(norm, channels);
    const std::int64_t grain = detail::norm_grain(pixels, channels), chunks = (pixels + grain - 1) / grain;
    // The input's gradient is dz scale + (x - mean) slope + offset; outside training the latter two are 0.
    const detail::ChannelArrays<T> linear(2, channels);  // [2, channels]: slope, offset
    if (dw || db || training) {
        // The sums of dz and of dz (x - mean) of each chunk.
        std::vector<double> parts(static_cast<std::size_t>(chunks * 2 * channels), 0.0);  // [chunks][2, channels]
        parallel_for(0, pixels, grain, [&](std::int64_t first, std::int64_t last) {
            const detail::ChannelArrays<T> tile(2, channels);  // [2, channels]
            double* const own = parts.data() + first / grain * 2 * channels;
            for (std::int64_t i = first; i < last; i += tuning::norm_rows) {
                tile.clear(0), tile.clear(1);
                FATHOM_DISPATCH(batch_norm_kernel::add_gradients<T>(
                    arrays.get(), x.data + i * x.step, x.step, dy.data + i * dy.step, dy.step,
                    std::min(last - i, tuning::norm_rows), channels, tile[0], tile[1]));
                for (std::int64_t c = 0; c < channels; ++c)
                    own[c] += static_cast<double>(tile[0][c]), own[channels + c] += static_cast<double>(tile[1][c]);
            }
        });
        const auto n = static_cast<double>(pixels);
        for (std::int64_t c = 0; c < channels; ++c) {
            double sum = 0, product = 0;
            for (std::int64_t k = 0; k < chunks; ++k) {
                sum += parts[static_cast<std::size_t>(k * 2 * channels + c)];
                product += parts[static_cast<std::size_t>((k * 2 + 1) * channels + c)];
            }
            const auto r = static_cast<double>(norm.inverse_std[c]);
            if (db) db[c] = add.db ? db[c] + static_cast<T>(sum) : static_cast<T>(sum);
            if (dw) dw[c] = add.dw ? dw[c] + static_cast<T>(product * r) : static_cast<T>(product * r);
            if (!training) continue;
            const double scale = norm.w ? r * static_cast<double>(norm.w[c]) : r;
            linear[0][c] = static_cast<T>(-scale * r * r * product / n);
            linear[1][c] = static_cast<T>(-scale * sum / n);
        }
    }
    if (!dx.data) return;
    parallel_for(0, pixels, grain, [&](std::int64_t first, std::int64_t last) {
        FATHOM_DISPATCH(batch_norm_kernel::input_gradient<T>(
            arrays.get(), x.data + first * x.step, x.step, dy.data + first * dy.step, dy.step, linear[0], linear[1],
            last - first, channels, dx.data + first * dx.step, dx.step, add.dx));
    });
}

}  // namespace fathom::inline v0::kernels
