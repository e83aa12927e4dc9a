// Definitions of state_values.hpp.
#include "fathom/tensor/runs.hpp"

namespace fathom::inline v0::detail {

FATHOM_INLINE bool can_load(DType to, DType from) { return to == from || (is_floating(to) && is_floating(from)); }

// Element by element: files and parameters are small beside training, so one loop over every layout will do.
template <class T>
void move_elements(void* to, const Shape& to_strides, const void* from, const Shape& from_strides, const Shape& shape) {
    for_each_run<2>(shape, {&to_strides, &from_strides}, [&](const auto& offsets, const auto& steps, std::int64_t n) {
        T* out = static_cast<T*>(to) + offsets[0];
        const T* in = static_cast<const T*>(from) + offsets[1];
        for (std::int64_t i = 0; i < n; ++i) out[i * steps[0]] = in[i * steps[1]];
    });
}

FATHOM_INLINE double element_value(const void* data, DType dtype, std::int64_t i) {
    return with_dtype(dtype, [&]<class T>(Type<T>) { return static_cast<double>(static_cast<const T*>(data)[i]); });
}

// The same between floating dtypes: through double, which holds each of their values, so that one is rounded once.
FATHOM_INLINE void convert_elements(const AnyTensor& to, const AnyTensor& from) {
    const auto write = [&](std::int64_t i, double value) {
        with_dtype(to.dtype(),
                   [&]<class T>(Type<T>) { static_cast<T*>(to.raw_unchecked())[i] = static_cast<T>(value); });
    };
    for_each_run<2>(
        to.shape(), {&to.strides(), &from.strides()}, [&](const auto& offsets, const auto& steps, std::int64_t n) {
            for (std::int64_t i = 0; i < n; ++i)
                write(offsets[0] + i * steps[0], element_value(from.raw(), from.dtype(), offsets[1] + i * steps[1]));
        });
}

FATHOM_INLINE void load_values(const AnyTensor& to, const AnyTensor& from, const char* operation, Where site) {
    const void* in = host_data(from, site);
    // Another device gets one block from a host copy of the same layout.
    const bool host = to.device().is_cpu();
    const AnyTensor block =
        host ? to : new_tensor(to.shape(), to.strides(), to.dtype(), Device::cpu(), operation, site);
    void* out = block.raw_unchecked();
    const auto move = [&](auto function) { function(out, block.strides(), in, from.strides(), to.shape()); };
    if (to.dtype() != from.dtype())
        convert_elements(block, from);
    else if (size_of(to.dtype()) == 8)
        move(&move_elements<std::uint64_t>);
    else if (size_of(to.dtype()) == 4)
        move(&move_elements<std::uint32_t>);
    else if (size_of(to.dtype()) == 2)
        move(&move_elements<std::uint16_t>);
    else
        move(&move_elements<std::uint8_t>);
    if (!host)
        copy_from_host(to.device(), to.raw_unchecked(), out,
                       to.numel() * static_cast<std::int64_t>(size_of(to.dtype())), to.dtype(), operation, site);
    to.impl().storage->bump_version();
}

FATHOM_INLINE AnyTensor host_copy(const AnyTensor& x, const char* operation, Where site) {
    const Shape strides = strides_in_order_of(x.shape(), x.shape(), x.strides());
    const AnyTensor copy = new_tensor(x.shape(), strides, x.dtype(), Device::cpu(), operation, site);
    if (x.device().is_cpu())
        load_values(copy, x, operation, site);
    else if (!(x.strides() == strides))
        fail(operation, site, {"a tensor of shape ", x.shape(), " on ", x.device(), " is a view with gaps"});
    else
        copy_to_host(x.device(), copy.raw_unchecked(), x.raw(),
                     x.numel() * static_cast<std::int64_t>(size_of(x.dtype())), x.dtype(), operation, site);
    return copy;
}

template <class T>
AnyTensor new_scalar(T value) {
    const AnyTensor x = new_tensor({}, {}, dtype_of<T>, Device::cpu(), "state_dict", {});
    *static_cast<T*>(x.raw_unchecked()) = value;
    return x;
}

template <class T>
void get_scalar(const AnyTensor* x, const std::string& name, T& value, Where site) {
    if (!x) fail("load_state_dict", site, {"the state lacks ", name});
    if (x->dtype() != dtype_of<T> || x->numel() != 1)
        fail("load_state_dict", site, {name, ": expected one ", dtype_of<T>, ", got ", x->dtype(), " ", x->shape()});
    value = *static_cast<const T*>(host_data(*x, site));
}

FATHOM_INLINE AnyTensor scalar_value(std::int64_t value) { return new_scalar(value); }
FATHOM_INLINE AnyTensor scalar_value(double value) { return new_scalar(value); }
FATHOM_INLINE void read_scalar(const AnyTensor* found, const std::string& name, std::int64_t& value, Where site) {
    get_scalar(found, name, value, site);
}
FATHOM_INLINE void read_scalar(const AnyTensor* found, const std::string& name, double& value, Where site) {
    get_scalar(found, name, value, site);
}

FATHOM_INLINE std::string list_names(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 5;
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < shown; ++i) text += (i ? ", " : "") + names[i];
    if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
    return text;
}

FATHOM_INLINE SortedNames::SortedNames(const StateDict& dict)
    : dict_(dict), order_(sorted_order(dict.size(), [&](std::size_t a, std::size_t b) {
          return dict.entries[a].first < dict.entries[b].first;
      })) {}

FATHOM_INLINE std::size_t SortedNames::place(std::string_view name) const {
    return first_not(order_.size(), [&](std::size_t i) { return entry(i).first < name; });
}

FATHOM_INLINE std::size_t SortedNames::count(std::string_view name) const {
    const std::size_t first = place(name);
    std::size_t end = first;
    while (end < order_.size() && entry(end).first == name) ++end;
    return end - first;
}

FATHOM_INLINE const AnyTensor* SortedNames::find(std::string_view name) const {
    const std::size_t at = place(name);
    return at < order_.size() && entry(at).first == name ? &entry(at).second : nullptr;
}

FATHOM_INLINE const std::string* SortedNames::repeated() const {
    for (std::size_t i = 1; i < order_.size(); ++i)
        if (entry(i).first == entry(i - 1).first) return &entry(i).first;
    return nullptr;
}

}  // namespace fathom::inline v0::detail
