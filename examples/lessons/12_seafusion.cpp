// Lesson 12: SeAFusion, for which all this was built. A camera sees color, another one warmth; a small net makes one
// picture of both. Nobody has ever seen the right picture, so what is there to learn from?
#include <fathom/data/scene/synthetic.hpp>
#include <fathom/seafusion.hpp>

#include "lesson.hpp"

namespace ft = fathom;

using Tensor = ft::Tensor<float>;

constexpr std::int64_t height = 48, width = 64;

int main() {
    // Streets that never were, at night, as both cameras would see them.
    std::cout << "== two pictures of one street\n";
    std::vector<Tensor> visibles, infrareds;
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        const auto scene =
            ft::data::make_scene(seed, {.height = height, .width = width, .time = ft::data::TimeOfDay::night});
        visibles.push_back(scene.visible.permute({2, 0, 1}).to<float>() / 255);  // [H, W, 3] -> [3, H, W]
        infrareds.push_back(scene.infrared.unsqueeze(0).to<float>() / 255);      // [H, W] -> [1, H, W]
    }
    std::cout << visibles.size() << " scenes, visible " << visibles[0].shape() << ", infrared " << infrareds[0].shape()
              << '\n';
    // Four scenes to learn from, and one to look at. Brightness alone goes through the net; color is the visible one's
    // and is put back afterwards. YCrCb has the two apart.
    const Tensor ycrcb = ft::rgb_to_ycrcb(ft::stack(visibles));           // [5, 3, H, W]
    const Tensor ir = ft::stack(infrareds);                               // [5, 1, H, W]
    const Tensor y = ycrcb.slice(1, 0, 1).contiguous();                   // [5, 1, H, W]
    const Tensor test_y = y.slice(0, 4, 5), test_ir = ir.slice(0, 4, 5);  // [1, 1, H, W] each

    std::cout << "\n== what a good picture is\n";
    // The content loss, the paper's answer (Tang, Yuan, Ma 2022, equations 1 to 5): as bright as the brighter of both,
    // since what is warm is bright in one and what is lit in the other; and with edges as strong as the stronger of
    // both, since edges are what eyes and nets look for.
    //   loss = mean |F - max(Y, IR)| + 10 mean | |grad F| - max(|grad Y|, |grad IR|) |
    // The same from the operations of lessons 1 to 5:
    const auto by_hand = [](const Tensor& f, const Tensor& a, const Tensor& b) {
        const auto edges = [](const Tensor& v) { return ft::sobel_magnitude(v); };
        return ft::abs(f - ft::maximum(a, b)).mean() + 10 * ft::abs(edges(f) - ft::maximum(edges(a), edges(b))).mean();
    };
    namespace sf = ft::seafusion;
    const Tensor mean = (test_y + test_ir) / 2;
    const float of_mean = sf::content_loss(mean, test_y, test_ir).total.item();  // in one pass over the pixels
    expect(std::abs(of_mean - by_hand(mean, test_y, test_ir).item()) < 1e-4f, "the library's loss is the one by hand");
    const float of_maximum = sf::content_loss(ft::maximum(test_y, test_ir), test_y, test_ir).total.item();
    std::cout << "the mean of both pictures has " << of_mean << ", their maximum " << of_maximum << '\n';

    std::cout << "\n== a net\n";
    ft::Generator gen(12);
    sf::FusionNet<float> net(gen);
    const auto loss_of_test = [&] { return sf::content_loss_of(net, test_y, test_ir); };
    const double before = loss_of_test();
    std::cout << "before training " << before << ", on a street that it never sees while it learns\n";
    // The four lines of lesson 3. FusionTrainer is the same, and looks for what is not finite.
    ft::optim::Adam adam(net.parameters(), {.lr = 5e-3});
    for (int step = 1; step <= 120; ++step) {
        const int i = step % 4;
        const Tensor yi = y.slice(0, i, i + 1), iri = ir.slice(0, i, i + 1);  // [1, 1, H, W] each
        const Tensor loss = sf::content_loss(net.forward(yi, iri), yi, iri).total;
        adam.zero_grad();
        loss.backward();
        adam.step();
        if (step % 30 == 0) std::cout << "step " << step << " " << loss_of_test() << '\n';
    }
    const double after = loss_of_test();
    expect(after < before / 2, "the net has learned to fuse");
    expect(after < static_cast<double>(of_mean), "it is better than the mean already");
    // Thousands of steps make it better than the maximum: build/release/bin/train_seafusion. What makes it SeAFusion is
    // the next idea: a second net looks at the fused pictures and has to find cars and people in them, and its loss is
    // added to this one. Lesson 13.

    std::cout << "\n== a look\n";
    const ft::NoGrad off;
    const Tensor fused = sf::color_image(net.forward(test_y, test_ir), ycrcb.slice(0, 4, 5).slice(1, 1, 3));
    ft::plot::images("lesson_12_fused.png",
                     ft::cat<float>({ft::stack(visibles).slice(0, 4, 5), test_ir.expand({1, 3, height, width}), fused}),
                     {.nrow = 3});
    std::cout << "visible, infrared, fused: lesson_12_fused.png\n";
    return finish();
}
