// softmax and log_softmax along one dimension.
#pragma once

#include "fathom/backend/cpu/softmax.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

namespace detail {

template <FractionElement T>
struct Softmax final : Function {
    static Tensor<T> forward(const Tensor<T>& x, int dim, bool log, const char* name, Where site) {
        require_defined(x, name, site);
        const int d = checked_dim(dim, x.rank(), name, site);
        const auto y = new_tensor<T>(x.shape(), output_strides(x.shape(), {&x.untyped()}), x.device(), name, site);
        run(y, name, site, operation::softmax, &cpu::softmax<T>,
            {.x = array_of(x), .y = array_of(y), .dim = d, .log = log});
        return finish<Softmax>(y, name, site, {x}, [&](Softmax& f) { f.y = Saved::output(y), f.dim = d, f.log = log; });
    }
    // The gradient of softmax and of its logarithm, g being dy:
    //   y (g - sum(g y))
    //   g - exp(y) sum(g)
    void backward(Gradients& g) override {
        const Target dx = g.target(0);
        run(dx.view, name, site, operation::softmax_backward, &cpu::softmax_backward<T>,
            {.y = array_of(y.get(*this)), .dy = array_of(g.output()), .dx = array_of(dx), .dim = dim, .log = log});
    }
    void backward_recorded(Gradients& g) override {
        const auto dy = g.output<T>(), s = y.get_recorded<T>(*this);
        g.add(0, log ? dy - exp(s, site) * sum(dy, Shape{dim}, true, site)
                     : s * (dy - sum(dy * s, Shape{dim}, true, site)));
    }
    void release_saved() override { y.release(); }

    Saved y;
    int dim;
    bool log;
};

}  // namespace detail

template <FractionElement T>
Tensor<T> softmax(const Tensor<T>& x, int dim, Where site = Where::here()) {
    return detail::Softmax<T>::forward(x, dim, false, "softmax", site);
}
template <FractionElement T>
Tensor<T> log_softmax(const Tensor<T>& x, int dim, Where site = Where::here()) {
    return detail::Softmax<T>::forward(x, dim, true, "log_softmax", site);
}

}  // namespace fathom::inline v0
