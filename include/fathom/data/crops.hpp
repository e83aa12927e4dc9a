// Training batches for the fusion net: random crops of image pairs that stay decoded in memory as far as a bound
// allows.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fathom/core/random.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/data/pixel_plane.hpp"
#include "fathom/data/synthetic.hpp"

namespace fathom::inline v0::data {

// A pair in memory.
struct PixelPair {
    std::string name;
    std::int64_t height = 0, width = 0;
    std::int64_t pixel_step = 3, channel_step = 1;  // of the visible samples: interleaved or planes
    PixelPlane visible;                             // red, green, blue
    PixelPlane infrared;                            // [height, width]

    std::int64_t bytes() const { return visible.bytes() + infrared.bytes(); }
};

// Pairs by number. The first ones asked for are kept until they fill `max_bytes`; others are read again whenever they
// are needed.
class PairStore {
public:
    using Read = std::function<PixelPair(std::int64_t)>;
    static constexpr std::int64_t default_bytes = std::int64_t{1} << 30;

    PairStore(std::int64_t count, Read read, std::int64_t max_bytes = default_bytes);
    explicit PairStore(PairFolder folder, std::int64_t max_bytes = default_bytes);
    // Synthetic scenes of the seeds first_seed, first_seed + 1, ...
    PairStore(std::uint64_t first_seed, std::int64_t count, const SceneOptions& options,
              std::int64_t max_bytes = default_bytes);

    std::int64_t size() const { return static_cast<std::int64_t>(kept_.size()); }
    std::int64_t kept_bytes() const { return kept_bytes_; }
    std::shared_ptr<const PixelPair> get(std::int64_t i);

private:
    Read read_;
    std::int64_t max_bytes_, kept_bytes_ = 0;
    std::vector<std::shared_ptr<const PixelPair>> kept_;
};

struct CropOptions {
    std::int64_t batch = 8;
    std::int64_t height = 96, width = 96;  // of a crop; both 0: whole images
    bool flip = true;                      // mirror left and right half of the time
    bool color = false;                    // fill CropBatch::visible
};

struct CropBatch {
    Tensor<float> luminance;            // [N, 1, h, w], Y of the visible image
    Tensor<float> infrared;             // [N, 1, h, w]
    Tensor<float> visible;              // [N, 3, h, w] if asked for, otherwise undefined
    std::vector<std::int64_t> indices;  // the pairs they come from
};

// Goes through the pairs in a new random order each epoch; a batch may run from one epoch into the next, so any batch
// size will do. Everything random is drawn from the generator on the calling thread.
class CropSampler {
public:
    CropSampler(std::shared_ptr<PairStore> store, const CropOptions& options, Where where = Where::here());

    // Throws Error if a pair is smaller than the crop, or whole images of one batch differ in size.
    CropBatch next(Generator& generator, Where where = Where::here());

    // Where the sampler stands; with the generator's own state it continues a run exactly.
    struct State {
        RandomStream order;         // of the present epoch
        std::int64_t position = 0;  // pairs drawn since the beginning
    };
    State state() const { return state_; }
    void restore(const State& state);

    std::int64_t epoch() const { return state_.position / store_->size(); }

private:
    void shuffle();

    std::shared_ptr<PairStore> store_;
    CropOptions options_;
    State state_;
    std::vector<std::int64_t> order_;
};

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/crops.inl.hpp"
#endif
