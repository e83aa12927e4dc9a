// What `evaluate fusion` measures: pairs of source images, pictures of methods beside them, the baselines made of a
// pair, and what a first look at all of them shows.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "evaluate/fusion_table.hpp"
#include "fathom/core/error.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/io/checksum.hpp"
#include "fathom/io/image.hpp"
#include "fathom/metrics/fusion/plane.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/tensor/factories.hpp"
#include "support/progress.hpp"

namespace evaluate {

namespace fs = std::filesystem;
using Picture = fathom::Tensor<std::uint8_t>;  // [H, W, C], C = 1 or 3

inline constexpr const char* baselines[] = {"max", "mean", "visible", "infrared"};

// With `channels` channels: color made grey as the convention does it, or grey repeated.
inline Picture with_channels(const Picture& image, std::int64_t channels, FusionConvention convention) {
    if (image.size(2) == channels) return image;
    const Picture dense = fathom::contiguous(image, fathom::MemoryFormat::row_major);
    const std::int64_t height = image.size(0), width = image.size(1);
    const metrics::fusion::Pixels pixels{dense.data(), height, width, image.size(2)};
    const metrics::fusion::Grey grey = convention == FusionConvention::zoo ? metrics::fusion::grey_by_shifts(pixels)
                                                                           : metrics::fusion::grey_of(pixels);
    std::vector<std::uint8_t> bytes;
    for (const std::uint8_t level : grey.values) bytes.insert(bytes.end(), static_cast<std::size_t>(channels), level);
    return fathom::from_data(bytes.data(), {height, width, channels});
}

// max and mean are of grey levels where the convention measures grey pictures, and of each channel where it measures
// channels (vifb); visible and infrared are the sources themselves.
inline Picture baseline(const std::string& name, FusionConvention convention, const Picture& visible,
                        const Picture& infrared) {
    const std::int64_t channels = convention == FusionConvention::vifb ? visible.size(2) : 1;
    const Picture a = with_channels(visible, channels, convention), b = with_channels(infrared, channels, convention);
    if (name == "visible") return a;
    if (name == "infrared") return b;
    const Picture first = fathom::contiguous(a, fathom::MemoryFormat::row_major),
                  second = fathom::contiguous(b, fathom::MemoryFormat::row_major);
    const std::uint8_t *x = first.data(), *y = second.data();
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(a.numel()));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = name == "max" ? std::max(x[i], y[i]) : static_cast<std::uint8_t>((x[i] + y[i] + 1) / 2);
    return fathom::from_data(bytes.data(), a.shape());
}

// What is known of a picture without measuring it.
struct PictureFacts {
    std::int64_t height = 0, width = 0, channels = 0;
    std::uint64_t checksum = 0;  // of size and pixels, whatever the file's format
    double color = 0;            // mean distance of the largest from the smallest channel, in grey levels
    bool constant = false;
};

inline PictureFacts facts_of(const Picture& image) {
    const Picture dense = fathom::contiguous(image, fathom::MemoryFormat::row_major);
    const std::uint8_t* values = dense.data();
    PictureFacts facts{image.size(0), image.size(1), image.size(2)};
    const std::int64_t n = image.numel(), c = facts.channels;
    fathom::io::Checksum sum;
    sum.add(std::to_string(facts.height) + "x" + std::to_string(facts.width) + "x" + std::to_string(c));
    sum.add({reinterpret_cast<const char*>(values), static_cast<std::size_t>(n)});
    facts.checksum = sum.value();
    std::int64_t spread = 0;
    facts.constant = true;
    for (std::int64_t i = 0; i < n; i += c) {
        const auto [least, most] = std::minmax_element(values + i, values + i + c);
        spread += *most - *least;
        facts.constant = facts.constant && std::equal(values, values + c, values + i);
    }
    facts.color = n == 0 ? 0 : static_cast<double>(spread) * static_cast<double>(c) / static_cast<double>(n);
    return facts;
}

struct MethodPictures {
    std::vector<std::string> paths;  // one for each pair; none of a method that is made here
    std::vector<PictureFacts> facts;
};

struct FusionInputs {
    std::vector<fathom::data::ImagePair> pairs;
    std::vector<PictureFacts> visible, infrared;
    std::vector<MethodPictures> methods;  // in the order of FusionTable::methods

    std::string image_name(std::size_t i) const { return fs::path(pairs[i].visible).filename().string(); }
};

// The files of a folder that go with the pairs, in their order; `kind` is what one without a partner lacks.
inline std::vector<std::string> beside_pairs(std::vector<fathom::data::ImageFile> files, const std::string& folder,
                                             const std::vector<fathom::data::ImagePair>& pairs, const char* kind) {
    std::vector<fathom::data::ImageFile> visible;
    for (const fathom::data::ImagePair& pair : pairs)
        visible.push_back(fathom::data::image_file(pair.name, pair.visible));
    fathom::data::check_partners(visible, files, kind, folder);
    fathom::data::check_partners(files, visible, "visible", fs::path(pairs.front().visible).parent_path().string());
    std::vector<std::string> paths;
    for (const fathom::data::ImageFile& file : files) paths.push_back(file.path);
    return paths;
}

