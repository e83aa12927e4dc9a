// What differs between two files of tensors, or between two runs.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "fathom/tensor/state_values.hpp"
#include "inspection/run.hpp"
#include "inspection/tensors.hpp"

namespace inspection {

namespace detail {

// {only_a, only_b, changed: {key: [a, b]}} of two flat objects.
inline json changes_between(const json& a, const json& b) {
    json changes = {{"only_a", json::array()}, {"only_b", json::array()}, {"changed", json::object()}};
    for (const auto& [key, value] : a.items()) {
        const auto other = b.find(key);
        if (other == b.end())
            changes["only_a"].push_back(key);
        else if (*other != value)
            changes["changed"][key] = {value, *other};
    }
    for (const auto& [key, value] : b.items())
        if (!a.contains(key)) changes["only_b"].push_back(key);
    return changes;
}

inline bool no_changes(const json& changes) {
    return changes.at("only_a").empty() && changes.at("only_b").empty() && changes.at("changed").empty();
}

inline void add_changes(std::string& text, const json& changes, const std::string& a, const std::string& b) {
    for (const auto& [names, where] : {std::pair{"only_a", a}, {"only_b", b}})
        for (const json& name : changes.at(names))
            text += ft::join({"  ", printable(name.get<std::string>()), ": only in ", printable(where), "\n"});
    for (const auto& [key, pair] : changes.at("changed").items())
        text += ft::join({"  ", printable(key), ": ", value_text(pair[0]), " / ", value_text(pair[1]), "\n"});
}

inline json metadata_of(const ft::StateDict& state) {
    json all = json::object();
    for (const auto& [key, value] : state.metadata) all[key] = value;
    return all;
}

}  // namespace detail

// {a, b, same, only_a, only_b, equal, differing: [{name, shape: [a, b], dtype: [a, b], values, largest, ...}],
// metadata}
inline json difference_of(const TensorFile& a, const TensorFile& b) {
    const ft::detail::SortedNames in_a(a.state), in_b(b.state);
    json out = {{"a", a.path},
                {"b", b.path},
                {"only_a", json::array()},
                {"only_b", json::array()},
                {"differing", json::array()}};
    std::int64_t equal = 0;
    for (const auto& [name, tensor] : a.state) {
        const ft::AnyTensor* other = in_b.find(name);
        if (other == nullptr) {
            out["only_a"].push_back(name);
            continue;
        }
        json one = {{"name", name},
                    {"shape", {shape_json(tensor.shape()), shape_json(other->shape())}},
                    {"dtype", {ft::name_of(tensor.dtype()), ft::name_of(other->dtype())}}};
        bool differs = tensor.dtype() != other->dtype();
        if (!(tensor.shape() == other->shape())) {
            differs = true;
        } else {
            const Difference d = difference_of(tensor, *other);
            differs = differs || d.values > 0;
            one["count"] = tensor.numel(), one["values"] = d.values, one["largest"] = d.largest;
            one["not_finite"] = d.not_finite, one["largest_value"] = d.size;
        }
        if (differs)
            out["differing"].push_back(std::move(one));
        else
            ++equal;
    }
    for (const auto& [name, tensor] : b.state)
        if (in_a.find(name) == nullptr) out["only_b"].push_back(name);
    out["equal"] = equal;
    out["metadata"] = detail::changes_between(detail::metadata_of(a.state), detail::metadata_of(b.state));
    out["same"] = out["only_a"].empty() && out["only_b"].empty() && out["differing"].empty() &&
                  detail::no_changes(out["metadata"]);
    return out;
}

// {a, b, same, recipe, files: {name: as above}, only_a, only_b}: what two runs were told, and what came of it.
inline json difference_of_runs(const std::string& a, const std::string& b) {
    const program::RunFiles first = program::read_run(a), second = program::read_run(b);
    const auto recipe = [](const program::RunFiles& run) { return run.record.value("recipe", json::object()); };
    json out = {{"a", a}, {"b", b}, {"only_a", json::array()}, {"only_b", json::array()}, {"files", json::object()}};
    out["recipe"] = detail::changes_between(recipe(first), recipe(second));
    out["same"] = detail::no_changes(out["recipe"]);
    for (const std::string name : {"fusion.safetensors", "segmentation.safetensors"}) {
        const bool in_a = fs::exists(first.file(name)), in_b = fs::exists(second.file(name));
        if (in_a != in_b) out[in_a ? "only_a" : "only_b"].push_back(name), out["same"] = false;
        if (!in_a || !in_b) continue;
        out["files"][name] = difference_of(open_tensors(first.file(name)), open_tensors(second.file(name)));
        if (!out["files"][name].at("same").get<bool>()) out["same"] = false;
    }
    return out;
}

inline std::string text_of_difference(const json& d) {
    const std::string a = d.at("a").get<std::string>(), b = d.at("b").get<std::string>();
    std::string text;
    for (const auto& [names, where] : {std::pair{"only_a", a}, {"only_b", b}})
        for (const json& name : d.at(names))
            text += ft::join({"only in ", printable(where), ": ", printable(name.get<std::string>()), "\n"});
    program::TextTable table("<<<>>>>", {"name", "shape", "dtype", "differing", "largest", "of", "not finite"});
    const auto both = [](const json& pair, auto text_of) {
        return pair[0] == pair[1] ? text_of(pair[0]) : text_of(pair[0]) + " / " + text_of(pair[1]);
    };
    for (const json& t : d.at("differing")) {
        const bool compared = t.contains("values");
        table.add({printable(t.at("name").get<std::string>()),
                   both(t.at("shape"), [](const json& shape) { return shape.dump(); }),
                   both(t.at("dtype"), [](const json& dtype) { return dtype.get<std::string>(); }),
                   compared ? t.at("values").dump() + " of " + t.at("count").dump() : "-", number_text(t, "largest"),
                   number_text(t, "largest_value"), compared ? t.at("not_finite").dump() : "-"});
    }
    if (!table.empty()) text += table.text();
    text += program::format("%lld tensors are the same, %zu differ\n",
                            static_cast<long long>(d.at("equal").get<std::int64_t>()), d.at("differing").size());
    if (!detail::no_changes(d.at("metadata"))) {
        text += "metadata\n";
        detail::add_changes(text, d.at("metadata"), a, b);
    }
    return text;
}

inline std::string text_of_run_difference(const json& d) {
    const std::string a = d.at("a").get<std::string>(), b = d.at("b").get<std::string>();
    std::string text = "recipe\n";
    if (detail::no_changes(d.at("recipe"))) text = "recipe: the same\n";
    detail::add_changes(text, d.at("recipe"), a, b);
    for (const auto& [names, where] : {std::pair{"only_a", a}, {"only_b", b}})
        for (const json& name : d.at(names))
            text += ft::join({"only in ", printable(where), ": ", name.get<std::string>(), "\n"});
    for (const auto& [name, file] : d.at("files").items())
        text += ft::join({"\n", name, "\n", text_of_difference(file)});
    return text;
}

}  // namespace inspection
