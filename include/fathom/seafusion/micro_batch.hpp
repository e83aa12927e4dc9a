// A batch in parts, of which only one is in memory with its graph: their gradients add up to the batch's.
// fusion_trainer.hpp and segmentation_trainer.hpp train so.
#pragma once

#include <algorithm>
#include <vector>

#include "fathom/autograd/backward.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/views.hpp"

namespace fathom::inline v0::seafusion {

struct MicroBatch {
    std::int64_t first, count, images;  // `count` of the batch's `images`

    double share() const { return static_cast<double>(count) / static_cast<double>(images); }
    // This part of a batch's tensor; an undefined one stays so.
    template <Element T>
    Tensor<T> of(const Tensor<T>& x, Where site) const {
        return count == images || !x.defined() ? x : narrow(x, 0, first, count, site);
    }
    // Adds the gradients of a loss that is a mean over this part, by its share.
    template <FloatElement T>
    void backward(const Tensor<T>& loss, Where site) const {
        (count == images ? loss : loss * static_cast<T>(share())).backward({}, site);
    }
};

// Parts of `size` images, the last of what is left; 0: all at once.
inline std::vector<MicroBatch> micro_batches(std::int64_t images, std::int64_t size) {
    if (size == 0) size = images;
    std::vector<MicroBatch> parts;
    for (std::int64_t first = 0; first < images; first += size)
        parts.push_back({first, std::min(size, images - first), images});
    return parts;
}

// Parts of nearly one size, of two images at least, which batch norm needs: rather one image more than `size` than one
// that is alone. 0: all at once.
inline std::vector<MicroBatch> even_micro_batches(std::int64_t images, std::int64_t size) {
    const std::int64_t count = size == 0 ? 1 : std::min((images + size - 1) / size, images / 2);
    std::vector<MicroBatch> parts;
    for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t first = k * images / count;
        parts.push_back({first, (k + 1) * images / count - first, images});
    }
    return parts;
}

}  // namespace fathom::inline v0::seafusion
