// Definitions of batch_norm.hpp.
#include "fathom/autograd/composite.hpp"

namespace fathom::inline v0::detail {

class BatchNormNode final : public autograd::Node {
public:
    BatchNormNode(const BatchNormEntries& cpu, const BatchNormInput& in, const AnyTensor& mean,
                  const AnyTensor& inverse_std, const BatchNormOptions& options)
        : cpu_(cpu),
          x_(in.x),
          weight_(in.weight),
          bias_(in.bias),
          mean_(mean),
          inverse_std_(inverse_std),
          options_(options) {}

    void backward(autograd::Gradients& g) override {
        const AnyTensor x = x_.get(*this), dy = with_pixel_stride(g.output(), ops->copy, name, site);
        const auto parameter = [&](const autograd::Saved& s) { return s.defined() ? s.get(*this) : AnyTensor{}; };
        const AnyTensor weight = parameter(weight_), bias = parameter(bias_);
        const auto gradient_of = [&](int i, const AnyTensor& p) {
            return p.defined() && g.needs(i)
                       ? new_tensor(p.shape(), row_major_strides(p.shape()), p.dtype(), p.device(), name, site)
                       : AnyTensor{};
        };
        const AnyTensor dweight = gradient_of(1, weight), dbias = gradient_of(2, bias);
        const autograd::Target dx = g.needs(0) ? g.target(0) : autograd::Target{};
        abi::BatchNormArgs args{};
        args.x = image_array(x), args.weight = array_of(weight), args.bias = array_of(bias);
        args.mean = array_of(mean_.get(*this)), args.inverse_std = array_of(inverse_std_.get(*this));
        args.dy = image_array(dy), args.dweight = array_of(dweight), args.dbias = array_of(dbias);
        if (dx.view.defined()) args.dx = image_array(dx.view);
        args.activation = options_.activation, args.slope = options_.slope, args.training = options_.training;
        run(x, name, site, dx.flags(), cpu_.backward, &abi::Table::batch_norm_backward, args);
        if (dweight.defined()) g.add(1, dweight);
        if (dbias.defined()) g.add(2, dbias);
    }
    void backward_recorded(autograd::Gradients& g) override {
        BatchNormInput in;
        in.x = x_.get_recorded(*this);
        if (weight_.defined()) in.weight = weight_.get_recorded(*this);
        if (bias_.defined()) in.bias = bias_.get_recorded(*this);
        autograd::backward_by_composite(g,
                                        cpu_.composite(in, mean_.get(*this), inverse_std_.get(*this), options_, site),
                                        {in.x, in.weight, in.bias}, site);
    }
    void release_saved() override {
        for (autograd::Saved* s : {&x_, &weight_, &bias_, &mean_, &inverse_std_}) s->release();
    }

private:
    const BatchNormEntries& cpu_;
    autograd::Saved x_, weight_, bias_, mean_, inverse_std_;
    BatchNormOptions options_;
};

FATHOM_INLINE void check_batch_norm(const BatchNormInput& in, const BatchNormOptions& options, const char* name,
                                    Where site) {
    if (in.x.rank() != 4) fail(name, site, {"input has shape ", in.x.shape(), ", expected [N,C,H,W] or [N,C]"});
    const Shape& s = in.x.shape();
    const auto check = [&](const AnyTensor& p, const char* what) {
        if (!p.defined()) return;
        if (!(p.shape() == Shape{s[1]}))
            fail(name, site, {what, " has shape ", p.shape(), ", expected [", s[1], "] (input ", s, ")"});
        check_device(in.x, p, name, site);
    };
    check(in.running_mean, "running_mean");
    check(in.running_var, "running_var");
    check(in.weight, "weight");
    check(in.bias, "bias");
    if (!options.training && !(in.running_mean.defined() && in.running_var.defined()))
        fail(name, site, {"running_mean and running_var are needed outside training"});
    const std::int64_t values = s[0] * s[2] * s[3];
    if (options.training && values < 2)
        fail(name, site,
             {"training needs more than one value per channel, got input ", s,
              values == 1 ? ": use a larger batch, or eval()" : ""});
}

FATHOM_INLINE AnyTensor batch_norm(const BatchNormEntries& cpu, const BatchNormInput& given,
                                   const BatchNormOptions& options, Where site) {
    const char* name = "batch_norm";
    check_batch_norm(given, options, name, site);
    const autograd::TypeOps& ops = *cpu.ops;
    BatchNormInput in = given;
    in.x = with_pixel_stride(in.x, ops.copy, name, site);
    for (AnyTensor* p : {&in.weight, &in.bias})
        if (p->defined()) *p = row_major(*p, ops.copy, site);
    for (AnyTensor* p : {&in.running_mean, &in.running_var}) {
        if (!p->defined()) continue;
        if (!options.training) {
            *p = row_major(*p, ops.copy, site);
            continue;
        }
        if (!p->is_contiguous())
            fail(name, site, {"running statistics that are written must be contiguous, got strides ", p->strides()});
        autograd::check_in_place(*p, false, name, site);
        p->impl().storage->bump_version();
    }
    const Shape& s = in.x.shape();
    const auto per_channel = [&] { return new_tensor({s[1]}, {1}, in.x.dtype(), in.x.device(), name, site); };
    const AnyTensor mean = per_channel(), inverse_std = per_channel();
    const AnyTensor y =
        new_tensor(s, strides_in_order_of(s, s, in.x.strides()), in.x.dtype(), in.x.device(), name, site);
    abi::BatchNormArgs args{};
    args.x = image_array(in.x), args.y = image_array(y);
    args.weight = array_of(in.weight), args.bias = array_of(in.bias);
    args.mean = array_of(mean), args.inverse_std = array_of(inverse_std);
    args.running_mean = array_of(in.running_mean), args.running_var = array_of(in.running_var);
    args.momentum = options.momentum, args.eps = options.eps;
    args.activation = options.activation, args.slope = options.slope, args.training = options.training;
    run(in.x, name, site, 0, cpu.forward, &abi::Table::batch_norm, args);
    if (autograd::recording(in.x, in.weight, in.bias))
        autograd::record(y, Ref<autograd::Node>(new BatchNormNode(cpu, in, mean, inverse_std, options)), name, site,
                         cpu.ops, {&in.x, &in.weight, &in.bias});
    autograd::observe(y, name, site);
    return y;
}

}  // namespace fathom::inline v0::detail
