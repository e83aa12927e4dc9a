// Definitions of jpeg_scan.hpp. Sections and figures are those of ITU-T T.81.
#include <array>
#include <vector>

namespace fathom::inline v0::io {

// A Huffman table (C.2): words of up to 8 bits are looked up, longer ones found by comparing.
class JpegCode {
public:
    bool defined() const { return defined_; }
    // From the 16 counts and the symbols of a DHT segment, which fit into it. False if the counts overfill the code.
    bool build(std::string_view counts, std::string_view symbols) {
        std::size_t word = 0, index = 0;
        fast_.fill(0);
        for (std::size_t length = 1; length <= 16; ++length, word <<= 1) {
            const std::size_t count = static_cast<unsigned char>(counts[length - 1]);
            first_[length] = word, index_[length] = index, count_[length] = count;
            for (std::size_t i = 0; i < count; ++i, ++word, ++index) {
                symbol_[index] = static_cast<unsigned char>(symbols[index]);
                const std::size_t shift = length <= 8 ? 8 - length : 0;
                for (std::size_t k = 0; length <= 8 && k < std::size_t{1} << shift && (word << shift) + k < 256; ++k)
                    fast_[(word << shift) + k] = static_cast<std::uint16_t>(std::size_t{symbol_[index]} << 4 | length);
            }
            if (word > std::size_t{1} << length) return false;
        }
        return defined_ = true;
    }
    // `bits`: the next 16, first bit highest. symbol << 8 | length, or 0.
    std::size_t find(std::size_t bits) const {
        if (const std::size_t hit = fast_[bits >> 8]) return hit >> 4 << 8 | (hit & 15);
        for (std::size_t length = 1; length <= 16; ++length) {
            const std::size_t word = bits >> (16 - length);
            if (word >= first_[length] && word - first_[length] < count_[length])
                return std::size_t{symbol_[index_[length] + word - first_[length]]} << 8 | length;
        }
        return 0;
    }

private:
    std::array<std::uint16_t, 256> fast_{};
    std::array<std::size_t, 17> first_{}, index_{}, count_{};
    std::array<unsigned char, 256> symbol_{};
    bool defined_ = false;
};

class JpegScans {
public:
    JpegScans(const std::string& file, std::string_view bytes) : file_(file), bytes_(bytes) {}

    void run();

private:
    struct Component {
        unsigned id = 0, h = 1, v = 1, quantization = 0;
        std::size_t wide = 0, high = 0;               // blocks that hold pixels
        std::size_t stride = 0, rows = 0;             // blocks in memory: whole MCUs
        std::array<signed char, 64> level{};          // bits not coded yet of each coefficient; 127: all
        std::vector<std::uint64_t> nonzero;           // [rows * stride], progressive: the coefficients that are not 0
        const JpegCode *dc = nullptr, *ac = nullptr;  // of the present scan
    };

    template <class... P>
    [[noreturn]] void refuse(P... parts) const {
        fail_file(file_, {"JPEG: ", parts..., " at byte ", at_});
    }
    unsigned byte(std::size_t at) const { return static_cast<unsigned char>(bytes_[at]); }
    unsigned big16(std::size_t at) const { return byte(at) << 8 | byte(at + 1); }

    void tables(std::size_t at, std::size_t end);
    void quantizations(std::size_t at, std::size_t end);
    void frame(std::size_t at, std::size_t end);
    void scan(std::size_t at, std::size_t end);
    void check_levels();
    void coded_data();
    void restart();
    void block(Component& c, std::size_t where);
    void first_ac(std::uint64_t& nonzero, const JpegCode& code);
    void refine_ac(std::uint64_t& nonzero, const JpegCode& code);

    // Bits of the coded data (F.2.2.5).
    void fill() {
        for (; held_ <= 56 && at_ < bytes_.size(); held_ += 8) {
            if (byte(at_) == 0xff) {
                std::size_t next = at_ + 1;
                while (next < bytes_.size() && byte(next) == 0xff) ++next;
                if (next >= bytes_.size() || byte(next) != 0) return;  // a marker
                at_ = next;
                bits_ |= std::uint64_t{0xff} << (56 - held_);
            } else {
                bits_ |= std::uint64_t{byte(at_)} << (56 - held_);
            }
            ++at_;
        }
    }
    void drop(std::size_t count) {
        if (count > held_)
            refuse("the coded data end after ", blocks_done_, " of ", blocks_,
                   " blocks of a scan: the file is cut or damaged");
        bits_ <<= count;
        held_ -= count;
    }
    std::size_t take(std::size_t count) {
        if (count == 0) return 0;
        if (held_ < count) fill();
        const auto value = static_cast<std::size_t>(bits_ >> (64 - count));
        drop(count);
        return value;
    }
    std::size_t symbol(const JpegCode& code) {
        if (held_ < 16) fill();
        const std::size_t found = code.find(static_cast<std::size_t>(bits_ >> 48));
        if (found == 0) {
            if (held_ < 16) drop(16);  // the word may go on where the data end
            refuse("a word that its Huffman table does not have");
        }
        drop(found & 255);
        return found >> 8;
    }

