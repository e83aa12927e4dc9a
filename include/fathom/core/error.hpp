// How a check fails: `fail("conv2d", where, {"input has ", c, " channels, weight expects ", k})` throws
// Error "conv2d: input has 3 channels, weight expects 4 at train.cpp:41". The message is built out of line.
#pragma once

#include <cstdint>
#include <initializer_list>
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
std::string to_string(Where where);         // "train.cpp:41", the folder left out; "" without a file

namespace detail {
// One piece of a message.
struct Part {
    std::string text;

    Part(const char* s) : text(s) {}
    Part(std::string_view s) : text(s) {}
    Part(std::string s) : text(std::move(s)) {}
    Part(const Shape& shape) : text(to_string(shape)) {}
    Part(DType dtype) : text(name_of(dtype)) {}
    Part(Device device) : text(to_string(device)) {}
    template <class I>
        requires std::is_integral_v<I>
    Part(I value) : text(std::to_string(value)) {}
    template <class F>
        requires std::is_floating_point_v<F>
    Part(F value) : text(to_string(static_cast<double>(value))) {}
};
}  // namespace detail

using Parts = std::initializer_list<detail::Part>;

std::string join(Parts parts);

// Throws Error "operation: parts at file:line".
[[noreturn]] void fail(const char* operation, Where where, Parts parts);

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/core/error.inl.hpp"
#endif
