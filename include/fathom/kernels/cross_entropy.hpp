// Cross-entropy of logits against class indices, one loss per position, with class weights and label smoothing as
// PyTorch defines them, for C classes, target t and smoothing s:
//   nll = -log softmax(logits)
//   loss = (1 - s) w[t] nll[t] + s / C sum_c w[c] nll[c]
// The loss is 0 where the target is ignore_index. Next: cross_entropy.kernel.hpp.
#pragma once

#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// `positions`: the loop over all dimensions of the logits but the one of the classes.
struct CrossEntropyShape {
    Loop positions;
    std::int64_t classes;
    std::int64_t logits_stride, dlogits_stride, weight_stride;  // from class to class
    std::int64_t ignore_index;
    double label_smoothing;
};

// Operands of the loop: logits, target, loss, target_weight. weight may be null; so may target_weight, which becomes
// w[t], 0 where ignored. False where a target is neither a class nor ignore_index; its loss is 0.
template <class T>
bool cross_entropy(const CrossEntropyShape& shape, const T* logits, const std::int64_t* target, const T* weight,
                   T* loss, T* target_weight = nullptr);

// dlogits (+)= dloss * d loss / d logits. Operands of the loop: logits, target, dloss, dlogits.
template <class T>
void cross_entropy_backward(const CrossEntropyShape& shape, const T* logits, const std::int64_t* target,
                            const T* weight, const T* dloss, T* dlogits, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/cross_entropy.inl.hpp"
#endif
