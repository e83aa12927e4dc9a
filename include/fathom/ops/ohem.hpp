// ohem_cross_entropy: the mean cross-entropy of the hard pixels.
#pragma once

#include <cmath>

#include "fathom/backend/cpu/ohem.hpp"
#include "fathom/core/ignored_label.hpp"
#include "fathom/ops/loss.hpp"

namespace fathom::inline v0 {

struct OhemOptions {
    double threshold = 0.7;                     // of the target's probability, in (0, 1]: what is below it is hard
    std::int64_t n_min = 0;                     // pixels that count at least
    std::int64_t ignore_index = ignored_label;  // such pixels have loss 0, and stay in the list
};

namespace detail {

void check_ohem(const AnyTensor& logits, const OhemOptions& options, const char* name, Where site);

// The mean of the losses that count, of all losses. Together with cross-entropy's own gradient that of the whole is
// (softmax - target) dmean / count where a pixel counts. Which do is constant almost everywhere.
template <FloatElement T>
struct Ohem final : Function {
    // loss: dense and row-major.
    static Tensor<T> forward(const Tensor<T>& loss, const OhemOptions& options, const char* name, Where site) {
        const auto mean = new_tensor<T>({}, {}, loss.device(), name, site);
        const AnyTensor selection = new_tensor({3}, {1}, DType::int64, loss.device(), name, site);
        run(loss, name, site, operation::ohem, &cpu::ohem<T>,
            {.loss = array_of(loss),
             .mean = array_of(mean),
             .selection = array_of(selection),
             .threshold = -std::log(options.threshold),
             .n_min = options.n_min});
        return finish<Ohem>(mean, name, site, {loss},
                            [&](Ohem& f) { f.loss = Saved(loss), f.selection = Saved(selection); });
    }
    void backward(Gradients& g) override { g.add(0, gradient(g.output())); }
    void backward_recorded(Gradients& g) override {
        const AnyTensor one = new_tensor({}, {}, output.dtype, output.device, name, site);
        autograd::engine::fill(one, 1, *this);
        g.add(0, gradient(one) * g.output<T>());
    }
    void release_saved() override { loss.release(), selection.release(); }

    Tensor<T> gradient(const AnyTensor& dmean) const {
        const AnyTensor x = loss.get(*this);
        const auto dloss = new_tensor<T>(x.shape(), x.strides(), x.device(), name, site);
        run(x, name, site, operation::ohem_backward, &cpu::ohem_backward<T>,
            {.loss = array_of(x),
             .selection = array_of(selection.get(*this)),
             .dmean = array_of(dmean),
             .dloss = array_of(dloss)});
        return dloss;
    }

    Saved loss, selection;
};
}  // namespace detail

// logits [N, C, ...], target [N, ...] with class indices. With the losses of all pixels in descending order: the mean
// of those above -ln(threshold) if they are more than n_min (loss[n_min], counted from 0, is one of them), otherwise
// the mean of the n_min largest; of equal losses the first in row-major order, so that the gradient is one and the
// same. n_min beyond the number of pixels means all; with n_min 0 and no loss above -ln(threshold) the result is 0. A
// NaN among the losses counts, and makes the result NaN.
template <FloatElement T>
Tensor<T> ohem_cross_entropy(const Tensor<T>& logits, const Tensor<std::int64_t>& target, const OhemOptions& options,
                             Where site = Where::here()) {
    const char* name = "ohem_cross_entropy";
    detail::check_ohem(logits, options, name, site);
    const Tensor<T> loss = detail::CrossEntropy<T>::forward(logits, target, {{}, options.ignore_index, 0}, name, site);
    return detail::Ohem<T>::forward(loss, options, name, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/ohem.inl.hpp"
#endif
