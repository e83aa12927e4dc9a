// Lesson 6: a convolutional net reads digits. Without arguments they are drawn here, from a bitmap font that is turned,
// bent, moved and spoiled. With MNIST's four files (plain or .gz) it reads those:
//   06_digits train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte
#include <fathom/data/data_loader.hpp>
#include <fathom/data/font.hpp>
#include <fathom/data/tensor_dataset.hpp>
#include <fathom/fathom.hpp>

#include "lesson.hpp"

namespace ft = fathom;

using Images = ft::Tensor<float>;         // [N, 1, 28, 28] in [0, 1]
using Labels = ft::Tensor<std::int64_t>;  // [N]
using Digits = ft::data::TensorDataset<float, std::int64_t>;

// All digits at once: a grid of places for each image, and the font looked up there.
Digits draw(std::int64_t n, ft::Generator& gen) {
    auto font = ft::zeros<float>({10, 1, 11, 11});  // 5 x 7 pixels each, with a border
    for (int digit = 0; digit < 10; ++digit)
        for (int row = 0; row < 7; ++row)
            for (int column = 0; column < 5; ++column)
                font(digit, 0, row + 2, column + 3) = ft::data::has_ink(static_cast<char>('0' + digit), row, column);
    const auto random = [&](double low, double high) { return ft::rand<float>({n}, gen, low, high); };
    const auto angle = random(-0.3, 0.3), size = random(0.8, 1.2), bend = random(-0.2, 0.2);  // [N] each
    // Of each image a matrix [2, 3], by which the place (x, y, 1) of a pixel becomes a place in the font.
    const auto across = ft::stack<float>({size * ft::cos(angle), bend - ft::sin(angle), random(-0.2, 0.2)}, 1);
    const auto down = ft::stack<float>({ft::sin(angle), size * ft::cos(angle), random(-0.2, 0.2)}, 1);
    const auto places = ft::affine_grid(ft::stack<float>({across, down}, 1), {n, 1, 28, 28});  // [N, 28, 28, 2]
    const Labels labels = ft::randint<std::int64_t>(0, 10, {n}, gen);
    const Images clean = ft::grid_sample(font.index_select(0, labels), places);  // [N, 1, 28, 28]
    return Digits((clean + ft::randn<float>({n, 1, 28, 28}, gen, 0, 0.2)).clamp(0, 1), labels);
}

Digits read(const char* images, const char* labels) {
    const auto pixels = ft::io::load_idx(images).as<std::uint8_t>();  // [N, 28, 28]
    return Digits(pixels.to<float>().unsqueeze(1) / 255,
                  ft::io::load_idx(labels).as<std::uint8_t>().to<std::int64_t>());
}

// A convolution looks at 3 x 3 pixels, everywhere with the same weights: what is a stroke at the left is one at the
// right. Pooling keeps the strongest answer of 2 x 2. Two rounds of it, and what is left of the picture is small enough
// for a linear layer.
struct Cnn : ft::nn::Module {
    ft::nn::Conv2d<float> conv1, conv2;
    ft::nn::Linear<float> out;
    explicit Cnn(ft::Generator& gen)
        : conv1(1, 8, {.kernel_size = 3, .padding = 1}, gen),
          conv2(8, 16, {.kernel_size = 3, .padding = 1}, gen),
          out(16 * 7 * 7, 10, gen) {}
    void visit(ft::nn::Visitor& v) override { v("conv1", conv1), v("conv2", conv2), v("out", out); }
    const char* kind() const override { return "Cnn"; }

    ft::Tensor<float> forward(const Images& x) {                                // [N, 1, 28, 28]
        const auto a = ft::max_pool2d(ft::relu(conv1(x)), {.kernel_size = 2});  // [N, 8, 14, 14]
        const auto b = ft::max_pool2d(ft::relu(conv2(a)), {.kernel_size = 2});  // [N, 16, 7, 7]
        return out(b.flatten(1));                                               // [N, 10]
    }
};

// How many of a data set the net reads right, and those that it reads wrong.
double accuracy(Cnn& net, const Digits& digits, std::vector<Images>& wrong) {
    const ft::NoGrad off;  // nothing is kept for a backward
    std::int64_t right = 0;
    ft::data::DataLoader loader(digits, {.batch_size = 256});
    for (auto& [images, labels] : loader) {
        const auto hit = net.forward(images).argmax(1) == labels;  // [N]
        right += hit.sum().item();
        wrong.push_back(images[!hit]);
    }
    return static_cast<double>(right) / static_cast<double>(digits.size());
}

int main(int argc, char** argv) try {
    if (argc != 1 && argc != 5) return std::cerr << "usage: 06_digits [images labels test-images test-labels]\n", 2;
    ft::Generator gen(6);
    // What a net is measured on it must never have been trained on: it could have learned that by heart.
    const Digits train = argc == 5 ? read(argv[1], argv[2]) : draw(4096, gen);
    const Digits test = argc == 5 ? read(argv[3], argv[4]) : draw(512, gen);
    ft::plot::images("lesson_06_digits.png",
                     std::get<0>(train.get_batch({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})), {.nrow = 7});
    std::cout << train.size() << " digits to learn from, some of them in lesson_06_digits.png\n";

    Cnn net(gen);
    std::cout << net;
    std::vector<Images> wrong;
    std::cout << "accuracy before training: " << accuracy(net, test, wrong) << ", by chance 0.1\n";

    // An epoch is once through all samples, in a new order each time, 64 of them for each step.
    ft::optim::Adam adam(net.parameters(), {.lr = 3e-3});
    ft::data::DataLoader loader(train, {.batch_size = 64, .shuffle = true}, gen);
    double reached = 0;
    for (int epoch = 1; epoch <= 4; ++epoch) {
        double sum = 0;
        for (auto& [images, labels] : loader) {
            const auto loss = ft::cross_entropy(net.forward(images), labels);
            adam.zero_grad();
            loss.backward();
            adam.step();
            sum += static_cast<double>(loss.item());
        }
        wrong.clear();
        reached = accuracy(net, test, wrong);
        std::cout << "epoch " << epoch << " loss " << sum / static_cast<double>(loader.size())
                  << ", accuracy on new digits " << reached << '\n';
    }
    expect(reached > 0.95, "the net reads more than 95 of 100 digits that it has never seen");

    const Images missed = ft::cat(wrong);
    if (missed.size(0) > 0)
        ft::plot::images("lesson_06_wrong.png", missed.slice(0, 0, std::min<std::int64_t>(missed.size(0), 64)));
    std::cout << missed.size(0) << " read wrong: lesson_06_wrong.png\n";
    return finish();
} catch (const std::exception& error) {  // a file that is missing or no such file
    return std::cerr << "error: " << error.what() << '\n', 2;
}
