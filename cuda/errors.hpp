// How both runtimes keep what went wrong: the text of this thread's last failure, and per stream a ring of the
// operations sent since the stream was last known to be idle. Used by runtime_cuda.cu and emulator/.
#pragma once

#include <cstdlib>
#include <cstring>
#include <string>

#include "cuda/runtime.hpp"
#include "fathom/core/error.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

inline std::string& error_slot() {
    thread_local std::string text;
    return text;
}

inline Result failed(int code, std::string text) {
    error_slot() = std::move(text);
    return {code};
}

// The last operations sent to a stream. Names are copied: they need not outlive the call.
class Recent {
public:
    void add(const char* operation) {
        char* name = names_[added_++ % size];
        std::strncpy(name, operation ? operation : "?", length - 1);
        name[length - 1] = '\0';
    }
    // Everything so far is known to be done.
    void settle() { settled_ = added_; }

    // "; sent since the stream was last idle: conv, relu"
    std::string text() const {
        if (settled_ == added_) return {};
        std::string text = "; sent since the stream was last known to be idle: ";
        auto first = settled_;
        if (added_ - first > size) first = added_ - size, text += "..., ";
        for (auto i = first; i < added_; ++i) text += join({i > first ? ", " : "", names_[i % size]});
        return text;
    }

private:
    static constexpr std::size_t size = 16, length = 48;
    char names_[size][length] = {};
    std::size_t added_ = 0, settled_ = 0;
};

inline bool synchronous() {
    static const bool value = [] {
        const char* text = std::getenv("FATHOM_CUDA_SYNC");
        return text && *text && std::strcmp(text, "0") != 0;
    }();
    return value;
}

inline std::string dim3_text(const Dim3& e) { return join({"(", e.x, ",", e.y, ",", e.z, ")"}); }

// What CUDA's limits forbid, the same in both runtimes; empty when the launch is allowed.
inline std::string launch_error(const LaunchShape& g) {
    const auto inside = [](const Dim3& e, std::int64_t x, std::int64_t y, std::int64_t z) {
        return e.x >= 1 && e.y >= 1 && e.z >= 1 && e.x <= x && e.y <= y && e.z <= z;
    };
    if (!inside(g.block, 1024, 1024, 64) || g.block.x * g.block.y * g.block.z > 1024)
        return join(
            {"a block of ", dim3_text(g.block), " threads, allowed are 1 to 1024, of which at most 64 along z"});
    if (!inside(g.grid, 0x7fffffff, 65535, 65535))
        return join(
            {"a grid of ", dim3_text(g.grid), " blocks, allowed are 1 to 2147483647 along x, 65535 along y and z"});
    return {};
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
