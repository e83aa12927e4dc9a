// A checksum against damage, not against forgery: FNV-1a over words of 8 bytes instead of bytes, several GB a second.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::io {

class Checksum {
public:
    // The pieces count one by one: "ab", "c" is not "a", "bc".
    void add(std::string_view bytes) {
        mix(bytes.size());
        std::size_t i = 0;
        for (; i + 8 <= bytes.size(); i += 8) mix(word_at(bytes.data() + i, 8));
        if (i < bytes.size()) mix(word_at(bytes.data() + i, bytes.size() - i));
    }
    std::uint64_t value() const { return hash_; }

private:
    static std::uint64_t word_at(const char* from, std::size_t bytes) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, bytes);
        return word;
    }
    // A product carries nothing down: without the shift, changes of two words' highest bits would cancel.
    void mix(std::uint64_t word) {
        hash_ = (hash_ ^ word) * 0x100000001b3;
        hash_ ^= hash_ >> 32;
    }

    std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace fathom::inline v0::io
