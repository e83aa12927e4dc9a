// Training of the fusion net in little memory: forward keeps the images and the weights alone, backward runs the net
// again, one strip of rows after the other (checkpointing, Chen et al. 2016, here over rows). A strip sees as many rows
// around it as its outputs depend on, so that the gradients are those of the whole image. Next: fusion_net.hpp.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "fathom/autograd/backward.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0::seafusion {

template <FloatElement T>
class FusionNet;

namespace detail {

// From an output of the net to the furthest input it depends on: nine 3x3 convolutions behind each other.
inline constexpr std::int64_t fusion_reach = 9;

// Rows [top, bottom) of what the net makes, and the rows of its inputs [first, last) that they depend on.
struct Strip {
    std::int64_t top, bottom, first, last;

    template <Element T>
    Tensor<T> outputs_of(const Tensor<T>& x, Where site) const {
        return narrow(x, 2, top, bottom - top, site);
    }
    template <Element T>
    Tensor<T> inputs_of(const Tensor<T>& x, Where site) const {
        return narrow(x, 2, first, last - first, site);
    }
    // The outputs' rows of what was made from the inputs' rows.
    template <Element T>
    Tensor<T> inner(const Tensor<T>& x, Where site) const {
        return narrow(x, 2, top - first, bottom - top, site);
    }
};

// Strips of nearly one height, of at most `rows`.
inline std::vector<Strip> strips(std::int64_t height, std::int64_t rows) {
    const std::int64_t count = (height + rows - 1) / rows;
    std::vector<Strip> all;
    for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t top = k * height / count, bottom = (k + 1) * height / count;
        all.push_back(
            {top, bottom, std::max<std::int64_t>(0, top - fusion_reach), std::min(height, bottom + fusion_reach)});
    }
    return all;
}

template <FloatElement T>
struct FusionInStrips final : autograd::Node {
    // y and ir [N, 1, H, W] -> what net.forward gives, [N, 1, H, W].
    static Tensor<T> forward(const FusionNet<T>& net, const Tensor<T>& y, const Tensor<T>& ir, Where site) {
        auto copy = std::make_unique<FusionNet<T>>(net);  // whose weights stay as they are
        copy->strip_rows = 0;
        std::vector<AnyTensor> inputs = {y, ir};
        for (const AnyTensor& parameter : net.parameters()) inputs.push_back(parameter);
        const Tensor<T> out = empty<T>(y.shape(), y.device(), site);
        {
            const NoGrad off;
            for (const Strip& strip : strips(y.shape()[2], net.strip_rows)) {
                const Tensor<T> part =
                    copy->forward(strip.inputs_of(y.detach(), site), strip.inputs_of(ir.detach(), site), site);
                Tensor<T> rows = strip.outputs_of(out, site);
                copy_assign(rows, strip.inner(part, site), site);
            }
        }
        return finish<FusionInStrips>(out, name_of_net, site, InputList(inputs), [&](FusionInStrips& f) {
            f.net = std::move(copy), f.rows = net.strip_rows, f.y = Saved(y), f.ir = Saved(ir);
        });
    }

    void backward(Gradients& g) override {
        const Tensor<T> images[] = {y.get<T>(*this), ir.get<T>(*this)};
        const Tensor<T> dout = g.output<T>();
        Tensor<T> dimages[2];
        for (int i = 0; i < 2; ++i)
            if (g.needs(i)) dimages[i] = zeros<T>(images[i].shape(), images[i].device(), site);
        const std::vector<AnyTensor> parameters = net->parameters();
        for (const Strip& strip : strips(dout.shape()[2], rows)) {
            Tensor<T> parts[2];
            std::vector<AnyTensor> wanted;
            for (int i = 0; i < 2; ++i) {
                parts[i] = strip.inputs_of(images[i], site).detach();
                if (g.needs(i)) parts[i].requires_grad_(true, site), wanted.push_back(parts[i]);
            }
            std::vector<int> places;
            for (std::size_t i = 0; i < parameters.size(); ++i)
                if (const int place = static_cast<int>(i) + 2; g.needs(place))
                    wanted.push_back(parameters[i]), places.push_back(place);
            Tensor<T> part;
            {
                const GradMode on(true);
                part = strip.inner(net->forward(parts[0], parts[1], site), site);
            }
            const std::vector<AnyTensor> gradients =
                autograd::grad({part}, wanted, {.grad_outputs = {strip.outputs_of(dout, site)}}, site);
            std::size_t next = 0;
            for (int i = 0; i < 2; ++i) {
                if (!g.needs(i)) continue;
                Tensor<T> sum = strip.inputs_of(dimages[i], site);
                add_assign(sum, Operand<T>(gradients[next++].as<T>(site), site));
            }
            for (const int place : places) g.add(place, gradients[next++]);
        }
        for (int i = 0; i < 2; ++i)
            if (g.needs(i)) g.add(i, dimages[i]);
    }

    void backward_recorded(Gradients&) override {
        fail(name, site, {"gradients in strips cannot be differentiated again; set strip_rows to 0"});
    }

    void release_saved() override { y.release(), ir.release(), net.reset(); }

    static constexpr const char* name_of_net = "FusionNet";
    std::unique_ptr<FusionNet<T>> net;
    std::int64_t rows = 0;
    Saved y, ir;
};

}  // namespace detail
}  // namespace fathom::inline v0::seafusion
