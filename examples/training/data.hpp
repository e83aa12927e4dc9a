// What a run trains and measures on.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "fathom/data/loader.hpp"
#include "fathom/data/scene/synthetic_dataset.hpp"
#include "fathom/io/checksum.hpp"
#include "fathom/io/file.hpp"
#include "fathom/io/image.hpp"
#include "training/options.hpp"

namespace training {

namespace ft = fathom;
namespace fs = std::filesystem;

struct Data {
    std::shared_ptr<const ft::data::Dataset> train, test;
    std::string fingerprint;  // of all that a resumed run must find again
};

namespace detail {

// Of the names and bytes of every file of a split, in an order of their own.
inline std::uint64_t fingerprint_of(const std::string& folder) {
    std::vector<std::string> files;
    for (const char* part : {"vi", "ir", "Segmentation_labels"})
        for (const auto& entry : fs::directory_iterator(fs::path(folder) / part))
            if (entry.is_regular_file()) files.push_back((fs::path(part) / entry.path().filename()).string());
    std::sort(files.begin(), files.end());
    ft::io::Checksum sum;
    for (const std::string& file : files) {
        sum.add(file);
        const ft::io::MappedFile mapped((fs::path(folder) / file).string());
        sum.add(mapped.bytes());
    }
    return sum.value();
}

inline std::shared_ptr<const ft::data::Dataset> open_split(const std::string& folder, const Recipe& r, bool train) {
    auto data = std::make_shared<ft::data::MsrsDataset>(folder);
    const auto smallest = data->check();
    for (const std::string& note : smallest.notes) std::fprintf(stderr, "warning: %s\n", note.c_str());
    if (train && r.images == ImageSource::fused && (smallest.height < r.crop_height || smallest.width < r.crop_width))
        throw ft::Error(folder + ": the smallest images are " + std::to_string(smallest.height) + "x" +
                        std::to_string(smallest.width) + ", expected at least the crop's " +
                        std::to_string(r.crop_height) + "x" + std::to_string(r.crop_width));
    if (train && data->size() < r.batch)
        throw ft::Error(folder + ": " + std::to_string(data->size()) + " images, expected at least a batch of " +
                        std::to_string(r.batch));
    return data;
}

inline std::string hex(std::uint64_t value) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return text;
}

}  // namespace detail

inline Data open_data(const Recipe& r) {
    if (r.data.empty()) {
        const ft::data::SceneOptions size{.height = r.scene_height, .width = r.scene_width};
        if (r.crop_height > r.scene_height || r.crop_width > r.scene_width)
            throw ft::Error("--crop: synthetic scenes have " + std::to_string(r.scene_height) + "x" +
                            std::to_string(r.scene_width) + " pixels, expected at most that, got " +
                            std::to_string(r.crop_height) + "x" + std::to_string(r.crop_width));
        if (r.scenes < r.batch)
            throw ft::Error("--batch: expected at most the " + std::to_string(r.scenes) + " scenes, got " +
                            std::to_string(r.batch));
        const std::uint64_t first = r.seed * 1000003;
        return {std::make_shared<ft::data::SyntheticDataset>(first, r.scenes, size),
                std::make_shared<ft::data::SyntheticDataset>(first + 500000, r.test_scenes, size), "synthetic"};
    }
    for (const char* split : {"train", "test"})
        if (!fs::is_directory(fs::path(r.data) / split))
            throw ft::Error((fs::path(r.data) / split).string() +
                            ": no such folder; expected train/ and test/, each with "
                            "vi/, ir/ and Segmentation_labels/");
    const std::string train = (fs::path(r.data) / "train").string(), test = (fs::path(r.data) / "test").string();
    Data data{detail::open_split(train, r, true), detail::open_split(test, r, false), {}};
    data.fingerprint = detail::hex(detail::fingerprint_of(train)) + detail::hex(detail::fingerprint_of(test));
    return data;
}

// Samples whose visible image comes from `folder`, as NAME.png, and whose labels stay; without infrared.
class PicturedDataset : public ft::data::Dataset {
public:
    PicturedDataset(std::shared_ptr<const ft::data::Dataset> base, std::string folder)
        : base_(std::move(base)),
          folder_(std::move(folder)),
          cache_(base_->size(), ft::data::SampleCache::default_bytes) {}

    std::int64_t size() const override { return base_->size(); }
    bool has_labels() const override { return base_->has_labels(); }
    std::string name(std::int64_t i) const override { return base_->name(i); }
    std::string path(std::int64_t i) const { return folder_ + "/" + name(i) + ".png"; }
    std::shared_ptr<const ft::data::Sample> load(std::int64_t i) const override {
        return cache_.get(i, [this](std::int64_t k) {
            const auto base = base_->sample(k);
            ft::data::Sample sample{base->name, ft::io::read_image(path(k)), base->infrared, base->label};
            if (!(sample.visible.shape() == base->visible.shape()))
                throw ft::Error(path(k) + ": the picture has shape " + ft::to_string(sample.visible.shape()) +
                                ", expected " + ft::to_string(base->visible.shape()));
            return sample;
        });
    }

private:
    std::shared_ptr<const ft::data::Dataset> base_;
    std::string folder_;
    mutable ft::data::SampleCache cache_;
};

}  // namespace training
