// Definitions of pth.hpp. Formats: torch/serialization.py, _save (zip) and _legacy_save.
#include <algorithm>
#include <cstring>

#include "fathom/io/order.hpp"
#include "fathom/io/tensor_bytes.hpp"
#include "fathom/io/text.hpp"

namespace fathom::inline v0::io {

// A storage that the pickle names. Its bytes are elsewhere in the file.
struct PthStorage {
    std::string_view key, type;  // type: "FloatStorage"
    std::int64_t numel = 0;
    AnyTensor tensor;  // all its elements; undefined until a tensor needs it
};

// Bytes of an element of any of torch's storages, 0 for unknown ones; `dtype` is set for those that fathom can hold.
FATHOM_INLINE std::int64_t storage_width(std::string_view type, DType* dtype) {
    for (const DTypeNames& held : dtype_names) {
        if (type != held.torch) continue;
        if (dtype) *dtype = held.dtype;
        return static_cast<std::int64_t>(size_of(held.dtype));
    }
    struct Other {
        std::string_view name;
        std::int64_t width;
    };
    constexpr Other others[] = {
        {"ShortStorage", 2}, {"CharStorage", 1}, {"ComplexFloatStorage", 8}, {"ComplexDoubleStorage", 16}};
    for (const Other& other : others)
        if (other.name == type) return dtype ? 0 : other.width;
    return 0;
}

// A pickle's storages by key, and the tensors of its state dict on top of them.
class PthReader {
public:
    PthReader(const std::string& file, Pickle pickle) : file_(file), pickle_(std::move(pickle)) { find_storages(); }

    const std::vector<PthStorage>& storages() const { return storages_; }
    const PthStorage* find(std::string_view key) const;
    // `bytes_of(storage, bytes)` gives the data of a storage, checked to be of that size.
    template <class F>
    StateDict state_dict(F&& bytes_of, Where site) {
        StateDict state;
        const std::vector<Pickle::Handle>& items = pickle_[find_state_dict()].items;
        for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
            const std::string name(pickle_[items[i]].text);
            PthStorage& storage = storage_of(items[i + 1]);
            if (!storage.tensor.defined()) {
                DType dtype = DType::float32;
                const std::int64_t width = storage_width(storage.type, &dtype);
                std::int64_t bytes = 0;
                if (width == 0) fail_type(name, storage);
                if (__builtin_mul_overflow(width, storage.numel, &bytes))
                    fail_tensor(name, {"has a storage of ", storage.numel, " elements"});
                storage.tensor = tensor_from_bytes(bytes_of(storage, bytes), Shape{storage.numel}, dtype, "load", site);
            }
            state.add(name, view(name, pickle_[items[i + 1]], storage));
        }
        return state;
    }

private:
    void find_storages();
    // The dict whose values are all tensors.
    Pickle::Handle find_state_dict() const;
    // The key of the first entry that is no tensor, or null.
    const Pickle::Value* first_other(const Pickle::Value& dict, const Pickle::Value** other) const;
    void check_names(const Pickle::Value& dict) const;
    PthStorage& storage_of(Pickle::Handle tensor);
    AnyTensor view(const std::string& name, const Pickle::Value& tensor, const PthStorage& storage) const;
    [[noreturn]] void fail_tensor(const std::string& name, Parts parts) const {
        fail_file(file_, {"tensor ", io::quoted(name), " ", join(parts)});
    }
    [[noreturn]] void fail_type(const std::string& name, const PthStorage& storage) const {
        std::string expected;
        for (const DTypeNames& d : dtype_names) expected.append(" ").append(d.torch);
        fail_tensor(name, {"is in a torch.", storage.type, ", expected one of", expected});
    }

    const std::string& file_;
    Pickle pickle_;
    std::vector<PthStorage> storages_;  // by key
};

