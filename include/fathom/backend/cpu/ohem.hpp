// The CPU's online hard example mining: unpacks abi::OhemArgs for kernels/ohem.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/ohem.hpp"

namespace fathom::inline v0::cpu {

template <class T>
void ohem(const abi::Call&, const abi::OhemArgs& args) {
    const std::int64_t n = numel(args.loss);
    const auto selection = kernels::ohem_select<T>(data<T>(args.loss), n, static_cast<T>(args.threshold), args.n_min);
    *data<T>(args.mean) = kernels::ohem_mean<T>(data<T>(args.loss), n, selection);
    auto* out = data<std::int64_t>(args.selection);
    out[0] = static_cast<std::int64_t>(selection.cut), out[1] = selection.last, out[2] = selection.count;
}

template <class T>
void ohem_backward(const abi::Call&, const abi::OhemArgs& args) {
    const auto* in = data<std::int64_t>(args.selection);
    kernels::ohem_backward<T>(data<T>(args.loss), numel(args.loss), {static_cast<std::uint64_t>(in[0]), in[1], in[2]},
                              *data<T>(args.dmean), data<T>(args.dloss));
}

}  // namespace fathom::inline v0::cpu
