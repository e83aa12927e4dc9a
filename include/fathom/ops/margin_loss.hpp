// Losses that ask for a distance: margin_ranking_loss, hinge_embedding_loss, cosine_embedding_loss,
// triplet_margin_loss. Of classes: class_margin_loss.hpp.
#pragma once

#include "fathom/ops/distance.hpp"
#include "fathom/ops/loss.hpp"
#include "fathom/ops/masked.hpp"

namespace fathom::inline v0 {

namespace detail {
// margin + x - y, or 0 where that is below.
template <FloatElement T>
Tensor<T> hinge(const Tensor<T>& x, const Tensor<T>& y, double margin, const char* name, Where site) {
    return relu(affine(sub(Operand<T>(x, site), Operand<T>(y, site)), 1, margin, name, site), site);
}
}  // namespace detail

// margin - target (a - b), or 0 where that is below; target is 1 where a, -1 where b should be larger. All broadcast.
template <FloatElement T>
Tensor<T> margin_ranking_loss(const Tensor<T>& a, const Tensor<T>& b, const Tensor<T>& target, double margin = 0,
                              Reduction reduction = Reduction::mean, Where site = Where::here()) {
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const Tensor<T> ahead = mul(at(target), at(sub(at(a), at(b))));
    return detail::reduced(relu(detail::affine(ahead, -1, margin, "margin_ranking_loss", site), site), reduction, site);
}

// x where target is 1, margin - x, or 0 where that is below, where it is -1: x is a distance. Both broadcast.
template <FloatElement T>
Tensor<T> hinge_embedding_loss(const Tensor<T>& x, const Tensor<T>& target, double margin = 1,
                               Reduction reduction = Reduction::mean, Where site = Where::here()) {
    const auto target_is = [&](int value) {
        return equal(Operand<T>(target, site), Operand<T>(static_cast<T>(value), site));
    };
    const Tensor<T> bounded = relu(detail::affine(x, -1, margin, "hinge_embedding_loss", site), site),
                    unlike = where(target_is(1), 0, bounded, site), alike = where(target_is(-1), 0, x, site);
    return detail::reduced(add(Operand<T>(unlike, site), Operand<T>(alike, site)), reduction, site);
}

// Of vectors a and b [N, D] and targets [N], or [D] and []: 1 - cos(a, b) where the target is 1, cos(a, b) - margin, or
// 0 where that is below, where it is -1.
template <FloatElement T>
Tensor<T> cosine_embedding_loss(const Tensor<T>& a, const Tensor<T>& b, const Tensor<T>& target, double margin = 0,
                                Reduction reduction = Reduction::mean, Where site = Where::here()) {
    const char* name = "cosine_embedding_loss";
    detail::check_same_shape(a, b, name, site);
    detail::require_defined(target, name, site);
    const Shape& s = a.shape();
    if (s.rank() < 1 || s.rank() > 2 || !(target.shape() == Shape::from(s.begin(), s.end() - 1)))
        fail(name, site,
             {"inputs have shape ", s, ", target ", target.shape(), ", expected [N,D] and [N], or [D] and []"});
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const auto dot = [&](const Tensor<T>& p, const Tensor<T>& q, double more) {
        return detail::affine(sum(mul(at(p), at(q)), Shape{-1}, false, site), 1, more, name, site);
    };
    const Tensor<T> products = dot(a, b, detail::no_constant),
                    lengths = mul(at(dot(a, a, 1e-12)), at(dot(b, b, 1e-12))),
                    cosine = div(at(products), at(sqrt(lengths, site)));
    const auto target_is = [&](int value) { return equal(at(target), Operand<T>(static_cast<T>(value), site)); };
    const Tensor<T> alike = where(target_is(1), detail::affine(cosine, -1, 1, name, site), 0, site),
                    apart = where(target_is(-1), relu(detail::affine(cosine, 1, -margin, name, site), site), 0, site);
    return detail::reduced(add(at(alike), at(apart)), reduction, site);
}

struct TripletMarginLossOptions {
    double margin = 1;
    double p = 2, eps = 1e-6;  // of pairwise_distance
    bool swap = false;         // the positive's distance from the negative counts where it is the smaller one
    Reduction reduction = Reduction::mean;
};

// margin + distance(anchor, positive) - distance(anchor, negative), or 0 where that is below, with a distance of the
// caller's in place of pairwise_distance.
template <FloatElement T, class Distance>
Tensor<T> triplet_margin_with_distance_loss(const Tensor<T>& anchor, const Tensor<T>& positive,
                                            const Tensor<T>& negative, Distance distance,
                                            const TripletMarginLossOptions& o = {}, Where site = Where::here()) {
    const char* name = "triplet_margin_loss";
    if (!(o.margin > 0)) fail(name, site, {"margin ", o.margin, ", expected above 0"});
    detail::require_defined(anchor, name, site), detail::require_defined(positive, name, site);
    detail::require_defined(negative, name, site);
    if (anchor.rank() != positive.rank() || anchor.rank() != negative.rank())
        fail(name, site,
             {"anchor, positive and negative have shapes ", anchor.shape(), ", ", positive.shape(), " and ",
              negative.shape(), ", expected as many dimensions of each"});
    const Tensor<T> to_positive = distance(anchor, positive);
    Tensor<T> to_negative = distance(anchor, negative);
    if (o.swap) to_negative = minimum(to_negative, distance(positive, negative), site);
    return detail::reduced(detail::hinge(to_positive, to_negative, o.margin, name, site), o.reduction, site);
}
// The same with pairwise_distance. Balntas et al., "Learning local feature descriptors with triplets and shallow
// convolutional neural networks", BMVC 2016.
template <FloatElement T>
Tensor<T> triplet_margin_loss(const Tensor<T>& anchor, const Tensor<T>& positive, const Tensor<T>& negative,
                              const TripletMarginLossOptions& o = {}, Where site = Where::here()) {
    const auto distance = [&](const Tensor<T>& a, const Tensor<T>& b) {
        return pairwise_distance(a, b, o.p, o.eps, false, site);
    };
    return triplet_margin_with_distance_loss(anchor, positive, negative, distance, o, site);
}

}  // namespace fathom::inline v0