FATHOM_INLINE void PthReader::find_storages() {
    std::vector<PthStorage> all;
    for (const Pickle::Value& value : pickle_.values) {
        if (value.kind != Pickle::Kind::storage) continue;
        all.push_back(
            {pickle_[value.items[1]].text, pickle_[value.items[0]].text, pickle_[value.items[2]].integer, {}});
    }
    for (const std::size_t i :
         sorted_order(all.size(), [&](std::size_t a, std::size_t b) { return all[a].key < all[b].key; })) {
        const PthStorage& storage = all[i];
        if (storages_.empty() || storages_.back().key != storage.key) {
            storages_.push_back(storage);
        } else if (storages_.back().type != storage.type || storages_.back().numel != storage.numel) {
            fail_file(file_, {"storage ", io::quoted(storage.key), " is named with two types or sizes"});
        }
    }
}

FATHOM_INLINE const PthStorage* PthReader::find(std::string_view key) const {
    const auto at = std::lower_bound(storages_.begin(), storages_.end(), key,
                                     [](const PthStorage& s, std::string_view k) { return s.key < k; });
    return at != storages_.end() && at->key == key ? &*at : nullptr;
}

FATHOM_INLINE PthStorage& PthReader::storage_of(Pickle::Handle tensor) {
    const Pickle::Value& storage = pickle_[pickle_[tensor].items[0]];
    return storages_[static_cast<std::size_t>(find(pickle_[storage.items[1]].text) - storages_.data())];
}

FATHOM_INLINE const Pickle::Value* PthReader::first_other(const Pickle::Value& dict,
                                                          const Pickle::Value** other) const {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        const Pickle::Value &key = pickle_[dict.items[i]], &value = pickle_[dict.items[i + 1]];
        if (key.kind == Pickle::Kind::string && value.kind == Pickle::Kind::tensor) continue;
        *other = &value;
        return &key;
    }
    return nullptr;
}

FATHOM_INLINE Pickle::Handle PthReader::find_state_dict() const {
    const auto describe = [&](const Pickle::Value& key, const Pickle::Value& value) {
        const std::string name = key.kind == Pickle::Kind::string ? io::quoted(key.text) : name_of(key.kind);
        return join({"entry ", name, " is ", name_of(value.kind)});
    };
    const Pickle::Value& root = pickle_[pickle_.root];
    if (root.kind != Pickle::Kind::dict) fail_file(file_, {"holds ", name_of(root.kind), ", expected a state dict"});
    const Pickle::Value* other = nullptr;
    Pickle::Handle chosen = pickle_.root;
    if (const Pickle::Value* key = first_other(root, &other)) {
        int found = 0;
        for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
            const Pickle::Value &name = pickle_[root.items[i]], &value = pickle_[root.items[i + 1]];
            if (name.kind != Pickle::Kind::string || (name.text != "state_dict" && name.text != "model")) continue;
            if (value.kind != Pickle::Kind::dict) continue;
            chosen = root.items[i + 1];
            ++found;
        }
        if (found != 1)
            fail_file(file_, {"expected a state dict, or a dict with one under \"state_dict\" or \"model\"; ",
                              describe(*key, *other), found > 1 ? ", and there is more than one candidate" : ""});
        if (const Pickle::Value* inner = first_other(pickle_[chosen], &other))
            fail_file(file_, {"expected tensors in the state dict; ", describe(*inner, *other)});
    }
    check_names(pickle_[chosen]);
    return chosen;
}

