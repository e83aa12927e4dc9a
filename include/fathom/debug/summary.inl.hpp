// Definitions of summary.hpp.
#include <map>
#include <set>

#include "fathom/debug/text.hpp"

namespace fathom::inline v0::debug {
namespace detail {

FATHOM_INLINE EvalScope::EvalScope(nn::Module& net) {
    for (const auto& [name, module] : net.named_modules()) modules_.emplace_back(module, module->is_training());
    net.eval();
}
FATHOM_INLINE EvalScope::~EvalScope() {
    for (const auto& [module, training] : modules_) module->train(training);
}

FATHOM_INLINE SummaryObserver::SummaryObserver(nn::Module& net) : net_(net), modules_(net.named_modules()) {
    summary_.kind = net.kind();
}

FATHOM_INLINE_MEMBER void SummaryObserver::sees(const fathom::detail::Observation& seen) {
    const std::string* path = fathom::detail::current_module();
    const nn::Module* module = nullptr;
    std::string name;
    for (const auto& [below, candidate] : modules_)
        if (path && candidate->path() == *path) module = candidate, name = below;
    if (!module) name = join({"(", seen.operation, ")"});
    std::vector<SummaryRow>& rows = summary_.rows;
    if (!module || rows.empty() || rows.back().name != name) {
        rows.emplace_back();
        rows.back().name = name;
        if (module) rows.back().kind = module->kind();
    }
    SummaryRow& row = rows.back();
    row.output = seen.output.shape();
    row.flops += flops_of(seen);
    row.bytes += seen.output.numel() * static_cast<std::int64_t>(size_of(seen.output.dtype()));
}

// Parameters go to the module that lists them: the part of their name before the last dot.
FATHOM_INLINE Summary SummaryObserver::result() {
    const auto bytes = [](const AnyTensor& x) { return x.numel() * static_cast<std::int64_t>(size_of(x.dtype())); };
    std::map<std::string, std::int64_t> of_module;
    std::set<const void*> known;
    for (const auto& [name, parameter] : net_.named_parameters()) {
        if (!known.insert(&parameter.impl()).second) continue;
        const std::size_t dot = name.rfind('.');
        of_module[dot == std::string::npos ? "" : name.substr(0, dot)] += parameter.numel();
        summary_.parameters += parameter.numel();
        if (autograd::requires_grad(parameter)) summary_.trainable += parameter.numel();
        summary_.parameter_bytes += bytes(parameter);
    }
    for (const AnyTensor& buffer : net_.buffers()) summary_.buffer_bytes += bytes(buffer);
    for (SummaryRow& row : summary_.rows) {
        summary_.flops += row.flops, summary_.activation_bytes += row.bytes;
        const auto own = of_module.find(row.name);
        if (own == of_module.end()) continue;
        row.parameters = own->second;
        of_module.erase(own);
    }
    // Those whose operations ran under another name, as batch norm folded into its convolution, or not at all.
    for (const auto& [name, module] : modules_) {
        const auto own = of_module.find(name);
        if (own == of_module.end()) continue;
        SummaryRow row;
        row.name = name, row.kind = module->kind(), row.parameters = own->second;
        row.ran = false;
        summary_.rows.push_back(row);
    }
    return std::move(summary_);
}

FATHOM_INLINE Device device_of(const nn::Module& net) {
    const std::vector<AnyTensor> parameters = net.parameters();
    return parameters.empty() ? Device::cpu() : parameters[0].device();
}

FATHOM_INLINE void fail_forward(const nn::Module& net, std::size_t inputs, Where site) {
    fail("summary", site,
         {to_string(net), " has no forward() of ", inputs, inputs == 1 ? " tensor" : " tensors",
          " of float, double or int64 (one to three of the same type are tried)"});
}

}  // namespace detail

FATHOM_INLINE std::string to_string(const Summary& summary) {
    Table table({"layer", "kind", "output", "parameters", "FLOPs", "memory"});
    for (const SummaryRow& row : summary.rows)
        table.add({row.name.empty() ? "(itself)" : row.name, row.kind, row.ran ? fathom::to_string(row.output) : "-",
                   row.parameters ? std::to_string(row.parameters) : "", row.ran ? count_text(row.flops) : "",
                   row.ran ? bytes_text(row.bytes) : ""});
    return summary.kind + "\n" + table.text() +
           join({"parameters ", summary.parameters, " (", summary.trainable, " trainable), ",
                 bytes_text(summary.parameter_bytes), "; buffers ", bytes_text(summary.buffer_bytes), "\nFLOPs ",
                 count_text(summary.flops), " per forward; results ", bytes_text(summary.activation_bytes), "\n"});
}

}  // namespace fathom::inline v0::debug
