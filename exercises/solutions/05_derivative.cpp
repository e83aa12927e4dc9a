// A solution of 05_derivative.
#include "exercises/exercise.hpp"

double derivative(const std::function<double(double)>& f, double x) {
    const double h = 1e-5;
    return (f(x + h) - f(x - h)) / (2 * h);
}

std::vector<double> gradient(const std::function<double(const std::vector<double>&)>& f, std::vector<double> x) {
    std::vector<double> g(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double before = x[i];
        const auto along = [&](double value) { return x[i] = value, f(x); };
        g[i] = derivative(along, before);
        x[i] = before;
    }
    return g;
}
