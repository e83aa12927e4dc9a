// Synthetic scenes as samples to train and measure on. Like the rest of this folder it is included by name: fathom.hpp
// leaves it out. Next: data/pair_loader.hpp (batches).
#pragma once

#include "fathom/data/dataset.hpp"
#include "fathom/data/scene/synthetic.hpp"

namespace fathom::inline v0::data {

// The scenes of the seeds first_seed, first_seed + 1, ..., with labels.
class SyntheticDataset : public Dataset {
public:
    SyntheticDataset(std::uint64_t first_seed, std::int64_t count, const SceneOptions& options = {},
                     std::int64_t cache_bytes = SampleCache::default_bytes, Where site = Where::here());

    std::int64_t size() const override { return count_; }
    bool has_labels() const override { return true; }
    FATHOM_INLINE_MEMBER std::string name(std::int64_t i) const override;  // "scene SEED"
    FATHOM_INLINE_MEMBER std::shared_ptr<const Sample> load(std::int64_t i) const override;

private:
    std::uint64_t first_seed_;
    std::int64_t count_;
    SceneOptions options_;
    mutable SampleCache cache_;
};

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/scene/synthetic_dataset.inl.hpp"
#endif
