// Online hard example mining: which losses count, their mean, and its gradient (kernels/ohem.hpp says which). Nothing
// goes back to the host, so every kernel is always launched: the first counts and adds up what lies above the
// threshold; where that suffices the others return at once. Otherwise they find the n_min-th largest loss by its
// digits, 11 bits in each pass, and then up to which position those equal to it count. The last block of a kernel draws
// the conclusion. Bound by memory: forward reads the losses once, or once more for each of the three passes (six of
// double) and the last one; they stay in the L2 cache. Counts are integers, and each block's sum has its place, so the
// bits depend on the number of losses alone.
//
// selection: {cut, last, count} as on the CPU.
#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

constexpr int digit_bits = 11, digits = 1 << digit_bits, digits_per_thread = digits / block_threads;
constexpr int most_blocks = block_threads;  // one for each thread of the last block
constexpr std::int64_t least_per_block = 4 * block_threads;

template <class T>
using KeyOf = std::conditional_t<sizeof(T) == 8, unsigned long long, unsigned>;

// An integer that is larger for a larger x: both zeros give the same one, every NaN the largest there is. And back.
template <class T>
__device__ KeyOf<T> key_of(T x) {
    using Key = KeyOf<T>;
    constexpr Key sign = ~(~Key{0} >> 1);
    Key bits;
    memcpy(&bits, &x, sizeof bits);
    if (x != x) return ~Key{0};
    return bits & sign ? sign - (bits & ~sign) : bits + sign;
}
template <class T>
__device__ T loss_of(KeyOf<T> key) {
    using Key = KeyOf<T>;
    constexpr Key sign = ~(~Key{0} >> 1);
    if (key == ~Key{0}) return std::numeric_limits<T>::quiet_NaN();
    const Key bits = key >= sign ? key - sign : (sign - key) | sign;
    T x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// What the kernels hand on. Zeroed before the first.
template <class T>
struct State {
    static constexpr int key_bits = 8 * sizeof(T), passes = (key_bits + digit_bits - 1) / digit_bits;
    unsigned tickets[passes + 2];
    int searches;                   // whether the n_min largest are wanted
    KeyOf<T> found[passes + 1];     // before each pass, and at last: the digits so far of the smallest of them
    std::int64_t rank[passes + 1];  // of it, among the losses that begin with these digits
    unsigned counts[passes][digits];
    long long block_count[most_blocks];
    double block_sum[most_blocks];
};

// Whether this block is the last one to come here; it then sees what the others wrote before.
__device__ bool comes_last(unsigned* ticket, bool& shared) {
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) shared = atomicAdd(ticket, 1u) == gridDim.x - 1;
    __syncthreads();
    if (shared) __threadfence();
    return shared;
}

// The sum of the values of this thread and those before it.
__device__ long long sum_up_to(long long value,
                               long long* shared) {  // [256]
    const unsigned thread = threadIdx.x;
    shared[thread] = value;
    for (unsigned distance = 1; distance < block_threads; distance *= 2) {
        __syncthreads();
        const long long before = thread >= distance ? shared[thread - distance] : 0;
        __syncthreads();
        shared[thread] += before;
    }
    return shared[thread];
}

template <class T>
__device__ void keep(State<T>* state, long long count, double sum, double* shared_sums, long long* shared_counts) {
    sum = block_sum(sum, shared_sums), count = block_sum(count, shared_counts);
    if (threadIdx.x == 0) state->block_sum[blockIdx.x] = sum, state->block_count[blockIdx.x] = count;
}

template <class T>
__global__ void __launch_bounds__(block_threads)
    above_kernel(const T* loss,  // [n]
                 std::int64_t n, T threshold, std::int64_t n_min, State<T>* state,
                 T* mean,                    // [1]
                 std::int64_t* selection) {  // [3]
    FATHOM_SHARED(double, shared_sums, 32);
    FATHOM_SHARED(long long, shared_counts, 32);
    FATHOM_SHARED(bool, last);
    const KeyOf<T> cut = key_of(threshold);
    double sum = 0;
    long long count = 0;
#pragma unroll 2
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        const T value = loss[i];
        if (key_of(value) > cut) sum += static_cast<double>(value), ++count;
    }
    keep(state, count, sum, shared_sums, shared_counts);
    if (!comes_last(&state->tickets[0], last)) return;
    const unsigned thread = threadIdx.x;
    sum = block_sum(thread < gridDim.x ? state->block_sum[thread] : 0, shared_sums);
    count = block_sum(thread < gridDim.x ? state->block_count[thread] : 0, shared_counts);
    if (thread != 0) return;
    if (count <= n_min && n_min > 0) {
        state->searches = 1, state->rank[0] = n_min;
        return;
    }
    *mean = count == 0 ? T{0} : static_cast<T>(sum / static_cast<double>(count));
    selection[0] = static_cast<std::int64_t>(cut), selection[1] = -1, selection[2] = count;
}

