// Samples to train and measure on: a visible image, the infrared image of the same view and the label of every pixel.
// From a folder in the layout of MSRS; scene/synthetic_dataset.hpp has synthetic ones. Reading needs the definitions of
// io/image_stb.hpp. Next: transforms.hpp (what training does to a sample),
// pair_loader.hpp (batches).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fathom/data/classes.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/data/pixel_plane.hpp"

namespace fathom::inline v0::data {

// All of one size.
struct Sample {
    std::string name;
    Tensor<std::uint8_t> visible;  // [H, W, 3]; a grey file gives three equal channels
    PixelPlane infrared;           // H W samples; a color file gives its luminance
    Tensor<std::uint8_t> label;    // [H, W], classes or ignored_label; undefined without labels

    std::int64_t height() const { return visible.shape()[0]; }
    std::int64_t width() const { return visible.shape()[1]; }
    std::int64_t bytes() const;
};

// Implementations in headers declare these with FATHOM_INLINE: a virtual function that becomes inline only behind its
// class would have every unit that includes the header compile the class.
class Dataset {
public:
    virtual ~Dataset() = default;

    virtual std::int64_t size() const = 0;  // at least 1
    virtual bool has_labels() const = 0;
    // i is 0 to size() - 1; throws Error otherwise.
    virtual std::string name(std::int64_t i) const = 0;
    // Safe to call from several threads. The same i gives the same sample. Throws Error if it cannot be read.
    virtual std::shared_ptr<const Sample> load(std::int64_t i) const = 0;
    // load(), for whoever uses the sample: throws Error, with its number, where that gives null or no visible image.
    std::shared_ptr<const Sample> sample(std::int64_t i, Where site = Where::here()) const;

protected:
    void check_index(std::int64_t i) const;
};

// Decoded samples by number, for several threads. The first ones asked for are kept until they fill `max_bytes`, which
// for a random order serves as well as any other choice; the rest are read whenever they are needed.
class SampleCache {
public:
    using Read = std::function<Sample(std::int64_t)>;
    static constexpr std::int64_t default_bytes = std::int64_t{1} << 30;

    SampleCache(std::int64_t count, std::int64_t max_bytes) : kept_(static_cast<std::size_t>(count)), max_(max_bytes) {}

    std::shared_ptr<const Sample> get(std::int64_t i, const Read& read);
    std::int64_t kept_bytes() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<const Sample>> kept_;
    std::int64_t max_, bytes_ = 0;
};

struct MsrsOptions {
    bool labels = true;                  // false: the folder of labels is not looked at
    std::int64_t classes = class_count;  // values of labels, beside ignored_label; 1 to 255
    InfraredCounts infrared = {};        // what is black and white in 16-bit infrared images
    std::string visible = {};  // images to take in place of those in vi/, by the same names, such as a run's fused ones
    std::int64_t cache_bytes = SampleCache::default_bytes;
};

// A file of labels, [H, W]: a grey image of up to 8 bits, of which the numbers in the file count (0 and 1 of one bit),
// or an image with a palette, of which the index counts; its values are the classes', and 255 for a pixel to leave out.
// Throws Error naming the file and the place if it holds another value, or colors.
Tensor<std::uint8_t> read_label(const std::string& path, std::int64_t classes = class_count);

// A folder that holds vi/, ir/ and Segmentation_labels/, matched by file name as PairFolder does. Throws Error naming
// the files if one lacks its partner; load() throws if sizes differ within a sample, and as read_label does.
class MsrsDataset : public Dataset {
public:
    explicit MsrsDataset(const std::string& folder, const MsrsOptions& options = {});

    std::int64_t size() const override { return pairs_.size(); }
    bool has_labels() const override { return !labels_.empty(); }
    FATHOM_INLINE_MEMBER std::string name(std::int64_t i) const override;
    FATHOM_INLINE_MEMBER std::shared_ptr<const Sample> load(std::int64_t i) const override;

    // The smallest height and width. Reads the head of every file, labels too: throws like load() where a sample would
    // not load, as far as that shows without decoding.
    PairFolder::Extent check() const;

    const PairFolder& pairs() const { return pairs_; }
    // The files of the labels, as pairs(); empty without labels.
    const std::vector<std::string>& labels() const { return labels_; }
    std::int64_t cached_bytes() const { return cache_.kept_bytes(); }

private:
    Sample read(std::int64_t i) const;

    MsrsOptions options_;
    PairFolder pairs_;
    std::vector<std::string> labels_;  // paths, as pairs_
    mutable SampleCache cache_;
};

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/dataset.inl.hpp"
#endif
