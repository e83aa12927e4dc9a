// What the bfloat16 kernels on the tensor cores share: images as planes of 8 channels in shared memory, weights in the
// order of fragments, and the loop that convolves rows of 16 pixels with them.
//
// An image tile in shared memory is [C / 8 planes][pixel][8 channels]: a pixel of a plane is 16 bytes, so a shift by
// any number of pixels keeps ldmatrix's rows aligned, and 8 neighbouring pixels, one of its matrices, are 128 bytes
// that lie in different banks. Weights of 16 channels and 3 rows of the window stand in registers while a warp walks
// down its rows of pixels: a fragment of pixels that was loaded once serves the three output rows that it touches.
#pragma once

#include "cuda/kernels/common.cuh"
#include "cuda/ptx.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// Shared memory of a multiprocessor of compute capability 9.0, and what each block takes besides its own.
inline constexpr int shared_bytes_of_multiprocessor = 228 * 1024, reserved_shared_bytes = 1024;

// A lane of a warp as the matrix instructions number it: pixels g and g + 8, channels 2t and 2t + 1 (and 8 more).
struct Lane {
    int lane, g, t;
    __device__ explicit Lane(int l) : lane(l), g(l / 4), t(l % 4) {}

    // Bytes from the first of 16 pixels, in the first of two planes, to the row that this lane names to ldmatrix_x4.
    __device__ int row(int plane_bytes) const { return lane / 16 * plane_bytes + lane % 16 * 16; }
};

__device__ __forceinline__ float leaky_relu(float x, float slope) { return fmaxf(x, slope * x); }  // slope <= 1

// The two ways to multiply, with factors that were rounded to 8 significant bits or to 11. Sums are float.
struct Bf16Products {
    static constexpr int lanes = 8;  // channels in a plane
    // Where channels [4 quad, 4 quad + 4) of a pixel lie, from the pixel's 16 bytes of the first plane.
    __device__ static int place(int quad, int plane_bytes) { return quad / 2 * plane_bytes + quad % 2 * 8; }
    __device__ static void store(unsigned char* to, float4 v) {
        *reinterpret_cast<uint2*>(to) = make_uint2(bf16_pair(v.x, v.y), bf16_pair(v.z, v.w));
    }
    __device__ static void multiply(float (&sum)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
        mma_m16n8k16_bf16(sum, a, b, sum);
    }
};
struct Tf32Products {
    static constexpr int lanes = 4;
    __device__ static int place(int quad, int plane_bytes) { return quad * plane_bytes; }
    __device__ static void store(unsigned char* to, float4 v) {
        *reinterpret_cast<uint4*>(to) = make_uint4(tf32(v.x), tf32(v.y), tf32(v.z), tf32(v.w));
    }
    __device__ static void multiply(float (&sum)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
        mma_m16n8k8_tf32(sum, a, b, sum);
    }
};

// Prepared weights of n8 x 8 outputs for a step's channels at one tap: [n8 / 2][lane][4 words], so that a lane loads
// those of two n8 at once.
template <int n8>
inline constexpr int weight_words = n8 / 2 * 128;

template <int n8>
__device__ __forceinline__ void load_weights(std::uint32_t (&b)[n8][2], const std::uint32_t* prepared, int lane) {
#pragma unroll
    for (int j = 0; j < n8 / 2; ++j) {
        const uint4 v = *reinterpret_cast<const uint4*>(prepared + (j * 32 + lane) * 4);
        b[2 * j][0] = v.x, b[2 * j][1] = v.y, b[2 * j + 1][0] = v.z, b[2 * j + 1][1] = v.w;
    }
}

// sum[r][n] += window x window taps x `steps` steps of channels, for `rows` rows of 16 pixels and n8 * 8 outputs of
// all_n8 * 8. `pixels`: this lane's ldmatrix row at the top left tap of row 0; `weights`:
// [kx][step][ky][all_n8 / 2][lane][4].
template <class Products, int window, int n8, int all_n8, int steps, int rows>
__device__ __forceinline__ void convolve_rows(float (&sum)[rows][n8][4], const unsigned char* pixels, int row_bytes,
                                              int plane_bytes, const std::uint32_t* weights, int lane) {
#pragma unroll 1
    for (int kx = 0; kx < window; ++kx) {
#pragma unroll
        for (int k = 0; k < steps; ++k) {
            std::uint32_t b[window][n8][2];
#pragma unroll
            for (int ky = 0; ky < window; ++ky)
                load_weights<n8>(b[ky], weights + ((kx * steps + k) * window + ky) * weight_words<all_n8>, lane);
#pragma unroll
            for (int q = 0; q < rows + window - 1; ++q) {
                std::uint32_t a[4];
                ldmatrix_x4(a, pixels + k * 2 * plane_bytes + q * row_bytes + kx * 16);
#pragma unroll
                for (int ky = 0; ky < window; ++ky) {
                    const int r = q - ky;
                    if (r < 0 || r >= rows) continue;
#pragma unroll
                    for (int n = 0; n < n8; ++n) Products::multiply(sum[r][n], a, b[ky][n]);
                }
            }
        }
    }
}

