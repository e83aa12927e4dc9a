// The one source of memory: a caching allocator with 64-byte alignment. Small blocks come from lists of the thread,
// large ones from a shared list; a process-wide limit, and for every block the operation and line that asked for it.
// Storage (tensor/) and kernels' Scratch use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fathom/core/error.hpp"
#include "fathom/core/list.hpp"

namespace fathom::inline v0 {

struct MemoryReport {
    struct Holder {
        std::string operation;  // "conv2d at train.cpp:41"
        std::int64_t bytes = 0;
        std::int64_t blocks = 0;
    };
    std::int64_t active = 0;      // bytes in blocks that are in use
    std::int64_t peak = 0;        // the most `active` has been since the last reset_peak_memory()
    std::int64_t cached = 0;      // bytes kept for reuse
    std::int64_t limit = 0;       // 0: none
    std::vector<Holder> holders;  // of large blocks (1 MiB and more) in use, by bytes, largest first
};

MemoryReport memory_report();
std::string to_string(const MemoryReport& report);  // some lines
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const MemoryReport& report) {
    out << to_string(report).c_str();
    return out;
}
void reset_peak_memory();
// Active plus cached bytes never exceed this (0: no limit); a request that would throws Error, after the cache was
// given back to the system.
void set_memory_limit(std::int64_t bytes);
// Gives cached blocks (of this thread and the shared lists) back to the system.
void empty_cache();

namespace detail {
// `shape` is for the message when memory runs out; empty where there is none. Zero bytes give a valid block.
void* allocate(std::int64_t bytes, const char* operation, Where site, const Shape& shape = {});
void deallocate(void* data) noexcept;

// Sees every block that is taken and given back, one at a time, on the thread that does it. `bytes` is what is counted
// as active. It must not allocate here.
class MemoryObserver {
public:
    virtual void taken(const void* data, std::int64_t bytes, const char* operation, Where site) noexcept = 0;
    virtual void given_back(const void* data) noexcept = 0;

protected:
    ~MemoryObserver() = default;
};
// From now on this one, or with null none; false if there is another one. Nobody is called any more when it returns.
bool observe_memory(MemoryObserver* observer);
}  // namespace detail

// Working memory of a kernel, given back at the end of the scope.
class Scratch {
public:
    Scratch(std::int64_t bytes, const char* operation) : data_(detail::allocate(bytes, operation, {})) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { detail::deallocate(data_); }
    template <class T>
    T* as() const {
        return static_cast<T*>(data_);
    }

private:
    void* data_;
};

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/core/allocator.inl.hpp"
#endif
