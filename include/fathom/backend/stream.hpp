// Streams, events and graphs of a device: what is sent to one stream happens in order, different streams overlap, and a
// graph is work that was kept to be run again at once. Also a device's memory in numbers. The CPU has none of these.
//
//   ft::Stream copies(device);
//   ft::Event there(device);
//   { ft::StreamScope scope(copies); x = batch.to(device); there.record(); }
//   there.wait();                                             // what this thread sends next comes after the copy
//   ft::Graph step = ft::Graph::capture(device, [&] { ... }); // fixed addresses and numbers: nothing is run yet
//   step.replay();
#pragma once

#include <cstdint>
#include <utility>

#include "fathom/backend/registry.hpp"

namespace fathom::inline v0 {

// A stream of its own. Destroying it waits for what it has been sent.
class Stream {
public:
    explicit Stream(Device device, Where site = Where::here());
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream();

    Device device() const { return device_; }
    void* handle() const { return handle_; }

private:
    Device device_;
    void* handle_ = nullptr;
};

// While it lives, what this thread sends to the stream's device goes to the stream. Scopes end in opposite order.
class StreamScope {
public:
    explicit StreamScope(const Stream& stream)
        : current_{stream.device(), stream.handle(), std::exchange(detail::current_streams, &current_)} {}
    StreamScope(const StreamScope&) = delete;
    StreamScope& operator=(const StreamScope&) = delete;
    ~StreamScope() { detail::current_streams = current_.outer; }

private:
    detail::CurrentStream current_;
};

// A place in the order of a stream, that others can wait for.
class Event {
public:
    explicit Event(Device device, Where site = Where::here());
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event();

    // Behind all that the device's current stream has been sent.
    void record(Where site = Where::here());
    // What the device's current stream is sent next comes after the place; at once where none was recorded.
    void wait(Where site = Where::here()) const;

private:
    Device device_;
    void* handle_ = nullptr;
};

// Work of a device that was kept instead of run. Its tensors' addresses are fixed, and memory that it took stays its
// own as long as it lives, also that of results which were released; numbers that are to change between replays lie in
// tensors. Inputs from outside have to live as long as it is replayed.
class Graph {
public:
    Graph() = default;
    Graph(Graph&& other) noexcept : device_(other.device_), handle_(std::exchange(other.handle_, nullptr)) {}
    Graph& operator=(Graph&& other) noexcept {
        std::swap(device_, other.device_), std::swap(handle_, other.handle_);
        return *this;
    }
    ~Graph();

    // What f() sends to the device's current stream, and to those that wait for its events. f may neither read results
    // nor copy between the host and the device.
    template <class F>
    static Graph capture(Device device, F&& f, Where site = Where::here()) {
        begin(device, site);
        try {
            std::forward<F>(f)();
        } catch (...) {
            abandon(device);
            throw;
        }
        return end(device, site);
    }
    // Sends the work to the device's current stream.
    void replay(Where site = Where::here()) const;

private:
    static void begin(Device device, Where site);
    static Graph end(Device device, Where site);
    static void abandon(Device device) noexcept;

    Device device_;
    void* handle_ = nullptr;
};

// Waits for what the device's current stream has been sent; an error of that work comes out here.
void synchronize(Device device, Where site = Where::here());

// Bytes of the device's memory: in tensors, kept for reuse, and the most that have been in tensors since the last
// trim_memory().
abi::Memory memory_of(Device device, Where site = Where::here());
// Gives what is kept for reuse back to the device. Waits for all of its streams.
void trim_memory(Device device, Where site = Where::here());

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/backend/stream.inl.hpp"
#endif
