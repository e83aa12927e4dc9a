// Definitions of inflate.hpp. Section numbers are RFC 1951's.
#include <algorithm>
#include <array>
#include <cstring>

namespace fathom::inline v0::io {

// A Huffman code given by the lengths of its words (3.2.2). Words of up to `fast_bits` bits are looked up, longer ones
// found by comparing with the first word of each length.
class DeflateCode {
public:
    // False if the lengths overfill the code, or leave words without a meaning; a single word of one bit, or none at
    // all, may stand alone.
    bool build(const std::uint8_t* lengths, std::size_t symbols) {
        count_.fill(0), fast_.fill(0);
        for (std::size_t s = 0; s < symbols; ++s) ++count_[lengths[s]];
        const std::size_t used = symbols - count_[0];
        count_[0] = 0;
        std::int32_t free_words = 1;
        std::array<std::uint16_t, 17> next{}, word{};
        for (std::size_t length = 1; length <= 15; ++length) {
            free_words = 2 * free_words - count_[length];
            if (free_words < 0) return false;
            next[length + 1] = static_cast<std::uint16_t>(next[length] + count_[length]);
            word[length + 1] = static_cast<std::uint16_t>((word[length] + count_[length]) << 1);
        }
        if (free_words > 0 && !(used == 0 || (used == 1 && count_[1] == 1))) return false;
        for (std::size_t s = 0; s < symbols; ++s) {
            const std::size_t length = lengths[s];
            if (length == 0) continue;
            symbol_[next[length]++] = static_cast<std::uint16_t>(s);
            std::size_t reversed = 0;  // words come with their first bit lowest
            for (std::size_t bit = 0, w = word[length]++; bit < length; ++bit, w >>= 1)
                reversed = reversed << 1 | (w & 1);
            for (std::size_t i = reversed; length <= fast_bits && i < fast_.size(); i += std::size_t{1} << length)
                fast_[i] = static_cast<std::uint16_t>(s << 4 | length);
        }
        return true;
    }

    static constexpr std::size_t fast_bits = 10;
    // symbol << 4 | length; 0 if no word is that short.
    std::size_t fast(std::uint64_t bits) const { return fast_[bits & (fast_.size() - 1)]; }
    std::size_t slow(std::uint64_t bits) const {
        std::size_t word = 0, first = 0, index = 0;
        for (std::size_t length = 1; length <= 15; ++length, bits >>= 1) {
            word = word << 1 | (bits & 1);
            if (word - first < count_[length])
                return static_cast<std::size_t>(symbol_[index + word - first]) << 4 | length;
            index += count_[length];
            first = (first + count_[length]) << 1;
        }
        return 0;
    }

private:
    std::array<std::uint16_t, 1 << fast_bits> fast_{};
    std::array<std::uint16_t, 16> count_{};
    std::array<std::uint16_t, 288> symbol_{};
};

class Inflater {
public:
    Inflater(const std::string& file, const char* what, std::string_view bytes, std::size_t most)
        : file_(file), what_(what), bytes_(bytes), most_(most) {}

    Inflated run() {
        for (bool last = false; !last && size_ <= most_;) {
            last = take(1) != 0;
            switch (take(2)) {
                case 0:
                    stored();
                    break;
                case 1:
                    fixed_codes();
                    compressed();
                    break;
                case 2:
                    dynamic_codes();
                    compressed();
                    break;
                default:
                    refuse("a block of the unknown kind 3");
            }
            out_.ended = last;
        }
        if (size_ > most_) {
            size_ = most_;
            out_.ended = false;
        }
        out_.data.resize(size_);
        out_.used = at_ - held_ / 8;
        return std::move(out_);
    }

private:
    template <class... P>
    [[noreturn]] void refuse(P... parts) const {
        fail_file(file_, {what_, ": broken compressed data: ", parts..., " at compressed byte ", at_ - held_ / 8});
    }

    // Twice as much each time, so that the time for copying stays linear.
    void room_for(std::size_t more) {
        if (out_.data.size() - size_ < more) out_.data.resize(2 * out_.data.size() + more);
    }

    void fill() {
        if (held_ <= 56 && bytes_.size() - at_ >= 8) {
            std::uint64_t next = 0;
            std::memcpy(&next, bytes_.data() + at_, 8);
            bits_ |= next << held_;
            const std::size_t whole = (63 - held_) / 8;
            at_ += whole, held_ += 8 * whole;
            bits_ &= ~std::uint64_t{0} >> (64 - held_);
            return;
        }
        for (; held_ <= 56 && at_ < bytes_.size(); held_ += 8)
            bits_ |= std::uint64_t{static_cast<unsigned char>(bytes_[at_++])} << held_;
    }
    void drop(std::size_t count) {
        if (count > held_) refuse("they end in the middle");
        bits_ >>= count;
        held_ -= count;
    }
    std::size_t take(std::size_t count) {
        if (held_ < count) fill();
        const auto value = static_cast<std::size_t>(bits_ & ((std::uint64_t{1} << count) - 1));
        drop(count);
        return value;
    }
    std::size_t symbol(const DeflateCode& code) {
        if (held_ < 15) fill();
        std::size_t found = code.fast(bits_);
        if (found == 0) found = code.slow(bits_);
        if (found == 0) refuse("a word that means nothing");
        drop(found & 15);
        return found >> 4;
    }

