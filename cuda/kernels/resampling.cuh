// One dimension of an image as it is averaged or interpolated, on the device: which inputs an output is made from,
// which outputs an input reaches, and the weights, as fathom/kernels/resampling.hpp has them in tables. Places are
// fractions of integers, so no rounding decides which inputs count. Every kind has
//   most_taps     the most inputs of an output, 0: any number
//   taps(i)       the inputs of output i
//   outputs_of(j) the outputs that input j may reach
//   weight(i, j)  of input j in output i, one of those; 0 if it does not count
// Products of both sizes times 4 fit into 31 bits. Next: resample.cu.
#pragma once

#include "cuda/kernels/images.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// `count` inputs from `first` on; the weight of the first is near, of the others far.
template <class T>
struct Taps {
    int first, count;
    T near, far;
};

struct Span {
    int begin, end;
};

__device__ inline int quotient(const Divisor& d, int n) {
    return static_cast<int>(d.quotient(static_cast<unsigned>(n)));
}
__device__ inline int quotient_up(const Divisor& d, int n) { return quotient(d, n + static_cast<int>(d.divisor) - 1); }

// Windows that slide; those in the padding count as zeros.
struct AverageWindows {
    static constexpr int most_taps = 0;
    int inputs, outputs, kernel, padding;
    Divisor stride;
    double share;

    // Direction 0 is vertical, 1 horizontal. x and y: the images, or their gradients.
    AverageWindows(const abi::WindowArgs& args, const abi::Array& x, const abi::Array& y, int direction)
        : inputs(static_cast<int>(x.shape[2 + direction])),
          outputs(static_cast<int>(y.shape[2 + direction])),
          kernel(static_cast<int>(args.kernel[direction])),
          padding(static_cast<int>(args.padding[direction])),
          stride(args.stride[direction]),
          share(1 / static_cast<double>(args.kernel[direction])) {}

    template <class T>
    __device__ Taps<T> taps(int i) const {
        const int from = i * static_cast<int>(stride.divisor) - padding, to = from + kernel;
        const int first = from < 0 ? 0 : from;
        return {first, (to < inputs ? to : inputs) - first, static_cast<T>(share), static_cast<T>(share)};
    }
    __device__ Span outputs_of(int j) const {
        const int last = j + padding, before = last - kernel;  // the last input too early for its window
        const int end = quotient(stride, last) + 1;
        return {before < 0 ? 0 : quotient(stride, before) + 1, end < outputs ? end : outputs};
    }
    template <class T>
    __device__ T weight(int, int) const {
        return static_cast<T>(share);
    }
};

// Output i is the mean of inputs [floor(i inputs / outputs), ceil((i + 1) inputs / outputs)); seen from the inputs the
// windows are the same with both sizes exchanged.
struct AdaptiveWindows {
    static constexpr int most_taps = 0;
    Divisor inputs, outputs;

    AdaptiveWindows(const abi::WindowArgs&, const abi::Array& x, const abi::Array& y, int direction)
        : inputs(x.shape[2 + direction]), outputs(y.shape[2 + direction]) {}

    template <class T>
    __device__ Taps<T> taps(int i) const {
        const Span s = window(i, inputs, outputs);
        const T share = T{1} / static_cast<T>(s.end - s.begin);
        return {s.begin, s.end - s.begin, share, share};
    }
    __device__ Span outputs_of(int j) const { return window(j, outputs, inputs); }
    template <class T>
    __device__ T weight(int i, int) const {
        const Span s = window(i, inputs, outputs);
        return T{1} / static_cast<T>(s.end - s.begin);
    }

private:
    __device__ static Span window(int i, const Divisor& inside, const Divisor& across) {
        const auto n = static_cast<int>(inside.divisor);
        return {quotient(across, i * n), quotient_up(across, (i + 1) * n)};
    }
};

// Input floor(i inputs / outputs).
struct Nearest {
    static constexpr int most_taps = 1;
    Divisor inputs, outputs;

    Nearest(const abi::ResizeArgs&, const abi::Array& x, const abi::Array& y, int direction)
        : inputs(x.shape[2 + direction]), outputs(y.shape[2 + direction]) {}

    template <class T>
    __device__ Taps<T> taps(int i) const {
        return {quotient(outputs, i * static_cast<int>(inputs.divisor)), 1, T{1}, T{1}};
    }
    __device__ Span outputs_of(int j) const {
        const auto n = static_cast<int>(outputs.divisor);
        return {quotient_up(inputs, j * n), quotient_up(inputs, (j + 1) * n)};
    }
    template <class T>
    __device__ T weight(int, int) const {
        return T{1};
    }
};

// Between the two inputs around (step i + shift) / unit, from 0 to the last input:
//   i (inputs - 1) / (outputs - 1)                with align_corners
//   ((2 i + 1) inputs - outputs) / (2 outputs)    without
struct Bilinear {
    static constexpr int most_taps = 2;
    Divisor step, unit;
    int shift, inputs, outputs;
    bool still;       // the place is 0 for every output
    double per_unit;  // 1 / unit

    Bilinear(const abi::ResizeArgs& args, const abi::Array& x, const abi::Array& y, int direction) {
        const std::int64_t in = x.shape[2 + direction], out = y.shape[2 + direction];
        const bool corners = args.align_corners != 0;
        step = Divisor(corners ? in - 1 : 2 * in), unit = Divisor(corners ? out - 1 : 2 * out);
        shift = static_cast<int>(corners ? 0 : in - out);
        inputs = static_cast<int>(in), outputs = static_cast<int>(out);
        still = in == 1;
        per_unit = 1 / static_cast<double>(unit.divisor);
    }

    // At a pixel's centre the next pixel does not count, even if it is a NaN.
    template <class T>
    __device__ Taps<T> taps(int i) const {
        const int place = place_of(i), first = quotient(unit, place), behind = place - first * units();
        const T far = static_cast<T>(behind) * static_cast<T>(per_unit);
        return {first, behind == 0 ? 1 : 2, T{1} - far, far};
    }
    __device__ Span outputs_of(int j) const {
        if (still) return {0, outputs};
        // From the first output behind input j - 1 to the last before input j + 1: with input 0 all that are before it
        // too, with the last one all behind it.
        const int after = (j - 1) * units() - shift, before = (j + 1) * units() - shift;
        const int begin = j == 0 || after < 0 ? 0 : quotient(step, after) + 1;
        const int end = j + 1 == inputs ? outputs : before <= 0 ? 0 : quotient_up(step, before);
        return {begin, end < outputs ? end : outputs};
    }
    template <class T>
    __device__ T weight(int i, int j) const {
        const int away = place_of(i) - j * units(), near = units() - (away < 0 ? -away : away);
        if (away == 0) return T{1};  // exactly
        return near > 0 ? static_cast<T>(near) * static_cast<T>(per_unit) : T{0};
    }

private:
    __device__ int units() const { return static_cast<int>(unit.divisor); }
    __device__ int place_of(int i) const {
        const int place = still ? 0 : static_cast<int>(step.divisor) * i + shift, last = (inputs - 1) * units();
        return place < 0 ? 0 : place < last ? place : last;
    }
};

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
