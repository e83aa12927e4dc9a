// The matrix instructions as collectives of 32 lanes: gathers the fragments, multiplies in float, scatters. The order
// of the sum is not the hardware's. Layouts: ptx.cuh.
#include <bit>

#include "cuda/emulator/block.hpp"
#include "cuda/emulator/ptx.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

namespace {

float low(std::uint32_t pair) { return std::bit_cast<float>(pair << 16); }
float high(std::uint32_t pair) { return std::bit_cast<float>(pair & 0xffff0000u); }

void complete_mma(void* const* payloads, std::uint32_t lanes) {
    if (lanes != 0xffffffffu) return;  // found by run_mma below
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

// Factors of float, of which the hardware drops the lower 13 bits.
float cut(std::uint32_t bits) { return std::bit_cast<float>(bits & 0xffffe000u); }

void complete_mma_tf32(void* const* payloads, std::uint32_t lanes) {
    if (lanes != 0xffffffffu) return;
    float a[16][8], b[8][8];
    for (int lane = 0; lane < 32; ++lane) {
        const auto& f = *static_cast<const MmaFragments*>(payloads[lane]);
        for (int i = 0; i < 4; ++i) a[lane / 4 + i % 2 * 8][lane % 4 + i / 2 * 4] = cut(f.a[i]);
        for (int i = 0; i < 2; ++i) b[lane % 4 + i * 4][lane / 4] = cut(f.b[i]);
    }
    for (int lane = 0; lane < 32; ++lane) {
        const auto& f = *static_cast<const MmaFragments*>(payloads[lane]);
        for (int i = 0; i < 4; ++i) {
            float sum = f.c[i];
            for (int k = 0; k < 8; ++k) sum += a[lane / 4 + i / 2 * 8][k] * b[k][lane % 4 * 2 + i % 2];
            f.d[i] = sum;
        }
    }
}

void run_mma(const MmaFragments& fragments, Site site, void (*complete)(void* const*, std::uint32_t)) {
    const Worker& w = *worker;
    if (w.warps[w.warp].live != 0xffffffffu) {
        Fault fault;
        fault.what = "mma needs all 32 lanes of the warp";
        fault.site = site;
        raise_fault(*worker, std::move(fault));
    }
    MmaFragments mine = fragments;
    warp_collective(0xffffffffu, site, &mine, complete);
}

}  // namespace

void mma_m16n8k16_bf16(const MmaFragments& fragments, Site site) { run_mma(fragments, site, complete_mma); }
void mma_m16n8k8_tf32(const MmaFragments& fragments, Site site) { run_mma(fragments, site, complete_mma_tf32); }

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
