// Compiled with -ffast-math, under which compilers take every number for finite: what refuses infinity and NaN still
// does, header-only too.
#include <bit>
#include <cstdint>

#include <fathom/data/pictures.hpp>
#include <fathom/nn/parameter.hpp>
#include <fathom/ops/finite.hpp>
#include <fathom/optim/clip.hpp>
#include <fathom/optim/sgd.hpp>
#include <fathom/tensor/factories.hpp>

#include "check.hpp"

namespace ft = fathom;

#ifndef __FAST_MATH__
#error "this program is for -ffast-math"
#endif

// By their bits, where the compiler cannot see them.
volatile std::uint32_t infinity_bits = 0x7F800000, nan_bits = 0x7FC00000;

template <class T>
void check_gradients(T bad) {
    auto gradient = ft::full<T>({37}, T{1});
    const ft::nn::Parameter<T> w(ft::zeros<T>({37}));
    static_cast<ft::autograd::Leaf*>(ft::autograd::node_of(w))->grad = gradient;
    check(near(ft::optim::clip_grad_norm_({w}, 1e9), 6.0827625, 1e-5), "the norm of a gradient");
    for (const std::int64_t at : {0, 5, 36}) {
        gradient.mutable_data()[at] = bad;
        check_throws<ft::Error>([&] { ft::optim::clip_grad_norm_({w}, 1); }, "is not finite", "clip_grad_norm_");
        check(!ft::all_finite(gradient), "all_finite");
        check(ft::first_not_finite(gradient) == ft::Shape{at}, "first_not_finite");
        gradient.mutable_data()[at] = T{1};
    }
    check(ft::all_finite(gradient), "all_finite of what is");
}

int main() {
    ft::Generator gen(1);
    for (volatile std::uint32_t* bits : {&infinity_bits, &nan_bits}) {
        const auto bad = std::bit_cast<float>(std::uint32_t{*bits});
        check_gradients<float>(bad);
        check_gradients<double>(static_cast<double>(bad));
        auto image = ft::full<float>({2, 3, 1}, 0.5f);
        image.mutable_data()[4] = bad;
        check_throws<ft::Error>([&] { ft::data::image_bytes(image); }, "row 1, column 1", "image_bytes");
        check_throws<ft::Error>([&] { ft::rand<float>({2}, gen, 0, static_cast<double>(bad)); }, "", "rand");
    }
    const auto nan = static_cast<double>(std::bit_cast<float>(std::uint32_t{nan_bits}));
    const ft::nn::Parameter<float> w(ft::zeros<float>({2}));
    check_throws<ft::Error>([&] { ft::optim::clip_grad_norm_({w}, nan); }, "max_norm", "a bound that is no number");
    check_throws<ft::Error>([&] { ft::optim::SGD({w}, {.lr = nan}); }, "lr must be", "a rate that is no number");
    return finish();
}
