// A file of tensors: its format, and what is said of it, as JSON and as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "fathom/io/checkpoint.hpp"
#include "fathom/io/pth.hpp"
#include "inspection/statistics.hpp"
#include "support/progress.hpp"
#include "support/text_table.hpp"

namespace inspection {

using program::printable;

struct TensorFile {
    std::string path, format;
    ft::StateDict state;
};

// Throws Error where the file is damaged: of a checkpoint the checksum is compared too.
inline TensorFile open_tensors(const std::string& path) {
    std::string format = "safetensors";
    {
        const ft::io::MappedFile file(path);
        if (ft::io::is_zip(file.bytes())) format = "PyTorch, zip";
        if (ft::io::is_legacy_pth(file.bytes())) format = "PyTorch, legacy";
    }
    ft::StateDict state = ft::io::load(path);
    for (const auto& [key, value] : state.metadata)
        if (key == "format" && value.rfind("fathom checkpoint", 0) == 0)
            return {path, value, ft::io::load_checkpoint(path)};
    return {path, format, std::move(state)};
}

inline json shape_json(const ft::Shape& shape) {
    json sizes = json::array();
    for (int d = 0; d < shape.rank(); ++d) sizes.push_back(shape[d]);
    return sizes;
}

// {file, format, metadata, notes, values, bytes, not_finite, tensors: [{name, shape, dtype, nan, infinite, min, ...}]}
inline json described(const TensorFile& file) {
    json tensors = json::array(), metadata = json::object();
    std::int64_t values = 0, bytes = 0, not_finite = 0;
    for (const auto& [name, tensor] : file.state) {
        const Statistics s = statistics_of(tensor);
        json one = {{"name", name},
                    {"shape", shape_json(tensor.shape())},
                    {"dtype", ft::name_of(tensor.dtype())},
                    {"nan", s.nan},
                    {"infinite", s.infinite}};
        if (s.finite > 0) one["min"] = s.min, one["max"] = s.max, one["mean"] = s.mean, one["std"] = s.deviation;
        tensors.push_back(std::move(one));
        values += tensor.numel();
        bytes += tensor.numel() * static_cast<std::int64_t>(ft::size_of(tensor.dtype()));
        not_finite += s.not_finite();
    }
    for (const auto& [key, value] : file.state.metadata) metadata[key] = value;
    return {{"file", file.path}, {"format", file.format}, {"metadata", metadata},     {"notes", file.state.notes},
            {"values", values},  {"bytes", bytes},        {"not_finite", not_finite}, {"tensors", tensors}};
}

inline std::string number_text(const json& object, const char* key) {
    const auto at = object.find(key);
    if (at == object.end() || !at->is_number()) return "-";
    const double value = at->get<double>();
    const bool whole = std::abs(value) < 9e15 && std::trunc(value) == value;  // a step or a seed, to its last digit
    return program::format(whole ? "%.0f" : "%.6g", value);
}

inline std::string megabytes_text(double bytes) {
    return bytes < 1e5 ? program::format("%.0f bytes", bytes) : program::format("%.1f MB", bytes / 1e6);
}

// "3 nan, 1 inf"; "" where all are finite.
inline std::string not_finite_text(const json& tensor) {
    const auto nan = tensor.at("nan").get<std::int64_t>(), infinite = tensor.at("infinite").get<std::int64_t>();
    std::string text = nan > 0 ? std::to_string(nan) + " nan" : "";
    if (infinite > 0) text += (text.empty() ? "" : ", ") + std::to_string(infinite) + " inf";
    return text;
}

// A text of a file on one line, cut where it is long.
inline std::string short_text(const std::string& text) {
    constexpr std::size_t most = 200;
    if (text.size() <= most) return printable(text);
    std::size_t end = most;
    while (end > 0 && (text[end] & 0xC0) == 0x80) --end;  // inside a character
    return printable(text.substr(0, end)) + program::format(" ... (%zu bytes)", text.size());
}

inline std::string text_of(const json& file) {
    const json& tensors = file.at("tensors");
    std::string text =
        program::format("%s: %s, %zu tensors, %lld values, %s\n", printable(file.at("file").get<std::string>()).c_str(),
                        printable(file.at("format").get<std::string>()).c_str(), tensors.size(),
                        static_cast<long long>(file.at("values").get<std::int64_t>()),
                        megabytes_text(file.at("bytes").get<double>()).c_str());
    for (const json& note : file.at("notes")) text += ft::join({"note: ", printable(note.get<std::string>()), "\n"});
    for (const auto& [key, value] : file.at("metadata").items())
        text += printable(key) + ": " + short_text(value.get<std::string>()) + "\n";
    program::TextTable table("<<<>>>>>", {"name", "shape", "dtype", "min", "max", "mean", "std", "not finite"});
    for (const json& t : tensors) {
        table.add({printable(t.at("name").get<std::string>()), t.at("shape").dump(), t.at("dtype").get<std::string>(),
                   number_text(t, "min"), number_text(t, "max"), number_text(t, "mean"), number_text(t, "std"),
                   not_finite_text(t)});
    }
    if (!table.empty()) text += ft::join({"\n", table.text()});
    std::int64_t spoilt = 0;
    for (const json& t : tensors) spoilt += not_finite_text(t).empty() ? 0 : 1;
    if (spoilt > 0)
        text += program::format("\nnot finite: %lld values in %lld tensors\n",
                                static_cast<long long>(file.at("not_finite").get<std::int64_t>()),
                                static_cast<long long>(spoilt));
    return text;
}

}  // namespace inspection