    const std::string& file_;
    std::string_view bytes_;
    std::size_t at_ = 2, held_ = 0;
    std::uint64_t bits_ = 0;
    std::array<JpegCode, 4> dc_, ac_;
    std::array<bool, 4> quantized_{};
    std::vector<Component> components_;
    std::vector<Component*> scan_;
    std::size_t mcus_wide_ = 0, mcus_high_ = 0, interval_ = 0, scans_ = 0, visits_ = 0;
    std::size_t blocks_ = 0, blocks_done_ = 0, restarts_ = 0, eob_run_ = 0;  // of the scan
    std::size_t first_ = 0, last_ = 63, high_ = 0, low_ = 0;                 // the scan's coefficients and bits (B.2.3)
    bool progressive_ = false;
};

FATHOM_INLINE void JpegScans::run() {
    constexpr std::size_t max_scans = 100;
    for (;;) {
        while (byte(at_ + 1) == 0xff) ++at_;  // fill
        const unsigned marker = byte(at_ + 1);
        if (marker == 0xd9) break;
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
            at_ += 2;
            continue;
        }
        const std::size_t begin = at_ + 4, end = at_ + 2 + big16(at_ + 2);
        if (marker == 0xc4) tables(begin, end);
        if (marker == 0xdb) quantizations(begin, end);
        if (marker == 0xdd) {
            if (end != begin + 2) refuse("a restart interval of ", end - begin, " bytes, expected 2");
            interval_ = big16(begin);
        }
        if (marker == 0xc0 || marker == 0xc1 || marker == 0xc2) {
            progressive_ = marker == 0xc2;
            frame(begin, end);
        } else if (marker >= 0xc3 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
            refuse("coded in a way that is not read (marker ", marker,
                   "), expected baseline or progressive Huffman coding");
        }
        if (marker != 0xda) {
            at_ = end;
            continue;
        }
        if (++scans_ > max_scans) refuse("more than ", max_scans, " scans");
        scan(begin, end);
        at_ = end;
        bits_ = held_ = 0;
        coded_data();
        // To the next marker; whole bytes that are left over harm nothing.
        while (byte(at_) != 0xff || byte(at_ + 1) == 0 || byte(at_ + 1) == 0xff ||
               (byte(at_ + 1) >= 0xd0 && byte(at_ + 1) <= 0xd7))
            ++at_;
    }
    for (const Component& c : components_)
        for (const signed char level : c.level)
            if (level != 0)
                refuse("the scans of component ", c.id, " do not give all of its values: the file is cut or damaged");
}

FATHOM_INLINE void JpegScans::tables(std::size_t at, std::size_t end) {
    while (at < end) {
        std::size_t codes = 0;
        for (std::size_t i = 1; i <= 16; ++i) codes += byte(at + i);  // fits its segment: read_image_header
        const unsigned place = byte(at) & 15;
        if (place > 3 || byte(at) >> 4 > 1) refuse("a Huffman table for place ", byte(at));
        JpegCode& code = (byte(at) >> 4 ? ac_ : dc_)[place];
        if (!code.build(bytes_.substr(at + 1, 16), bytes_.substr(at + 17, codes)))
            refuse("a Huffman table with more words than there are");
        at += 17 + codes;
    }
}

// B.2.4.1
FATHOM_INLINE void JpegScans::quantizations(std::size_t at, std::size_t end) {
    while (at < end) {
        const unsigned wide = byte(at) >> 4, place = byte(at) & 15;
        if (wide > 1 || place > 3 || end - at < 65 + 64 * wide)
            refuse("a quantization table of ", end - at, " bytes for place ", byte(at));
        quantized_[place] = true;
        at += 65 + 64 * wide;
    }
}

