// The place in the user's program that called an operation: file and line, taken by default arguments (clang 14 has no std::source_location).
#pragma once

namespace fathom::inline v0 {

struct Where {
    const char* file = "";
    int line = 0;

    static constexpr Where here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};

}  // namespace fathom::inline v0
