// Definitions of dataset.hpp.
#include <algorithm>
#include <utility>

#include "fathom/io/file.hpp"
#include "fathom/io/image.hpp"
#include "fathom/io/image_header.hpp"

namespace fathom::inline v0::data {
namespace samples {

using Bytes = Tensor<std::uint8_t>;

FATHOM_INLINE void check_index(std::int64_t i, std::int64_t size) {
    if (i < 0 || i >= size) fail("dataset", {}, {"sample ", i, " of ", size});
}

// [H, W, 1] as [H, W].
FATHOM_INLINE Bytes without_channel(const Bytes& image) {
    const Shape shape{image.shape()[0], image.shape()[1]};
    return Bytes::adopt(detail::new_view(image, shape, detail::row_major_strides(shape), 0));
}

FATHOM_INLINE Bytes read_visible(const std::string& path) {
    const Bytes image = io::read_image(path, {});
    if (image.shape()[2] == 3) return image;
    Bytes color =
        detail::new_row_major<std::uint8_t>({image.shape()[0], image.shape()[1], 3}, "read visible image", {});
    const std::uint8_t* in = image.data();
    std::uint8_t* out = color.mutable_data();
    for (std::int64_t i = 0; i < image.numel(); ++i)
        for (int c = 0; c < 3; ++c) *out++ = in[i];
    return color;
}

struct InfraredImage {
    std::int64_t height, width;
    PixelPlane samples;
};

FATHOM_INLINE InfraredImage read_infrared(const std::string& path, const InfraredCounts& counts) {
    const io::ImageHeader header = pairing::header_of(path);
    if (header.bits == 8 && header.channels == 1) {
        const Bytes image = io::read_image(path, {});
        return {image.shape()[0], image.shape()[1],
                PixelPlane(std::vector<std::uint8_t>(image.data(), image.data() + image.numel()))};
    }
    Tensor<float> image = io::read_image_float(path, {});
    const std::int64_t height = image.shape()[0], width = image.shape()[1];
    if (image.shape()[2] == 3) {
        auto grey = detail::new_row_major<float>({height, width, 1}, "read infrared image", {});
        pairing::mix_grey(image.data(), grey.numel(), grey.mutable_data());
        image = grey;
    }
    return {height, width, PixelPlane(header.bits == 16 ? counts.stretched(image) : image)};
}

FATHOM_INLINE io::ImageHeader label_header(const std::string& path) {
    const io::ImageHeader header = pairing::header_of(path);
    if (header.bits != 8)
        io::fail_file(path,
                      {"has ", header.bits, " bits per channel, expected a label image of 8-bit grey or a palette"});
    return header;
}

FATHOM_INLINE std::string part_of(const std::string& folder, const char* part) {
    return folder + (folder.empty() || folder.back() == '/' ? "" : "/") + part;
}

FATHOM_INLINE PairFolder pairs_of(const std::string& folder, const std::string& visible) {
    if (visible.empty()) return PairFolder::msrs(folder);
    const std::string infrared = part_of(folder, "ir");
    if (!pairing::is_folder(infrared))
        io::fail_file(folder, {"has no folder ir, expected one with an infrared image for each visible one"});
    return PairFolder(visible, infrared);
}

FATHOM_INLINE std::vector<std::string> labels_of(const std::string& folder, const PairFolder& pairs) {
    const std::string labels_folder = part_of(folder, "Segmentation_labels");
    if (!pairing::is_folder(labels_folder))
        io::fail_file(folder, {"has no folder Segmentation_labels, expected one with a label for each pair"});
    std::vector<ImageFile> labels = list_images(labels_folder, {.of = "pairs"}), images;
    for (const ImagePair& pair : pairs) images.push_back(image_file(pair.name, pair.visible));
    const std::string first = images.front().path;
    check_partners(images, labels, "label", labels_folder);
    check_partners(labels, images, "visible", first.substr(0, first.rfind('/')));
    std::vector<std::string> paths;
    for (const ImageFile& label : labels) paths.push_back(label.path);
    return paths;
}

}  // namespace samples

FATHOM_INLINE Tensor<std::uint8_t> read_label(const std::string& path, std::int64_t classes) {
    samples::label_header(path);
    const Tensor<std::uint8_t> image = io::read_image_indices(path, {});
    const std::int64_t height = image.shape()[0], width = image.shape()[1], channels = image.shape()[2];
    Tensor<std::uint8_t> label = samples::without_channel(image);
    if (channels == 3) {  // grey stored as color is a label all the same
        label = detail::new_row_major<std::uint8_t>({height, width}, "read label", {});
        std::uint8_t* out = label.mutable_data();
        const std::uint8_t* in = image.data();
        for (std::int64_t i = 0; i < height * width; ++i, in += 3) {
            if (in[0] != in[1] || in[1] != in[2])
                io::fail_file(
                    path, {"holds colors, such as (", int{in[0]}, ", ", int{in[1]}, ", ", int{in[2]}, ") at row ",
                           i / width, ", column ", i % width,
                           "; expected a label image: 8-bit grey or a palette, values 0 to ", classes - 1, " or 255"});
            out[i] = in[0];
        }
    }
    const std::uint8_t* values = label.data();
    for (std::int64_t i = 0; i < height * width; ++i)
        if (values[i] >= classes && values[i] != ignored_label)
            io::fail_file(path, {"the label at row ", i / width, ", column ", i % width, " is ", int{values[i]},
                                 ", expected 0 to ", classes - 1, " or 255"});
    return label;
}

FATHOM_INLINE std::int64_t Sample::bytes() const {
    return visible.numel() + infrared.bytes() + (label.defined() ? label.numel() : 0);
}

FATHOM_INLINE void Dataset::check_index(std::int64_t i) const { samples::check_index(i, size()); }

FATHOM_INLINE std::shared_ptr<const Sample> Dataset::sample(std::int64_t i, Where site) const {
    std::shared_ptr<const Sample> loaded = load(i);
    if (!loaded) fail("dataset", site, {"load(", i, ") gave no sample, but null"});
    if (!loaded->visible.defined() || loaded->visible.shape().rank() != 3)
        fail("dataset", site, {"load(", i, ") gave a sample without a visible image [H, W, 3]"});
    return loaded;
}

FATHOM_INLINE std::shared_ptr<const Sample> SampleCache::get(std::int64_t i, const Read& read) {
    samples::check_index(i, static_cast<std::int64_t>(kept_.size()));
    auto& kept = kept_[static_cast<std::size_t>(i)];
    {
        const std::lock_guard lock(mutex_);
        if (kept) return kept;
    }
    auto sample = std::make_shared<const Sample>(read(i));  // two threads may read the same one: no harm
    const std::lock_guard lock(mutex_);
    if (kept) return kept;
    if (bytes_ + sample->bytes() <= max_) {
        bytes_ += sample->bytes();
        kept = sample;
    }
    return sample;
}

FATHOM_INLINE std::int64_t SampleCache::kept_bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

FATHOM_INLINE MsrsDataset::MsrsDataset(const std::string& folder, const MsrsOptions& options)
    : options_(options),
      pairs_(samples::pairs_of(folder, options.visible)),
      labels_(options.labels ? samples::labels_of(folder, pairs_) : std::vector<std::string>{}),
      cache_(pairs_.size(), options.cache_bytes) {
    if (options.classes < 1 || options.classes > ignored_label)
        fail("dataset", {}, {options.classes, " classes, expected 1 to ", int{ignored_label}});
}

FATHOM_INLINE_MEMBER std::string MsrsDataset::name(std::int64_t i) const {
    check_index(i);
    return pairs_[i].name;
}

FATHOM_INLINE_MEMBER std::shared_ptr<const Sample> MsrsDataset::load(std::int64_t i) const {
    return cache_.get(i, [this](std::int64_t index) { return read(index); });
}

FATHOM_INLINE PairFolder::Extent MsrsDataset::check() const {
    PairFolder::Extent smallest = pairs_.check();
    for (std::size_t i = 0; i < labels_.size(); ++i) {
        const std::string& visible = pairs_[static_cast<std::int64_t>(i)].visible;
        const io::ImageHeader label = samples::label_header(labels_[i]), image = pairing::header_of(visible);
        if (label.height != image.height || label.width != image.width)
            pairing::fail_sizes(labels_[i], label.height, label.width, visible, image.height, image.width);
        pairing::note_orientation(smallest.notes, labels_[i], label);
    }
    return smallest;
}

FATHOM_INLINE Sample MsrsDataset::read(std::int64_t i) const {
    const ImagePair& pair = pairs_[i];
    Sample sample{pair.name, samples::read_visible(pair.visible), {}, {}};
    const std::int64_t height = sample.height(), width = sample.width();
    samples::InfraredImage infrared = samples::read_infrared(pair.infrared, options_.infrared);
    if (infrared.height != height || infrared.width != width)
        pairing::fail_sizes(pair.infrared, infrared.height, infrared.width, pair.visible, height, width);
    sample.infrared = std::move(infrared.samples);
    if (!has_labels()) return sample;
    const std::string& path = labels_[static_cast<std::size_t>(i)];
    sample.label = read_label(path, options_.classes);
    if (sample.label.shape()[0] != height || sample.label.shape()[1] != width)
        pairing::fail_sizes(path, sample.label.shape()[0], sample.label.shape()[1], pair.visible, height, width);
    return sample;
}

}  // namespace fathom::inline v0::data
