// From a picture to the class of every pixel. Next: segmentation_net.hpp (the net).
#pragma once

#include "fathom/ops/reduce.hpp"
#include "fathom/seafusion/not_finite.hpp"
#include "fathom/seafusion/segmentation_net.hpp"

namespace fathom::inline v0::seafusion {

// picture [H, W, 3], RGB in 8 bits -> classes [H, W]: the largest of the main head's logits. The net is put into
// eval(). Throws where a result is not finite, naming the weight.
template <FloatElement T>
Tensor<std::uint8_t> segment(SegmentationNet<T>& net, const Tensor<std::uint8_t>& picture, Where site = Where::here()) {
    if (picture.rank() != 3 || picture.shape()[2] != 3 || picture.numel() == 0)
        fail("segment", site,
             {"the picture has shape ", picture.shape(), ", expected [H,W,3] with at least one pixel"});
    const NoGrad off;
    if (net.is_training()) net.eval();
    const Tensor<T> x = to<T>(unsqueeze(permute(picture, {2, 0, 1}, site), 0, site), site) / T{255};
    const Tensor<T> logits = net.forward(x, site).main;
    check_weights(net, logits, "segment", site);
    const auto [values, classes] = max(logits, 1, false, site);
    return to<std::uint8_t>(select(classes, 0, 0, site), site);
}

}  // namespace fathom::inline v0::seafusion
