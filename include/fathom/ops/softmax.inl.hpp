// Definitions of softmax.hpp.

namespace fathom::inline v0::detail {

class SoftmaxNode final : public autograd::Node {
public:
    SoftmaxNode(const SoftmaxEntries& cpu, const AnyTensor& y, int dim, bool log)
        : cpu_(cpu), y_(autograd::Saved::output(y)), dim_(dim), log_(log) {}

    void backward(autograd::Gradients& g) override {
        const autograd::Target dx = g.target(0);
        abi::SoftmaxArgs args{};
        args.y = array_of(y_.get(*this)), args.dy = array_of(g.output()), args.dx = array_of(dx.view);
        args.dim = dim_, args.log = log_;
        run(dx.view, name, site, dx.flags(), cpu_.backward, &abi::Table::softmax_backward, args);
    }
    void backward_recorded(autograd::Gradients& g) override {
        g.add(0, cpu_.recorded(g.output(), y_.get_recorded(*this), dim_, site));
    }
    void release_saved() override { y_.release(); }

private:
    const SoftmaxEntries& cpu_;
    autograd::Saved y_;
    int dim_;
    bool log_;
};

FATHOM_INLINE AnyTensor softmax(const SoftmaxEntries& cpu, const AnyTensor& x, int dim, bool log, const char* name,
                                Where site) {
    const int d = checked_dim(dim, x.rank(), name, site);
    const AnyTensor y = new_tensor(x.shape(), output_strides(x.shape(), {&x}), x.dtype(), x.device(), name, site);
    abi::SoftmaxArgs args{};
    args.x = array_of(x), args.y = array_of(y);
    args.dim = d, args.log = log;
    run(y, name, site, 0, cpu.forward, &abi::Table::softmax, args);
    if (autograd::recording(x))
        autograd::record(y, Ref<autograd::Node>(new SoftmaxNode(cpu, y, d, log)), name, site, cpu.ops, {&x});
    autograd::observe(y, name, site);
    return y;
}

}  // namespace fathom::inline v0::detail
