// Definitions of pth.hpp. Formats: torch/serialization.py, _save (zip) and _legacy_save.
#include <cstring>

#include "fathom/io/pth_reader.inl.hpp"
#include "fathom/io/pth_search.inl.hpp"

namespace fathom::inline v0::io {

// The pickled number 0x1950a86a20f9469cfc6c that the older form begins with.
inline constexpr std::string_view legacy_magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

FATHOM_INLINE bool is_legacy_pth(std::string_view bytes) {
    return bytes.size() > 2 && bytes[0] == '\x80' && bytes.substr(0, 32).find(legacy_magic) != std::string_view::npos;
}

FATHOM_INLINE StateDict load_pth_zip(const std::string& file, std::string_view bytes, Where site) {
    const detail::List<ZipEntry> entries = read_zip(file, bytes);
    // PyTorch puts everything into one folder, named after the file that was written first; who packs it again may
    // leave the folder out or add one.
    constexpr std::string_view pickle_name = "data.pkl";
    const ZipEntry* pickle = nullptr;
    std::string_view folder;
    for (const ZipEntry& entry : entries) {
        const std::string_view parent = entry.name.substr(0, entry.name.rfind('/') + 1);
        if (entry.name.substr(parent.size()) != pickle_name) continue;
        if (pickle) fail_file(file, {"zip: more than one data.pkl"});
        pickle = &entry;
        folder = parent;
    }
    if (!pickle) fail_file(file, {"zip: no data.pkl: no file of torch.save"});
    std::string order_buffer, pickle_buffer, buffer;
    if (const ZipEntry* entry = find_entry(entries, std::string(folder) + "byteorder"))
        if (const std::string_view order = unpacked(file, *entry, order_buffer); order != "little")
            fail_file(file, {"byte order ", io::quoted(order), ", expected \"little\""});

    const std::string_view content = unpacked(file, *pickle, pickle_buffer);
    PthReader reader(file,
                     read_pickle(file, content, 0, pickle->deflated ? 0 : static_cast<std::size_t>(pickle->offset)));
    return reader.state_dict(
        [&](const PthStorage& storage, std::int64_t size) -> const void* {
            const std::string name = std::string(folder).append("data/").append(storage.key);
            const ZipEntry* entry = find_entry(entries, name);
            if (!entry) fail_file(file, {"zip: no entry ", io::quoted(name), " for a storage"});
            if (entry->size != static_cast<std::uint64_t>(size))
                fail_file(file, {"zip: entry ", io::quoted(name), " has ", entry->size, " bytes, expected ", size});
            return unpacked(file, *entry, buffer).data();
        },
        site);
}

FATHOM_INLINE StateDict load_pth_legacy(const std::string& file, std::string_view bytes, Where site) {
    using Kind = Pickle::Kind;
    const Pickle magic = read_pickle(file, bytes);
    if (magic[magic.root].kind != Kind::long_integer || magic[magic.root].text != legacy_magic.substr(2))
        fail_file(file, {"has no PyTorch magic number at byte 0"});
    const Pickle protocol = read_pickle(file, bytes, magic.end);
    if (protocol[protocol.root].kind != Kind::integer || protocol[protocol.root].integer != 1001)
        fail_file(file, {"protocol at byte ", magic.end, ", expected 1001, got ", protocol[protocol.root].integer});
    const Pickle system = read_pickle(file, bytes, protocol.end);
    const std::vector<Pickle::Handle>& facts = system[system.root].items;
    if (system[system.root].kind != Kind::dict)
        fail_file(file, {"system information at byte ", protocol.end, " is ", name_of(system[system.root].kind),
                         ", expected a dict"});
    for (std::size_t i = 0; i + 1 < facts.size(); i += 2)
        if (system[facts[i]].text == "little_endian" && system[facts[i + 1]].integer != 1)
            fail_file(file, {"big-endian, expected little-endian"});
    Pickle state = read_pickle(file, bytes, system.end);
    const Pickle keys = read_pickle(file, bytes, state.end);
    if (keys[keys.root].kind != Kind::list)
        fail_file(file,
                  {"storage keys at byte ", state.end, " are ", name_of(keys[keys.root].kind), ", expected a list"});

    // Behind the keys: for each, the number of elements and the elements.
    PthReader reader(file, std::move(state));
    std::vector<const char*> data(reader.storages().size(), nullptr);
    std::size_t at = keys.end;
    for (const Pickle::Handle handle : keys[keys.root].items) {
        if (keys[handle].kind != Kind::string)
            fail_file(file, {"a storage key is ", name_of(keys[handle].kind), ", expected a string"});
        const std::string key = io::quoted(keys[handle].text);
        const PthStorage* storage = reader.find(keys[handle].text);
        if (!storage) fail_file(file, {"storage ", key, " at byte ", at, " is named by no tensor"});
        const std::int64_t width = storage_width(storage->type, nullptr);
        if (width == 0)
            fail_file(file, {"storage ", key, " at byte ", at, " has the unknown type torch.", storage->type});
        if (data[static_cast<std::size_t>(storage - reader.storages().data())])
            fail_file(file, {"storage ", key, " at byte ", at, " is there already"});
        if (bytes.size() - at < 8) fail_file(file, {"storage ", key, " at byte ", at, " is beyond the end"});
        std::int64_t numel = 0, size = 0;
        std::memcpy(&numel, bytes.data() + at, 8);
        if (numel != storage->numel)
            fail_file(file, {"storage ", key, " at byte ", at, " has ", numel, " elements, expected ", storage->numel});
        at += 8;
        if (__builtin_mul_overflow(numel, width, &size) || static_cast<std::size_t>(size) > bytes.size() - at)
            fail_file(file, {"storage ", key, " at byte ", at, " has ", numel, " elements of ", width, " bytes, but ",
                             bytes.size() - at, " bytes are left"});
        data[static_cast<std::size_t>(storage - reader.storages().data())] = bytes.data() + at;
        at += static_cast<std::size_t>(size);
    }
    return reader.state_dict(
        [&](const PthStorage& storage, std::int64_t) -> const void* {
            const char* found = data[static_cast<std::size_t>(&storage - reader.storages().data())];
            if (!found) fail_file(file, {"storage ", io::quoted(storage.key), " has no data"});
            return found;
        },
        site);
}

// Not inline: a unit that includes only safetensors.hpp finds it in the unit that includes this.
namespace include_fathom_io_pth_hpp_in_one_unit {
#ifndef FATHOM_COMPILED
[[gnu::weak]]
#endif
StateDict
load_pth(const std::string& file, std::string_view bytes, Where site) {
    if (is_zip(bytes)) return load_pth_zip(file, bytes, site);
    if (is_legacy_pth(bytes)) return load_pth_legacy(file, bytes, site);
    fail_file(file, {"is in no format that fathom reads, expected safetensors or PyTorch's .pth"});
}
}  // namespace include_fathom_io_pth_hpp_in_one_unit

}  // namespace fathom::inline v0::io
