// Definitions of safetensors.hpp.
#include <cstring>

#include "fathom/io/json.hpp"
#include "fathom/core/order.hpp"
#include "fathom/io/tensor_bytes.hpp"

namespace fathom::inline v0::io {

inline constexpr std::size_t max_safetensors_header = 100'000'000;  // the format's own bound

FATHOM_INLINE DType safetensors_dtype(const std::string& file, const std::string& tensor, const std::string& name) {
    std::string expected;
    for (const DTypeNames& d : dtype_names) {
        if (name == d.safetensors) return d.dtype;
        expected.append(" ").append(d.safetensors);
    }
    fail_file(file, {"tensor ", io::quoted(tensor), " has dtype ", io::quoted(name), ", expected one of", expected});
}

FATHOM_INLINE SafetensorsEntry read_safetensors_entry(JsonReader& json, const std::string& file,
                                                      const std::string& name) {
    SafetensorsEntry entry{name, DType::float32, {}, -1, -1};
    bool dtype = false, shape = false;
    const auto value = [&](const std::string& key) {
        if (key == "dtype") {
            entry.dtype = safetensors_dtype(file, name, json.string());
            dtype = true;
        } else if (key == "shape") {
            json.array([&] {
                if (entry.shape.rank() == max_rank)
                    json.fail_here({"tensor ", io::quoted(name), " has more than ", max_rank, " dimensions"});
                entry.shape.push_back(json.integer());
            });
            shape = true;
        } else if (key == "data_offsets") {
            int count = 0;
            json.array([&] {
                const std::int64_t offset = json.integer();
                if (count == 0) entry.begin = offset;
                if (count == 1) entry.end = offset;
                ++count;
            });
            if (count != 2) json.fail_here({"tensor ", io::quoted(name), " has ", count, " data offsets, expected 2"});
        } else {
            json.skip();
        }
    };
    json.object(value);
    if (!dtype || !shape || entry.begin < 0)
        json.fail_here({"tensor ", io::quoted(name), " has no ", !dtype ? "dtype" : !shape ? "shape" : "data_offsets"});
    return entry;
}

FATHOM_INLINE SafetensorsHeader read_safetensors_header(const std::string& file, std::string_view bytes) {
    if (bytes.size() < 8) fail_file(file, {"has ", bytes.size(), " bytes, too few for a safetensors file"});
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    if (length > bytes.size() - 8)
        fail_file(file, {"header length ", length, " at byte 0, but ", bytes.size() - 8, " bytes follow"});
    if (length > max_safetensors_header)
        fail_file(file, {"header length ", length, " at byte 0, expected at most ", max_safetensors_header});

    SafetensorsHeader header{{}, {}, 8 + static_cast<std::size_t>(length)};
    JsonReader json(file, bytes.substr(8, static_cast<std::size_t>(length)), 8);
    json.object([&](const std::string& name) {
        if (name == "__metadata__") {
            json.object([&](const std::string& key) { header.metadata.push_back({key, json.string()}); });
        } else {
            header.entries.push_back(read_safetensors_entry(json, file, name));
        }
    });
    json.end();

    // In the order of their data, tensors must tile it.
    const detail::List<SafetensorsEntry>& entries = header.entries;
    const auto order = detail::sorted_order(entries.size(), [&](std::size_t a, std::size_t b) {
        return entries[a].begin != entries[b].begin ? entries[a].begin < entries[b].begin
                                                    : entries[a].end < entries[b].end;
    });
    const auto available = static_cast<std::int64_t>(bytes.size() - header.data_offset);
    std::int64_t position = 0;
    for (const std::size_t i : order) {
        const SafetensorsEntry& entry = entries[i];
        const std::string name = "tensor " + io::quoted(entry.name);
        if (entry.end < entry.begin)
            fail_file(file, {name, " has data offsets [", entry.begin, ",", entry.end, "], which run backwards"});
        if (entry.end > available)
            fail_file(file,
                      {name, " ends at data offset ", entry.end, ", but the file has ", available, " bytes of data"});
        if (entry.begin != position) {
            const char* what = entry.begin < position ? ", which overlap the tensor before, expected "
                                                      : ", with a gap before them, expected ";
            fail_file(file, {name, " has data offsets from ", entry.begin, what, position});
        }
        const std::int64_t expected = dense_bytes(entry.shape, entry.dtype);
        if (expected != entry.end - entry.begin) {
            const std::string needs = expected < 0 ? "more than 2^63" : join({expected});
            fail_file(file, {name, " has ", entry.end - entry.begin, " bytes of data, ", entry.dtype, " of shape ",
                             entry.shape, " needs ", needs});
        }
        position = entry.end;
    }
    if (position != available) fail_file(file, {"has ", available, " bytes of data, the header describes ", position});
    return header;
}

FATHOM_INLINE StateDict load_safetensors(const std::string& file, std::string_view bytes, Where site) {
    SafetensorsHeader header = read_safetensors_header(file, bytes);
    StateDict state;
    state.metadata = std::move(header.metadata);
    for (const SafetensorsEntry& entry : header.entries) {
        const char* data = bytes.data() + header.data_offset + entry.begin;
        state.add(entry.name, tensor_from_bytes(data, entry.shape, entry.dtype, "load", site));
    }
    return state;
}

FATHOM_INLINE StateDict load(const std::string& path, Where site) {
    const MappedFile file(path);
    const std::string_view bytes = file.bytes();
    if (bytes.empty()) fail_file(path, {"is empty, expected a safetensors or PyTorch file"});
    // No .pth has this byte there, be it zip or pickle.
    if (bytes.size() > 8 && bytes[8] == '{') return load_safetensors(path, bytes, site);
    using include_fathom_io_pth_hpp_in_one_unit::load_pth;
#ifndef FATHOM_COMPILED
    if (!load_pth)
        fail_file(
            path,
            {"is no safetensors file; for PyTorch's .pth one unit of the program must include fathom/io/pth.hpp"});
#endif
    return load_pth(path, bytes, site);
}

// The places of texts in their order, equal ones in the order in which they came.
template <class F>
detail::List<std::size_t> order_of_texts(std::size_t count, const F& text) {
    return detail::sorted_order(
        count, [&](std::size_t a, std::size_t b) { return std::string_view(text(a)) < std::string_view(text(b)); });
}

FATHOM_INLINE Metadata merged_metadata(const StateDict& state, const Metadata& metadata) {
    const auto key = [&](std::size_t i) -> const std::string& { return metadata[i].first; };
    const detail::List<std::size_t> order = order_of_texts(metadata.size(), key);
    Metadata texts;
    for (const auto& pair : state.metadata) {
        const std::size_t at =
            detail::first_not(order.size(), [&](std::size_t i) { return key(order[i]) < pair.first; });
        if (at == order.size() || key(order[at]) != pair.first) texts.push_back({pair.first, pair.second});
    }
    for (const auto& pair : metadata) texts.push_back({pair.first, pair.second});
    return texts;
}

// The header of a file with these tensors, and the order in which their data follow.
FATHOM_INLINE std::string safetensors_header(const std::string& path, const StateDict& state, const Metadata& metadata,
                                             detail::List<std::size_t>& order) {
    const auto json = [&](const std::string& text) {
        if (!is_utf8(text)) fail_file(path, {"cannot write ", io::quoted(text), ", which is not UTF-8"});
        return json_quoted(text);
    };
    for (const auto& [name, tensor] : state) {
        if (!tensor.defined())
            fail_file(path, {"cannot write tensor ", io::quoted(name), ", which was never given a value"});
        if (name == "__metadata__")
            fail_file(path, {"cannot write a tensor called \"__metadata__\", a name the format reserves"});
    }
    const auto check_unique = [&](std::size_t count, const char* what, const auto& text) {
        const detail::List<std::size_t> sorted = order_of_texts(count, text);
        for (std::size_t i = 1; i < count; ++i)
            if (text(sorted[i]) == text(sorted[i - 1]))
                fail_file(path, {"cannot write two ", what, " called ", io::quoted(text(sorted[i]))});
    };
    check_unique(state.size(), "tensors", [&](std::size_t i) -> const std::string& { return state.entries[i].first; });

    order = detail::sorted_order(state.size(), [&](std::size_t a, std::size_t b) {
        return size_of(state.entries[a].second.dtype()) > size_of(state.entries[b].second.dtype());
    });
    detail::List<std::int64_t> begins;
    begins.resize(state.size());
    std::int64_t position = 0;
    for (const std::size_t i : order) {
        begins[i] = position;
        position += dense_bytes(state.entries[i].second.shape(), state.entries[i].second.dtype());
    }

    std::string header = "{";
    const Metadata texts = merged_metadata(state, metadata);
    check_unique(texts.size(), "metadata", [&](std::size_t i) -> const std::string& { return texts[i].first; });
    for (std::size_t i = 0; i < texts.size(); ++i)
        header += join({i == 0 ? "\"__metadata__\":{" : ",", json(texts[i].first), ":", json(texts[i].second)});
    if (!texts.empty()) header += '}';
    for (std::size_t i = 0; i < state.size(); ++i) {
        const auto& [name, tensor] = state.entries[i];
        const std::int64_t end = begins[i] + dense_bytes(tensor.shape(), tensor.dtype());
        header +=
            join({header.size() == 1 ? "" : ",", json(name), ":{\"dtype\":\"", names_of(tensor.dtype()).safetensors,
                  "\",\"shape\":", tensor.shape(), ",\"data_offsets\":[", begins[i], ",", end, "]}"});
    }
    header += '}';
    header.append((8 - header.size() % 8) % 8, ' ');
    if (header.size() > max_safetensors_header)
        fail_file(path,
                  {"cannot write a header of ", header.size(), " bytes, the format allows ", max_safetensors_header});
    return header;
}

FATHOM_INLINE void write_safetensors(AtomicWriter& writer, const std::string& path, const StateDict& state,
                                     const Metadata& metadata, Where site) {
    detail::List<std::size_t> order;
    const std::string header = safetensors_header(path, state, metadata, order);
    const std::uint64_t length = header.size();
    writer.write(&length, 8);
    writer.write(header);
    std::string buffer;
    for (const std::size_t i : order) writer.write(tensor_bytes(state.entries[i].second, buffer, "save", site));
}

FATHOM_INLINE void save(const std::string& path, const StateDict& state, const Metadata& metadata, Where site) {
    AtomicWriter writer(path);
    write_safetensors(writer, path, state, metadata, site);
    writer.commit();
}

}  // namespace fathom::inline v0::io
