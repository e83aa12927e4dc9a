// The ways in which the CPU computes a convolution, what each accepts, and the table that chooses. A new one is an
// enumerator, a line of name_of and accepts, a row, and conv_<name>.inl.hpp with its kernel body. Next: conv.hpp.
#pragma once

#include <cstdint>

#include "fathom/abi/conv_shape.hpp"
#include "fathom/abi/operations.hpp"
#include "fathom/core/error.hpp"
#include "fathom/kernels/tile_shape.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {

enum class ConvPass : std::int32_t { forward, data, weight };
inline constexpr ConvPass conv_passes[] = {ConvPass::forward, ConvPass::data, ConvPass::weight};

constexpr const char* name_of(ConvPass pass) {
    constexpr const char* names[] = {"forward", "data", "weight"};
    return names[static_cast<int>(pass)];
}

// depthwise: one input channel for each output, vectors along the channels, straight from memory.
// product: a matrix product of pixels and channels.
// few_outputs: packed strips, vectors along the channels that are summed.
// few_channels: packed strips in planes of one channel, vectors along the outputs.
// unpacked: as direct, but x is read where it lies.
// winograd: tiles of 4x4 outputs from a quarter of the multiplications; rounds a little more than a direct sum does.
// direct: packed strips in blocks of channels, vectors along the outputs.
// tiles: strips and weights rounded to bfloat16 as they are packed, products of tiles, sums in float. Of float alone.
enum class ConvAlgorithm : std::int32_t {
    depthwise,
    product,
    few_outputs,
    few_channels,
    unpacked,
    winograd,
    direct,
    tiles
};
inline constexpr ConvAlgorithm conv_algorithms[] = {
    ConvAlgorithm::depthwise, ConvAlgorithm::product,  ConvAlgorithm::few_outputs, ConvAlgorithm::few_channels,
    ConvAlgorithm::unpacked,  ConvAlgorithm::winograd, ConvAlgorithm::direct,      ConvAlgorithm::tiles};

constexpr const char* name_of(ConvAlgorithm algorithm) {
    constexpr const char* names[] = {"depthwise", "product",  "few_outputs", "few_channels",
                                     "unpacked",  "winograd", "direct",      "tiles"};
    return names[static_cast<int>(algorithm)];
}

// Whether the algorithm computes this pass of this convolution rightly; how fast is choose's business.
constexpr bool accepts(ConvAlgorithm algorithm, ConvPass pass, const ConvShape& s) {
    const bool one_tap = s.kernel_h * s.kernel_w == 1 && s.padding_h == 0 && s.padding_w == 0;
    switch (algorithm) {
        case ConvAlgorithm::depthwise:
            return s.groups == s.in_channels && s.groups == s.out_channels;
        case ConvAlgorithm::product:
            return pass != ConvPass::weight && one_tap && s.stride_h * s.stride_w == 1;
        case ConvAlgorithm::unpacked:
            return pass == ConvPass::weight && one_tap && s.in_channels / s.groups % tuning::conv_block == 0;
        case ConvAlgorithm::winograd:
            return s.kernel_h == 3 && s.kernel_w == 3 && s.stride_h * s.stride_w == 1 &&
                   s.dilation_h * s.dilation_w == 1;
        case ConvAlgorithm::few_outputs:
        case ConvAlgorithm::few_channels:
        case ConvAlgorithm::direct:
        case ConvAlgorithm::tiles:
            return true;
    }
    return false;
}

