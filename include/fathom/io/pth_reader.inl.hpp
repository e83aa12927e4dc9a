// What pth.inl.hpp's two formats have in common: the storages that a pickle names, and the tensors on top of them.
// Next: pth_search.inl.hpp, which finds the state dict in the pickle.
#include <algorithm>

#include "fathom/core/order.hpp"
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
    constexpr Other others[] = {{"ShortStorage", 2},          {"CharStorage", 1},     {"ComplexFloatStorage", 8},
                                {"ComplexDoubleStorage", 16}, {"QInt8Storage", 1},    {"QUInt8Storage", 1},
                                {"QInt32Storage", 4},         {"QUInt4x2Storage", 1}, {"QUInt2x4Storage", 1}};
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
        for (const Entry& entry : entries(state.notes)) {
            const std::string name(pickle_[entry.name].text);
            PthStorage& storage = storage_of(entry.tensor);
            if (!storage.tensor.defined()) {
                DType dtype = DType::float32;
                const std::int64_t width = storage_width(storage.type, &dtype);
                std::int64_t bytes = 0;
                if (width == 0) fail_type(name, storage);
                if (__builtin_mul_overflow(width, storage.numel, &bytes))
                    fail_tensor(name, {"has a storage of ", storage.numel, " elements"});
                storage.tensor = tensor_from_bytes(bytes_of(storage, bytes), Shape{storage.numel}, dtype, "load", site);
            }
            state.add(name, view(name, pickle_[entry.tensor], storage));
        }
        return state;
    }

private:
    void find_storages();
    // The tensors to load, and what is left out.
    struct Entry {
        Pickle::Handle name, tensor;
    };
    std::vector<Entry> entries(std::vector<std::string>& notes) const;
    // Where the state dict is: `names` are the keys that lead there.
    struct Found {
        Pickle::Handle dict;
        std::vector<Pickle::Handle> names;
    };
    Found find_state_dict() const;
    bool is_dict(Pickle::Handle handle) const;
    std::size_t tensors_in(Pickle::Handle dict) const;
    std::string path_of(const Found& found) const;
    std::string contents_of(Pickle::Handle dict) const;
    void check_names(const std::vector<Entry>& entries) const;
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
         detail::sorted_order(all.size(), [&](std::size_t a, std::size_t b) { return all[a].key < all[b].key; })) {
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

}  // namespace fathom::inline v0::io
