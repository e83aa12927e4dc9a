// Definitions of error.hpp.
#include <cstdio>

namespace fathom::inline v0 {

namespace detail {
// By snprintf, which is compiled already: std::to_string is a dozen functions in every program.
FATHOM_INLINE void append_integer(std::string& text, std::int64_t value) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%lld", static_cast<long long>(value));
    text.append(digits);
}
}  // namespace detail

FATHOM_INLINE std::string to_string(const Shape& shape) {
    std::string s = "[";
    for (int i = 0; i < shape.rank(); ++i) {
        if (i > 0) s.append(",");
        detail::append_integer(s, shape[i]);
    }
    s.append("]");
    return s;
}

FATHOM_INLINE std::string to_string(double value) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.6g", value);
    return digits;
}

FATHOM_INLINE std::string to_string(Device device) {
    std::string s = name_of(device.kind);
    if (device.kind == DeviceKind::cuda) s.append(":"), detail::append_integer(s, device.index);
    return s;
}

FATHOM_INLINE std::string to_string(Where site) {
    std::string_view file = site.file;
    // An object made by std::make_unique and its like names a line of the standard library, which is nobody's place.
    constexpr std::string_view standard = "/c++/";
    if (file.empty() || file.find(standard) != std::string_view::npos) return {};
    if (auto slash = file.find_last_of('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
    std::string s(file);
    s.append(":");
    detail::append_integer(s, site.line);
    return s;
}

[[gnu::cold]] FATHOM_INLINE void detail::Part::append_to(std::string& message) const {
    switch (kind_) {
        case Kind::c_string:
            message.append(value_.c_string);
            break;
        case Kind::view:
            message.append(*value_.view);
            break;
        case Kind::string:
            message.append(*value_.string);
            break;
        case Kind::shape:
            message.append(to_string(*value_.shape));
            break;
        case Kind::device:
            message.append(to_string(value_.device));
            break;
        case Kind::integer:
            append_integer(message, value_.integer);
            break;
        case Kind::natural: {
            char digits[24];
            std::snprintf(digits, sizeof digits, "%llu", static_cast<unsigned long long>(value_.integer));
            message.append(digits);
            break;
        }
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
