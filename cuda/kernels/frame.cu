// The fusion net's frame in bfloat16: six launches, whatever the number of images. Activations are bfloat16 and
// channels-last, sums float; the images, the stem and the last layer are float. Five 3x3 layers' worth of traffic is
// left of what layer by layer would be 25: at 480x640 some 200 MB, 0.07 ms at 3 TB/s.
#include <algorithm>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/frame_weights.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

using Grdb1 = GrdbTile<16, 32, 8, true>;
using Grdb2 = GrdbTile<32, 48, 8, false>;
using Decode4 = FrameConv<96, 64, 32, 2>;
using Decode3 = FrameConv<64, 32, 16, 1>;

// The weights' parts in the order in which the kernels want them, each kernel's own at a known place.
class FrameWeights {
public:
    explicit FrameWeights(const abi::FrameLayer* layers) {
        const auto value = [](const abi::Array& a) { return data<const float>(a); };
        // Encoder: stem, then twice conv1, conv2, Sobel, 1x1; two encoders; the decoder's four layers.
        for (int branch = 0; branch < 2; ++branch) {
            const abi::FrameLayer* const encoder = layers + branch * 9;
            for (int block = 0; block < 2; ++block) {
                const int C = block == 0 ? 16 : 32, K = block == 0 ? 32 : 48;
                const abi::FrameLayer* const at = encoder + 1 + 4 * block;
                grdb_words[block][branch] = words_;
                add_fragments(value(at[0].weight), C, C, 0, C, 3);
                for (int part = 0; part < 2; ++part) add_fragments(value(at[1].weight), C, 2 * C, part * C, C, 3);
                for (int part = 0; part < 3; ++part) add_fragments(value(at[3].weight), K, 3 * C, part * C, C, 1);
                add_fragments(value(at[3].second), K, C, 0, C, 1);
            }
        }
        const abi::FrameLayer* const decoder = layers + 18;
        decode4_words = words_;
        for (int c = 0; c < Decode4::C; c += Decode4::chunk)
            add_fragments(value(decoder[0].weight), Decode4::K, Decode4::C, c, Decode4::chunk, 3);
        decode3_words = words_;
        for (int c = 0; c < Decode3::C; c += Decode3::chunk)
            add_fragments(value(decoder[1].weight), Decode3::K, Decode3::C, c, Decode3::chunk, 3);
        tail_words = words_;
        add_fragments(value(decoder[2].weight), FrameTail::K, FrameTail::C, 0, FrameTail::C, 3);

        for (int branch = 0; branch < 2; ++branch) {
            const abi::FrameLayer* const encoder = layers + branch * 9;
            for (int block = 0; block < 2; ++block) {
                const int C = block == 0 ? 16 : 32, K = block == 0 ? 32 : 48;
                const abi::FrameLayer* const at = encoder + 1 + 4 * block;
                grdb_numbers[block][branch] = words_;
                add_numbers(value(at[0].bias), nullptr, C, 1), add_numbers(value(at[1].bias), nullptr, C, 1);
                add_numbers(value(at[3].bias), value(at[3].second_bias), K, 1);
                add_numbers(value(at[2].weight), nullptr, C, 9), add_numbers(value(at[2].second), nullptr, C, 9);
                if (block == 0)
                    add_numbers(value(encoder->weight), nullptr, C, 9),
                        add_numbers(value(encoder->bias), nullptr, C, 1);
            }
        }
        decode4_bias = words_, add_numbers(value(decoder[0].bias), nullptr, Decode4::K, 1);
        decode3_bias = words_, add_numbers(value(decoder[1].bias), nullptr, Decode3::K, 1);
        tail_numbers = words_, add_numbers(value(decoder[2].bias), nullptr, FrameTail::K, 1);
        add_numbers(value(decoder[3].weight), nullptr, FrameTail::K, 9);
        add_numbers(value(decoder[3].bias), nullptr, 1, 1);
    }

    int words() const { return words_; }
    Result prepare(const abi::Call* call, std::uint32_t* out) const {
        return launch(call->operation, frame_weights_kernel, {ceil_div(words_, block_threads), block_threads},
                      stream_of(call), parts_, out, words_);
    }

