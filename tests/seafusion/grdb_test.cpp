#include "fathom/seafusion/grdb.hpp"

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/seafusion/golden.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// The block's image and its ten weights, in the order of GrdbWeights.
template <class T>
struct Block {
    std::int64_t n, c, k, h, w;

    std::vector<Tensor<T>> inputs(std::uint64_t seed) const {
        Generator gen(seed);
        const auto random = [&](const Shape& shape) { return randn<T>(shape, gen) * T{0.5}; };
        std::vector<Tensor<T>> in;
        for (const Shape& shape :
             {Shape{n, c, h, w}, Shape{c, c, 3, 3}, Shape{c}, Shape{c, 2 * c, 3, 3}, Shape{c}, Shape{k, 3 * c, 1, 1},
              Shape{k}, Shape{k, c, 1, 1}, Shape{k}, Shape{c, 1, 3, 3}, Shape{c, 1, 3, 3}})
            in.push_back(random(shape));
        return in;
    }
    static seafusion::GrdbWeights<T> weights(const std::vector<Tensor<T>>& in) {
        return {in[1], in[2], in[3], in[4], in[5], in[6], in[7], in[8], in[9], in[10]};
    }
    // The fused operation takes its image from a dense buffer, into which a convolution writes it unchanged.
    Tensor<T> block(const std::vector<Tensor<T>>& in) const {
        const AnyTensor dense = fused::new_images({n, 3 * c, h, w}, in[0], "test", {}),
                        out = fused::new_images({n, k, h, w}, in[0], "test", {});
        auto same = zeros<T>({c, c, 1, 1});
        for (std::int64_t i = 0; i < c; ++i) same(i, i, 0, 0) = 1;
        const Tensor<T> x = fused::conv2d_into<T>(in[0], same, {}, {}, fused::channels_of(dense, 0, c), Where::here());
        return seafusion::detail::Grdb<T>::forward(dense, x, weights(in), out.as<T>(), Precision::fast, Where::here());
    }
    Tensor<T> composite(const std::vector<Tensor<T>>& in) const {
        return seafusion::detail::Grdb<T>::composite(in[0], weights(in), Precision::fast, Where::here());
    }
};

template <class T>
void compare(const Block<T>& block, double forward, double gradient) {
    std::vector<Tensor<T>> a = block.inputs(1), b = block.inputs(1);
    for (auto& x : a) x.requires_grad_();
    for (auto& x : b) x.requires_grad_();
    Generator gen(2);
    const auto y = block.block(a), z = block.composite(b);
    CHECK(relative_difference(y, z) <= forward);
    const auto dy = randn<T>(y.shape(), gen);
    backward(y, dy), backward(z, dy);
    for (std::size_t i = 0; i < a.size(); ++i) {
        CAPTURE(i);
        CHECK(relative_difference(a[i].grad(), b[i].grad()) <= gradient);
    }
}

}  // namespace

TEST_CASE("seafusion/grdb: fused and composite agree in double") {
    for (const Block<double>& block :
         {Block<double>{1, 2, 3, 4, 3}, {2, 16, 32, 9, 11}, {1, 32, 48, 5, 17}, {1, 3, 2, 1, 1}, {1, 4, 5, 1, 9}}) {
        CAPTURE(block.c);
        compare(block, 1e-13, 1e-12);
    }
}

TEST_CASE("seafusion/grdb: several bands in several chunks, the same bits on one thread and two") {
    const Block<double> block{2, 4, 6, 70, 2048};  // bands of 4 rows, 2 or less in a chunk
    const fused::Bands bands(empty<double>({2, 12, 70, 2048}), 12);
    std::vector<std::int64_t> rows(140);
    std::int64_t firsts = 0;
    {
        Threads t(1);
        bands.for_each([&](const fused::Band& band) {
            firsts += band.first;
            for (std::int64_t h = band.top; h < band.top + band.rows; ++h)
                ++rows[static_cast<std::size_t>(band.image * 70 + h)];
        });
    }
    CHECK(rows == std::vector<std::int64_t>(140, 1));
    CHECK(firsts == bands.chunks());
    CHECK(bands.chunks() > 2);
    compare(block, 1e-13, 1e-11);

    const auto gradients = [&](int threads) {
        Threads t(threads);
        std::vector<Tensor<double>> in = block.inputs(1);
        for (auto& x : in) x.requires_grad_();
        std::vector<Tensor<double>> results{block.block(in)};
        sum(square(results[0])).backward();
        for (const auto& x : in) results.push_back(x.grad());
        return results;
    };
    const auto one = gradients(1), two = gradients(2);
    for (std::size_t i = 0; i < one.size(); ++i) {
        CAPTURE(i);
        CHECK(same_bits(one[i], two[i]));
    }
}

TEST_CASE("seafusion/grdb: fused and composite agree in float on every ISA") {
    for_each_isa([] { compare(Block<float>{2, 16, 32, 13, 10}, 2e-6, 2e-5); });
}

TEST_CASE("seafusion/grdb: gradcheck and gradgradcheck") {
    const Block<double> block{1, 2, 3, 4, 3};
    const auto in = block.inputs(1);
    gradcheck([&](std::vector<Tensor<double>>& v) { return block.block(v); }, in);
    gradgradcheck([&](std::vector<Tensor<double>>& v) { return block.block(v); }, in, {.allow_zero = true});
}

TEST_CASE("seafusion/grdb: frozen weights get no gradient and change no other") {
    const Block<float> block{1, 4, 6, 7, 5};
    std::vector<Tensor<float>> all = block.inputs(1), some = block.inputs(1);
    for (auto& x : all) x.requires_grad_();
    for (const std::size_t i : {std::size_t{0}, std::size_t{4}, std::size_t{5}, std::size_t{10}})
        some[i].requires_grad_();
    sum(square(block.block(all))).backward();
    sum(square(block.block(some))).backward();
    for (std::size_t i = 0; i < some.size(); ++i) {
        CAPTURE(i);
        if (some[i].requires_grad())
            CHECK(same_bits(some[i].grad(), all[i].grad()));
        else
            CHECK(!some[i].grad().defined());
    }
}
