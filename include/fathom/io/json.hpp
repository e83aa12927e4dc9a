// Reads JSON as far as the header of a safetensors file needs it: the caller says what comes next, anything else is an
// error with its offset. Depth is limited and duplicate keys are refused. Next: safetensors.hpp.
#pragma once

#include "fathom/core/order.hpp"
#include "fathom/io/file.hpp"
#include "fathom/io/text.hpp"

namespace fathom::inline v0::io {

class JsonReader {
public:
    static constexpr int max_depth = 32;

    // `offset` is where the text begins in the file, for messages.
    JsonReader(const std::string& file, std::string_view text, std::size_t offset)
        : file_(file), text_(text), offset_(offset) {}

    // Calls `member(key)` for each member of the object that comes next; `member` reads the value.
    template <class F>
    void object(F&& member) {
        const Level level(*this);
        expect('{');
        detail::List<Key> keys;
        for (bool more = !accept('}'); more; more = !ends('}')) {
            skip_space();
            const std::size_t at = position_;
            keys.push_back({string(), at});
            expect(':');
            member(static_cast<const std::string&>(keys.back().name));
        }
        check_unique(keys);
    }
    // Calls `element()` for each element of the array that comes next; `element` reads it.
    template <class F>
    void array(F&& element) {
        const Level level(*this);
        expect('[');
        for (bool more = !accept(']'); more; more = !ends(']')) element();
    }
    std::string string();
    // A non-negative integer below 2^63.
    std::int64_t integer();
    // Any value.
    void skip();
    // Nothing but white space is left.
    void end();
    // Throws Error "file: parts at byte N", N being where the reader stands.
    [[noreturn]] void fail_here(Parts parts) const;

private:
    struct Key {
        std::string name;
        std::size_t at;
    };
    struct Level {
        JsonReader& reader;
        explicit Level(JsonReader& r) : reader(r) {
            if (++reader.depth_ > max_depth) reader.fail_here({"JSON is nested deeper than ", max_depth, " levels"});
        }
        Level(const Level&) = delete;
        ~Level() { --reader.depth_; }
    };

    void skip_space();
    bool accept(char c);
    void expect(char c);
    // After a member or element: true at `close`, false at a comma.
    bool ends(char close);
    void check_unique(const detail::List<Key>& keys);
    unsigned hex4();
    void append_escape(std::string& out);
    void skip_number();
    std::string found() const;

    const std::string& file_;
    std::string_view text_;
    std::size_t offset_, position_ = 0;
    int depth_ = 0;
};

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/json.inl.hpp"
#endif