    // Offsets in words; [block][branch].
    int grdb_words[2][2], grdb_numbers[2][2], decode4_words, decode4_bias, decode3_words, decode3_bias, tail_words,
        tail_numbers;

private:
    void add_fragments(const float* weight, int outputs, int channels, int first, int count, int window) {
        words_ += outputs / 16 * 128 * (count / 16) * window * window;
        parts_.fragments[parts_.fragment_count++] = {weight, words_, outputs, channels, first, count / 16, window};
    }
    void add_numbers(const float* a, const float* b, int rows, int columns) {
        words_ += (rows * columns + 3) / 4 * 4;
        parts_.numbers[parts_.number_count++] = {a, b, words_, rows, columns};
    }

    FrameParts parts_{};
    int words_ = 0;
};

// As many blocks as a device holds at once, each of which stays and takes tiles in turn.
template <class Tile, class Args>
Result run_tiles(const abi::Call* call, void (*kernel)(Args), const Args& args, int branches = 1) {
    const std::int64_t blocks =
        std::min(args.tiles.template count<Tile>(), typical_multiprocessors * Tile::blocks / branches);
    return launch(call->operation, kernel, {{blocks, branches}, Tile::threads, Tile::shared_bytes}, stream_of(call),
                  args);
}

Result run_frame(const abi::Call* call, const abi::FusionFrameArgs& args) {
    const auto size = [&](int d) { return static_cast<int>(args.y.shape[d]); };
    const Tiles tiles{size(0), size(2), size(3)};
    const std::int64_t pixels = std::int64_t{tiles.images} * tiles.height * tiles.width;
    if (pixels == 0) return {};
    const FrameWeights weights(args.layers);
    const DeviceScratch prepared(call, weights.words() * std::int64_t{4});
    if (!prepared.result().ok()) return prepared.result();
    // [x2 of both encoders 2 x 32 | later decoded4 64] and [features 96 | later decoded3 32], channels of each pixel.
    const DeviceScratch first(call, pixels * 64 * 2), second(call, pixels * 96 * 2);
    for (const DeviceScratch* s : {&first, &second})
        if (!s->result().ok()) return s->result();
    const auto* const words = prepared.as<const std::uint32_t>();
    const auto numbers = [&](int at) { return prepared.as<const float>() + at; };
    auto *const x2 = first.as<std::uint16_t>(), *const features = second.as<std::uint16_t>();

    if (const Result r = weights.prepare(call, prepared.as<std::uint32_t>()); !r.ok()) return r;
    GrdbArgs block1{tiles, {}}, block2{tiles, {}};
    const float* const images[2] = {data<const float>(args.y), data<const float>(args.ir)};
    for (int b = 0; b < 2; ++b) {
        const Pixels middle{x2 + b * pixels * 32, 32};
        block1.branch[b] = {
            images[b], {}, words + weights.grdb_words[0][b], numbers(weights.grdb_numbers[0][b]), middle};
        block2.branch[b] = {nullptr,
                            middle,
                            words + weights.grdb_words[1][b],
                            numbers(weights.grdb_numbers[1][b]),
                            {features + b * 48, 96}};
    }
    if (const Result r = run_tiles<Grdb1>(call, grdb_kernel<Grdb1>, block1, 2); !r.ok()) return r;
    if (const Result r = run_tiles<Grdb2>(call, grdb_kernel<Grdb2>, block2, 2); !r.ok()) return r;
    const Pixels decoded4{x2, 64}, decoded3{features, 32};
    if (const Result r = run_tiles<Decode4>(
            call, frame_conv_kernel<Decode4>,
            {tiles, {features, 96}, words + weights.decode4_words, numbers(weights.decode4_bias), decoded4});
        !r.ok())
        return r;
    if (const Result r = run_tiles<Decode3>(
            call, frame_conv_kernel<Decode3>,
            {tiles, decoded4, words + weights.decode3_words, numbers(weights.decode3_bias), decoded3});
        !r.ok())
        return r;
    return run_tiles<FrameTail>(call, frame_tail_kernel,
                                FrameTailArgs{tiles, decoded3, words + weights.tail_words,
                                              numbers(weights.tail_numbers), data<float>(args.out)});
}

const char* accepts(const abi::FusionFrameArgs* a) {
    if (a->precision != Precision::bf16) return "its frames in one piece are in bfloat16";
    if (a->y.shape[2] * a->y.shape[3] > 0x7fffffff / 96) return "its frames have fewer than 2^31 / 96 pixels";
    return nullptr;
}

abi::Outcome fusion_frame(const abi::Call* call, const abi::FusionFrameArgs* args) {
    return answer(call, run_frame(call, *args));
}

constexpr abi::Row rows[] = {row<fusion_frame, accepts>("fusion_frame", abi::dtypes(DType::float32))};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
