// How numbers of `evaluate fusion` came about, so that another run can be held against it: the images and their pixels,
// and what was done to them before anything was measured.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "evaluate/fusion_inputs.hpp"
#include "support/commit.hpp"
#include "support/json_fields.hpp"

namespace evaluate {

inline const char* channel_rule(FusionConvention convention) {
    switch (convention) {
        case FusionConvention::author:
        case FusionConvention::floating:
            return "grey: round(.298936 R + .587043 G + .114021 B)";
        case FusionConvention::zoo:
            return "grey: (19595 R + 38470 G + 7471 B + 32768) >> 16";
        case FusionConvention::vifb:
            return "mean over red, green and blue; grey where the fused picture is";
    }
    return "";
}

inline std::string hexadecimal(std::uint64_t value) {
    return program::format("%016llx", static_cast<unsigned long long>(value));
}

inline std::string checksum_of(const std::vector<PictureFacts>& facts) {
    fathom::io::Checksum sum;
    for (const PictureFacts& one : facts) sum.add(hexadecimal(one.checksum));
    return hexadecimal(sum.value());
}

inline nlohmann::json protocol_of(const FusionTable& table, const FusionInputs& inputs) {
    nlohmann::json images = nlohmann::json::array(), channel = nlohmann::json::object(),
                   pictures = nlohmann::json::object();
    for (std::size_t i = 0; i < inputs.pairs.size(); ++i)
        images.push_back({{"image", table.images[i]},
                          {"height", inputs.visible[i].height},
                          {"width", inputs.visible[i].width},
                          {"visible", hexadecimal(inputs.visible[i].checksum)},
                          {"infrared", hexadecimal(inputs.infrared[i].checksum)}});
    for (const FusionConvention convention : table.conventions)
        channel[metrics::to_string(convention)] = channel_rule(convention);
    for (std::size_t m = 0; m < table.compared(); ++m)
        pictures[table.methods[m].name] = {{"from", table.methods[m].from},
                                           {"pixels", checksum_of(inputs.methods[m].facts)}};
    return {{"commit", program::commit()},
            {"split", images},
            {"channel", channel},
            {"rounding",
             {{"pictures", "8 bits as in the file; of --weights stretched over their range, truncated to 8 bits"},
              {"max, mean", "of 8-bit values; halves up"}}},
            {"resize", "none"},
            {"pictures", pictures}};
}

namespace detail {

// What two values of a protocol, called `what`, have different; nothing where they are equal.
inline void add_change(std::vector<std::string>& changes, const std::string& what, const nlohmann::json& theirs,
                       const nlohmann::json& ours) {
    const auto shown = [](const nlohmann::json& value) {
        return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    };
    if (theirs != ours) changes.push_back(what + ": " + shown(ours) + " here, " + shown(theirs) + " there");
}

inline std::map<std::string, nlohmann::json> images_by_name(const nlohmann::json& protocol, const std::string& file) {
    std::map<std::string, nlohmann::json> images;
    const nlohmann::json list = protocol.value("split", nlohmann::json());
    if (!list.is_array()) throw fathom::Error(file + ": protocol.split: expected a list of images");
    for (const nlohmann::json& image : list) {
        if (!image.is_object() || !image.value("image", nlohmann::json()).is_string())
            throw fathom::Error(file + ": protocol.split: expected images with names");
        images[image["image"].get<std::string>()] = image;
    }
    return images;
}

}  // namespace detail

// The protocol in another run's JSON.
inline nlohmann::json read_protocol(const std::string& file) {
    const nlohmann::json protocol = program::read_json_object(file).value("protocol", nlohmann::json());
    if (!protocol.is_object()) throw fathom::Error(file + ": has no protocol, expected the --json file of another run");
    for (const char* key : {"channel", "pictures"})
        if (!protocol.value(key, nlohmann::json::object()).is_object())
            throw fathom::Error(file + ": protocol." + key + ": expected an object");
    return protocol;
}

// What is different here from `theirs`, read from `file`, a line each: whatever keeps numbers from being compared.
// Conventions that only one of them has measured keep nobody from that, and neither do pictures.
inline std::vector<std::string> protocol_changes(const std::string& file, const nlohmann::json& theirs,
                                                 const nlohmann::json& ours) {
    std::vector<std::string> changes;
    const nlohmann::json channels = theirs.value("channel", nlohmann::json::object());
    for (const auto& [convention, rule] : ours["channel"].items())
        if (channels.contains(convention))
            detail::add_change(changes, "channel of " + convention, channels[convention], rule);
    for (const char* key : {"rounding", "resize"})
        detail::add_change(changes, key, theirs.value(key, nlohmann::json()), ours[key]);
    const auto before = detail::images_by_name(theirs, file), now = detail::images_by_name(ours, file);
    for (const auto& [name, image] : before) {
        const auto at = now.find(name);
        if (at == now.end()) {
            changes.push_back(name + " is missing here");
            continue;
        }
        for (const char* key : {"height", "width", "visible", "infrared"})
            detail::add_change(changes, name + ", " + key, image.value(key, nlohmann::json()), at->second[key]);
    }
    for (const auto& [name, image] : now)
        if (!before.count(name)) changes.push_back(name + " is missing there");
    return changes;
}

// Methods of one name with other pictures: no fault, but to be known.
inline std::vector<std::string> other_pictures(const nlohmann::json& theirs, const nlohmann::json& ours) {
    const nlohmann::json before = theirs.value("pictures", nlohmann::json::object());
    std::vector<std::string> names;
    for (const auto& [name, pictures] : ours["pictures"].items())
        if (before.contains(name) && before[name].is_object() &&
            before[name].value("pixels", nlohmann::json()) != pictures["pixels"])
            names.push_back(name);
    return names;
}

}  // namespace evaluate