namespace detail {

// What the table looks at. results and terms are the channels of one group that a pass writes and that it sums over;
// for the weight pass they are those of the forward pass.
struct ConvCase {
    ConvPass pass;
    const ConvShape& shape;
    std::int64_t results, terms;
    int lanes;  // of the dtype on the ISA in use
};

struct ConvChoice {
    ConvAlgorithm algorithm;
    enum { strict, fast, bf16 } least;  // the digits that are kept: all precisions allow it, all but strict, bf16 alone
    bool (*pays)(const ConvCase&);
};

// The first row whose algorithm accepts the shape, and that pays, is chosen. Measured in processor time on 96x96 pixels
// with AVX-512, one thread; "times" says how much longer direct takes.
// clang-format off
inline constexpr ConvChoice conv_choices[] = {
    // Packing costs as much as it does for float, so there must be products for each number that is packed: 16 to 16
    // channels of a 3x3 kernel, 72, 1.2 times as fast as Winograd; 48 to 48 of a 1x1, 24, 0.7 to 0.9; 256 to 128, 85, 1.7 to
    // 2.7. Stride 2: 2.8 to 4.3 times. The weight pass turns x, too: 64 to 32 of a 3x3, 192, 0.8; 128 to 128, 576, 1.4.
    {ConvAlgorithm::tiles, ConvChoice::bf16, [](const ConvCase& c) {
         const bool slow = c.pass == ConvPass::weight && accepts(ConvAlgorithm::winograd, c.pass, c.shape);
         return c.results >= tile_outputs && c.terms >= tile_outputs &&
                c.results * c.terms * c.shape.kernel_h * c.shape.kernel_w >= (slow ? 288 : 64) * (c.results + c.terms);
     }},
    // A group of one channel would fill one lane of a vector. 3x3: 4 to 6 times, weight 18.
    {ConvAlgorithm::depthwise, ConvChoice::strict, [](const ConvCase& c) { return c.shape.groups > 1; }},
    // With up to a quarter of a vector of outputs most lanes would work for nothing. 3x3 from 16 channels to 1, 2 and
    // 4: 3.8, 2.1 and 1.3 times, weight 3.8, 3.7 and 1.8; to 8 direct is 1.6 times as fast. 1x1 to 1: 1.4 times, to 4
    // it no longer pays (0.8, weight 0.6).
    {ConvAlgorithm::few_outputs, ConvChoice::strict, [](const ConvCase& c) {
         return c.results * 4 <= c.lanes && c.terms > tuning::conv_few_channels;
     }},
    // One tap has no neighbours that packing would serve. Within a tenth of direct from 16 channels to 256: 0.9 to 1.2
    // times.
    {ConvAlgorithm::product, ConvChoice::strict, [](const ConvCase&) { return true; }},
    // A block of channels would be mostly zeros: the stem's one channel would cost sixteen. 3x3 from 1 channel to 16:
    // 1.4 times, weight 2.1; 7x7 from 3 to 64: 1.0, weight 1.5; from 4 to 16 it no longer pays (0.8, weight 1.1).
    {ConvAlgorithm::few_channels, ConvChoice::strict, [](const ConvCase& c) { return c.terms <= tuning::conv_few_channels; }},
    // A tap that stands alone reads x as often from memory as from a packed copy. 16 to 96 channels: 1.0 to 1.2 times;
    // from 256 to 256: 0.9.
    {ConvAlgorithm::unpacked, ConvChoice::strict, [](const ConvCase&) { return true; }},
    // From 8x8 pixels on: 1.1 to 2.8 times there, 16x16: 1.8 (16 channels) to 2.5 (512), 64x64: 2.1 (16) to 3.0 (128).
    // The weight pass from 16x16 on, 1.2 to 2.6 times, but only 0.9 where a block of channels would be half empty. AVX2
    // the same, SSE2 a little more.
    {ConvAlgorithm::winograd, ConvChoice::fast, [](const ConvCase& c) {
         const bool weight = c.pass == ConvPass::weight;
         return c.terms >= (weight ? tuning::conv_block : tuning::conv_few_channels + 1) &&
                c.shape.n * c.shape.out_height() * c.shape.out_width() >=
                    (weight ? tuning::winograd_weight_least_pixels : tuning::winograd_least_pixels);
     }},
    // Everything else.
    {ConvAlgorithm::direct, ConvChoice::strict, [](const ConvCase&) { return true; }},
};
// clang-format on

}  // namespace detail

// The fastest algorithm: with `strict` among those that sum directly in the tensors' dtype, with `bf16`, of float
// alone, also those that multiply bfloat16. lanes: of the dtype on the ISA that will run; conv.hpp's `chosen` asks it.
// Throws Error for precisions that the CPU does not have.
inline ConvAlgorithm choose(ConvPass pass, const ConvShape& s, int lanes, Precision precision) {
    if (precision == Precision::tf32) fail("convolution", {}, {"the CPU has no tf32, expected fast, strict or bf16"});
    const auto least = precision == Precision::bf16     ? detail::ConvChoice::bf16
                       : precision == Precision::strict ? detail::ConvChoice::strict
                                                        : detail::ConvChoice::fast;
    const std::int64_t channels = s.in_channels / s.groups, outputs = s.out_channels / s.groups;
    const bool data = pass == ConvPass::data;
    const detail::ConvCase convolution{pass, s, data ? channels : outputs, data ? outputs : channels, lanes};
    for (const detail::ConvChoice& choice : detail::conv_choices)
        if (accepts(choice.algorithm, pass, s) && choice.least <= least && choice.pays(convolution))
            return choice.algorithm;
    return ConvAlgorithm::direct;
}

}  // namespace fathom::inline v0::kernels
