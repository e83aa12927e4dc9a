// Definitions of composite.hpp.

namespace fathom::inline v0::autograd {

FATHOM_INLINE void backward_by_composite(Gradients& g, const AnyTensor& output, const std::vector<AnyTensor>& inputs,
                                         Where site) {
    std::vector<AnyTensor> wanted;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (g.needs(static_cast<int>(i))) wanted.push_back(inputs[i]);
    GradOptions options;
    options.create_graph = true, options.allow_unused = true;
    options.grad_outputs = {g.output()};
    const std::vector<AnyTensor> gradients = grad({output}, wanted, options, site);
    for (std::size_t i = 0, k = 0; i < inputs.size(); ++i) {
        if (!g.needs(static_cast<int>(i))) continue;
        if (gradients[k].defined()) g.add(static_cast<int>(i), gradients[k]);
        ++k;
    }
}

}  // namespace fathom::inline v0::autograd
