#include <fathom/fathom.hpp>

double slope(double at);

double slope(double at) {
    auto x = fathom::full<double>({1}, at).requires_grad_();
    fathom::sum(fathom::square(x)).backward();
    return x.grad()(0);
}
