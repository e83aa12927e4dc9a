// Definitions of error.hpp.
#include <cstdio>

namespace fathom::inline v0 {

FATHOM_INLINE std::string to_string(const Shape& shape) {
    std::string s = "[";
    for (int i = 0; i < shape.rank(); ++i) s.append(i ? "," : "").append(std::to_string(shape[i]));
    return s + "]";
}

FATHOM_INLINE std::string to_string(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.6g", value);
    return buffer;
}

FATHOM_INLINE std::string to_string(Device device) {
    std::string s = name_of(device.kind);
    if (device.kind == DeviceKind::cuda) s.append(":").append(std::to_string(device.index));
    return s;
}

FATHOM_INLINE std::string to_string(Where site) {
    std::string_view file = site.file;
    // An object made by std::make_unique and its like names a line of the standard library, which is nobody's place.
    constexpr std::string_view standard = "/c++/";
    if (file.empty() || file.find(standard) != std::string_view::npos) return {};
    if (auto slash = file.find_last_of('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
    return std::string(file) + ":" + std::to_string(site.line);
}

[[gnu::cold]] FATHOM_INLINE void detail::Part::append_to(std::string& message) const {
    switch (kind_) {
        case Kind::c_string:
            message.append(value_.c_string);
            break;
        case Kind::text:
            message.append(value_.text);
            break;
        case Kind::shape:
            message.append(to_string(*value_.shape));
            break;
        case Kind::device:
            message.append(to_string(value_.device));
            break;
        case Kind::integer:
            message.append(std::to_string(value_.integer));
            break;
        case Kind::natural:
            message.append(std::to_string(static_cast<std::uint64_t>(value_.integer)));
            break;
        case Kind::real:
            message.append(to_string(value_.real));
            break;
    }
}

[[gnu::cold]] FATHOM_INLINE std::string join(Parts parts) {
    std::string s;
    for (const detail::Part& part : parts) part.append_to(s);
    return s;
}

FATHOM_INLINE void fail(const char* operation, Where site, Parts parts) {
    std::string message = operation;
    message.append(message.empty() ? "" : ": ").append(join(parts));
    if (std::string place = to_string(site); !place.empty()) message.append(" at ").append(place);
    throw Error(message);
}

namespace detail {

[[gnu::cold]] FATHOM_INLINE void fail_size_overflow() { fail("shape", {}, {"a size is beyond 2^63 - 1"}); }
[[gnu::cold]] FATHOM_INLINE void fail_large_dim(std::uint64_t dim) {
    fail("shape", {}, {"dimension ", dim, " is beyond 2^63 - 1"});
}
[[gnu::cold]] FATHOM_INLINE void fail_index(int index, const Shape& shape) {
    fail("shape", {}, {"index ", index, " is out of range for ", shape});
}
[[gnu::cold]] FATHOM_INLINE void fail_rank() { fail("shape", {}, {"a tensor has at most ", max_rank, " dimensions"}); }

}  // namespace detail
}  // namespace fathom::inline v0
