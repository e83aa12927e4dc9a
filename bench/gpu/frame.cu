// Each kernel of a frame in bfloat16 alone, the way it is used and the ways that were tried: median time, arithmetic
// and what share that is of the 640 TFLOP/s that gpu_ceilings measures for mma.sync on an H100. Inputs are random and
// take turns, so that none is found in the cache.
//
//   gpu_frame [--height 480] [--width 640] [--repeats 20] [--json FILE]
#include <cuda_runtime.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "cuda/kernels/frame_weights.cuh"
#include "report.hpp"

using namespace fathom::cuda;

namespace {

void must(cudaError_t code, const char* what) {
    if (code == cudaSuccess) return;
    std::fprintf(stderr, "error: gpu_frame: %s: %s\n", what, cudaGetErrorString(code));
    std::exit(1);
}

class Frame {
public:
    Frame(const bench::Options& options, const cudaDeviceProp& device)
        : tiles_{1, static_cast<int>(options.height), static_cast<int>(options.width)},
          multiprocessors_(device.multiProcessorCount),
          repeats_(static_cast<int>(options.repeats)),
          report_("gpu_frame", device.name, options.json_file) {
        pixels_ = std::size_t{1} * static_cast<std::size_t>(options.height) * static_cast<std::size_t>(options.width);
        // Numbers of bfloat16 between -1 and 1, everywhere; as float they are such numbers too.
        std::vector<std::uint16_t> values(std::size_t{1} << 24);
        std::mt19937 random(1);
        std::uniform_real_distribution<float> number(-1, 1);
        for (auto& v : values) {
            const float x = number(random);
            std::uint32_t bits;
            std::memcpy(&bits, &x, 4);
            v = static_cast<std::uint16_t>(bits >> 16);
        }
        const std::size_t bytes = values.size() * 2;
        must(cudaMalloc(&in_, copies * bytes), "memory"), must(cudaMalloc(&out_, copies * pixels_ * 96 * 2), "memory");
        for (std::size_t i = 0; i < copies; ++i)
            must(cudaMemcpy(in_ + i * values.size(), values.data(), bytes, cudaMemcpyHostToDevice), "a copy");
        stride_ = values.size();
    }

    template <class Tile>
    void grdb(const std::string& name) {
        const double gflop =
            2e-9 * static_cast<double>(pixels_) * 2 *
            (27.0 * Tile::C * Tile::C + 4.0 * Tile::C * Tile::K + 18.0 * Tile::C + (Tile::stem ? 9.0 * Tile::C : 0.0));
        time<Tile>(name, grdb_kernel<Tile>, gflop, 2, [&](std::size_t turn) {
            GrdbArgs args{tiles_, {}};
            for (std::size_t b = 0; b < 2; ++b) {
                const std::uint16_t* const from = in_ + turn * stride_ + b * (pixels_ * 16 / 8 * 8);
                args.branch[b] = {reinterpret_cast<const float*>(from),
                                  {const_cast<std::uint16_t*>(from), Tile::C},
                                  reinterpret_cast<const std::uint32_t*>(in_),
                                  reinterpret_cast<const float*>(in_ + 1024),
                                  {out_ + turn * pixels_ * 96 + b * Tile::K, 96}};
            }
            return args;
        });
    }
    template <class Tile>
    void conv(const std::string& name) {
        const double gflop = 18e-9 * static_cast<double>(pixels_) * Tile::C * Tile::K;
        time<Tile>(name, frame_conv_kernel<Tile>, gflop, 1, [&](std::size_t turn) {
            return FrameConvArgs{tiles_,
                                 {in_ + turn * stride_ % (copies * stride_ - pixels_ * Tile::C), Tile::C},
                                 reinterpret_cast<const std::uint32_t*>(in_),
                                 reinterpret_cast<const float*>(in_ + 1024),
                                 {out_ + turn * pixels_ * 96, Tile::K}};
        });
    }
    void tail(const std::string& name) {
        const double gflop = 18e-9 * static_cast<double>(pixels_) * (32 * 16 + 16);
        time<FrameTail>(name, frame_tail_kernel, gflop, 1, [&](std::size_t turn) {
            return FrameTailArgs{tiles_,
                                 {in_ + turn * stride_, 32},
                                 reinterpret_cast<const std::uint32_t*>(in_),
                                 reinterpret_cast<const float*>(in_ + 1024),
                                 reinterpret_cast<float*>(out_ + turn * pixels_ * 96)};
        });
    }

private:
    static constexpr std::size_t copies = 6;

    template <class Tile, class Args, class Make>
    void time(const std::string& name, void (*kernel)(Args), double gflop, int branches, Make make) {
        must(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, Tile::shared_bytes), "shared");
        const int most = std::max(multiprocessors_ * Tile::blocks / branches, 1);
        const dim3 grid(static_cast<unsigned>(std::min(tiles_.count<Tile>(), most)), static_cast<unsigned>(branches));
        cudaEvent_t begin, end;
        must(cudaEventCreate(&begin), "an event"), must(cudaEventCreate(&end), "an event");
        std::vector<double> times;
        for (int i = 0; i < repeats_ + 3; ++i) {
            const Args args = make(static_cast<std::size_t>(i) % (copies - 1));
            float ms = 0;
            must(cudaEventRecord(begin), "an event");
            kernel<<<grid, Tile::threads, Tile::shared_bytes>>>(args);
            must(cudaGetLastError(), "a launch");
            must(cudaEventRecord(end), "an event");
            must(cudaEventSynchronize(end), "a kernel");
            must(cudaEventElapsedTime(&ms, begin, end), "an event");
            if (i >= 3) times.push_back(static_cast<double>(ms));
        }
        must(cudaEventDestroy(begin), "an event"), must(cudaEventDestroy(end), "an event");
        const double ms = bench::median(times);
        report_.add(name, {{"ms", ms}, {"TFLOP/s", gflop / ms}, {"of 640", gflop / ms / 640}});
    }

    Tiles tiles_;
    int multiprocessors_, repeats_;
    std::size_t pixels_ = 0, stride_ = 0;
    std::uint16_t *in_ = nullptr, *out_ = nullptr;
    bench::Report report_;
};

}  // namespace

int main(int argc, char** argv) {
    const bench::Options options = bench::parse("gpu_frame", argc, argv, "--height --width --repeats --json");
    cudaDeviceProp device;
    must(cudaGetDeviceProperties(&device, 0), "the device");
    Frame frame(options, device);
    frame.grdb<GrdbTile<16, 32, 8, true>>("stem and block 16 to 32, 8 warps, as used");
    frame.grdb<GrdbTile<16, 32, 8, false>>("block 16 to 32 alone, 8 warps");
    frame.grdb<GrdbTile<32, 48, 8, false>>("block 32 to 48, 8 warps of 4 rows, as used");
    frame.grdb<GrdbTile<32, 48, 16, false>>("block 32 to 48, 16 warps of 2 rows");
    frame.conv<FrameConv<96, 64, 32, 2>>("3x3 96 to 64, 16 warps, half of the outputs each, as used");
    frame.conv<FrameConv<96, 64, 32, 1>>("3x3 96 to 64, 8 warps");
    frame.conv<FrameConv<64, 32, 16, 1>>("3x3 64 to 32, chunks of 16 channels, 2 blocks, as used");
    frame.conv<FrameConv<64, 32, 32, 1>>("3x3 64 to 32, chunks of 32 channels");
    frame.conv<FrameConv<64, 32, 32, 2>>("3x3 64 to 32, chunks of 32 channels, 16 warps");
    frame.tail("3x3 32 to 16 to 1");
    return 0;
}