FATHOM_INLINE void JpegScans::frame(std::size_t at, std::size_t end) {
    const std::size_t height = big16(at + 1), width = big16(at + 3), count = byte(at + 5);
    if (count != 1 && count != 3 && count != 4) refuse(count, " components, expected 1, 3 or 4");
    if (end - at != 6 + 3 * count) refuse("a frame of ", end - at, " bytes, expected ", 6 + 3 * count);
    std::size_t h_most = 1, v_most = 1;
    for (std::size_t i = 0; i < count; ++i) {
        Component c;
        c.id = byte(at + 6 + 3 * i), c.h = byte(at + 7 + 3 * i) >> 4, c.v = byte(at + 7 + 3 * i) & 15;
        c.quantization = byte(at + 8 + 3 * i);
        if (c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4)
            refuse("a component sampled ", c.h, " x ", c.v, ", expected 1 to 4");
        for (const Component& other : components_)
            if (other.id == c.id) refuse("two components called ", c.id);
        if (c.h > h_most) h_most = c.h;
        if (c.v > v_most) v_most = c.v;
        components_.push_back(std::move(c));
    }
    mcus_wide_ = (width + 8 * h_most - 1) / (8 * h_most);
    mcus_high_ = (height + 8 * v_most - 1) / (8 * v_most);
    std::size_t all = 0;
    for (Component& c : components_) {
        c.wide = ((width * c.h + h_most - 1) / h_most + 7) / 8;
        c.high = ((height * c.v + v_most - 1) / v_most + 7) / 8;
        c.stride = mcus_wide_ * c.h, c.rows = mcus_high_ * c.v;
        c.level.fill(127);
        all += c.wide * c.high;
    }
    // Each block takes a bit at least: a small file does not get to claim a large image.
    if (all > 8 * bytes_.size())
        fail_file(file_, {"JPEG of ", height, " x ", width, " pixels with only ", bytes_.size(), " bytes"});
    for (Component& c : components_)
        if (progressive_) c.nonzero.assign(c.rows * c.stride, 0);
}

FATHOM_INLINE void JpegScans::scan(std::size_t at, std::size_t end) {
    const std::size_t count = byte(at);
    if (count < 1 || count > components_.size() || end - at != 4 + 2 * count)
        refuse("a scan of ", count, " components in ", end - at, " bytes, in an image of ", components_.size());
    first_ = byte(at + 1 + 2 * count), last_ = byte(at + 2 + 2 * count);
    high_ = byte(at + 3 + 2 * count) >> 4, low_ = byte(at + 3 + 2 * count) & 15;
    if (!progressive_) last_ = 63;  // some write 0
    const bool dc = first_ == 0;
    if (last_ > 63 || first_ > last_ || low_ > 13 || (!progressive_ && (first_ || high_ || low_)) ||
        (progressive_ && (dc ? last_ != 0 : count != 1)))
        refuse("a scan of coefficients ", first_, " to ", last_, ", bits ", high_, " to ", low_, ", which cannot be");
    scan_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned id = byte(at + 1 + 2 * i), places = byte(at + 2 + 2 * i);
        for (Component& c : components_) {
            if (c.id != id) continue;
            for (const Component* other : scan_)
                if (other == &c) refuse("component ", id, " twice in a scan");
            if ((places >> 4) > 3 || (places & 15) > 3) refuse("a Huffman table in place ", places);
            if (c.quantization > 3 || !quantized_[c.quantization])
                refuse("a scan of component ", id, ", whose quantization table ", c.quantization, " is missing");
            c.dc = &dc_[places >> 4], c.ac = &ac_[places & 15];
            const bool refines_dc = progressive_ && dc && high_ > 0;
            if ((dc && !refines_dc && !c.dc->defined()) || ((!progressive_ || !dc) && !c.ac->defined()))
                refuse("a scan whose Huffman table is missing");
            scan_.push_back(&c);
        }
        if (scan_.size() != i + 1) refuse("a scan of the unknown component ", id);
    }
    check_levels();
}

// Each bit of each coefficient comes once, higher ones first, and those of DC before all others (G.1.1.1).
FATHOM_INLINE void JpegScans::check_levels() {
    for (Component* c : scan_) {
        if (first_ > 0 && c->level[0] == 127) refuse("a scan of component ", c->id, " before its averages");
        for (std::size_t k = first_; k <= last_; ++k) {
            const bool fits =
                high_ == 0 ? c->level[k] == 127 : c->level[k] == static_cast<int>(high_) && low_ + 1 == high_;
            if (!fits) refuse("a scan of values of component ", c->id, " that were there before, or not yet");
            c->level[k] = static_cast<signed char>(low_);
        }
    }
}

