// Definitions of pair_loader.hpp.
#include <utility>

namespace fathom::inline v0::data {
namespace loading {

// A batch to fill, sample by sample.
struct Stack {
    Batch batch;
    std::int64_t height, width;

    Stack(std::int64_t count, std::int64_t h, std::int64_t w, const BatchParts& parts, Where site)
        : height(h), width(w) {
        const auto image = [&](std::int64_t channels) {
            return detail::new_row_major<float>({count, channels, h, w}, "batch", site);
        };
        if (parts.visible) batch.visible = image(3);
        if (parts.luminance) batch.luminance = image(1);
        if (parts.chroma) batch.chroma = image(2);
        if (parts.infrared) batch.infrared = image(1);
        if (parts.label) batch.label = detail::new_row_major<std::int64_t>({count, h, w}, "batch", site);
    }
    CropTargets targets(std::int64_t n) {
        const auto at = [&](auto& part, std::int64_t channels) {
            return part.defined() ? part.mutable_data() + n * channels * height * width : nullptr;
        };
        return {at(batch.visible, 3), at(batch.luminance, 1), at(batch.chroma, 2), at(batch.infrared, 1),
                at(batch.label, 1)};
    }
};

FATHOM_INLINE void check_options(const Dataset* dataset, const LoaderOptions& o, Where site) {
    if (!dataset) fail("data loader", site, {"no data"});
    if (dataset->size() < 1) fail("data loader", site, {"the data have ", dataset->size(), " samples"});
    if (o.batch < 1) fail("data loader", site, {"batch is ", o.batch, ", expected at least 1"});
    if (o.height < 0 || o.width < 0 || (o.height == 0) != (o.width == 0))
        fail("data loader", site,
             {"the crop is ", o.height, " x ", o.width, ", expected two sizes above 0, or 0 x 0 for whole images"});
    if (o.transforms.scale && o.height == 0)
        fail("data loader", site, {"whole images are not scaled, expected the size of a crop"});
    if (!o.parts.visible && !o.parts.luminance && !o.parts.chroma && !o.parts.infrared && !o.parts.label)
        fail("data loader", site, {"no parts are asked for, expected visible, luminance, chroma, infrared or label"});
    if (o.parts.label && !dataset->has_labels())
        fail("data loader", site, {"labels are asked for, the data have none"});
    if (o.threads < 0) fail("data loader", site, {"threads is ", o.threads, ", expected at least 0"});
    if (o.threads > 0 && o.prefetch < 1)
        fail("data loader", site, {"prefetch is ", o.prefetch, ", expected at least 1"});
    if (o.drop_last && o.batch > dataset->size())
        fail("data loader", site,
             {"a batch of ", o.batch, " is never full with ", dataset->size(),
              " samples, expected a smaller batch, or drop_last = false"});
}

}  // namespace loading

FATHOM_INLINE Batch whole_image(const Sample& sample, const BatchParts& parts, Where site) {
    const std::int64_t height = sample.height(), width = sample.width();
    loading::Stack stack(1, height, width, parts, site);
    const Transform as_it_is{.scaled_height = height, .scaled_width = width, .height = height, .width = width};
    apply_transform(as_it_is, sample, stack.targets(0), site);
    return std::move(stack.batch);
}

FATHOM_INLINE PairLoader::PairLoader(std::shared_ptr<const Dataset> dataset, const LoaderOptions& options,
                                     Generator& generator, Where site)
    : dataset_(std::move(dataset)), options_(options), site_(site) {
    loading::check_options(dataset_.get(), options_, site);
    const std::int64_t size = dataset_->size();
    samples_per_epoch_ = options_.drop_last ? size - size % options_.batch : size;
    orders_ = std::make_unique<EpochOrders>(size, options_.shuffle);
    state_.random = generator.reserve(reserved_draws);
}

FATHOM_INLINE void PairLoader::restore(const State& state, Where site) {
    if (state.position < 0 || (options_.drop_last && state.position % options_.batch != 0))
        fail("data loader", site,
             {"cannot continue at sample ", state.position, " with batches of ", options_.batch,
              ", expected the state of a loader with the same options"});
    prefetcher_.reset();
    orders_->forget();
    state_ = state;
}

FATHOM_INLINE Batch PairLoader::next() {
    if (!prefetcher_)
        prefetcher_ = std::make_unique<Prefetcher<Batch>>(
            options_.threads, options_.prefetch, [this, first = state_](std::int64_t number) {
                return make(first.position + number * options_.batch, first.random);
            });
    state_.position += options_.batch;
    return prefetcher_->next();
}

FATHOM_INLINE Batch PairLoader::make(std::int64_t position, RandomStream random) {
    std::unique_ptr<loading::Stack> stack;
    std::vector<std::int64_t> indices;
    std::string first;
    for (std::int64_t n = 0; n < options_.batch; ++n) {
        const std::int64_t place = position + n;
        const EpochOrders::Order order = orders_->get(place / samples_per_epoch_, random);
        indices.push_back((*order)[static_cast<std::size_t>(place % samples_per_epoch_)]);
        const std::shared_ptr<const Sample> sample = dataset_->sample(indices.back(), site_);
        const RandomStream own{random.seed, random.offset + static_cast<std::uint64_t>(place) * draws_per_sample};
        const Transform t = draw_transform(*sample, options_.transforms, options_.height, options_.width, own, site_);
        if (!stack) {
            stack = std::make_unique<loading::Stack>(options_.batch, t.height, t.width, options_.parts, site_);
            first = sample->name;
        }
        if (t.height != stack->height || t.width != stack->width)
            fail("data loader", site_,
                 {sample->name, " has ", t.height, " x ", t.width, " pixels, expected the ", stack->height, " x ",
                  stack->width, " of ", first,
                  ": whole images of one batch must agree in size; choose a crop or a batch of 1"});
        apply_transform(t, *sample, stack->targets(n), site_);
    }
    stack->batch.indices = std::move(indices);
    return std::move(stack->batch);
}

}  // namespace fathom::inline v0::data