FATHOM_INLINE void PthReader::check_names(const Pickle::Value& dict) const {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < dict.items.size(); i += 2) {
        names.push_back(pickle_[dict.items[i]].text);
        if (!is_utf8(names.back())) fail_file(file_, {"tensor name ", io::quoted(names.back()), " is not UTF-8"});
    }
    const auto order = sorted_order(names.size(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (names[order[i]] == names[order[i - 1]])
            fail_file(file_, {"tensor ", io::quoted(names[order[i]]), " occurs twice"});
}

FATHOM_INLINE AnyTensor PthReader::view(const std::string& name, const Pickle::Value& tensor,
                                        const PthStorage& storage) const {
    const std::vector<Pickle::Handle>&sizes = pickle_[tensor.items[2]].items, &steps = pickle_[tensor.items[3]].items;
    if (sizes.size() != steps.size())
        fail_tensor(name, {"has ", sizes.size(), " sizes and ", steps.size(), " strides"});
    if (sizes.size() > static_cast<std::size_t>(max_rank))
        fail_tensor(name, {"has ", sizes.size(), " dimensions, expected at most ", max_rank});
    Shape shape, strides;
    for (const Pickle::Handle size : sizes) shape.push_back(pickle_[size].integer);
    for (const Pickle::Handle step : steps) strides.push_back(pickle_[step].integer);
    const std::int64_t bytes = dense_bytes(shape, storage.tensor.dtype());
    if (bytes < 0) fail_tensor(name, {"has the impossible shape ", shape});
    const Shape dense = detail::row_major_strides(shape);
    if (bytes == 0) return detail::new_view(storage.tensor, shape, dense, 0);

    const std::int64_t offset = pickle_[tensor.items[1]].integer;
    std::int64_t last = offset;
    bool inside = offset >= 0;
    for (int i = 0; i < shape.rank() && inside; ++i) {
        if (shape[i] == 1) strides[i] = dense[i];  // says nothing, and may be anything
        std::int64_t reach = 0;
        inside = strides[i] >= 0 && !__builtin_mul_overflow(strides[i], shape[i] - 1, &reach) &&
                 !__builtin_add_overflow(last, reach, &last);
    }
    if (!inside || last >= storage.numel)
        fail_tensor(name, {"of shape ", shape, ", strides ", strides, ", offset ", offset, " leaves its storage of ",
                           storage.numel, " elements"});
    // Overlapping elements would let a small file claim a tensor of any size.
    if (shape.numel() > storage.numel)
        fail_tensor(name, {"of shape ", shape, " repeats elements of its storage of ", storage.numel,
                           ", which is not supported"});
    return detail::new_view(storage.tensor, shape, strides, offset);
}

// The pickled number 0x1950a86a20f9469cfc6c that the older form begins with.
inline constexpr std::string_view legacy_magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

FATHOM_INLINE bool is_legacy_pth(std::string_view bytes) {
    return bytes.size() > 2 && bytes[0] == '\x80' && bytes.substr(0, 32).find(legacy_magic) != std::string_view::npos;
}

FATHOM_INLINE StateDict load_pth_zip(const std::string& file, std::string_view bytes, Where site) {
    const std::vector<ZipEntry> entries = read_zip(file, bytes);
    // Everything lies in one folder, named after the file that was written first.
    constexpr std::string_view pickle_name = "data.pkl";
    const ZipEntry* pickle = nullptr;
    std::string_view folder;
    for (const ZipEntry& entry : entries) {
        const auto slash = entry.name.find('/');
        if (slash == std::string_view::npos || entry.name.substr(slash + 1) != pickle_name) continue;
        if (pickle) fail_file(file, {"zip: more than one data.pkl"});
        pickle = &entry;
        folder = entry.name.substr(0, slash + 1);
    }
    if (!pickle) fail_file(file, {"zip: no data.pkl: no file of torch.save"});
    check_crc(file, *pickle);
    if (const ZipEntry* order = find_entry(entries, std::string(folder) + "byteorder");
        order && order->content != "little")
        fail_file(file, {"byte order ", io::quoted(order->content), ", expected \"little\""});

    PthReader reader(file, read_pickle(file, pickle->content, 0, static_cast<std::size_t>(pickle->offset)));
    return reader.state_dict(
        [&](const PthStorage& storage, std::int64_t size) -> const void* {
            const std::string name = std::string(folder).append("data/").append(storage.key);
            const ZipEntry* entry = find_entry(entries, name);
            if (!entry) fail_file(file, {"zip: no entry ", io::quoted(name), " for a storage"});
            if (entry->content.size() != static_cast<std::size_t>(size))
                fail_file(file,
                          {"zip: entry ", io::quoted(name), " has ", entry->content.size(), " bytes, expected ", size});
            check_crc(file, *entry);
            return entry->content.data();
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

}  // namespace fathom::inline v0::io
