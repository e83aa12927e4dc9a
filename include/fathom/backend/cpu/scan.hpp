// The CPU's running sums and products: unpacks abi::ScanArgs for kernels/scan.hpp.
#pragma once

#include "fathom/backend/cpu/softmax.hpp"
#include "fathom/core/dtype.hpp"
#include "fathom/kernels/scan.hpp"

namespace fathom::inline v0::cpu {

template <class T, Scan op>
void scan(const abi::Call&, const abi::ScanArgs& args) {
    const abi::Array &in = args.in, &out = args.out;
    const int dim = args.dim;
    kernels::scan<T, op>({loop_over(without_dimension(in, dim), without_dimension(out, dim)), in.shape[dim],
                          in.strides[dim], out.strides[dim], args.reverse != 0, args.exclusive != 0},
                         data<SumOf<T>>(out), data<T>(in));
}

}  // namespace fathom::inline v0::cpu
