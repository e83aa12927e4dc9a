// Sums over any dimensions: a block adds up the elements of one output, or of one chunk of them, which a second kernel
// combines in the order of the chunks. So the bits depend on the shape alone.
#include <algorithm>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"
#include "fathom/kernels/reduce.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

constexpr std::int64_t chunk_elements = 65536;

// grid: x outputs, y chunks. Without partials the result goes to out.
template <class T>
__global__ void __launch_bounds__(block_threads) sum_kernel(kernels::Loop kept, kernels::Loop reduced, std::int64_t n,
                                                            T* out,       // [kept]
                                                            const T* in,  // [kept, reduced]
                                                            T* partials,  // [chunks, outputs] or null
                                                            T scale, bool add) {
    FATHOM_SHARED(T, shared, 32);
    const std::int64_t output = blockIdx.x, begin = blockIdx.y * chunk_elements;
    const std::int64_t end = begin + chunk_elements < n ? begin + chunk_elements : n;
    std::int64_t at[2];
    offsets_of<2>(kept, output, at);  // of in, of out
    T sum{0};
    for (std::int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
        std::int64_t offset[1];
        offsets_of<1>(reduced, i, offset);
        sum += in[at[0] + offset[0]];
    }
    sum = block_sum(sum, shared);
    if (threadIdx.x != 0) return;
    if (partials)
        partials[blockIdx.y * static_cast<std::int64_t>(gridDim.x) + output] = sum;
    else
        out[at[1]] = add ? out[at[1]] + scale * sum : scale * sum;
}

template <class T>
__global__ void combine_kernel(kernels::Loop kept, std::int64_t outputs, std::int64_t chunks,
                               T* out,             // [kept]
                               const T* partials,  // [chunks, outputs]
                               T scale, bool add) {
    for (std::int64_t i = first_element(); i < outputs; i += all_threads()) {
        std::int64_t at[2];
        offsets_of<2>(kept, i, at);
        T sum{0};
        for (std::int64_t c = 0; c < chunks; ++c) sum += partials[c * outputs + i];
        out[at[1]] = add ? out[at[1]] + scale * sum : scale * sum;
    }
}

template <class T>
Result sum(const abi::Call* call, const abi::ReduceArgs& args) {
    const abi::Array &in = args.in, &out = args.out;
    const kernels::ReduceLoops r = kernels::make_reduce_loops(in.rank, in.shape, in.strides, out.shape, out.strides,
                                                              nullptr, kernels::LoopOrder::by_stride);
    const std::int64_t outputs = r.kept.numel(), n = r.reduced.numel();
    if (outputs == 0) return {};
    const std::int64_t chunks = std::max<std::int64_t>(1, ceil_div(n, chunk_elements));
    const DeviceScratch partials(call, chunks > 1 ? chunks * outputs * static_cast<std::int64_t>(sizeof(T)) : 0);
    if (!partials.result().ok()) return partials.result();
    const int threads = n >= block_threads ? block_threads : 32;
    const T scale = static_cast<T>(args.scale);
    const Result result = launch(call->operation, sum_kernel<T>, {{outputs, chunks}, threads}, stream_of(call), r.kept,
                                 r.reduced, n, data<T>(out), data<const T>(in), partials.as<T>(), scale, adds(out));
    if (!result.ok() || chunks == 1) return result;
    return launch(call->operation, combine_kernel<T>, linear(outputs), stream_of(call), r.kept, outputs, chunks,
                  data<T>(out), partials.as<T>(), scale, adds(out));
}

abi::Outcome run_sum(const abi::Call* call, const abi::ReduceArgs* args) {
    return with_floating(call, args->in, [&]<class T>(T) { return sum<T>(call, *args); });
}

constexpr abi::Row rows[] = {row<run_sum>("sum", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
