// The fusion net as fuse and evaluate run it: from a pair of images to the picture that is written.
#pragma once

#include <string>

#include "fathom/data/pairs.hpp"
#include "fathom/seafusion.hpp"
#include "support/files.hpp"
#include "support/images.hpp"
#include "support/options.hpp"
#include "support/progress.hpp"

namespace program {

class Fuser {
public:
    // Gives what load_weights() has to say.
    std::string load(const std::string& weights) { return load_weights(net_, "fusion net", weights); }

    // `precision` as --precision has it.
    void run_on(fathom::Device device, const std::string& precision, Progress& progress) {
        device_ = device;
        if (precision == "strict") net_.precision = fathom::Precision::strict;
        if (precision == "bf16") {
            net_.precision = fathom::Precision::bf16;
            if (device_.is_cpu()) keep_bfloat16_note(progress);
        }
        net_.to(device_);
    }

    // Of the fused picture, [1, 3, H, W] in [0, 1], where the net is.
    fathom::Tensor<float> planes(const fathom::data::LoadedPair& pair) {
        const fathom::NoGrad off;
        const auto input = fathom::seafusion::fusion_input(pair.visible.to(device_), pair.infrared.to(device_));
        return fathom::seafusion::color_planes(net_.forward(input.y, input.ir), input);
    }

    // [H, W, 3], stretched over the planes' own range, as the published pictures are.
    static fathom::Tensor<std::uint8_t> picture(const fathom::Tensor<float>& planes) {
        return picture(planes, fathom::seafusion::range_of(planes));
    }
    static fathom::Tensor<std::uint8_t> picture(const fathom::Tensor<float>& planes,
                                                const fathom::seafusion::PictureRange& range) {
        return fathom::seafusion::to_picture(planes, range).to(fathom::Device::cpu());
    }

private:
    fathom::seafusion::FusionNet<float> net_;
    fathom::Device device_;
};

}  // namespace program
