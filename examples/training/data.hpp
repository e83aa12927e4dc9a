// What a run trains and measures on, and how it is known again.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fathom/core/parallel_for.hpp"
#include "fathom/data/pair_loader.hpp"
#include "fathom/data/scene/synthetic_dataset.hpp"
#include "fathom/io/checksum.hpp"
#include "fathom/io/file.hpp"
#include "fathom/io/image.hpp"
#include "support/files.hpp"
#include "training/recipe.hpp"

namespace training {

namespace ft = fathom;
namespace fs = std::filesystem;

// "train/vi/00001D.png" -> its checksum.
using Fingerprints = std::map<std::string, std::string>;

// A file of the data: of sample `index` of a split.
struct DataFile {
    std::string name, path;
    bool train;
    std::int64_t index;
};

struct Data {
    std::shared_ptr<const ft::data::Dataset> train, test;
    std::vector<DataFile> files;  // none of synthetic scenes
    program::InfraredRange infrared;
};

namespace detail {

inline std::string hex(std::uint64_t value) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return text;
}

inline std::string split_folder(const Recipe& r, bool train) {
    return (fs::path(r.data) / (train ? "train" : "test")).string();
}

inline ft::data::MsrsOptions options_of(const Recipe& r) {
    return {.labels = !r.content_only, .classes = static_cast<std::int64_t>(r.classes.size())};
}

inline std::shared_ptr<const ft::data::MsrsDataset> open_split(const Recipe& r, bool train,
                                                               std::vector<DataFile>& files) {
    const std::string folder = split_folder(r, train);
    if (!fs::is_directory(folder))
        throw ft::Error(folder + ": no such folder; expected train/ and test/, each with vi/, ir/ and " +
                        (r.content_only ? "nothing else" : "Segmentation_labels/"));
    if (!r.content_only && fs::is_directory(folder + "/vi") && !fs::is_directory(folder + "/Segmentation_labels"))
        throw ft::Error(folder +
                        ": has no folder Segmentation_labels, expected one with a label for each pair, or "
                        "--content-only to train the fusion net without labels");
    auto data = std::make_shared<ft::data::MsrsDataset>(folder, options_of(r));
    const auto smallest = data->check();
    for (const std::string& note : smallest.notes) std::fprintf(stderr, "warning: %s\n", note.c_str());
    if (train && r.images == ImageSource::fused && (smallest.height < r.crop_height || smallest.width < r.crop_width))
        throw ft::Error(folder + ": the smallest images are " + std::to_string(smallest.height) + "x" +
                        std::to_string(smallest.width) + ", expected at least the crop's " +
                        std::to_string(r.crop_height) + "x" + std::to_string(r.crop_width));
    if (train && data->size() < r.batch)
        throw ft::Error(folder + ": " + std::to_string(data->size()) + " images, expected at least a batch of " +
                        std::to_string(r.batch));
    for (std::int64_t i = 0; i < data->size(); ++i) {
        const ft::data::ImagePair& pair = data->pairs()[i];
        const auto add = [&](const std::string& path) {
            files.push_back({fs::path(path).lexically_relative(r.data).string(), path, train, i});
        };
        add(pair.visible), add(pair.infrared);
        if (data->has_labels()) add(data->labels()[static_cast<std::size_t>(i)]);
    }
    return data;
}

}  // namespace detail

