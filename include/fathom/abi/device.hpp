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
inline constexpr DTypes floating = dtypes(DType::float32, DType::float64);
inline constexpr DTypes numbers = floating | dtypes(DType::int64, DType::int32, DType::uint8);
inline constexpr DTypes everything = numbers | dtypes(DType::boolean);

// One operation on some dtypes. A name has at most one row for a dtype.
struct Row {
    const char* name;        // arguments.hpp lists them
    std::int32_t arguments;  // bytes of its argument struct
    DTypes dtypes;           // of the tensor that the caller names
    Status (*run)(const Call*, const void* arguments);
    // Answers before any work: null where these arguments can be run, otherwise why not. Null: all can.
    const char* (*accepts)(const void* arguments);
};

// Rows of one file, linked into the device's list.
struct Rows {
    const Row* begin;
    std::int32_t count;
    Rows* next;
};

struct Table {
    std::int32_t version;                        // abi::version
    std::int32_t size;                           // sizeof(Table)
    const char* (*missing)(std::int32_t index);  // null if the device is usable, else why not ("no driver", ...)
    Rows** rows;                                 // the head of the list of operations

    void* (*allocate)(const Call*, std::int64_t bytes);
    void (*deallocate)(void*);
    Status (*copy_from_host)(const Call*, void* to, const void* from, std::int64_t bytes);
    Status (*copy_to_host)(const Call*, void* to, const void* from, std::int64_t bytes);
    Status (*synchronize)(const Call*);
};

}  // namespace fathom::inline v0::abi