    // 3.2.4
    void stored() {
        drop(held_ % 8);
        const std::size_t size = take(16), complement = take(16);
        if ((size ^ complement) != 0xffff) refuse("a stored block whose size is damaged");
        at_ -= held_ / 8;  // what was read ahead
        bits_ = held_ = 0;
        if (size > bytes_.size() - at_) refuse("they end in the middle");
        room_for(size);
        std::memcpy(out_.data.data() + size_, bytes_.data() + at_, size);
        size_ += size;
        at_ += size;
    }

    // 3.2.6
    void fixed_codes() {
        std::array<std::uint8_t, 288> lengths;
        for (std::size_t s = 0; s < lengths.size(); ++s)
            lengths[s] = static_cast<std::uint8_t>(s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8);
        literals_.build(lengths.data(), lengths.size());
        lengths.fill(5);
        distances_.build(lengths.data(), 32);
    }

    // 3.2.7
    void dynamic_codes() {
        constexpr std::uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
        const std::size_t literals = take(5) + 257, distances = take(5) + 1, written = take(4) + 4;
        std::array<std::uint8_t, 19> meta{};
        for (std::size_t i = 0; i < written; ++i) meta[order[i]] = static_cast<std::uint8_t>(take(3));
        if (literals > 286 || distances > 30 || !distances_.build(meta.data(), meta.size()))
            refuse("an impossible code");
        std::array<std::uint8_t, 286 + 30> lengths{};
        for (std::size_t i = 0; i < literals + distances;) {
            const std::size_t s = symbol(distances_);
            if (s < 16) {
                lengths[i++] = static_cast<std::uint8_t>(s);
                continue;
            }
            if (s == 16 && i == 0) refuse("a repetition of nothing");
            const std::uint8_t value = s == 16 ? lengths[i - 1] : 0;
            std::size_t times = s == 16 ? 3 + take(2) : s == 17 ? 3 + take(3) : 11 + take(7);
            if (times > literals + distances - i) refuse("more lengths than the code has");
            for (; times > 0; --times) lengths[i++] = value;
        }
        if (lengths[256] == 0) refuse("a block without an end");
        if (!literals_.build(lengths.data(), literals) || !distances_.build(lengths.data() + literals, distances))
            refuse("an impossible code");
    }

    // 3.2.5
    void compressed() {
        constexpr std::uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                                   31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
        constexpr std::uint8_t length_bits[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                  2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
        constexpr std::size_t longest = 258;
        while (size_ <= most_) {
            room_for(longest);
            char* const out = out_.data.data() + size_;
            const std::size_t s = symbol(literals_);
            if (s < 256) {
                *out = static_cast<char>(static_cast<unsigned char>(s));
                ++size_;
                continue;
            }
            if (s == 256) return;
            if (s > 285) refuse("an unknown length");
            const std::size_t length = length_base[s - 257] + take(length_bits[s - 257]), d = symbol(distances_);
            if (d > 29) refuse("an unknown distance");
            const std::size_t extra = d < 4 ? 0 : d / 2 - 1;
            const std::size_t distance = (d < 4 ? d : (2 + d % 2) << extra) + take(extra) + 1;
            if (distance > size_) refuse("a copy from before the beginning");
            const char* from = out - distance;
            if (distance >= length)
                std::memcpy(out, from, length);
            else
                for (std::size_t i = 0; i < length; ++i) out[i] = from[i];  // repeats what it has just written
            size_ += length;
        }
    }

    const std::string& file_;
    const char* what_;
    std::string_view bytes_;
    std::size_t most_, size_ = 0, at_ = 0, held_ = 0;  // size_: bytes given; held_: bits in bits_
    std::uint64_t bits_ = 0;
    DeflateCode literals_, distances_;
    Inflated out_;
};

FATHOM_INLINE Inflated inflate(const std::string& file, const char* what, std::string_view bytes, std::size_t most) {
    return Inflater(file, what, bytes, most).run();
}

FATHOM_INLINE std::uint32_t adler32(std::string_view bytes) {
    std::uint32_t a = 1, b = 0;
    for (std::size_t i = 0; i < bytes.size();) {
        // So many sums of sums fit into 32 bits.
        for (const std::size_t end = std::min(bytes.size(), i + 5552); i < end; ++i)
            a += static_cast<unsigned char>(bytes[i]), b += a;
        a %= 65521, b %= 65521;
    }
    return b << 16 | a;
}

FATHOM_INLINE Inflated inflate_zlib(const std::string& file, const char* what, std::string_view bytes,
                                    std::size_t most) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
    if (bytes.size() < 2 || (byte(0) & 15) != 8 || (byte(0) << 8 | byte(1)) % 31 != 0 || (byte(1) & 32))
        fail_file(file, {what, ": broken compressed data: no zlib header at their beginning"});
    Inflated out = inflate(file, what, bytes.substr(2), most);
    out.used += 2;
    if (!out.ended) return out;
    if (bytes.size() - out.used < 4) fail_file(file, {what, ": compressed data without their checksum"});
    std::uint32_t expected = 0;
    for (int i = 0; i < 4; ++i) expected = expected << 8 | byte(out.used++);
    if (const std::uint32_t sum = adler32(out.data); sum != expected)
        fail_file(file, {what, ": decompressed data have checksum ", sum, ", expected ", expected});
    return out;
}

}  // namespace fathom::inline v0::io
