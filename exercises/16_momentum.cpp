// 16 Gradient descent with momentum
//
// Steps along the gradient alone go to and fro across a narrow valley. With momentum a parameter has a velocity v,
// which begins at 0:
//
//   g <- gradient + weight_decay * parameter
//   v <- momentum * v + g
//   parameter <- parameter - lr * v
#include "exercises/exercise.hpp"

class Momentum {
public:
    Momentum(double lr, double momentum, double weight_decay)
        : lr_(lr), momentum_(momentum), weight_decay_(weight_decay) {}

    void step(std::vector<double>& parameters, const std::vector<double>& gradients) {
        velocity_.resize(parameters.size());  // zeros in the first step, as they were left in later ones
        // YOUR CODE
    }

private:
    double lr_, momentum_, weight_decay_;
    std::vector<double> velocity_;
};
