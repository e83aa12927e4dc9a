// 05 A derivative by trying
//
// Before a gradient is trusted it is compared with what a small step does to the function. The quotient
// (f(x + h) - f(x)) / h is wrong by about f''(x) * h / 2. Steps to both sides cancel that error:
//
//   f'(x) is about (f(x + h) - f(x - h)) / (2 h),  wrong by about f'''(x) * h * h / 6
//
// A smaller h is not always better: f(x + h) and f(x - h) are rounded at their sixteenth digit, and the division by h
// makes that error larger. Find an h that leaves ten digits.
//
//   1. derivative(f, x) of a function of one number.
//   2. gradient(f, x) of a function of many: the derivative for each of them, while the others stay as they are.
#include "exercises/exercise.hpp"

double derivative(const std::function<double(double)>& f, double x) {
    const double h = 1e-3;
    return (f(x + h) - f(x)) / h;  // YOUR CODE in place of this
}

std::vector<double> gradient(const std::function<double(const std::vector<double>&)>& f, std::vector<double> x) {
    std::vector<double> g(x.size());
    // YOUR CODE
    return g;
}
