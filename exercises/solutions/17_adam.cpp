// A solution of 17_adam.
#include "exercises/exercise.hpp"

class Adam {
public:
    explicit Adam(double lr) : lr_(lr) {}

    void step(std::vector<double>& parameters, const std::vector<double>& gradients) {
        mean_.resize(parameters.size());
        square_.resize(parameters.size());
        ++steps_;
        const double mean_scale = 1 - std::pow(beta1_, steps_), square_scale = 1 - std::pow(beta2_, steps_);
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            mean_[i] = beta1_ * mean_[i] + (1 - beta1_) * gradients[i];
            square_[i] = beta2_ * square_[i] + (1 - beta2_) * gradients[i] * gradients[i];
            parameters[i] -= lr_ * (mean_[i] / mean_scale) / (std::sqrt(square_[i] / square_scale) + eps_);
        }
    }

private:
    double lr_, beta1_ = 0.9, beta2_ = 0.999, eps_ = 1e-8;
    int steps_ = 0;
    std::vector<double> mean_, square_;  // m and v
};
