// The divergence of distributions: kl_div.
#pragma once

#include "fathom/ops/loss.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

// batchmean: the sum divided by the first dimension's size, which is the divergence itself; `mean` divides by the
// number of elements.
enum class KlReduction { mean, sum, none, batchmean };

// Kullback and Leibler's divergence of `target` from the distribution whose logarithms x holds, element by element:
//   target (log(target) - x), 0 where target is 0
// log_target: target holds logarithms too.
template <FloatElement T>
Tensor<T> kl_div(const Tensor<T>& x, const Tensor<T>& target, KlReduction reduction = KlReduction::mean,
                 bool log_target = false, Where site = Where::here()) {
    detail::check_same_shape(x, target, "kl_div", site);
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    Tensor<T> loss;
    if (log_target) {
        const Tensor<T> probability = exp(target, site), difference = sub(at(target), at(x));
        loss = mul(at(probability), at(difference));
    } else {
        const Tensor<T> logarithm = log(target, site), own = mul(at(target), at(logarithm)),
                        cross = mul(at(target), at(x));
        const Tensor<bool> there = target.detach() != Operand<T>(T{0}, site);
        loss = sub(at(where(there, own, zeros_like(own, site), site)), at(cross));
    }
    if (reduction == KlReduction::none) return loss;
    if (reduction == KlReduction::mean) return mean(loss, site);
    const Tensor<T> total = sum(loss, site);
    if (reduction == KlReduction::sum) return total;
    if (x.rank() == 0) fail("kl_div", site, {"batchmean needs a first dimension, input has shape ", x.shape()});
    return div(at(total), Operand<T>(static_cast<T>(x.size(0)), site));
}

}  // namespace fathom::inline v0
