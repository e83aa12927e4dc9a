// The classes that a segmentation net tells apart: from a file or a number on the command line, in a run's record and
// in the metadata of weights.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fathom/data/classes.hpp"
#include "fathom/io/file.hpp"
#include "fathom/io/safetensors.hpp"
#include "support/options.hpp"

namespace program {

using fathom::data::Classes;

inline constexpr Bounds<std::int64_t> class_counts{2, fathom::ignored_label};

namespace detail {

// Adds a class; `where` is what an error begins with.
inline void add_class(Classes& classes, const std::string& name, const fathom::data::Color& color,
                      const std::string& where) {
    const bool printable = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 32 || c == 127; });
    if (name.empty() || name.size() > 100 || !printable)
        throw fathom::Error(where + ": expected a name of 1 to 100 letters, got \"" + name + "\"");
    for (std::size_t i = 0; i < classes.names.size(); ++i)
        if (classes.names[i] == name)
            throw fathom::Error(where + ": \"" + name + "\" is the name of class " + std::to_string(i) + " already");
    classes.add(name, color);
}

inline void check_count(std::int64_t count, const std::string& where, const Bounds<std::int64_t>& bounds) {
    if (!bounds.contains(count))
        throw fathom::Error(where + ": expected " + std::to_string(bounds.least) + " to " +
                            std::to_string(bounds.most) + " classes, got " + std::to_string(count));
}

// "car stop 128 128 0"; false where the line holds no class.
inline bool add_line(Classes& classes, const std::string& line, const std::string& where) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t begin = line.find_first_not_of(" \t\r", at);
        if (begin == std::string::npos) break;
        at = std::min(line.find_first_of(" \t\r", begin), line.size());
        words.push_back(line.substr(begin, at - begin));
    }
    if (words.empty() || words[0][0] == '#') return false;
    fathom::data::Color color = fathom::data::default_class_color(classes.size());
    const auto digits = [](const std::string& word) {
        return word.find_first_not_of("0123456789") == std::string::npos;
    };
    if (words.size() > 3 && std::all_of(words.end() - 3, words.end(), digits)) {
        for (std::size_t i = 0; i < 3; ++i) {
            int value = 0;
            if (!parse_number(words[words.size() - 3 + i], Bounds<int>{0, 255}, value))
                throw fathom::Error(where + ": expected a color of three numbers from 0 to 255, got " +
                                    words[words.size() - 3 + i]);
            color[i] = static_cast<std::uint8_t>(value);
        }
        words.resize(words.size() - 3);
    }
    std::string name;
    for (const std::string& word : words) name += (name.empty() ? "" : " ") + word;
    add_class(classes, name, color, where);
    return true;
}

}  // namespace detail

// [{"name": "car", "color": [64, 0, 128]}, ...]
inline nlohmann::json to_json(const Classes& classes) {
    nlohmann::json list = nlohmann::json::array();
    for (std::size_t c = 0; c < classes.names.size(); ++c)
        list.push_back({{"name", classes.names[c]}, {"color", classes.colors[c]}});
    return list;
}

// The same back, or names alone: ["road", ...]. Errors begin with `where`.
inline Classes classes_of_json(const nlohmann::json& list, const std::string& where,
                               const Bounds<std::int64_t>& bounds = class_counts) {
    using nlohmann::json;
    const auto shown = [](const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); };
    if (!list.is_array() || list.empty())
        throw fathom::Error(where + ": expected a list of classes, got " + shown(list));
    Classes classes;
    for (const json& item : list) {
        const std::string place = where + ": class " + std::to_string(classes.size());
        const json name = item.is_object() ? item.value("name", json()) : item;
        if (!name.is_string()) throw fathom::Error(place + ": expected a name, got " + shown(item));
        fathom::data::Color color = fathom::data::default_class_color(classes.size());
        if (const json given = item.is_object() ? item.value("color", json()) : json(); !given.is_null()) {
            bool good = given.is_array() && given.size() == 3;
            for (std::size_t i = 0; good && i < 3; ++i) {
                int value = 0;
                good = given[i].is_number_integer() && parse_number(given[i].dump(), Bounds<int>{0, 255}, value);
                color[i] = static_cast<std::uint8_t>(value);
            }
            if (!good)
                throw fathom::Error(place + ": expected a color of three numbers from 0 to 255, got " + shown(given));
        }
        detail::add_class(classes, name.get<std::string>(), color, place);
    }
    detail::check_count(classes.size(), where, bounds);
    return classes;
}

