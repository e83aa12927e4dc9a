// The matrix instruction as a collective of 32 lanes: gathers the fragments, multiplies in float, scatters. The order
// of the sum is not the hardware's. Layouts: ptx.cuh.
#include <bit>

#include "cuda/emulator/block.hpp"
#include "cuda/emulator/ptx.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

namespace {

float low(std::uint32_t pair) { return std::bit_cast<float>(pair << 16); }
float high(std::uint32_t pair) { return std::bit_cast<float>(pair & 0xffff0000u); }

void complete_mma(void* const* payloads, std::uint32_t lanes) {
    if (lanes != 0xffffffffu) return;  // found by mma_m16n8k16_bf16 below
    float a[16][16], b[16][8];
    for (int lane = 0; lane < 32; ++lane) {
        const auto& f = *static_cast<const MmaFragments*>(payloads[lane]);
        const int g = lane / 4, k = lane % 4 * 2;
        for (int i = 0; i < 4; ++i) {
            const int row = g + i % 2 * 8, column = k + i / 2 * 8;
            a[row][column] = low(f.a[i]), a[row][column + 1] = high(f.a[i]);
        }
        for (int i = 0; i < 2; ++i) b[k + i * 8][g] = low(f.b[i]), b[k + i * 8 + 1][g] = high(f.b[i]);
    }
    for (int lane = 0; lane < 32; ++lane) {
        const auto& f = *static_cast<const MmaFragments*>(payloads[lane]);
        for (int i = 0; i < 4; ++i) {
            const int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
            float sum = f.c[i];
            for (int k = 0; k < 16; ++k) sum += a[row][k] * b[k][column];
            f.d[i] = sum;
        }
    }
}

}  // namespace

void mma_m16n8k16_bf16(const MmaFragments& fragments, Site site) {
    const Worker& w = *worker;
    if (w.warps[w.warp].live != 0xffffffffu) {
        Fault fault;
        fault.what = "mma needs all 32 lanes of the warp";
        fault.site = site;
        raise_fault(*worker, std::move(fault));
    }
    MmaFragments mine = fragments;
    warp_collective(0xffffffffu, site, &mine, complete_mma);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
