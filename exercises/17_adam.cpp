// 17 Adam
//
// Adam divides a running mean of the gradient by the square root of a running mean of its square, so that every
// parameter moves by about lr whatever the size of its gradient. Both means begin at 0 and are too small at first: step
// t = 1, 2, ... divides them by 1 - beta^t, to make up for it.
//
//   m <- beta1 * m + (1 - beta1) * g             m' = m / (1 - beta1^t)
//   v <- beta2 * v + (1 - beta2) * g * g         v' = v / (1 - beta2^t)
//   parameter <- parameter - lr * m' / (sqrt(v') + eps)
//
// Kingma and Ba, "Adam: a method for stochastic optimization", 2015.
#include "exercises/exercise.hpp"

class Adam {
public:
    explicit Adam(double lr) : lr_(lr) {}

    void step(std::vector<double>& parameters, const std::vector<double>& gradients) {
        mean_.resize(parameters.size());
        square_.resize(parameters.size());
        ++steps_;
        // YOUR CODE
    }

private:
    double lr_, beta1_ = 0.9, beta2_ = 0.999, eps_ = 1e-8;
    int steps_ = 0;
    std::vector<double> mean_, square_;  // m and v
};
