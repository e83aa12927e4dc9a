// Lesson 7: a net that remembers. It reads a text character by character and says at each what will come next; what it
// has read is in a vector, its state, that it changes with every character. The text is a nursery rhyme.
#include <fathom/fathom.hpp>

#include "lesson.hpp"
#include "text.hpp"

namespace ft = fathom;

using Tensor = ft::Tensor<float>;

struct CharacterNet : ft::nn::Module {
    ft::nn::Embedding<float> embedding;  // a vector for each character, learned
    ft::nn::GRU<float> gru;
    ft::nn::Linear<float> out;
    CharacterNet(std::int64_t characters, ft::Generator& gen)
        : embedding(characters, 16, gen), gru(16, 64, {.batch_first = true}, gen), out(64, characters, gen) {}
    void visit(ft::nn::Visitor& v) override { v("embedding", embedding), v("gru", gru), v("out", out); }
    const char* kind() const override { return "CharacterNet"; }

    // codes [N, L], the state from before [1, N, 64] or none -> what it expects behind each character [N, L, C] and the
    // state afterwards. A GRU mixes the old state h with a new one, n, through a gate z between 0 and 1,
    //   h' = (1 - z) n + z h,
    // where z and n are made of h and the new character. Where z is near 1 the state passes unchanged, and so does, on
    // the way back, its gradient: that is how it learns over many steps.
    std::pair<Tensor, Tensor> forward(const Codes& codes, const Tensor& state = {}) {
        const auto [outputs, last] = gru(embedding(codes), state);  // [N, L, 16] -> [N, L, 64], [1, N, 64]
        return {out(outputs), last};
    }
};

// The mean over all characters of -log(the probability that the net gave to the one that came). codes [N, L + 1].
Tensor loss_of(CharacterNet& net, const Codes& codes) {
    const std::int64_t length = codes.size(1) - 1;
    const Tensor expected = net.forward(codes.slice(1, 0, length)).first;                       // [N, L, C]
    return ft::cross_entropy(expected.flatten(0, 1), codes.slice(1, 1, length + 1).flatten());  // [N L, C], [N L]
}

// The net speaks: it draws the next character from the probabilities that it sees, and reads what it has said. A
// temperature below 1 makes likely characters likelier.
std::string speak(CharacterNet& net, const Text& text, std::string said, std::size_t length, ft::Generator& gen) {
    const ft::NoGrad off;
    auto [expected, state] = net.forward(text.encode(said).unsqueeze(0));  // [1, L, C]
    while (said.size() < length) {
        const Tensor p = ft::softmax(expected.select(1, -1) / 0.5f, 1);  // [1, C], behind the last one
        const Codes next = ft::multinomial(p, 1, true, gen);             // [1, 1]
        said += text.decode(next.item());
        std::tie(expected, state) = net.forward(next, state);  // one character: the state has all the others
    }
    return said;
}

int main(int argc, char** argv) try {
    const Text text(argc > 1 ? argv[1] : "examples/lessons/data/house_that_jack_built.txt");
    ft::Generator gen(7);
    std::cout << text.train.size(0) << " characters to learn from, " << text.size() << " different ones\n";

    // Two yardsticks for the last verse, which the net never sees while it learns.
    const double by_chance = std::log(static_cast<double>(text.size())), by_counting = loss_of_counting(text);
    std::cout << "loss by chance " << by_chance << ", by counting pairs " << by_counting << '\n';

    CharacterNet net(text.size(), gen);
    std::cout << net << "\nit begins with: \"" << speak(net, text, "This is the ", 60, gen) << "\"\n\n";

    ft::optim::Adam adam(net.parameters(), {.lr = 0.01});
    for (int step = 1; step <= 150; ++step) {
        // 16 pieces of 32 characters. The gradient goes back through all 32 steps of each: the same weights, used 32
        // times, get the sum of 32 gradients.
        const Tensor loss = loss_of(net, text.pieces(16, 32, gen));
        adam.zero_grad();
        loss.backward();
        // A product of 32 factors is sometimes huge. One such step would undo a hundred, so long gradients are cut.
        ft::optim::clip_grad_norm_(net.parameters(), 1.0);
        adam.step();
        if (step % 50 == 0) std::cout << "step " << step << " loss " << loss.item() << '\n';
    }

    const ft::NoGrad off;
    const double reached = static_cast<double>(loss_of(net, text.test.unsqueeze(0)).item());
    std::cout << "loss of the last verse: " << reached << '\n';
    expect(reached < by_counting, "the net has learned more than which character follows which");
    expect(reached < 0.5 * by_counting, "much more: its state tells it in which line it is");

    const std::string said = speak(net, text, "This is the ", 300, gen);
    std::cout << "\nnow it says:\n" << said << "\n\n";
    expect(said.find("That ") != std::string::npos, "it has learned words");
    return finish();
} catch (const std::exception& error) {  // a file that is missing or no such file
    return std::cerr << "error: " << error.what() << '\n', 2;
}
