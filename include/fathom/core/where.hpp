// The place in the user's program that called an operation: file and line, taken by default arguments (clang 14 has no
// std::source_location).
#pragma once

#include <type_traits>

namespace fathom::inline v0 {

struct Where {
    const char* file = "";
    int line = 0;

    constexpr Where() = default;
    // A template, so that a literal 0 is no file: x.sum({0, 1}) names two dimensions.
    template <class File>
    requires std::is_same_v<File, const char*>
    constexpr Where(File at_file, int at_line) : file(at_file), line(at_line) {}

    static constexpr Where here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
        return {file, line};
    }
};

}  // namespace fathom::inline v0