template <class T>
__global__ void __launch_bounds__(block_threads) digit_kernel(const T* loss,  // [n]
                                                              std::int64_t n, int pass, State<T>* state) {
    using Key = KeyOf<T>;
    FATHOM_SHARED(unsigned, counts, digits);
    FATHOM_SHARED(long long, scan, block_threads);
    FATHOM_SHARED(bool, last);
    if (!state->searches) return;
    const int thread = static_cast<int>(threadIdx.x);
    const int above = State<T>::key_bits - pass * digit_bits, shift = above > digit_bits ? above - digit_bits : 0;
    const Key mask = (Key{1} << (above - shift)) - 1, found = state->found[pass];
    for (int d = thread; d < digits; d += block_threads) counts[d] = 0;
    __syncthreads();
#pragma unroll 4
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        const Key key = key_of(loss[i]);
        if (pass == 0 || key >> above == found) atomicAdd(&counts[key >> shift & mask], 1u);
    }
    __syncthreads();
    for (int d = thread; d < digits; d += block_threads)
        if (counts[d] > 0) atomicAdd(&state->counts[pass][d], counts[d]);
    if (!comes_last(&state->tickets[1 + pass], last)) return;
    // From the largest digit on, some for each thread.
    const unsigned* const all = state->counts[pass];
    const int first = digits - 1 - thread * digits_per_thread;
    long long own = 0;
    for (int k = 0; k < digits_per_thread; ++k) own += all[first - k];
    const std::int64_t rank = state->rank[pass];
    std::int64_t before = sum_up_to(own, scan) - own;
    if (rank <= before || rank > before + own) return;
    int digit = first;
    for (; rank > before + all[digit]; --digit) before += all[digit];
    state->found[pass + 1] = found << (above - shift) | static_cast<Key>(digit);
    state->rank[pass + 1] = rank - before;
}

// Of the losses equal to the smallest that counts the first `rank` count: the position of the last of those. Blocks
// take `chunk` losses each, in order.
template <class T>
__global__ void __launch_bounds__(block_threads)
    equal_kernel(const T* loss,  // [n]
                 std::int64_t n, std::int64_t chunk, std::int64_t n_min, State<T>* state,
                 T* mean,                    // [1]
                 std::int64_t* selection) {  // [3]
    FATHOM_SHARED(double, shared_sums, 32);
    FATHOM_SHARED(long long, shared_counts, 32);
    FATHOM_SHARED(long long, scan, block_threads);
    FATHOM_SHARED(long long, place, 2);  // the chunk with that position, and the rank in it
    FATHOM_SHARED(bool, last);
    if (!state->searches) return;
    const KeyOf<T> cut = state->found[State<T>::passes];
    const int thread = static_cast<int>(threadIdx.x);
    const auto end_of = [&](std::int64_t block) { return (block + 1) * chunk < n ? (block + 1) * chunk : n; };
    double sum = 0;
    long long equal = 0;
    const std::int64_t end = end_of(blockIdx.x);
#pragma unroll 4
    for (std::int64_t i = blockIdx.x * chunk + thread; i < end; i += block_threads) {
        const T value = loss[i];
        const KeyOf<T> key = key_of(value);
        if (key > cut) sum += static_cast<double>(value);
        equal += key == cut;
    }
    keep(state, equal, sum, shared_sums, shared_counts);
    if (!comes_last(&state->tickets[State<T>::passes + 1], last)) return;
    const bool stands_for_block = threadIdx.x < gridDim.x;
    sum = block_sum(stands_for_block ? state->block_sum[thread] : 0, shared_sums);
    const std::int64_t rank = state->rank[State<T>::passes];
    const long long own = stands_for_block ? state->block_count[thread] : 0, before = sum_up_to(own, scan) - own;
    if (rank > before && rank <= before + own) place[0] = thread, place[1] = rank - before;
    if (thread == 0) {
        sum += static_cast<double>(rank) * static_cast<double>(loss_of<T>(cut));
        *mean = static_cast<T>(sum / static_cast<double>(n_min));
        selection[0] = static_cast<std::int64_t>(cut), selection[2] = n_min;
    }
    __syncthreads();
    long long left = place[1];
    std::int64_t i = place[0] * chunk + thread;
    const std::int64_t limit = end_of(place[0]);
    for (;; i += block_threads) {
        equal = i < limit && key_of(loss[i]) == cut;
        const int count = __syncthreads_count(static_cast<int>(equal));
        if (left <= count) break;
        left -= count;
    }
    if (sum_up_to(equal, scan) == left && equal) selection[1] = i;
}

