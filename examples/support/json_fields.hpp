// Fields of a JSON object that a person may have edited: each is read with its kind and its bounds, and an error names
// the file and the field. A struct lists its fields once, as calls v("rounds", rounds, Bounds{...}, ...); FieldReader,
// FieldWriter and a command line are such a v.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "fathom/core/error.hpp"
#include "fathom/io/file.hpp"
#include "support/options.hpp"

namespace program {

using json = nlohmann::json;

// A file's JSON object; throws Error naming the file if it is none, or no file at all.
inline json read_json_object(const std::string& path) {
    const fathom::io::MappedFile file(path);
    json value = json::parse(file.bytes(), nullptr, false);
    if (!value.is_object()) throw fathom::Error(path + ": is damaged, expected a JSON object");
    return value;
}

class FieldReader {
public:
    // `where` is what an error begins with: "run/record.json: recipe".
    FieldReader(const json& object, std::string where) : object_(object), where_(std::move(where)) {
        if (!object.is_object()) throw fathom::Error(where_ + ": expected an object, got " + object.dump());
    }

    template <class T, class... Rest>
    void operator()(const char* key, T& value, const Rest&... rest) {
        known_.insert(key);
        const auto at = object_.find(key);
        if (at != object_.end())
            read(key, *at, value, rest...);
        else if (!optional_)
            throw fathom::Error(where_ + "." + key + ": is missing");
    }
    // Fields that follow may be missing, and then keep their values: they are younger than the files.
    void younger() { optional_ = true; }
    // After the last one.
    void refuse_others() const {
        for (const auto& [key, value] : object_.items())
            if (!known_.count(key)) throw fathom::Error(where_ + "." + key + ": is no field that this program knows");
    }

private:
    [[noreturn]] void fail(const char* key, const json& got, const std::string& expected) const {
        throw fathom::Error(where_ + "." + key + ": expected " + expected + ", got " +
                            got.dump(-1, ' ', false, json::error_handler_t::replace));
    }
    template <class T, class... Rest>
    requires std::is_arithmetic_v<T>
    void read(const char* key, const json& got, T& value, const Bounds<T>& bounds, const Rest&...) const {
        // A number in JSON is as wide as it is written: its text is what is compared.
        const bool kind = std::is_floating_point_v<T> ? got.is_number() : got.is_number_integer();
        if (!kind || !parse_number(got.dump(), bounds, value)) fail(key, got, expected(bounds));
    }
    template <class... Rest>
    void read(const char* key, const json& got, bool& value, const Rest&...) const {
        if (!got.is_boolean()) fail(key, got, "true or false");
        value = got.get<bool>();
    }
    template <class... Rest>
    void read(const char* key, const json& got, std::string& value, const Rest&...) const {
        if (!got.is_string()) fail(key, got, "a text");
        value = got.get<std::string>();
    }
    template <class... Rest>
    void read(const char* key, const json& got, json& value, const Rest&...) const {
        if (got.type() != value.type()) fail(key, got, std::string("an ") + value.type_name());
        value = got;
    }
    // An enum with NLOHMANN_JSON_SERIALIZE_ENUM, which takes an unknown name for its first one.
    template <class T, class... Rest>
    requires std::is_enum_v<T>
    void read(const char* key, const json& got, T& value, const Rest&...) const {
        value = got.get<T>();
        if (json(value) != got) fail(key, got, "another word, such as " + json(value).dump());
    }

    const json& object_;
    std::string where_;
    std::set<std::string> known_;
    bool optional_ = false;
};

struct FieldWriter {
    json object = json::object();

    template <class T, class... Rest>
    void operator()(const char* key, const T& value, const Rest&...) {
        object[key] = value;
    }
    void younger() {}
};

}  // namespace program
