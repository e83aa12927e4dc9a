// out (+)= f(a, b, c) element by element: what all elementwise kernels share. A thread takes a few elements: neighbours
// in memory, 16 bytes at once, where the innermost dimension of every operand allows it (a repeated one is read once),
// otherwise elements 256 apart, so that neighbouring threads take neighbouring elements. Memory bounds it: every
// element is read and written once. Places are counted in 32 bits; larger arrays are done in pieces.
#pragma once

#include "cuda/backend/host.hpp"
#include "cuda/kernels/index.cuh"
#include "cuda/kernels/pack.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// What a functor f may be: `Out operator()(A, B, C) const` on the device and `static constexpr int inputs`, the number
// of those that are read; the others are T{}.
template <int operand_count>
struct Walk {
    static constexpr int operands = operand_count;
    Loop32<operand_count> loop;  // in packs: dimension 0 counts packs
    unsigned count;              // elements or packs
    unsigned repeated;           // in packs: bit k where operand k repeats one element along dimension 0
    bool packs;
};

// Of 16 bytes of the widest type, at most 4.
template <class... T>
inline constexpr int map_lanes = 16 / static_cast<int>(std::max({sizeof(T)..., sizeof(float)}));

template <int lanes, class T>
__device__ Pack<T, lanes> read_lanes(const T* from, const int (&at)[lanes], int there, bool packs, bool repeated) {
    Pack<T, lanes> value{};
    if (packs && !repeated) return load_pack<lanes>(from + at[0]);
    if (packs) {
        const T one = from[at[0]];
#pragma unroll
        for (int k = 0; k < lanes; ++k) value.at[k] = one;
    } else {
#pragma unroll
        for (int k = 0; k < lanes; ++k)
            if (k < there) value.at[k] = from[at[k]];
    }
    return value;
}

// Integers wrap, bools or.
template <class T>
__device__ T sum_of(T a, T b) {
    if constexpr (std::is_same_v<T, bool>)
        return a || b;
    else if constexpr (std::is_integral_v<T>)
        return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    else
        return static_cast<T>(a + b);
}

template <class Out, class A, class B, class C, class F>
__global__ void __launch_bounds__(block_threads) map_kernel(Walk<1 + F::inputs> walk,
                                                            Out* out,    // operand 0
                                                            const A* a,  // operand 1 or null
                                                            const B* b,  // operand 2 or null
                                                            const C* c,  // operand 3 or null
                                                            F f, bool add) {
    constexpr int operands = 1 + F::inputs, lanes = map_lanes<Out, A, B, C>;
    const unsigned groups = walk.packs ? walk.count : (walk.count + lanes - 1) / lanes;
    // Whole blocks: without packs a block's elements lie block_threads apart.
    for (unsigned block = blockIdx.x * block_threads; block < groups; block += gridDim.x * block_threads) {
        const unsigned first = walk.packs ? block + threadIdx.x : block * lanes + threadIdx.x;
        if (first >= walk.count) continue;
        // Elements of this thread; of a pack one place tells all.
        const auto rest = static_cast<int>((walk.count - first + block_threads - 1) / block_threads);
        const int there = walk.packs ? 1 : rest < lanes ? rest : lanes;
        int at[operands][lanes];
#pragma unroll
        for (int k = 0; k < lanes; ++k) {
            int offset[operands] = {};
            if (k < there) walk.loop.add_offsets(first + static_cast<unsigned>(k) * block_threads, offset);
            for (int o = 0; o < operands; ++o) at[o][k] = offset[o];
        }
        Pack<A, lanes> x{};
        Pack<B, lanes> y{};
        Pack<C, lanes> z{};
        Pack<Out, lanes> old{};
        if constexpr (operands > 1) x = read_lanes(a, at[1], there, walk.packs, (walk.repeated & 2) != 0);
        if constexpr (operands > 2) y = read_lanes(b, at[2], there, walk.packs, (walk.repeated & 4) != 0);
        if constexpr (operands > 3) z = read_lanes(c, at[3], there, walk.packs, (walk.repeated & 8) != 0);
        if (add) old = read_lanes(out, at[0], there, walk.packs, false);
        Pack<Out, lanes> value;
#pragma unroll
        for (int k = 0; k < lanes; ++k) {
            value.at[k] = f(x.at[k], y.at[k], z.at[k]);
            if (add) value.at[k] = sum_of(old.at[k], value.at[k]);
        }
        if (walk.packs) {
            store_pack<lanes>(out + at[0][0], value);
        } else {
#pragma unroll
            for (int k = 0; k < lanes; ++k)
                if (k < there) out[at[0][k]] = value.at[k];
        }
    }
}

