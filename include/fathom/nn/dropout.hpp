// Dropout: ops/dropout.hpp while training, nothing in eval().
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/dropout.hpp"

namespace fathom::inline v0::nn {

// A module's own generator, begun from the caller's: what else draws from that one then changes nothing here. A copy of
// the module draws the same numbers. generator_state.hpp saves where it stands.
class DropoutGenerator {
public:
    DropoutGenerator() = default;
    explicit DropoutGenerator(Generator& gen) : begun_(true) {
        const RandomStream stream = gen.reserve(1);
        const auto bits = philox(stream.seed, stream.offset);
        generator_ = Generator(std::uint64_t{bits[0]} << 32 | bits[1]);
    }
    void visit(Visitor& v) {
        if (begun_) v("generator", generator_);
    }
    Generator& get(const Module& module, Where site) {
        if (!begun_)
            fail(to_string(module).c_str(), site,
                 {"dropout while training needs random numbers; construct it with a Generator, or call eval()"});
        return generator_;
    }

private:
    Generator generator_{0};
    bool begun_ = false;
};

class Dropout : public Module {
public:
    double p;

    explicit Dropout(double probability, Generator& gen, Where site = Where::here())
        : Dropout(probability, DropoutGenerator(gen), site) {}
    // For inference: forward throws while training.
    explicit Dropout(double probability = 0.5, Where site = Where::here())
        : Dropout(probability, DropoutGenerator(), site) {}

    void visit(Visitor& v) override { generator_.visit(v); }
    const char* kind() const override { return "Dropout"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) {
        if (!is_training() || p == 0) return x;
        const ModuleScope scope(path());
        return dropout(x, p, generator_.get(*this, site), site);
    }

private:
    Dropout(double probability, const DropoutGenerator& generator, Where site) : p(probability), generator_(generator) {
        if (!(p >= 0 && p <= 1)) fail("Dropout", site, {"probability ", p, " is outside [0, 1]"});
    }

    DropoutGenerator generator_;
};

}  // namespace fathom::inline v0::nn
