// Definitions of synthetic_dataset.hpp.

namespace fathom::inline v0::data {

FATHOM_INLINE SyntheticDataset::SyntheticDataset(std::uint64_t first_seed, std::int64_t count,
                                                 const SceneOptions& options, std::int64_t cache_bytes, Where site)
    : first_seed_(first_seed),
      count_(count < 1 ? (fail("synthetic dataset", site, {count, " scenes, expected at least one"}), 0) : count),
      options_(options),
      cache_(count, cache_bytes) {}

FATHOM_INLINE_MEMBER std::string SyntheticDataset::name(std::int64_t i) const {
    check_index(i);
    return join({"scene ", first_seed_ + static_cast<std::uint64_t>(i)});
}

FATHOM_INLINE_MEMBER std::shared_ptr<const Sample> SyntheticDataset::load(std::int64_t i) const {
    return cache_.get(i, [this](std::int64_t index) {
        const SyntheticScene scene = make_scene(first_seed_ + static_cast<std::uint64_t>(index), options_, {});
        const std::uint8_t* heat = scene.infrared.data();
        return Sample{name(index), scene.visible,
                      PixelPlane(std::vector<std::uint8_t>(heat, heat + scene.infrared.numel())), scene.label};
    });
}

}  // namespace fathom::inline v0::data
