// A solution of 16_momentum.
#include "exercises/exercise.hpp"

class Momentum {
public:
    Momentum(double lr, double momentum, double weight_decay)
        : lr_(lr), momentum_(momentum), weight_decay_(weight_decay) {}

    void step(std::vector<double>& parameters, const std::vector<double>& gradients) {
        velocity_.resize(parameters.size());  // zeros in the first step, as they were left in later ones
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            velocity_[i] = momentum_ * velocity_[i] + gradients[i] + weight_decay_ * parameters[i];
            parameters[i] -= lr_ * velocity_[i];
        }
    }

private:
    double lr_, momentum_, weight_decay_;
    std::vector<double> velocity_;
};