// Looks at names and headers only; with --ir-range auto at all infrared images, unless `counts`, "LOW:HIGH", says what
// the run has found in them.
inline Data open_data(const Recipe& r, const std::string& counts = {}) {
    Data data;
    if (!r.data.empty()) {
        const auto train = detail::open_split(r, true, data.files), test = detail::open_split(r, false, data.files);
        data.train = train, data.test = test;
        data.infrared.parse(r.ir_range);
        if (data.infrared.is_full()) return data;
        if (!counts.empty())
            data.infrared.parse(counts);
        else
            data.infrared.look(train->pairs()), data.infrared.look(test->pairs());
        ft::data::MsrsOptions options = detail::options_of(r);
        options.infrared = data.infrared.counts();
        data.train = std::make_shared<ft::data::MsrsDataset>(detail::split_folder(r, true), options);
        data.test = std::make_shared<ft::data::MsrsDataset>(detail::split_folder(r, false), options);
        return data;
    }
    const ft::data::SceneOptions size{.height = r.scene_height, .width = r.scene_width};
    if (r.crop_height > r.scene_height || r.crop_width > r.scene_width)
        throw ft::Error("--crop: synthetic scenes have " + std::to_string(r.scene_height) + "x" +
                        std::to_string(r.scene_width) + " pixels, expected at most that, got " +
                        std::to_string(r.crop_height) + "x" + std::to_string(r.crop_width));
    if (r.scenes < r.batch)
        throw ft::Error("--batch: expected at most the " + std::to_string(r.scenes) + " scenes, got " +
                        std::to_string(r.batch));
    const std::uint64_t first = r.seed * 1000003;
    data.train = std::make_shared<ft::data::SyntheticDataset>(first, r.scenes, size);
    data.test = std::make_shared<ft::data::SyntheticDataset>(first + 500000, r.test_scenes, size);
    return data;
}

// What --ir-range auto has found when the run began: data that are added later must not change it.
inline std::string infrared_counts(const json& record, const std::string& file) {
    const json counts = record["data"].is_object() ? record["data"].value("ir_range", json()) : json();
    if (counts.is_null()) return {};
    if (!counts.is_string() || !program::InfraredRange().parse(counts.get<std::string>()))
        throw ft::Error(file + ": data.ir_range: expected LOW:HIGH, got " + counts.dump());
    return counts.get<std::string>();
}

// Of every file that the data consist of.
inline Fingerprints fingerprints_of(const Data& data) {
    std::vector<std::string> sums(data.files.size());
    ft::parallel_for(0, static_cast<std::int64_t>(sums.size()), 1, [&](std::int64_t first, std::int64_t last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
            ft::io::Checksum sum;
            sum.add(ft::io::MappedFile(data.files[i].path).bytes());
            sums[i] = detail::hex(sum.value());
        }
    });
    Fingerprints all;
    for (std::size_t i = 0; i < sums.size(); ++i) all[data.files[i].name] = sums[i];
    return all;
}

// Reads the samples whose files are not in `known` as they are, so that a picture that cannot be decoded or a label
// that is none ends a run before it begins. What is read stays in the datasets' caches.
inline void check_samples(const Data& data, const Fingerprints& now, const Fingerprints& known) {
    std::set<std::pair<bool, std::int64_t>> unread;
    for (const DataFile& file : data.files) {
        const auto at = known.find(file.name);
        if (at == known.end() || at->second != now.at(file.name)) unread.insert({!file.train, file.index});
    }
    const std::vector<std::pair<bool, std::int64_t>> samples(unread.begin(), unread.end());
    ft::parallel_for(0, static_cast<std::int64_t>(samples.size()), 1, [&](std::int64_t first, std::int64_t last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i)
            (samples[i].first ? data.test : data.train)->load(samples[i].second);
    });
}

// About the first infrared image of 16 bits that uses next to nothing of them; "" if there is none, or a range is
// given.
inline std::string thermal_warning(const Data& data) {
    if (!data.infrared.is_full()) return {};
    for (const DataFile& file : data.files) {
        if (file.name.find("/ir/") == std::string::npos || program::bits_of(file.path) != 16) continue;
        const auto sample = (file.train ? data.train : data.test)->load(file.index);
        float least = 1, most = 0;
        for (std::int64_t i = 0; i < sample->height() * sample->width(); ++i)
            least = std::min(least, sample->infrared[i]), most = std::max(most, sample->infrared[i]);
        const std::string text = program::InfraredRange::little_contrast(
            file.path, std::round(static_cast<double>(least) * 65535), std::round(static_cast<double>(most) * 65535));
        if (!text.empty()) return text;
    }
    return {};
}

// What the segmentation net learns from.
inline ft::data::LoaderOptions segmentation_batches(const Recipe& r) {
    return {.batch = r.batch,
            .height = r.crop_height,
            .width = r.crop_width,
            .transforms = {.jitter = r.augment, .flip = true, .scale = r.augment},
            .parts = {.visible = true, .label = true}};
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
