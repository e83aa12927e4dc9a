// The fusion net's weights as a frame in bfloat16 wants them: bfloat16 in the order of fragments (mma_tile.cuh), and
// float numbers, one part behind the other in one buffer. One launch makes all of it from the tensors, in microseconds:
// a frame does that each time, so there is nothing to keep that could be out of date.
#pragma once

#include "cuda/backend/host.hpp"
#include "cuda/kernels/frame_conv.cuh"
#include "cuda/kernels/frame_grdb.cuh"
#include "cuda/kernels/frame_tail.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// Fragments of one part of a weight: [kx][k16][ky][K / 16][lane][4 words], of input channels [first, first + 16 k16s).
struct FragmentPart {
    const float* weight;  // [K, C, window, window]
    int end;              // in words, in the order of parts
    int outputs, channels, first, k16s, window;
};
// Numbers: out[j * rows + i] = a[i * columns + j] (+ b[i], where columns is 1), and zeros up to a multiple of 4 words.
struct NumberPart {
    const float *a, *b;  // [rows, columns], [rows] or null
    int end, rows, columns;
};

// Seven of each dense block and eight of the decoder; seven and five of the blocks of an encoder and five of the
// decoder.
inline constexpr int most_fragments = 4 * 7 + 8, most_numbers = 2 * (7 + 5) + 5;
struct FrameParts {
    FragmentPart fragments[most_fragments];
    NumberPart numbers[most_numbers];
    int fragment_count, number_count;
};

__device__ inline std::uint32_t fragment_word(const FragmentPart& part, int i) {
    const int word = i % 4, lane = i / 4 % 32;
    i /= 128;
    const int pairs = part.outputs / 16, pair = i % pairs;
    i /= pairs;
    const int ky = i % part.window, k16 = i / part.window % part.k16s, kx = i / part.window / part.k16s;
    const int k = (2 * pair + word / 2) * 8 + lane / 4;
    const int c = part.first + k16 * 16 + word % 2 * 8 + lane % 4 * 2, taps = part.window * part.window;
    const float* const at = part.weight + (k * part.channels + c) * taps + ky * part.window + kx;
    return bf16_pair(at[0], at[taps]);
}

// grid: a thread for each word.
__global__ void __launch_bounds__(block_threads) frame_weights_kernel(FrameParts parts, std::uint32_t* out, int words) {
    const int i = static_cast<int>(first_element());
    if (i >= words) return;
    int begin = 0;
    for (int p = 0; p < parts.fragment_count; ++p) {
        const FragmentPart& part = parts.fragments[p];
        if (i < part.end) {
            out[i] = fragment_word(part, i - begin);
            return;
        }
        begin = part.end;
    }
    for (int p = 0; p < parts.number_count; ++p) {
        const NumberPart& part = parts.numbers[p];
        if (i < part.end) {
            const int at = i - begin, row = at % part.rows, column = at / part.rows;
            float value = column < part.columns ? part.a[row * part.columns + column] : 0.0f;
            if (part.b) value += part.b[row];
            out[i] = __float_as_uint(value);
            return;
        }
        begin = part.end;
    }
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
