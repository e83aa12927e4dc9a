// The seam to devices: plain structs and one table of function pointers per device. No Tensor, no standard container,
// no exception crosses it. The CPU implements the same argument structs at compile time (backend/cpu.hpp); another
// device fills a Table (backend/registry.hpp).
#pragma once

#include <cstdint>

#include "fathom/kernels/operations.hpp"

namespace fathom::inline v0::abi {

inline constexpr std::int32_t version = 1;

// A view of memory. Strides are in elements; `rank` of them are valid. A stride of 0 repeats (broadcasting). data ==
// nullptr: absent.
struct Array {
    void* data;
    std::int64_t shape[8];
    std::int64_t strides[8];
    std::int32_t rank;
    std::int32_t dtype;  // core/dtype.hpp
};

// Why a call failed; 0 is success. The text goes to Call::message.
enum class Status : std::int32_t { ok = 0, unsupported = 1, out_of_memory = 2, invalid = 3, device_error = 4 };

enum Flags : std::uint32_t {
    accumulate = 1,  // outputs are added to, not overwritten: how gradients meet in one buffer
    strict = 2,      // direct convolution, no re-association beyond the documented order
};

// What every entry gets besides its arguments. Working memory is the device's own business: it allocates in the order
// of its stream.
struct Call {
    std::uint32_t flags;
    std::int32_t device;    // Device::index
    void* stream;           // null: the device's default one
    const char* operation;  // for messages
    const char* file;
    std::int32_t line;
    char* message;  // message_bytes, for the text of a failure
};
inline constexpr std::int32_t message_bytes = 512;

// Families of operations, one entry of a Table (forward, and backward where it has one) each.
enum class Family : std::int32_t {
    elementwise,  // operation: Elementwise
    reduce,       // Reduce
    matmul,
    conv,
    sobel,
    softmax,
    cross_entropy,
    fusion_loss,
    color,
    pad,       // Pad
    optimize,  // UpdateRule
    random,    // Random
    batch_norm,
    window,  // Window
    resize,  // Interpolation
};

struct ElementwiseArgs {
    Elementwise op;
    std::int32_t inputs;
    Array out;  // shapes of the inputs equal out's: the caller has expanded them
    Array in[3];
    double parameters[2];
};

// out[kept] = reduction of in over the dimensions where out's size is 1. Same rank. `index` (int64, shape of out) for
// max and min.
struct ReduceArgs {
    Reduce op;
    Array out, in, index;
    double scale;  // sum only: multiplied in at the end (1 / n gives the mean)
};

// out[..., m, n] = a[..., m, k] b[..., k, n] (+ bias, broadcast to out); batch dimensions already expanded.
struct MatmulArgs {
    Array out, a, b, bias;
};

// Images are N, C, H, W logically with channels-last strides (C's stride 1, pixel stride >= C); weights [K, C / groups,
// kh, kw] row-major. forward: y = activation(conv(x, w) + bias), with the flag accumulate activation(y + conv(x, w) +
// bias). data: x (+)= gradient from y = dy. weight: w, bias (+)= gradients from x and y = dy.
struct ConvArgs {
    Array x, w, bias, y;
    std::int64_t stride[2], padding[2], dilation[2], groups;
    Activation activation;
    double slope;
};

// y = |conv(x, wx)| + |conv(x, wy)|, depthwise 3x3, zero padding 1; wx, wy [C, 1, 3, 3]. backward: dx, dwx, dwy from
// dy; any may be absent.
struct SobelArgs {
    Array x, wx, wy, y;
    Array dy, dx, dwx, dwy;
};

// Softmax along `dim`: y = softmax(x) or log_softmax(x). backward: dx from dy and y.
struct SoftmaxArgs {
    Array x, y, dy, dx;
    std::int32_t dim;
    std::int32_t log;
};

// Cross-entropy of logits [N, C, ...] against class indices [N, ...]. loss: per position [N, ...] (0 where ignored),
// already weighted and smoothed. backward: dlogits = dloss[N, ...] * d loss / d logits.
struct CrossEntropyArgs {
    Array logits, target, weight, loss;
    Array dloss, dlogits;
    std::int64_t ignore_index;
    double label_smoothing;
};

// SeAFusion's content loss over [N, 1, H, W] images: sums[0] = sum |F - max(Y, IR)|, sums[1] = sum |grad F - max(grad
// Y, grad IR)| (float64 [2]), total = (sums[0] + alpha sums[1]) / pixels. backward: dfused (+)= dtotal * d total. Sums,
// total and dtotal (one element each) live on the device: nothing waits for them.
struct FusionLossArgs {
    Array fused, visible, infrared, dfused;
    Array sums, total, dtotal;
    double alpha;
};

// [N, 3, H, W] in any strides: y = RGB to Y, Cr, Cb of x, or back with `inverse`. `transposed` 1: the gradient, x and y
// as dy and dx; 2: the gradient of that, the transform without its constants.
struct ColorArgs {
    Array x, y;
    std::int32_t inverse, transposed;
};

// The last two dimensions of x padded to y. before: {top, left}. backward: dx from dy.
struct PadArgs {
    Pad mode;
    Array x, y, dy, dx;
    std::int64_t before[2];
    double value;
};

// One parameter tensor, updated in place.
struct OptimizeArgs {
    UpdateRule op;
    Array parameter, gradient, first, second;  // first: momentum buffer or m; second: v
    double lr, weight_decay, momentum, beta1, beta2, eps;
    std::int64_t step;  // from 1
    std::int32_t nesterov;
};

// Images x, y, dy, dx as of ConvArgs; everything else [C]. y = activation((x - mean) inverse_std weight + bias).
// training: mean and inverse_std (1 / sqrt(variance + eps)) become those of x, and the running ones, where present,
// move towards them; otherwise they are made from the running ones. backward, from dy and those: dx (+)=, dweight and
// dbias
// =, where present. weight, bias: absent for 1 and 0.
struct BatchNormArgs {
    Array x, y, weight, bias, mean, inverse_std, running_mean, running_var;
    Array dy, dx, dweight, dbias;
    double momentum, eps;
    Activation activation;
    double slope;
    std::int32_t training;
};

struct RandomArgs {
    Random op;
    Array out;  // filled in logical (row-major) order: element i gets number offset + i
    std::uint64_t seed, offset;
    double low, high;  // uniform: range; normal: mean, standard deviation
};

// Pooling, y from x: images with channels-last strides. index: where each maximum stands in its plane, row * width +
// column; int32 for float, int64 for double; as y in shape and strides. max_pool writes it where it is present; take
// reads it: y = the elements of x that it names. backward: dx (+)= gradient from dy, of max_pool and take alike by the
// index. kernel, stride and padding (vertical, horizontal) mean nothing to adaptive_avg_pool.
struct WindowArgs {
    Window op;
    Array x, y, index, dy, dx;
    std::int64_t kernel[2], stride[2], padding[2];
};

// Images with channels-last strides, y from x by interpolation to y's size. backward: dx (+)= gradient from dy.
struct ResizeArgs {
    Interpolation op;
    Array x, y, dy, dx;
    std::int32_t align_corners;  // bilinear only
};

}  // namespace fathom::inline v0::abi
