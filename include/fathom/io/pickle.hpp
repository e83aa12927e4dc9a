// A pickle machine that understands what a PyTorch state dict consists of: it builds a tree of plain values, imports no
// name, calls no function. What Python would make by calling something else (numbers of numpy, options of a program,
// sets) becomes an object that nobody can read but for the name of what would have been called. Next: pth.hpp, which
// reads tensors off the tree.
#pragma once

#include <cstdint>
#include <vector>

#include "fathom/io/file.hpp"

namespace fathom::inline v0::io {

struct Pickle {
    enum class Kind : std::uint8_t {
        none,
        boolean,       // integer: 0 or 1
        integer,       // integer
        long_integer,  // text: more than 8 bytes, little-endian
        real,          // real
        string,        // text
        tuple,         // items
        list,          // items
        dict,          // items: key, value, key, value...; an OrderedDict and a defaultdict too
        global,        // module and text: the name, "torch" and "FloatStorage"
        object,        // module and text of what would make it; items: what it was given by key, as in a dict
        storage,       // items: global, key (string), number of elements
        tensor,        // items: storage, offset, sizes (tuple), strides (tuple)
    };
    // The number of a value.
    using Handle = std::uint32_t;

    struct Value {
        Kind kind = Kind::none;
        std::int64_t integer = 0;
        double real = 0;
        std::string_view text, module;  // into the file's bytes, or constants
        std::vector<Handle> items;
    };

    std::vector<Value> values;
    Handle root = 0;
    std::size_t end = 0;  // where the pickle ends in the file

    const Value& operator[](Handle handle) const { return values[handle]; }
};

// "a tuple", for messages.
const char* name_of(Pickle::Kind kind);
// The same with the name of an object or a global behind it: "an object (numpy.dtype)".
std::string describe(const Pickle::Value& value);

// Reads the pickle that begins at byte `begin` of `bytes`, all of which must be in the file at byte `offset`.
Pickle read_pickle(const std::string& file, std::string_view bytes, std::size_t begin = 0, std::size_t offset = 0);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/pickle.inl.hpp"
#endif
