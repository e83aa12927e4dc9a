// The CPU's reductions: unpacks abi::ReduceArgs for kernels/reduce.hpp.
#pragma once

#include "fathom/backend/cpu/through_float.hpp"
#include "fathom/kernels/reduce.hpp"

namespace fathom::inline v0::cpu {

template <class T, Reduce op>
void reduce(const abi::Call& call, const abi::ReduceArgs& args) {
    using Args = abi::ReduceArgs;
    if constexpr (StoredElement<T>) {
        through_float<T, Args>(&reduce<float, op>, call, args, {&Args::in}, {&Args::out});
    } else {
        static_assert(kernels::accumulates(op) || !std::is_same_v<T, bool>,
                      "this reduction does not exist for this dtype: convert first, as in x.to<float>()");
        const abi::Array &in = args.in, &out = args.out, &index = args.index;
        const bool indexed = index.data != nullptr;
        const kernels::ReduceLoops reduction = kernels::make_reduce_loops(
            in.rank, in.shape, in.strides, out.shape, out.strides, indexed ? index.strides : nullptr,
            indexed ? kernels::LoopOrder::logical : kernels::LoopOrder::by_stride);
        if constexpr (kernels::accumulates(op)) {
            kernels::reduce<T, op>(reduction, data<SumOf<T>>(out), data<T>(in), args.scale, out.add != 0);
        } else {
            if (numel(in) == 0 && numel(out) > 0) fail(call, {"nothing to reduce: a dimension has size 0"});
            if (indexed)
                kernels::reduce_indexed<T, op>(reduction, data<T>(out), data<std::int64_t>(index), data<T>(in));
            else
                kernels::reduce<T, op>(reduction, data<T>(out), data<T>(in), 1, out.add != 0);
        }
    }
}

}  // namespace fathom::inline v0::cpu