// Reads every picture once, so that what cannot be used is found before anything is measured.
inline void look_at_all(FusionInputs& inputs) {
    const auto count = static_cast<std::int64_t>(inputs.pairs.size());
    inputs.visible.resize(inputs.pairs.size()), inputs.infrared.resize(inputs.pairs.size());
    for (MethodPictures& method : inputs.methods) method.facts.resize(method.paths.size());
    fathom::parallel_for(0, count, 1, [&](std::int64_t first, std::int64_t last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
            const PictureFacts& source = inputs.visible[i] = facts_of(fathom::io::read_image(inputs.pairs[i].visible));
            const auto other = [&](const std::string& path) {
                const PictureFacts facts = facts_of(fathom::io::read_image(path));
                if (facts.height != source.height || facts.width != source.width)
                    throw fathom::Error(
                        path +
                        program::format(": has %lld x %lld pixels, expected the %lld x %lld of ",
                                        static_cast<long long>(facts.height), static_cast<long long>(facts.width),
                                        static_cast<long long>(source.height), static_cast<long long>(source.width)) +
                        inputs.pairs[i].visible);
                return facts;
            };
            inputs.infrared[i] = other(inputs.pairs[i].infrared);
            for (MethodPictures& method : inputs.methods)
                if (!method.paths.empty()) method.facts[i] = other(method.paths[i]);
        }
    });
}

namespace detail {

// "b.png: WHAT, and so are 2 more of 9": the first image for which `test` holds; "" where there is none.
template <class Test, class Path>
std::string counted(const std::vector<PictureFacts>& facts, Test test, Path path, const char* what) {
    std::size_t count = 0, first = 0;
    for (std::size_t i = facts.size(); i-- > 0;)
        if (test(facts[i])) ++count, first = i;
    if (count == 0) return {};
    return path(first) + ": " + what +
           (count == 1 ? ""
                       : ", and so " + std::string(count == 2 ? "is 1" : "are " + std::to_string(count - 1)) +
                             " more of " + std::to_string(facts.size()));
}

}  // namespace detail

// What is probably not meant, or makes values undefined, a sentence each.
inline std::vector<std::string> notes_on(const FusionInputs& inputs, const std::vector<FusionMethod>& methods,
                                         const std::vector<FusionConvention>& conventions) {
    constexpr double colorful = 8;  // grey levels; JPEG noise of a grey picture stays below 2
    std::vector<std::string> notes;
    const auto add = [&](const std::string& note) {
        if (!note.empty()) notes.push_back(note);
    };
    const auto visible_path = [&](std::size_t i) { return inputs.pairs[i].visible; };
    const auto infrared_path = [&](std::size_t i) { return inputs.pairs[i].infrared; };
    std::size_t turned = 0;
    for (std::size_t i = 0; i < inputs.pairs.size(); ++i)
        turned += inputs.infrared[i].color > std::max(colorful, inputs.visible[i].color);
    if (2 * turned > inputs.pairs.size())
        add(std::to_string(turned) + " of " + std::to_string(inputs.pairs.size()) +
            " infrared images are more colorful than the visible ones: are --vis and --ir swapped, or is the infrared "
            "color-mapped?");
    else
        add(detail::counted(
            inputs.infrared, [&](const auto& f) { return f.color > colorful; }, infrared_path,
            "the infrared image is in color; if it is color-mapped, its grey levels do not follow the temperature"));
    const auto constant = [](const PictureFacts& f) { return f.constant; };
    constexpr const char* text = "all pixels are equal, so that measures which need contrast are undefined (nan)";
    add(detail::counted(inputs.visible, constant, visible_path, text));
    add(detail::counted(inputs.infrared, constant, infrared_path, text));
    const bool vifb = std::find(conventions.begin(), conventions.end(), FusionConvention::vifb) != conventions.end();
    for (std::size_t m = 0; m < methods.size(); ++m) {
        const MethodPictures& pictures = inputs.methods[m];
        const auto path = [&](std::size_t i) {
            return pictures.paths.empty() ? methods[m].name + " of " + inputs.image_name(i) : pictures.paths[i];
        };
        add(detail::counted(pictures.facts, constant, path, text));
        std::size_t grey = 0;
        for (std::size_t i = 0; i < pictures.facts.size(); ++i)
            grey += pictures.facts[i].channels == 1 && inputs.visible[i].channels == 3;
        if (vifb && grey > 0)
            add(methods[m].name + ": " + std::to_string(grey) +
                " pictures have one channel beside a visible image of three; vifb compares channels and leaves that "
                "open, so there the visible image is made grey first");
    }
    return notes;
}

}  // namespace evaluate
