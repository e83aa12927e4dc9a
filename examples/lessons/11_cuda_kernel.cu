// Lesson 11: a kernel for a GPU, without a GPU. A kernel is what one thread does; thousands of them run it at once, in
// blocks, and share nothing but what they are told to. The emulator runs them on this machine's processor, each thread
// by itself, and watches what they touch: it finds the mistakes that on a GPU go unnoticed until they do not.
// Next: docs/emulator.md.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "cuda/language.cuh"
#include "cuda/launch.hpp"
#include "examples/lessons/lesson.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// y = a x + y, an element for each thread. Blocks have the same size all, so the last one may have threads too many.
__global__ void scale_and_add(float a, const float* x, float* y, int n) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n) y[i] += a * x[i];
}

constexpr int block = 128;  // threads

// The sum of each block's part of x. The threads of a block share an array. Half of them add the other half's numbers
// to their own, then a quarter, ...: 7 rounds for 128 numbers, where one thread alone would need 127 additions.
__global__ void block_sums(const float* x, float* sums, int n, bool careful) {
    FATHOM_SHARED(float, part, block);  // __shared__ float part[block]
    const int t = static_cast<int>(threadIdx.x), i = static_cast<int>(blockIdx.x) * block + t;
    float sum = i < n ? x[i] : 0;  // in a register, which nobody else sees
    part[t] = sum;
    __syncthreads();  // threads run in any order: whoever reads what another has written waits first until all are here
    for (int half = block / 2; half > 0; half /= 2) {
        if (t < half) part[t] = sum += part[t + half];
        if (careful) __syncthreads();  // before every round, not only the first
    }
    if (t == 0) sums[blockIdx.x] = sum;
}

// Memory of the device, which the host cannot touch: numbers go there and come back by copies.
class Array {
public:
    explicit Array(const std::vector<float>& values) : size_(values.size()) {
        require(allocate(&memory_, bytes(), "lesson"));
        require(copy(Copy::to_device, memory_, values.data(), bytes(), nullptr, "lesson"));
    }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    ~Array() { static_cast<void>(release(memory_)); }

    float* data() { return static_cast<float*>(memory_); }
    std::vector<float> values() const {
        std::vector<float> result(size_);
        require(copy(Copy::to_host, result.data(), memory_, bytes(), nullptr, "lesson"));
        require(synchronize(Stream{}));
        return result;
    }
    // Nothing of this interface throws: each call says whether it worked, and error_text() why not.
    static void require(Result result) {
        if (!result.ok()) std::printf("%s\n", error_text()), std::exit(1);
    }

private:
    std::size_t bytes() const { return size_ * sizeof(float); }
    void* memory_ = nullptr;
    std::size_t size_;
};

int lesson() {
    const int n = 1000, blocks = (n + block - 1) / block;  // 8, the last of them not full
    std::vector<float> numbers(n);
    for (int i = 0; i < n; ++i) numbers[static_cast<std::size_t>(i)] = static_cast<float>(i % 10);
    Array x(numbers), y(std::vector<float>(n, 1.0f)), sums(std::vector<float>(static_cast<std::size_t>(blocks), 0.0f));

    std::printf("== an element for each thread\n");
    // launch(name, kernel, {blocks, threads of each}, stream, arguments...): it is sent; values() waits for it.
    Array::require(launch("scale_and_add", scale_and_add, {blocks, block}, nullptr, 2.0f, x.data(), y.data(), n));
    const std::vector<float> result = y.values();
    bool right = true;
    for (int i = 0; i < n; ++i) right = right && result[static_cast<std::size_t>(i)] == 2.0f * float(i % 10) + 1;
    expect(right, "y = 2 x + 1");

    std::printf("\n== threads that work together\n");
    Array::require(launch("block_sums", block_sums, {blocks, block}, nullptr, x.data(), sums.data(), n, true));
    float total = 0;
    for (const float part : sums.values()) total += part;
    std::printf("sum %g\n", static_cast<double>(total));
    expect(total == 4500, "the sums of all blocks add up");

    std::printf("\n== the same without the barrier between rounds\n");
    // On a GPU this often gives the right sum, on your card, today. What is wrong with it is not the number.
    Array::require(launch("careless", block_sums, {blocks, block}, nullptr, x.data(), sums.data(), n, false));
    const Result found = synchronize(Stream{});
    std::printf("%s\n", found.ok() ? "nothing found" : error_text());
    expect(!found.ok() && std::strstr(error_text(), "race"), "the emulator names both threads and both lines");
    Array::require(reset_device());  // as on a GPU, a fault stays until then

    std::printf("\n== one thread too many\n");
    // Without `if (i < n)`, as if n were 1024: the threads behind the end.
    Array::require(
        launch("too far", scale_and_add, {blocks, block}, nullptr, 2.0f, x.data(), y.data(), blocks * block));
    const Result beyond = synchronize(Stream{});
    std::printf("%s\n", beyond.ok() ? "nothing found" : error_text());
    expect(!beyond.ok(), "the emulator sees every access outside of an allocation");
    Array::require(reset_device());
    return finish();
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE

int main() { return fathom::FATHOM_CUDA_NAMESPACE::lesson(); }
