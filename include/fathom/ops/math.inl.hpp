// Definitions of math.hpp.

namespace fathom::inline v0::detail {

class WhereNode final : public autograd::Node {
public:
    WhereNode(const AnyTensor& condition, const AnyTensor& a, const AnyTensor& b, ElementwiseEntry cpu)
        : condition_(condition), cpu_(cpu), shapes_{a.shape(), b.shape()} {}

    // where(condition, g, 0) for a, where(condition, 0, g) for b: the same in both modes.
    void backward(autograd::Gradients& g) override {
        const AnyTensor condition = condition_.get(*this);
        const AnyTensor zero = new_tensor({}, {}, output.dtype, output.device, name, site);
        autograd::engine::fill(zero, 0, *this);
        for (int i = 0; i < 2; ++i) {
            if (!g.needs(i)) continue;
            const AnyTensor part = i == 0 ? where_any(condition, g.output(), zero, cpu_, ops, site)
                                          : where_any(condition, zero, g.output(), cpu_, ops, site);
            g.add(i, sum_to(part, shapes_[i], ops, site));
        }
    }
    void release_saved() override { condition_.release(); }

private:
    autograd::Saved condition_;
    ElementwiseEntry cpu_;
    Shape shapes_[2];
};

FATHOM_INLINE AnyTensor where_any(const AnyTensor& condition, const AnyTensor& a, const AnyTensor& b,
                                  ElementwiseEntry cpu, const autograd::TypeOps* ops, Where site) {
    check_device(a, b, "where", site);
    check_device(condition, a, "where", site);
    Shape shape = broadcast_shape(a, b, "where", site);
    if (!broadcast_shapes(shape, condition.shape(), shape))
        fail("where", site,
             {"condition ", condition.shape(), ", a ", a.shape(), " and b ", b.shape(), " do not broadcast"});
    const AnyTensor out =
        new_tensor(shape, output_strides(shape, {&a, &b, &condition}), a.dtype(), a.device(), "where", site);
    elementwise_into({"where", Elementwise::where, cpu, nullptr}, out, 0, {&condition, &a, &b}, site);
    if (ops && autograd::recording(a, b))
        autograd::record(out, Ref<autograd::Node>(new WhereNode(condition, a, b, cpu)), "where", site, ops, {&a, &b});
    autograd::observe(out, "where", site);
    return out;
}

}  // namespace fathom::inline v0::detail
