// Lesson 13: what makes it SeAFusion. A fused picture is looked at, often by another net that has to find cars and
// people in it. So let that net say what it misses: its loss is a function of the picture, hence of the fusion net.
#include <fathom/data/scene/synthetic.hpp>
#include <fathom/seafusion.hpp>

#include "lesson.hpp"

namespace ft = fathom;
namespace sf = ft::seafusion;

using Tensor = ft::Tensor<float>;
using Labels = ft::Tensor<std::int64_t>;

constexpr std::int64_t scenes = 4, rows = 48, columns = 64;

// The share of pixels whose class the net finds.
double accuracy(sf::SegmentationNet<float>& net, const Tensor& images, const Labels& labels) {
    const ft::NoGrad off;
    net.eval();
    return (net.forward(images).main.argmax(1) == labels).to<float>().mean().item();
}

int main() {
    std::cout << "== streets, and what stands in them\n";
    std::vector<Tensor> visibles, infrareds;
    std::vector<Labels> classes;
    for (std::uint64_t seed = 0; seed < scenes; ++seed) {
        const auto scene =
            ft::data::make_scene(seed, {.height = rows, .width = columns, .time = ft::data::TimeOfDay::night});
        visibles.push_back(scene.visible.permute({2, 0, 1}).to<float>() / 255);  // [H, W, 3] -> [3, H, W]
        infrareds.push_back(scene.infrared.unsqueeze(0).to<float>() / 255);      // [H, W] -> [1, H, W]
        classes.push_back(scene.label.to<std::int64_t>());                       // [H, W]: 0 is background, 1 a car
    }
    const Labels labels = ft::stack(classes);  // [N, H, W]
    // y [N, 1, H, W] goes through the fusion net with infrared; chroma [N, 2, H, W] is put back behind it.
    const sf::FusionBatch<float> batch = sf::fusion_batch(ft::stack(visibles), ft::stack(infrareds), labels);
    std::cout << "background is " << (labels == 0).to<float>().mean().item() << " of all pixels\n";

    std::cout << "\n== the net that fuses, after lesson 12\n";
    ft::Generator gen(13);
    sf::FusionNet<float> fusion(gen);
    const auto content_of = [&](const Tensor& fused) { return sf::content_loss(fused, batch.y, batch.ir).total; };
    ft::optim::Adam adam(fusion.parameters(), {.lr = 2e-3});
    for (int step = 0; step < 120; ++step) {
        const int i = step % scenes;
        const Tensor y = batch.y.slice(0, i, i + 1), ir = batch.ir.slice(0, i, i + 1);  // [1, 1, H, W] each
        adam.zero_grad();
        sf::content_loss(fusion.forward(y, ir), y, ir).total.backward();
        adam.step();
    }
    const Tensor seen = [&] {  // [N, 3, H, W]
        const ft::NoGrad off;
        return sf::color_image(fusion.forward(batch.y, batch.ir), batch.chroma);
    }();

    std::cout << "\n== the net that looks\n";
    // Most pixels are road and sky and soon easy. OHEM counts those whose class gets less than 0.7, and a sixteenth of
    // all at least. There are two heads: the auxiliary one, halfway through, is only there to train what lies below it.
    sf::SegmentationNet<float> segmentation(gen);
    sf::SegmentationTrainer<float> trainer(segmentation,
                                           {.lr = 2e-2, .schedule = {.warmup_steps = 5, .max_steps = 60}});
    for (int step = 1; step <= 60; ++step) {
        segmentation.train();
        const auto losses = trainer.step(seen, labels);
        if (step % 20 == 0) std::cout << "step " << step << " loss " << losses.main << '\n';
    }
    const double found = accuracy(segmentation, seen, labels);
    std::cout << "it finds " << found << " of the pixels in the pictures that it has learned from\n";
    expect(found > (labels == 0).to<float>().mean().item(), "it does better than to call all background");

    std::cout << "\n== its loss, down to the other net\n";
    // The paper's equation 8: content + beta * semantic. The guide is frozen: gradients go through it, to the picture
    // and on, and none stays in its weights. eval(): it must not take its batch norm's statistics from these pictures.
    segmentation.eval();
    segmentation.requires_grad_(false);
    trainer.optimizer().zero_grad();
    const auto semantic_of = [&](const Tensor& pictures) {
        const auto logits = segmentation.forward(pictures);
        return sf::semantic_loss(logits.main, logits.auxiliary, labels, sf::fusion_semantic_loss).total;
    };
    const float beta = 3;
    const auto train = [&](bool guided) {
        sf::FusionNet<float> net = fusion;  // a copy has weights of its own
        // In steps so small that what they do is what the gradients say: greater ones lead to pictures that the guide
        // has not seen, of which it says nothing that can be relied upon.
        ft::optim::SGD steps(net.parameters(), {.lr = 1e-5});
        for (int step = 0; step < 20; ++step) {
            const Tensor fused = net.forward(batch.y, batch.ir);
            Tensor loss = content_of(fused);
            if (guided) loss = loss + beta * semantic_of(sf::color_image(fused, batch.chroma));
            steps.zero_grad();
            loss.backward();
            steps.step();
        }
        const ft::NoGrad off;
        const Tensor fused = net.forward(batch.y, batch.ir);
        const std::pair result(content_of(fused).item(), semantic_of(sf::color_image(fused, batch.chroma)).item());
        std::cout << (guided ? "guided: " : "alone:  ") << "content " << result.first << ", semantic " << result.second
                  << '\n';
        return result;
    };
    const auto [content_alone, semantic_alone] = train(false);
    const auto [content_guided, semantic_guided] = train(true);
    expect(semantic_guided < semantic_alone, "the guided net's pictures are easier for the net that looks");
    expect(content_guided < 1.5f * content_alone, "they are still good pictures");
    expect(!segmentation.conv_out.conv_out.weight.grad().defined(), "the guide has learned nothing meanwhile");
    // FusionTrainer::follow is that step, and looks for what is not finite. In turns, the segmentation net then learns
    // from the new pictures, and guides the next round with a larger beta: build/release/bin/train_seafusion.
    return finish();
}
