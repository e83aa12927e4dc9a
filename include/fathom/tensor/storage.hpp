// A block of memory on a device, shared by every view of it. Counts writes, so that backward can tell when a value it
// needs was overwritten.
#pragma once

#include "fathom/backend/registry.hpp"
#include "fathom/core/allocator.hpp"
#include "fathom/core/refcount.hpp"

namespace fathom::inline v0 {

class Storage : public Refcounted {
public:
    // Uninitialised memory on a device that is there. The message of a failure names the operation, its line and the
    // shape asked for.
    Storage(std::int64_t bytes, Device device, const char* operation, Where site, const Shape& shape);
    // Memory of the caller's on the CPU; `owner` is released with the storage.
    Storage(void* data, std::int64_t bytes, Ref<Refcounted> owner)
        : data_(data), bytes_(bytes), owner_(std::move(owner)), deallocate_([](void*, void*) {}) {}
    ~Storage() override { deallocate_(data_, detail::current_stream(device_)); }

    void* data() const { return data_; }
    std::int64_t bytes() const { return bytes_; }
    Device device() const { return device_; }

    std::uint32_t version() const { return version_.load(std::memory_order_relaxed); }
    void bump_version() { version_.fetch_add(1, std::memory_order_relaxed); }

private:
    void* data_ = nullptr;
    std::int64_t bytes_;
    Device device_;
    std::atomic<std::uint32_t> version_{0};
    Ref<Refcounted> owner_;  // of memory that is the caller's
    // Carried here: a storage may outlive, or come from, another copy of the library.
    void (*deallocate_)(void* data, void* stream);
};

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/tensor/storage.inl.hpp"
#endif
