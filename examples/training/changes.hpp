// What has changed in the data since a run began, and whether that matters to it: what was not used yet may change.
#pragma once

#include <string>
#include <vector>

#include "training/data.hpp"
#include "training/state.hpp"

namespace training {

// Whether a run that stands at `place` has looked at the file. In one stage labels are used from the first step on.
inline bool was_used(const std::string& file, const Place& place, bool one_stage) {
    const bool first_round = place.round == 1 && place.phase != Phase::finished;
    if (file.rfind("test/", 0) == 0) return !first_round;
    if (!one_stage && file.rfind("train/Segmentation_labels/", 0) == 0)
        return !first_round || place.phase == Phase::measuring ||
               (place.phase == Phase::segmentation && place.has_begun());
    return !first_round || place.phase != Phase::fusion || place.has_begun();
}

struct Changes {
    std::vector<std::string> used, unused;  // "train/vi/a.png is another file", ...
    std::vector<std::string> files;         // names only, of both
};

inline Changes changes_of(const Fingerprints& before, const Fingerprints& now, const Place& place, bool one_stage) {
    Changes changes;
    const auto add = [&](const std::string& file, const char* what) {
        (was_used(file, place, one_stage) ? changes.used : changes.unused).push_back(file + what);
        changes.files.push_back(file);
    };
    for (const auto& [file, sum] : before) {
        const auto at = now.find(file);
        if (at == now.end())
            add(file, " is gone");
        else if (at->second != sum)
            add(file, " has changed");
    }
    for (const auto& [file, sum] : now)
        if (!before.count(file)) add(file, " is new");
    return changes;
}

// The first of them on one line.
inline std::string listed(const std::vector<std::string>& lines) {
    constexpr std::size_t most = 8;
    std::string text;
    for (std::size_t i = 0; i < lines.size() && i < most; ++i) text += (i ? ", " : "") + lines[i];
    return text + (lines.size() > most ? " and " + std::to_string(lines.size() - most) + " more" : "");
}

}  // namespace training
