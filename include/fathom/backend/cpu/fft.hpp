// The CPU's Fourier transform: unpacks abi::FftArgs for kernels/fft.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/fft.hpp"

namespace fathom::inline v0::cpu {

template <class T>
void fft(const abi::Call&, const abi::FftArgs& args) {
    const abi::Array &x = args.x, &y = args.y;
    // All dimensions but `dim` and that of real and imaginary part.
    Shape shape, x_strides, y_strides;
    for (int d = 0; d < x.rank - (args.real_x ? 0 : 1); ++d)
        if (d != args.dim)
            shape.push_back(x.shape[d]), x_strides.push_back(x.strides[d]), y_strides.push_back(y.strides[d]);
    const std::int64_t* strides[] = {x_strides.begin(), y_strides.begin()};
    kernels::FftJob job;
    job.lines = kernels::make_loop(2, shape.rank(), shape.begin(), strides, kernels::LoopOrder::logical);
    job.x = {x.shape[args.dim], x.strides[args.dim], args.real_x ? 0 : x.strides[x.rank - 1]};
    job.y = {y.shape[args.dim], y.strides[args.dim], args.real_y ? 0 : y.strides[y.rank - 1]};
    job.n = args.length, job.scale = args.scale, job.inner = args.inner, job.inverse = args.inverse != 0;
    kernels::fft<T>(job, data<T>(x), data<T>(y));
}

}  // namespace fathom::inline v0::cpu
