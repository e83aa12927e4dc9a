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

FATHOM_INLINE std::string to_string(Where where) {
    std::string_view file = where.file;
    if (file.empty()) return {};
    if (auto slash = file.find_last_of('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
    return std::string(file) + ":" + std::to_string(where.line);
}

FATHOM_INLINE std::string join(Parts parts) {
    std::string s;
    for (const detail::Part& part : parts) s += part.text;
    return s;
}

[[gnu::cold]] FATHOM_INLINE void fail(const char* operation, Where where, Parts parts) {
    std::string message = operation;
    message.append(message.empty() ? "" : ": ").append(join(parts));
    if (std::string place = to_string(where); !place.empty()) message.append(" at ").append(place);
    throw Error(message);
}

}  // namespace fathom::inline v0