// A file of classes: a line each, "NAME" or "NAME R G B", lines that begin with # left out; or a list in JSON.
inline Classes read_classes(const std::string& path, const Bounds<std::int64_t>& bounds = class_counts) {
    const fathom::io::MappedFile file(path);
    const std::string text(file.bytes());
    if (const std::size_t first = text.find_first_not_of(" \t\r\n"); first != std::string::npos && text[first] == '[')
        return classes_of_json(nlohmann::json::parse(text, nullptr, false), path, bounds);
    Classes classes;
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        detail::add_line(classes, text.substr(at, end - at), path + ": line " + std::to_string(number + 1));
        detail::check_count(std::max(classes.size(), bounds.least), path,
                            bounds);  // not a million lines of something else
        at = end + 1;
    }
    detail::check_count(classes.size(), path, bounds);
    return classes;
}

// Of the value of an option: a number of classes, or a file of them, which then goes into `file`.
inline Classes classes_of_word(const std::string& word, std::string& file,
                               const Bounds<std::int64_t>& bounds = class_counts) {
    if (word.find_first_not_of("+-.0123456789") != std::string::npos) {
        const Classes classes = read_classes(word, bounds);
        file = word;
        return classes;
    }
    std::int64_t count = 0;
    if (!parse_number(word, bounds, count))
        throw fathom::Error("expected " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most) +
                            " classes, got " + word);
    return Classes::numbered(count);
}

// An option for classes, with the file that they come from. `value` keeps what it holds where it is not given.
inline CLI::Option* add_classes(CLI::App& app, std::optional<Classes>& value, std::string& file,
                                const std::string& text, const Bounds<std::int64_t>& bounds = class_counts) {
    const auto read = [&value, &file, bounds](const std::string& word) {
        try {
            value = classes_of_word(word, file, bounds);
        } catch (const fathom::Error& e) {
            throw CLI::ValidationError("--classes", e.what());
        }
    };
    return app.add_option_function<std::string>("--classes", read, text);
}

// Classes and weights go together: "classes" in the metadata of the file.
inline fathom::io::Metadata metadata_of(const Classes& classes) {
    return {{"classes", to_json(classes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}};
}

// How many classes the weights of a segmentation net tell apart; 0 if they are none.
inline std::int64_t classes_in(const fathom::StateDict& weights) {
    for (const auto& [name, tensor] : weights)
        if (std::string_view(name).ends_with("conv_out.conv_out.weight") && tensor.rank() == 4)
            return tensor.shape()[0];
    return 0;
}

// The classes that `path` was trained on. Files of other programs do not name them: MSRS' nine, or numbers.
inline Classes classes_of_weights(const fathom::StateDict& weights, const std::string& path) {
    const std::int64_t count = classes_in(weights);
    for (const auto& [key, value] : weights.metadata) {
        if (key != "classes") continue;
        const Classes classes = classes_of_json(nlohmann::json::parse(value, nullptr, false), path + ": classes");
        if (count != 0 && classes.size() != count)
            throw fathom::Error(path + ": names " + std::to_string(classes.size()) + " classes, its net has " +
                                std::to_string(count));
        return classes;
    }
    if (count == 0 || count == fathom::data::class_count) return Classes::msrs();
    detail::check_count(count, path, class_counts);
    return Classes::numbered(count);
}

// For ContactSheet::add_legend().
inline std::vector<const char*> names_of(const Classes& classes) {
    std::vector<const char*> names;
    for (const std::string& name : classes.names) names.push_back(name.c_str());
    return names;
}

}  // namespace program
