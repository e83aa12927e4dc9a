// Nets that the tests of nn/ and optim/ share.
#pragma once

#include "fathom/nn/linear.hpp"
#include "fathom/ops/math.hpp"

namespace fathom::tests {

template <class T>
struct Mlp : nn::Module {
    nn::Linear<T> hidden, out;
    explicit Mlp(Generator& gen, std::int64_t width = 8) : hidden(2, width, gen), out(width, 2, gen) {}
    explicit Mlp(std::int64_t width = 8) : hidden(2, width), out(width, 2) {}
    void visit(nn::Visitor& v) override {
        v("hidden", hidden);
        v("out", out);
    }
    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) const {
        return out(tanh(hidden(x, site), site), site);
    }
};

// Whether both hold the same names and the same bits.
inline bool same(const StateDict& a, const StateDict& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto& [name, x] = a.entries[i];
        const AnyTensor* y = b.find(name);
        if (!y || !(x.shape() == y->shape()) || x.dtype() != y->dtype() || !x.is_contiguous() || !y->is_contiguous())
            return false;
        const std::size_t bytes = static_cast<std::size_t>(x.numel()) * size_of(x.dtype());
        if (__builtin_memcmp(x.raw(), y->raw(), bytes) != 0) return false;
    }
    return true;
}

}  // namespace fathom::tests
