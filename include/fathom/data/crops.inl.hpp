// Definitions of crops.hpp.
#include <utility>

namespace fathom::inline v0::data {

FATHOM_INLINE PairStore::PairStore(std::int64_t count, Read read, std::int64_t max_bytes)
    : read_(std::move(read)), max_bytes_(max_bytes) {
    if (count < 1) fail("pair store", {}, {count, " pairs, expected at least one"});
    kept_.resize(static_cast<std::size_t>(count));
}

FATHOM_INLINE PairStore::PairStore(PairFolder folder, std::int64_t max_bytes)
    : PairStore(
          folder.size(),
          [folder](std::int64_t i) {
              const LoadedPair loaded = folder.load(i);
              const std::int64_t height = loaded.visible.shape()[1], width = loaded.visible.shape()[2];
              return PixelPair{loaded.name,
                               height,
                               width,
                               1,
                               height * width,
                               PixelPlane(loaded.visible),
                               PixelPlane(loaded.infrared)};
          },
          max_bytes) {}

FATHOM_INLINE PairStore::PairStore(std::uint64_t first_seed, std::int64_t count, const SceneOptions& options,
                                   std::int64_t max_bytes)
    : PairStore(
          count,
          [first_seed, options](std::int64_t i) {
              const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(i);
              const SyntheticScene scene = make_scene(seed, options);
              const auto samples = [](const Tensor<std::uint8_t>& t) {
                  return PixelPlane(std::vector<std::uint8_t>(t.data(), t.data() + t.numel()));
              };
              return PixelPair{"scene " + std::to_string(seed), options.height,         options.width, 3, 1,
                               samples(scene.visible),          samples(scene.infrared)};
          },
          max_bytes) {}

FATHOM_INLINE std::shared_ptr<const PixelPair> PairStore::get(std::int64_t i) {
    if (i < 0 || i >= size()) fail("pair store", {}, {"pair ", i, " of ", size()});
    auto& kept = kept_[static_cast<std::size_t>(i)];
    if (kept) return kept;
    auto pair = std::make_shared<const PixelPair>(read_(i));
    if (kept_bytes_ + pair->bytes() <= max_bytes_) {
        kept_bytes_ += pair->bytes();
        kept = pair;
    }
    return pair;
}

FATHOM_INLINE CropSampler::CropSampler(std::shared_ptr<PairStore> store, const CropOptions& options, Where where)
    : store_(std::move(store)), options_(options) {
    if (!store_) fail("crops", where, {"no pairs"});
    if (options_.batch < 1) fail("crops", where, {"batch is ", options_.batch, ", expected at least 1"});
    if (options_.height < 0 || options_.width < 0 || (options_.height == 0) != (options_.width == 0))
        fail("crops", where,
             {"the crop is ", options_.height, " x ", options_.width,
              ", expected two sizes above 0, or 0 x 0 for whole images"});
}

// Fisher and Yates, from the epoch's own numbers.
FATHOM_INLINE void CropSampler::shuffle() {
    const std::int64_t n = store_->size();
    order_.resize(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) order_[static_cast<std::size_t>(i)] = i;
    for (std::int64_t i = n - 1; i > 0; --i) {
        const auto j = static_cast<std::int64_t>(uniform(state_.order, static_cast<std::uint64_t>(i)) *
                                                 static_cast<double>(i + 1));
        std::swap(order_[static_cast<std::size_t>(i)], order_[static_cast<std::size_t>(j)]);
    }
}

FATHOM_INLINE void CropSampler::restore(const State& state) {
    if (state.position < 0) fail("crops", {}, {"position ", state.position});
    state_ = state;
    order_.clear();
    if (state_.position % store_->size() != 0) shuffle();
}

FATHOM_INLINE CropBatch CropSampler::next(Generator& generator, Where where) {
    const std::int64_t n = options_.batch;
    const RandomStream places = generator.reserve(static_cast<std::uint64_t>(3 * n));
    CropBatch batch;
    std::int64_t height = options_.height, width = options_.width;
    std::string first;
    const auto make = [&](std::int64_t channels) {
        const Shape shape{n, channels, height, width};
        return Tensor<float>::adopt(
            detail::new_tensor(shape, detail::row_major_strides(shape), DType::float32, Device::cpu(), "crops", where));
    };
    float *luminance = nullptr, *infrared = nullptr, *visible = nullptr;
    for (std::int64_t k = 0; k < n; ++k) {
        if (state_.position % store_->size() == 0) {
            state_.order = generator.reserve(static_cast<std::uint64_t>(store_->size()));
            shuffle();
        }
        const std::int64_t index = order_[static_cast<std::size_t>(state_.position++ % store_->size())];
        const std::shared_ptr<const PixelPair> pair = store_->get(index);
        if (options_.height == 0 && k == 0) height = pair->height, width = pair->width, first = pair->name;
        if (options_.height == 0 && (pair->height != height || pair->width != width))
            fail("crops", where,
                 {pair->name, " has ", pair->height, " x ", pair->width, " pixels, expected the ", height, " x ", width,
                  " of ", first, ": whole images of one batch must agree in size; choose a crop or a batch of 1"});
        if (pair->height < height || pair->width < width)
            fail("crops", where,
                 {pair->name, " has ", pair->height, " x ", pair->width, " pixels, expected at least the crop's ",
                  height, " x ", width});
        if (k == 0) {
            batch.luminance = make(1);
            batch.infrared = make(1);
            luminance = batch.luminance.mutable_data(where);
            infrared = batch.infrared.mutable_data(where);
            if (options_.color) batch.visible = make(3), visible = batch.visible.mutable_data(where);
        }
        const auto draw = [&](std::int64_t which, std::int64_t choices) {
            return static_cast<std::int64_t>(uniform(places, static_cast<std::uint64_t>(3 * k + which)) *
                                             static_cast<double>(choices));
        };
        const std::int64_t top = draw(0, pair->height - height + 1), left = draw(1, pair->width - width + 1);
        const bool mirrored = draw(2, 2) == 1 && options_.flip;
        const std::int64_t plane = height * width;
        for (std::int64_t y = 0; y < height; ++y)
            for (std::int64_t x = 0; x < width; ++x) {
                const std::int64_t from = (top + y) * pair->width + left + (mirrored ? width - 1 - x : x),
                                   to = y * width + x;
                const std::int64_t sample = from * pair->pixel_step, channel = pair->channel_step;
                const float r = pair->visible[sample], g = pair->visible[sample + channel],
                            b = pair->visible[sample + 2 * channel];
                luminance[k * plane + to] = 0.299f * r + 0.587f * g + 0.114f * b;
                infrared[k * plane + to] = pair->infrared[from];
                if (!visible) continue;
                visible[3 * k * plane + to] = r;
                visible[(3 * k + 1) * plane + to] = g;
                visible[(3 * k + 2) * plane + to] = b;
            }
        batch.indices.push_back(index);
    }
    return batch;
}

}  // namespace fathom::inline v0::data