// One operand on the host: out, a, b or c; of those that f lacks, nothing.
struct MapOperand {
    void* data = nullptr;
    int bytes = 0;
};

namespace detail {

// Whether all operands go in packs of `lanes`.
inline bool in_packs(const kernels::Loop& loop, const MapOperand (&operand)[4], int lanes, unsigned& repeated) {
    repeated = 0;
    if (loop.size[0] % lanes != 0 || loop.stride[0][0] != 1) return false;
    for (int k = 0; k < loop.operands; ++k) {
        if (loop.stride[k][0] == 0) {
            repeated |= 1u << k;
            continue;
        }
        if (loop.stride[k][0] != 1) return false;
        if (reinterpret_cast<std::uintptr_t>(operand[k].data) % static_cast<std::uintptr_t>(operand[k].bytes * lanes))
            return false;
        for (int d = 1; d < loop.rank; ++d)
            if (loop.stride[k][d] % lanes != 0) return false;
    }
    return true;
}

inline bool fits_31_bits(const kernels::Loop& loop) {
    for (int k = 0; k < loop.operands; ++k) {
        abi::Array a{};
        a.rank = loop.rank;
        std::copy_n(loop.size, loop.rank, a.shape), std::copy_n(loop.stride[k], loop.rank, a.strides);
        if (!FATHOM_CUDA_NAMESPACE::fits_31_bits(a)) return false;
    }
    return true;
}

}  // namespace detail

// Runs f over a loop that is not empty, in pieces of its outermost dimension where one is too large.
template <class Out, class A, class B, class C, class F>
Result map(const abi::Call* call, kernels::Loop loop, const MapOperand (&operand)[4], const F& f, bool add) {
    constexpr int operands = 1 + F::inputs, lanes = map_lanes<Out, A, B, C>;
    if (!detail::fits_31_bits(loop)) {
        int outer = loop.rank - 1;
        while (loop.size[outer] == 1) --outer;
        kernels::Loop half = loop;
        half.size[outer] = loop.size[outer] / 2;
        if (const Result r = map<Out, A, B, C>(call, half, operand, f, add); !r.ok()) return r;
        MapOperand behind[4];
        for (int k = 0; k < operands; ++k) {
            auto* const begin = static_cast<char*>(operand[k].data);
            behind[k] = {begin + half.size[outer] * loop.stride[k][outer] * operand[k].bytes, operand[k].bytes};
        }
        loop.size[outer] -= half.size[outer];
        return map<Out, A, B, C>(call, loop, behind, f, add);
    }
    Walk<operands> walk{};
    walk.packs = detail::in_packs(loop, operand, lanes, walk.repeated);
    const std::int64_t elements = loop.numel();
    if (walk.packs) {
        loop.size[0] /= lanes;
        for (int k = 0; k < operands; ++k) loop.stride[k][0] *= lanes;
    }
    walk.loop = Loop32<operands>(loop), walk.count = static_cast<unsigned>(loop.numel());
    return launch(call->operation, map_kernel<Out, A, B, C, F>, linear(ceil_div(elements, lanes)), stream_of(call),
                  walk, static_cast<Out*>(operand[0].data), static_cast<const A*>(operand[1].data),
                  static_cast<const B*>(operand[2].data), static_cast<const C*>(operand[3].data), f, add);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