// sum[r][n] += 16 channels of the fragments a[r].
template <int rows, int n8>
__device__ __forceinline__ void multiply_rows(float (&sum)[rows][n8][4], const std::uint32_t (&a)[rows][4],
                                              const std::uint32_t* weights, int lane) {
    std::uint32_t b[n8][2];
    load_weights<n8>(b, weights, lane);
#pragma unroll
    for (int r = 0; r < rows; ++r)
#pragma unroll
        for (int n = 0; n < n8; ++n) mma_m16n8k16_bf16(sum[r][n], a[r], b[n], sum[r][n]);
}

// Sums start with the bias of their output.
template <int rows, int n8>
__device__ __forceinline__ void start_with(const float* bias,  // [n8 * 8]
                                           float (&sum)[rows][n8][4], int t) {
#pragma unroll
    for (int n = 0; n < n8; ++n) {
        const float b0 = bias[n * 8 + 2 * t], b1 = bias[n * 8 + 2 * t + 1];
#pragma unroll
        for (int r = 0; r < rows; ++r) sum[r][n][0] = sum[r][n][2] = b0, sum[r][n][1] = sum[r][n][3] = b1;
    }
}

// The two outputs 8 n + 2t, + 1 at pixel g + 8 half, behind leaky ReLU.
__device__ __forceinline__ std::uint32_t activated_pair(const float (&sum)[4], int half, float slope) {
    return bf16_pair(leaky_relu(sum[2 * half], slope), leaky_relu(sum[2 * half + 1], slope));
}

// Images [N, H, W, C] of bfloat16; `pixel` elements from pixel to pixel, at a multiple of 8.
struct Pixels {
    std::uint16_t* data;
    int pixel;
    __device__ std::uint16_t* at(int height, int width, int n, int h, int w) const {
        return data + ((static_cast<std::int64_t>(n) * height + h) * width + w) * pixel;
    }
};

// Where a block's tile lies.
struct TilePlace {
    int n, h0, w0;
};

// All tiles of images, row by row.
struct Tiles {
    int images, height, width;

    template <class Tile>
    __host__ __device__ int count() const {
        return images * ((height + Tile::h - 1) / Tile::h) * ((width + Tile::w - 1) / Tile::w);
    }
    template <class Tile>
    __device__ TilePlace place(int tile) const {
        const int tiles_h = (height + Tile::h - 1) / Tile::h, tiles_w = (width + Tile::w - 1) / Tile::w;
        return {tile / tiles_w / tiles_h, tile / tiles_w % tiles_h * Tile::h, tile % tiles_w * Tile::w};
    }
    __device__ bool inside(int h, int w) const { return h >= 0 && w >= 0 && h < height && w < width; }
};

// Starts to copy `planes` planes of rows x columns pixels, from channel c0 and pixel (h0, w0) of image n on, zeros
// outside: all threads together, into their group of cp.async.
template <int planes, int rows, int columns, int threads>
__device__ __forceinline__ void fetch_planes(unsigned char* to, int plane_bytes, const Pixels& from, const Tiles& tiles,
                                             int n, int c0, int h0, int w0, int thread) {
    constexpr int step = threads / planes;
    static_assert(threads % planes == 0);
    const int plane = thread % planes;
    const std::uint16_t* const image =
        from.data + static_cast<std::int64_t>(n) * tiles.height * tiles.width * from.pixel;
    const int channel = c0 + plane * 8;
    int p = thread / planes, h = p / columns, w = p % columns;
    to += plane * plane_bytes;
    for (; p < rows * columns; p += step) {
        const bool there = tiles.inside(h0 + h, w0 + w);
        cp_async_16(to + p * 16, image + (there ? ((h0 + h) * tiles.width + w0 + w) * from.pixel + channel : 0),
                    there ? 16 : 0);
        h += step / columns, w += step % columns;
        if (w >= columns) w -= columns, ++h;
    }
}

// Starts to copy words, a multiple of 4, as they are.
template <int words, int threads>
__device__ __forceinline__ void fetch_words(void* to, const void* from, int thread) {
    for (int i = thread; i < words / 4; i += threads)
        cp_async_16(static_cast<uint4*>(to) + i, static_cast<const uint4*>(from) + i);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
