// Both nets in turns on synthetic scenes: a loader, a step of the segmentation net, a step of the fusion net that it
// guides.
#include <fathom/data/scene/synthetic_dataset.hpp>
#include <fathom/seafusion.hpp>
#ifndef FATHOM_COMPILED
#include <fathom/io/image_stb.hpp>  // in one unit of a program; fathom::compiled contains it
#endif

#include <cmath>
#include <memory>

#include "check.hpp"

namespace ft = fathom;

int main() {
    ft::Generator gen(1);
    const auto scenes =
        std::make_shared<ft::data::SyntheticDataset>(1, 4, ft::data::SceneOptions{.height = 48, .width = 64});
    ft::data::PairLoader loader(
        scenes,
        {.batch = 2,
         .height = 32,
         .width = 48,
         .transforms = {.jitter = true, .scale = true},
         .parts = {.visible = true, .luminance = true, .chroma = true, .infrared = true, .label = true}},
        gen);

    ft::seafusion::SegmentationNet<float> segmentation(gen);
    ft::seafusion::SegmentationTrainer<float> segmentation_trainer(segmentation,
                                                                   {.schedule = {.warmup_steps = 1, .max_steps = 10}});
    const auto first = loader.next();
    check(first.visible.shape() == ft::Shape{2, 3, 32, 48} && first.label.shape() == ft::Shape{2, 32, 48},
          "a batch has the crop's size");
    check(std::isfinite(segmentation_trainer.step(first.visible, first.label).total),
          "the segmentation net's loss is finite");

    ft::seafusion::FusionNet<float> fusion(gen);
    ft::seafusion::FusionTrainer<float> fusion_trainer(fusion);
    fusion_trainer.follow(segmentation, 1.0);
    const auto second = loader.next();
    const auto losses = fusion_trainer.step({second.luminance, second.infrared, second.chroma, second.label});
    check(losses.semantic > 0 && std::isfinite(losses.total), "the guide's loss counts");

    const auto scene = scenes->load(3);
    const auto classes = ft::seafusion::segment(segmentation, scene->visible);
    check(classes.shape() == ft::Shape{48, 64}, "every pixel has a class");
    ft::metrics::ConfusionMatrix confusion;
    confusion.add(classes, scene->label);
    check(confusion.mean_iou().has_value() && confusion.counted() == 48 * 64, "the mean IoU is that of all pixels");

    const auto x = ft::randn<float>({1, 2, 5, 7}, gen);
    check(ft::avg_pool2d(x, {.kernel_size = 2}).shape() == ft::Shape{1, 2, 2, 3}, "average pooling");
    check(ft::conv_transpose2d(x, ft::randn<float>({2, 4, 3, 3}, gen), {}, {.stride = 2}).shape() ==
              ft::Shape{1, 4, 11, 15},
          "a transposed convolution enlarges");
    return finish();
}
