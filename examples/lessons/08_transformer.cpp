// Lesson 8: a net that looks up. In lesson 7 all that was read had to fit into one vector. A transformer keeps
// everything, and at each character looks for what matters now. The text is the same rhyme, and so is the task.
#include <fathom/fathom.hpp>

#include "lesson.hpp"
#include "text.hpp"

namespace ft = fathom;

using Tensor = ft::Tensor<float>;

constexpr std::int64_t length = 48, width = 48;  // characters that it sees at once, numbers for each of them

// Attention by hand, for one piece of text. Every place asks a question q and offers a key k and a value v, each [L,
// E]. The answer is the mean of all values, each weighted by how well its key fits the question.
Tensor attention_by_hand(const Tensor& q, const Tensor& k, const Tensor& v) {
    const float scale = 1 / std::sqrt(static_cast<float>(q.size(1)));  // or softmax would see too large numbers
    const Tensor fit = ft::matmul(q, k.transpose(0, 1)) * scale;       // [L, L]: row i, how key j fits question i
    // Nobody may look ahead: what is to be foretold stands there. exp(-inf) is 0.
    const auto ahead = ft::triu(ft::ones<float>({q.size(0), q.size(0)}), 1) == 1;
    return ft::matmul(ft::softmax(fit.masked_fill(ahead, -INFINITY), 1), v);  // [L, L] [L, E] -> [L, E]
}

// Look up, then think: attention over all places, then a small net at each of them. Both add to what was there, so that
// a block begins by changing little, and gradients have a straight way back.
struct Block : ft::nn::Module {
    ft::nn::LayerNorm<float> norm1{{width}}, norm2{{width}};
    ft::nn::MultiheadAttention<float> attention;  // four questions at once, each with a quarter of the numbers
    ft::nn::Linear<float> up, down;
    explicit Block(ft::Generator& gen)
        : attention(width, 4, {.batch_first = true}, gen), up(width, 4 * width, gen), down(4 * width, width, gen) {}
    void visit(ft::nn::Visitor& v) override {
        v("norm1", norm1), v("attention", attention), v("norm2", norm2), v("up", up), v("down", down);
    }
    Tensor forward(const Tensor& x) {  // [N, L, E] -> [N, L, E]
        const Tensor n = norm1(x);
        const Tensor h = x + attention(n, n, n, {.need_weights = false, .is_causal = true}).output;
        return h + down(ft::gelu(up(norm2(h))));
    }
};

struct Transformer : ft::nn::Module {
    ft::nn::Embedding<float> characters, places;  // what stands there, and where: attention itself knows no order
    ft::nn::ModuleList<Block> blocks;
    ft::nn::LayerNorm<float> norm{{width}};
    ft::nn::Linear<float> out;
    Transformer(std::int64_t alphabet, ft::Generator& gen)
        : characters(alphabet, width, gen), places(length, width, gen), out(width, alphabet, gen) {
        for (int i = 0; i < 2; ++i) blocks.emplace_back(gen);
        ft::nn::init::normal_(characters.weight, gen, 0, 0.1), ft::nn::init::normal_(places.weight, gen, 0, 0.1);
    }
    void visit(ft::nn::Visitor& v) override {
        v("characters", characters), v("places", places), v("blocks", blocks), v("norm", norm), v("out", out);
    }
    Tensor forward(const Codes& codes) {  // [N, L] -> [N, L, C], what it expects behind each of them
        Tensor x = characters(codes) + places(ft::arange<std::int64_t>(codes.size(1)));  // [N, L, E] + [L, E]
        for (Block& block : blocks) x = block.forward(x);
        return out(norm(x));
    }
};

Tensor loss_of(Transformer& net, const Codes& codes) {  // [N, L + 1]
    const std::int64_t l = codes.size(1) - 1;
    return ft::cross_entropy(net.forward(codes.slice(1, 0, l)).flatten(0, 1), codes.slice(1, 1, l + 1).flatten());
}

int main(int argc, char** argv) try {
    const Text text(argc > 1 ? argv[1] : "examples/lessons/data/house_that_jack_built.txt");
    ft::Generator gen(8);

    std::cout << "== attention\n";
    const Tensor q = ft::randn<float>({6, 8}, gen), k = ft::randn<float>({6, 8}, gen),
                 v = ft::randn<float>({6, 8}, gen);
    const Tensor by_hand = attention_by_hand(q, k, v);
    const Tensor of_library = ft::scaled_dot_product_attention(q, k, v, {.is_causal = true});
    expect(ft::abs(by_hand - of_library).max().item() < 1e-5f, "the library's attention is the one by hand");
    expect((by_hand[0] - v[0]).abs().max().item() < 1e-6f, "the first place sees nothing but itself");

    std::cout << "\n== a character model\n";
    Transformer net(text.size(), gen);
    std::int64_t parameters = 0;
    for (const auto& p : net.parameters()) parameters += p.numel();
    std::cout << parameters << " parameters\n";
    ft::optim::AdamW adam(net.parameters(), {.lr = 3e-3});
    for (int step = 1; step <= 250; ++step) {
        // All places of all pieces learn at once: nothing waits for the character before, as in lesson 7.
        const Tensor loss = loss_of(net, text.pieces(8, length, gen));
        adam.zero_grad();
        loss.backward();
        adam.step();
        if (step % 50 == 0) std::cout << "step " << step << " loss " << loss.item() << '\n';
    }

    const ft::NoGrad off;
    // The last verse in pieces of the length that the net can see.
    const double by_counting = loss_of_counting(text);
    const double reached = static_cast<double>(loss_of(net, text.test.unfold(0, length + 1, length)).item());
    std::cout << "loss of the last verse: " << reached << ", by counting pairs " << by_counting << '\n';
    expect(reached < 0.6 * by_counting, "it has learned more than which character follows which");

    std::string said = "This is the ";
    while (said.size() < 300) {  // the likeliest character each time
        const std::string seen = said.size() > length ? said.substr(said.size() - length) : said;
        said += text.decode(net.forward(text.encode(seen).unsqueeze(0)).select(1, -1).argmax().item());
    }
    std::cout << "\nit says:\n" << said << "\n\n";
    expect(said.find("That ") != std::string::npos, "it has learned words");
    return finish();
} catch (const std::exception& error) {  // a file that is missing or no such file
    return std::cerr << "error: " << error.what() << '\n', 2;
}
