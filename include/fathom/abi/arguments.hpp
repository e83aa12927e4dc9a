// What each operation of the seam takes, and the list of all operations. The CPU implements the same structs at compile
// time (backend/cpu/); another device offers rows for them (device.hpp). In comments `(+)=` says that Array::add of the
// result decides between = and +=; an array that a comment calls optional may be absent (data null).
#pragma once

#include <cstdint>

#include "fathom/abi/call.hpp"
#include "fathom/abi/conv_shape.hpp"
#include "fathom/abi/operations.hpp"
#include "fathom/core/dtype.hpp"

namespace fathom::inline v0::abi {

// out (+)= f(in, parameters): the operations of elementwise.list.hpp. The caller has expanded the inputs to out's
// shape.
struct ElementwiseArgs {
    Array out, in[3];
    double parameters[2]{};
};

// out[kept] (+)= scale * sum of in over the dimensions where out's size is 1; both have one rank. norm: scale * the
// root of the sum of squares. product, max and min: scale means nothing; of max and min `index` (int64, out's shape;
// optional) becomes the position of the first extreme.
struct ReduceArgs {
    Array out{}, in{}, index{};
    double scale{};
};

// out = running sums or products of in along `dim`, from its end with `reverse`; `exclusive`: of the elements before
// each, 0 or 1 for the first.
struct ScanArgs {
    Scan operation{};
    Array out{}, in{};
    std::int32_t dim{}, reverse{}, exclusive{};
};

// out[..., m, n] (+)= a[..., m, k] b[..., k, n] + bias (optional; out's shape); batch dimensions are expanded.
struct MatmulArgs {
    Array out{}, a{}, b{}, bias{};
};

// x and y lie as `shape` says. What is optional besides bias may be refused: Row::accepts says so before any work.
// clang-format off
//   forward: y = activation(conv(x, w) + bias + residual), with y.add residual is y
//   data:    x (+)= gradient from y = dy; then times the slope of the activation at `gate`
//   weight:  w, bias (+)= gradients from x and y = dy; either optional
// clang-format on
struct ConvArgs {
    ConvShape shape{};
    Array x{}, w{}, bias{}, y{};
    Array residual{};        // forward: as y. Optional
    Array gate{};            // data: the output (as x) of the activation before, whose sign tells the side. Optional
    Array statistics{};      // forward: becomes sum and sum of squares of each channel of y, [2, K]. Optional
    const void* prepared{};  // w in the order that the device asked for, or null
    Activation activation{};
    double slope{};
    Precision precision{};
};

// y (+)= |conv(x, wx)| + |conv(x, wy)|, depthwise 3x3, zero padding 1; wx, wy [C, 1, 3, 3]. y may be a band, as many
// rows as it has from `first_row` on. backward: dx, dwx, dwy (+)= from dy, each optional.
struct SobelArgs {
    Array x{}, wx{}, wy{}, y{};
    std::int64_t first_row{};
    Array dy{}, dx{}, dwx{}, dwy{};
};

// y = softmax(x) or log_softmax(x) along `dim`. backward: dx (+)= from dy and y.
struct SoftmaxArgs {
    Array x{}, y{}, dy{}, dx{};
    std::int32_t dim{};
    std::int32_t log{};
};

// Cross-entropy of logits [N, C, ...] against class indices [N, ...]; weight [C], optional. loss: per position
// [N, ...], weighted and smoothed, 0 where ignored. target_weight, optional: becomes the weight of each target [N,
// ...], 0 where ignored, whose sum a mean divides by. backward: dlogits (+)= dloss [N, ...] times d loss / d logits.
struct CrossEntropyArgs {
    Array logits{}, target{}, weight{}, loss{};
    Array dloss{}, dlogits{};
    std::int64_t ignore_index{};
    double label_smoothing{};
    Array target_weight{};
};

// Online hard example mining of `loss`, dense: mean = the mean of those above `threshold`, or of the n_min largest if
// those are more. selection: which count, [3] int64 whose meaning is the device's own. backward: dloss = dmean / count
// where a loss counts, else 0. mean, dmean: one element.
struct OhemArgs {
    Array loss{}, mean{}, selection{}, dmean{}, dloss{};
    double threshold{};
    std::int64_t n_min{};
};

// SeAFusion's content loss over images [N, 1, H, W]. Everything lies on the device: nothing waits for it.
// clang-format off
//   sums[0] = sum |F - max(Y, IR)|,  sums[1] = sum ||grad F| - max(|grad Y|, |grad IR|)|  (float64 [2])
//   total   = (sums[0] + alpha sums[1]) / pixels
//   backward: dfused (+)= dtotal * d total / d fused
// clang-format on
struct FusionLossArgs {
    Array fused{}, visible{}, infrared{}, dfused{};
    Array sums{}, total{}, dtotal{};  // total, dtotal: one element
    double alpha{};
};

// A layer of SeAFusion's fusion net: weight [K, C, kh, kw] and bias [K]; of the layer of two 1x1 kernels the second
// ones too; of a Sobel magnitude the two filters [C, 1, 3, 3] alone. Dense and row-major.
struct FrameLayer {
    Array weight{}, bias{}, second{}, second_bias{};
};

// SeAFusion's fused luminance of y and ir, all [N, 1, H, W], dense. layers: the host's list, in the order of
// seafusion/fusion_layers.hpp; or `prepared`: what the device made of them before.
struct FusionFrameArgs {
    Array y{}, ir{}, out{};
    const FrameLayer* layers{};
    const void* prepared{};
    Precision precision{};
};

// [N, 3, H, W] in any strides: y (+)= RGB to Y, Cr, Cb of x, or back with `inverse`. `transposed` 1: the gradient, x
// and y as dy and dx; 2: the gradient of that, the transform without its constants.
struct ColorArgs {
    Array x{}, y{};
    std::int32_t inverse{}, transposed{};
};

// y (+)= x with its last two dimensions padded. before: {top, left}; less than 0 cuts off, as does a y that ends before
// x. backward: dx (+)= from dy.
struct PadArgs {
    Pad mode{};
    Array x{}, y{}, dy{}, dx{};
    std::int64_t before[2]{};
    double value{};
};

// out = whether every element of in is finite; one bool.
struct FiniteArgs {
    Array in{}, out{};
};

// One parameter and its optimizer's state, updated in place. Absent is what the rule has none of.
//   first: sgd's momentum buffer, adam's m, rmsprop's mean of squares, adagrad's sum of squares
//   second: adam's v, rmsprop's momentum buffer; third: adam's largest v (amsgrad), rmsprop's mean (centered)
struct OptimizeTensor {
    Array parameter{}, gradient{}, first{}, second{}, third{};
};

// A list of parameters that have made equally many steps: one launch.
struct OptimizeArgs {
    UpdateRule rule{};
    const OptimizeTensor* tensors{};  // the list is the host's
    std::int64_t count{};
    Scalar lr{}, step{};                                         // step: from 1
    double weight_decay{}, momentum{}, beta1{}, beta2{}, eps{};  // beta2: rmsprop's alpha
    double dampening{};                                          // sgd
    double lr_decay{};                                           // adagrad
    std::int32_t nesterov{}, maximize{};
    const std::int32_t* skip{};  // on the device: where it is not 0 nothing changes. Null: always a step
};

// Images x, y, dy, dx as of ConvArgs; everything else [C]. y = activation((x - mean) inverse_std weight + bias); weight
// and bias are optional, 1 and 0.
// clang-format off
//   training: mean and inverse_std = 1 / sqrt(variance + eps) become those of x, and the running ones, optional, move
//             towards them; otherwise they are made from the running ones
//   backward: from dy, mean and inverse_std: dx, dweight, dbias (+)=, each optional
// clang-format on
struct BatchNormArgs {
    Array x{}, y{}, weight{}, bias{}, mean{}, inverse_std{}, running_mean{}, running_var{};
    Array dy{}, dx{}, dweight{}, dbias{};
    double momentum{}, eps{};
    Activation activation{};
    double slope{};
    std::int32_t training{};
};

// The last `dims` dimensions of x, y, dy and dx are normalised together. weight and bias, optional: those dimensions,
// dense and row-major. mean, inverse_std: dense, one for each position of the other dimensions in row-major order.
// clang-format off
//   forward:  y = (x - mean) inverse_std weight + bias;  mean, inverse_std = 1 / sqrt(variance + eps) become those of x
//   backward: from dy, mean and inverse_std: dx, dweight, dbias (+)=, each optional
// clang-format on
struct LayerNormArgs {
    Array x{}, y{}, weight{}, bias{}, mean{}, inverse_std{};
    Array dy{}, dx{}, dweight{}, dbias{};
    double eps{};
    std::int32_t dims{};
};

struct RandomArgs {
    Random distribution{};
    Array out{};  // filled in logical (row-major) order: element i gets number offset + i
    std::uint64_t seed{}, offset{};
    double low{}, high{};  // uniform: range; normal: mean, standard deviation
};

// Pooling of images with channels-last strides, y from x. kernel, stride, padding and dilation are {vertical,
// horizontal}; `adaptive`: they mean nothing, windows follow from the sizes of x and y. index: where each maximum
// stands in its plane, row * width + column; int32 for float, int64 for double; as y in shape and strides.
// clang-format off
//   max_pool:     y = maxima of x; index, optional, becomes their places.  backward: dx (+)= from dy by index
//   take:         y = the elements of x that index names
//   average_pool: y (+)= sums of x divided by what counts of each window: by its inputs and, with count_padding, the
//                 zeros of the padding; or by `divisor` where it is not 0. backward: dx (+)= from dy
// clang-format on
struct WindowArgs {
    Array x{}, y{}, index{}, dy{}, dx{};
    std::int64_t kernel[2]{}, stride[2]{}, padding[2]{}, dilation[2]{1, 1};
    std::int32_t adaptive{};
    std::int32_t count_padding = 1;
    std::int64_t divisor{};
};

// Images with channels-last strides, y (+)= x interpolated to y's size. backward: dx (+)= from dy.
struct ResizeArgs {
    Interpolation mode{};
    Array x{}, y{}, dy{}, dx{};
    std::int32_t align_corners{};  // bilinear and bicubic only
    double scale[2]{};             // pixels of y to one of x, {vertical, horizontal}; 0: as the sizes say
};

// y [N, C, OH, OW] = x [N, C, H, W] at places between its pixels, grid [N, OH, OW, 2] (horizontal, vertical; -1 and 1
// are the borders, with align_corners the outermost centres). Images have channels-last strides, the grid is dense.
// derivative: how often the interpolation is differentiated with respect to the place, {vertical, horizontal}.
// backward: from dy: dx, dgrid (+)=, each optional; dgrid needs x.
struct GridSampleArgs {
    Interpolation mode{};
    GridPadding padding{};
    Array x{}, grid{}, y{}, dy{}, dx{}, dgrid{};
    std::int32_t align_corners{};
    std::int32_t derivative[2]{};
};

// index (int64): steps along `dim`, all inside x. x and y agree in the other dimensions or x is larger there; y has
// index's shape.
//   gather: y = x[index].  scatter: x[index] = y, of one place named twice the later.  scatter_add: x[index] += y
struct IndexArgs {
    Array x{}, index{}, y{};
    std::int32_t dim{};
};

// out (int64) = the row-major place in a tensor of `sizes` that `count` indices name together; each is broadcast to
// out's shape, negative ones count from the end. dims: what messages call them.
struct PlacesArgs {
    Array out{}, index[8]{};
    std::int64_t sizes[8]{};
    std::int32_t dims[8]{}, count{};
};

// out [true elements, dimensions] (int64, dense) = the coordinates of the true elements of mask, in logical order.
struct NonzeroArgs {
    Array mask{}, out{};
};

// index (int64) = the positions along `dim` of x's numbers in order, as many as index has there; equal ones in the
// order in which they stand, NaN above all. Not `sorted`: of the same numbers, in the order in which they stand.
struct SortArgs {
    Array x{}, index{};
    std::int32_t dim{}, descending{}, sorted{};
};

// y = scale times the discrete Fourier transform of x along `dim`, of `length` elements: x is cut or continued with
// zeros, and so is the result for y. Complex arrays have real and imaginary part as their last dimension; of real x, y
// is the first half of the spectrum, of real y, x is. There `inner` is a factor of frequencies that stand for two.
struct FftArgs {
    Array x{}, y{};
    std::int64_t length{};
    double scale{}, inner{};
    std::int32_t dim{}, inverse{}, real_x{}, real_y{};
};

// Every operation but the elementwise ones: its name in the rows of devices, its arguments, the dtypes that the CPU
// has.
// clang-format off
#define FATHOM_OPERATIONS(OPERATION)                             \
    OPERATION(sum, ReduceArgs, everything)                       \
    OPERATION(max, ReduceArgs, all_numbers)                      \
    OPERATION(min, ReduceArgs, all_numbers)                      \
    OPERATION(product, ReduceArgs, everything)                   \
    OPERATION(norm, ReduceArgs, fractions)                       \
    OPERATION(scan, ScanArgs, computed)                          \
    OPERATION(matmul, MatmulArgs, fractions)                     \
    OPERATION(conv_forward, ConvArgs, floating)                  \
    OPERATION(conv_data, ConvArgs, floating)                     \
    OPERATION(conv_weight, ConvArgs, floating)                   \
    OPERATION(sobel, SobelArgs, floating)                        \
    OPERATION(sobel_backward, SobelArgs, floating)               \
    OPERATION(softmax, SoftmaxArgs, fractions)                   \
    OPERATION(softmax_backward, SoftmaxArgs, fractions)          \
    OPERATION(cross_entropy, CrossEntropyArgs, floating)         \
    OPERATION(cross_entropy_backward, CrossEntropyArgs, floating)\
    OPERATION(ohem, OhemArgs, floating)                          \
    OPERATION(ohem_backward, OhemArgs, floating)                 \
    OPERATION(fusion_loss, FusionLossArgs, floating)             \
    OPERATION(fusion_loss_backward, FusionLossArgs, floating)    \
    OPERATION(fusion_frame, FusionFrameArgs, dtypes(DType::float32)) \
    OPERATION(color, ColorArgs, floating)                        \
    OPERATION(pad, PadArgs, computed)                            \
    OPERATION(pad_backward, PadArgs, floating)                   \
    OPERATION(all_finite, FiniteArgs, floating)                  \
    OPERATION(optimize, OptimizeArgs, floating)                  \
    OPERATION(random, RandomArgs, floating)                      \
    OPERATION(batch_norm, BatchNormArgs, floating)               \
    OPERATION(batch_norm_backward, BatchNormArgs, floating)      \
    OPERATION(layer_norm, LayerNormArgs, floating)               \
    OPERATION(layer_norm_backward, LayerNormArgs, floating)      \
    OPERATION(max_pool, WindowArgs, floating)                    \
    OPERATION(max_pool_backward, WindowArgs, floating)           \
    OPERATION(take, WindowArgs, floating)                        \
    OPERATION(average_pool, WindowArgs, floating)                \
    OPERATION(average_pool_backward, WindowArgs, floating)       \
    OPERATION(resize, ResizeArgs, floating)                      \
    OPERATION(resize_backward, ResizeArgs, floating)             \
    OPERATION(grid_sample, GridSampleArgs, floating)             \
    OPERATION(grid_sample_backward, GridSampleArgs, floating)    \
    OPERATION(gather, IndexArgs, everything)                     \
    OPERATION(scatter, IndexArgs, everything)                    \
    OPERATION(scatter_add, IndexArgs, everything)                \
    OPERATION(places, PlacesArgs, dtypes(DType::int64))          \
    OPERATION(nonzero, NonzeroArgs, dtypes(DType::boolean))      \
    OPERATION(sort, SortArgs, computed)                          \
    OPERATION(fft, FftArgs, floating)
// clang-format on

}  // namespace fathom::inline v0::abi
