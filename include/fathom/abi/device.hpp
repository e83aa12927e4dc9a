// What a device offers: memory and streams as entries of one Table, operations as rows of lists that any file of the
// device, or a module beside it, may extend. Next: backend/registry.hpp, which finds both.
#pragma once

#include <cstdint>

#include "fathom/abi/call.hpp"
#include "fathom/core/dtype.hpp"

namespace fathom::inline v0::abi {

inline constexpr std::int32_t version = 2;

// A set of dtypes: bit 1 << dtype.
using DTypes = std::uint32_t;
template <class... D>
constexpr DTypes dtypes(D... each) {
    return (... | (DTypes{1} << static_cast<unsigned>(each)));
}
#define FATHOM_BIT(type, tag, ...) | dtypes(DType::tag)
inline constexpr DTypes floating = 0 FATHOM_FLOATING_DTYPES(FATHOM_BIT);
inline constexpr DTypes numbers = 0 FATHOM_NUMBER_DTYPES(FATHOM_BIT);
inline constexpr DTypes computed = 0 FATHOM_COMPUTED_DTYPES(FATHOM_BIT);
inline constexpr DTypes stored = 0 FATHOM_STORED_DTYPES(FATHOM_BIT);
inline constexpr DTypes fractions = floating | stored;
inline constexpr DTypes all_numbers = numbers | stored;
inline constexpr DTypes everything = computed | stored;
#undef FATHOM_BIT

// One operation on some dtypes. A name has at most one row for a dtype.
struct Row {
    const char* name;        // arguments.hpp lists them
    std::int32_t arguments;  // bytes of its argument struct
    DTypes dtypes;           // of the tensor that the caller names
    Outcome (*run)(const Call*, const void* arguments);
    // Answers before any work: null where these arguments can be run, otherwise why not. Null: all can.
    const char* (*accepts)(const void* arguments);
};

// Rows of one file, linked into the device's list.
struct Rows {
    const Row* begin;
    std::int32_t count;
    Rows* next;
};

// Bytes of a device's memory: in use, kept for reuse, and the most in use since the last trim.
struct Memory {
    std::int64_t active, kept, peak;
};

// Streams, events and graphs are the device's own handles. A stream is in order; null is the device's default one,
// which synchronizes with no other.
struct Table {
    std::int32_t version;                        // abi::version
    std::int32_t size;                           // sizeof(Table)
    const char* (*missing)(std::int32_t index);  // null if the device is usable, else why not ("no driver", ...)
    Rows** rows;                                 // the head of the list of operations

    void* (*allocate)(const Call*, std::int64_t bytes);
    void (*deallocate)(void*, void* stream);  // the stream of its last use
    Outcome (*memory)(const Call*, Memory*);
    Outcome (*trim)(const Call*);  // gives what is kept back to the system
    Outcome (*copy_from_host)(const Call*, void* to, const void* from, std::int64_t bytes);
    Outcome (*copy_to_host)(const Call*, void* to, const void* from, std::int64_t bytes);
    Outcome (*synchronize)(const Call*);  // waits for the call's stream

    Outcome (*create_stream)(const Call*, void** stream);
    Outcome (*destroy_stream)(const Call*, void* stream);  // waits for it
    Outcome (*create_event)(const Call*, void** event);
    Outcome (*destroy_event)(const Call*, void* event);
    Outcome (*record_event)(const Call*, void* event);  // at what the call's stream has been given so far
    Outcome (*wait_event)(const Call*, void* event);    // what the call's stream is given next comes after the event
    // From begin to end what the call's stream is given is not run but kept, for replay. Nothing may wait for the
    // stream in between. The memory that the work takes stays the graph's own until that is destroyed.
    Outcome (*begin_capture)(const Call*);
    Outcome (*end_capture)(const Call*, void** graph);
    Outcome (*replay)(const Call*, void* graph);  // on the call's stream
    Outcome (*destroy_graph)(const Call*, void* graph);
};

}  // namespace fathom::inline v0::abi
