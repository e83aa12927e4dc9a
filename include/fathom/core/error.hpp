// How a check fails: `fail("conv2d", where, {"input has ", c, " channels, weight expects ", k})` throws
// Error "conv2d: input has 3 channels, weight expects 4 at train.cpp:41". The message is built out of line.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "fathom/core/config.hpp"
#include "fathom/core/device.hpp"
#include "fathom/core/dtype.hpp"
#include "fathom/core/shape.hpp"
#include "fathom/core/where.hpp"

namespace fathom::inline v0 {

// Every error that fathom reports. Default visibility: it is caught across shared objects.
class [[gnu::visibility("default")]] Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

std::string to_string(const Shape& shape);  // "[2,3,48,64]"
std::string to_string(double value);        // shortest text that reads back to six digits
std::string to_string(Device device);       // "cpu", "cuda:1"
std::string to_string(
    Where site);  // "train.cpp:41", the folder left out; "" without a file, or in the standard library

template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const Shape& shape) {
    out << to_string(shape).c_str();
    return out;
}

namespace detail {
// One piece of a message: a value or the address of one that outlives the call of fail(). Two words and trivial, so
// that the many places that check something compile to a few stores; text is made of it out of line (join).
class Part {
public:
    Part(const char* s) : kind_(Kind::c_string), value_{.c_string = s} {}
    Part(const std::string_view& s) : kind_(Kind::view), value_{.view = &s} {}
    Part(const std::string& s) : kind_(Kind::string), value_{.string = &s} {}
    Part(const Shape& shape) : kind_(Kind::shape), value_{.shape = &shape} {}
    Part(DType dtype) : Part(name_of(dtype)) {}
    Part(Device device) : kind_(Kind::device), value_{.device = device} {}
    template <class Integer>
    requires std::is_integral_v<Integer> Part(Integer value)
        : kind_(std::is_signed_v<Integer> ? Kind::integer : Kind::natural),
          value_{.integer = static_cast<std::int64_t>(value)} {}
    template <class F>
    requires std::is_floating_point_v<F> Part(F value)
        : kind_(Kind::real), value_{.real = static_cast<double>(value)} {}

    void append_to(std::string& message) const;

private:
    enum class Kind : std::uint8_t { c_string, view, string, shape, device, integer, natural, real };
    union Value {
        const char* c_string;
        const std::string_view* view;
        const std::string* string;
        const Shape* shape;
        Device device;
        std::int64_t integer;
        double real;
    };
    Kind kind_;
    Value value_;
};
}  // namespace detail

using Parts = std::initializer_list<detail::Part>;

std::string join(Parts parts);

// Throws Error "operation: parts at file:line". Cold, so that what leads to it is compiled for size.
[[noreturn, gnu::cold]] void fail(const char* operation, Where site, Parts parts);

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/core/error.inl.hpp"
#endif