template <class T>
__global__ void backward_kernel(const T* loss,  // [n]
                                std::int64_t n,
                                const std::int64_t* selection,  // [3]
                                const T* dmean,                 // [1]
                                T* dloss) {                     // [n]
    const auto cut = static_cast<KeyOf<T>>(selection[0]);
    const std::int64_t last = selection[1], count = selection[2];
    const T share = count == 0 ? T{0} : *dmean / static_cast<T>(count);
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        const KeyOf<T> key = key_of(loss[i]);
        dloss[i] = key > cut || (key == cut && i <= last) ? share : T{0};
    }
}

template <class T>
Result forward(const abi::Call* call, const abi::OhemArgs& args) {
    const std::int64_t n = numel(args.loss), n_min = std::min(args.n_min, n);
    const std::int64_t blocks = std::clamp<std::int64_t>(ceil_div(n, least_per_block), 1, most_blocks);
    const T* loss = data<const T>(args.loss);
    const Stream stream = stream_of(call);
    const DeviceScratch scratch(call, sizeof(State<T>));
    if (!scratch.result().ok()) return scratch.result();
    auto* state = scratch.as<State<T>>();
    Result r = fill(state, 0, sizeof(State<T>), stream, call->operation);
    if (!r.ok()) return r;
    r = launch(call->operation, above_kernel<T>, {blocks, block_threads}, stream, loss, n,
               static_cast<T>(args.threshold), n_min, state, data<T>(args.mean), data<std::int64_t>(args.selection));
    if (!r.ok() || n_min == 0) return r;
    for (int pass = 0; pass < State<T>::passes; ++pass) {
        r = launch(call->operation, digit_kernel<T>, {blocks, block_threads}, stream, loss, n, pass, state);
        if (!r.ok()) return r;
    }
    return launch(call->operation, equal_kernel<T>, {blocks, block_threads}, stream, loss, n, ceil_div(n, blocks),
                  n_min, state, data<T>(args.mean), data<std::int64_t>(args.selection));
}

template <class T>
Result backward(const abi::Call* call, const abi::OhemArgs& args) {
    const std::int64_t n = numel(args.loss);
    if (n == 0) return {};
    return launch(call->operation, backward_kernel<T>, linear(n), stream_of(call), data<const T>(args.loss), n,
                  data<const std::int64_t>(args.selection), data<const T>(args.dmean), data<T>(args.dloss));
}

abi::Outcome ohem(const abi::Call* call, const abi::OhemArgs* args) {
    return with_floating(call, args->loss, [&]<class T>(T) { return forward<T>(call, *args); });
}

abi::Outcome ohem_backward(const abi::Call* call, const abi::OhemArgs* args) {
    return with_floating(call, args->loss, [&]<class T>(T) { return backward<T>(call, *args); });
}

const char* accepts(const abi::OhemArgs* args) {
    return numel(args->loss) > std::numeric_limits<std::int32_t>::max() ? "its mining takes less than 2^31 losses"
                                                                        : nullptr;
}

constexpr abi::Row rows[] = {row<ohem, accepts>("ohem", abi::floating),
                             row<ohem_backward, accepts>("ohem_backward", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