FATHOM_INLINE void JpegScans::coded_data() {
    const bool alone = scan_.size() == 1;  // then blocks come in their own order, without those beyond the edge (A.2.2)
    const std::size_t wide = alone ? scan_[0]->wide : mcus_wide_, units = wide * (alone ? scan_[0]->high : mcus_high_);
    std::size_t per_unit = 1;
    if (!alone) {
        per_unit = 0;
        for (const Component* c : scan_) per_unit += c->h * c->v;
    }
    blocks_ = units * per_unit, blocks_done_ = 0, eob_run_ = 0, restarts_ = 0;
    // A run of empty blocks takes no bits of its own, so that a small scan may go over many; 10 scans of a picture of
    // one color make 30 visits for a byte.
    constexpr std::size_t max_visits = 100;
    if ((visits_ += blocks_) > max_visits * bytes_.size())
        refuse("scans that go over ", visits_, " blocks, in a file of ", bytes_.size(), " bytes");
    for (std::size_t unit = 0; unit < units; ++unit) {
        if (interval_ && unit && unit % interval_ == 0) restart();
        const std::size_t row = unit / wide, column = unit % wide;
        if (alone) {
            block(*scan_[0], row * scan_[0]->stride + column);
            continue;
        }
        for (Component* c : scan_)
            for (std::size_t i = 0; i < c->h * c->v; ++i)
                block(*c, (row * c->v + i / c->h) * c->stride + column * c->h + i % c->h);
    }
}

FATHOM_INLINE void JpegScans::restart() {
    fill();
    // Up to 7 bits of padding; where the marker is missing, `fill` has read on.
    while (at_ + 1 < bytes_.size() && byte(at_) == 0xff && byte(at_ + 1) == 0xff) ++at_;
    const std::size_t expected = 0xd0 + restarts_++ % 8;
    if (held_ >= 8 || byte(at_) != 0xff || byte(at_ + 1) != expected)
        refuse("no restart marker ", expected - 0xd0, " after ", blocks_done_, " of ", blocks_,
               " blocks of a scan: the file is cut or damaged");
    at_ += 2;
    bits_ = held_ = eob_run_ = 0;
}

FATHOM_INLINE void JpegScans::block(Component& c, std::size_t where) {
    if (!progressive_) {
        if (const std::size_t size = symbol(*c.dc); size > 15)
            refuse("a difference of ", size, " bits");
        else
            take(size);
        for (std::size_t k = 1; k <= 63; ++k) {
            const std::size_t run_size = symbol(*c.ac), run = run_size >> 4, size = run_size & 15;
            if (size == 0 && run != 15) break;
            k += run;
            if (k > 63) refuse("a block of more than 64 values");
            take(size);
        }
    } else if (first_ == 0) {
        if (high_ > 0) {
            take(1);
        } else if (const std::size_t size = symbol(*c.dc); size > 15) {
            refuse("a difference of ", size, " bits");
        } else {
            take(size);
        }
    } else if (high_ == 0) {
        first_ac(c.nonzero[where], *c.ac);
    } else {
        refine_ac(c.nonzero[where], *c.ac);
    }
    ++blocks_done_;
}

// G.1.2.2
FATHOM_INLINE void JpegScans::first_ac(std::uint64_t& nonzero, const JpegCode& code) {
    if (eob_run_ > 0) return void(--eob_run_);
    for (std::size_t k = first_; k <= last_; ++k) {
        const std::size_t run_size = symbol(code), run = run_size >> 4, size = run_size & 15;
        if (size == 0 && run < 15) {
            eob_run_ = (std::size_t{1} << run) + take(run) - 1;
            return;
        }
        k += run;
        if (k > last_) refuse("a block of more values than its scan");
        take(size);
        if (size > 0) nonzero |= std::uint64_t{1} << k;
    }
}

// G.1.2.3: each value that is not 0 has a bit of its own, on the way to the next new one.
FATHOM_INLINE void JpegScans::refine_ac(std::uint64_t& nonzero, const JpegCode& code) {
    std::size_t k = first_;
    const auto pass = [&](std::size_t zeros) {
        for (; k <= last_; ++k) {
            if (nonzero >> k & 1)
                take(1);
            else if (zeros-- == 0)
                return;
        }
    };
    constexpr std::size_t all = 64;
    if (eob_run_ > 0) {
        --eob_run_;
        return pass(all);
    }
    for (; k <= last_; ++k) {
        const std::size_t run_size = symbol(code), run = run_size >> 4, size = run_size & 15;
        if (size > 1) refuse("a new value of ", size, " bits in a scan of one");
        if (size == 0 && run < 15) {
            eob_run_ = (std::size_t{1} << run) + take(run) - 1;
            return pass(all);
        }
        take(size);  // its sign
        pass(run);
        if (size == 1 && k > last_) refuse("a block of more values than its scan");
        if (size == 1) nonzero |= std::uint64_t{1} << k;
    }
}

FATHOM_INLINE void check_jpeg_scans(const std::string& file, std::string_view bytes) { JpegScans(file, bytes).run(); }

}  // namespace fathom::inline v0::io
