// Definitions of pickle.hpp. Opcodes: Python's Lib/pickletools.py, which documents each.
#include <bit>
#include <charconv>
#include <cstring>

#include "fathom/io/text.hpp"

namespace fathom::inline v0::io {

// What a hostile pickle may make the machine hold; a state dict of a hundred thousand tensors stays far below.
inline constexpr std::size_t max_pickle_values = 4'000'000, max_pickle_stack = 1'000'000, max_pickle_marks = 1000;

FATHOM_INLINE const char* name_of(Pickle::Kind kind) {
    constexpr const char* names[] = {"None",      "a bool",    "an integer", "a long integer", "a float",
                                     "a string",  "a tuple",   "a list",     "a dict",         "a global",
                                     "an object", "a storage", "a tensor"};
    return names[static_cast<std::size_t>(kind)];
}

FATHOM_INLINE std::string describe(const Pickle::Value& value) {
    std::string text = name_of(value.kind);
    if (value.kind != Pickle::Kind::object && value.kind != Pickle::Kind::global) return text;
    constexpr std::size_t most = 60;  // longer than names are, and short enough for several in a message
    std::string name(value.module.substr(0, most));
    name.append(".").append(value.text.substr(0, most));
    if (name.size() > most) name.replace(most, std::string::npos, "...");
    const std::string quoted = io::quoted(name);  // whatever bytes it has, on one line
    return text.append(" (").append(quoted, 1, quoted.rfind('"') - 1).append(")");
}

// Names of the opcodes that the machine refuses, for the message.
FATHOM_INLINE std::string refused_opcode(unsigned char code) {
    struct Name {
        unsigned char code;
        const char* name;
    };
    constexpr Name names[] = {

        {0x82, "EXT1"},        {0x83, "EXT2"},           {0x84, "EXT4"}, {'P', "PERSID"},

        {'S', "STRING"},       {'V', "UNICODE"},         {'g', "GET"},   {'p', "PUT"},    {'d', "DICT"}, {'l', "LIST"},

        {0x97, "NEXT_BUFFER"}, {0x98, "READONLY_BUFFER"}};
    constexpr char hex[] = "0123456789abcdef";
    std::string text = {'0', 'x', hex[code >> 4], hex[code & 15]};
    for (const Name& n : names)
        if (n.code == code) text.append(" (").append(n.name).append(")");
    return text;
}

class PickleMachine {
public:
    using Kind = Pickle::Kind;
    using Handle = Pickle::Handle;
    using Value = Pickle::Value;

    PickleMachine(const std::string& file, std::string_view bytes, std::size_t begin, std::size_t offset)
        : file_(file), bytes_(bytes), at_(begin), offset_(offset) {
        for (const std::int64_t value : {0, 0, 1}) {  // None, False, True: shared
            out_.values.push_back({});
            out_.values.back().integer = value;
        }
        out_.values[1].kind = out_.values[2].kind = Kind::boolean;
    }

    Pickle run();

private:
    template <class... P>
    [[noreturn]] void refuse(P... parts) const {
        fail_file(file_, {"pickle: ", parts..., " at byte ", offset_ + op_});
    }

    std::string_view take(std::size_t bytes) {
        if (bytes > bytes_.size() - at_)
            refuse("an opcode wants ", bytes, " bytes, but ", bytes_.size() - at_, " are left");
        at_ += bytes;
        return bytes_.substr(at_ - bytes, bytes);
    }
    template <class U>
    U number() {
        U value;
        std::memcpy(&value, take(sizeof(U)).data(), sizeof(U));
        return value;
    }
    std::string_view line() {
        const auto end = bytes_.find('\n', at_);
        if (end == std::string_view::npos) refuse("a name without an end");
        const std::string_view text = bytes_.substr(at_, end - at_);
        at_ = end + 1;
        return text;
    }

    void push(Handle handle) {
        if (stack_.size() >= max_pickle_stack) refuse("more than ", max_pickle_stack, " values on the stack");
        stack_.push_back(handle);
    }
    Value& add(Kind kind) {
        if (out_.values.size() >= max_pickle_values) refuse("more than ", max_pickle_values, " values");
        push(static_cast<Handle>(out_.values.size()));
        out_.values.push_back({});
        out_.values.back().kind = kind;
        return out_.values.back();
    }
    // Never below the last mark: what lies there belongs to somebody else.
    Handle pop() {
        if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) refuse("an opcode finds no value on the stack");
        const Handle handle = stack_.back();
        stack_.pop_back();
        return handle;
    }
    Handle top() {
        const Handle handle = pop();
        stack_.push_back(handle);
        return handle;
    }
    Handle pop(Kind kind, const char* what) {
        const Handle handle = pop();
        return expect(handle, kind, what);
    }
    Handle expect(Handle handle, Kind kind, const char* what) const {
        if (out_[handle].kind != kind) refuse(what, " is ", name_of(out_[handle].kind), ", expected ", name_of(kind));
        return handle;
    }
    std::vector<Handle> pop_to_mark() {
        if (marks_.empty()) refuse("an opcode finds no mark on the stack");
        std::vector<Handle> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
        stack_.resize(marks_.back());
        marks_.pop_back();
        return items;
    }

    void add_string(std::size_t size) { add(Kind::string).text = take(size); }
    void add_integer(std::int64_t value) { add(Kind::integer).integer = value; }
    void add_tuple(std::size_t size) {
        std::vector<Handle> items(size);
        for (std::size_t i = size; i-- > 0;) items[i] = pop();
        add(Kind::tuple).items = std::move(items);
    }
    // Objects are given items too: those with a key are kept, since a class made from dict may hold a state dict.
    void append(Kind kind, const std::vector<Handle>& items, const char* what) {
        if (kind == Kind::dict && items.size() % 2 != 0) refuse("a dict is given a key without a value");
        const bool object = out_[top()].kind == Kind::object;
        if (object && kind == Kind::list) return;
        std::vector<Handle>& to = out_.values[object ? top() : expect(top(), kind, what)].items;
        to.insert(to.end(), items.begin(), items.end());
    }
    void add_object(std::string_view module, std::string_view name) {
        Value& object = add(Kind::object);
        object.module = module, object.text = name;
    }
    // What a class would make, whatever it is given.
    void add_object_of(Handle maker);
    void add_bytes(std::size_t size) {
        take(size);
        add_object("builtins", "bytes");
    }
    void remember(std::size_t index) {
        // Each entry costs the file two bytes at least, so that no honest index exceeds its size.
        if (index >= bytes_.size()) refuse("memo index ", index, " in a file of ", bytes_.size(), " bytes");
        if (index >= memo_.size()) memo_.resize(index + 1, missing);
        memo_[index] = top();
    }
    void recall(std::size_t index) {
        if (index >= memo_.size() || memo_[index] == missing) refuse("memo index ", index, " was never written");
        push(memo_[index]);
    }
    void add_long(std::size_t size) {
        const std::string_view digits = take(size);
        if (digits.size() > 8) {
            add(Kind::long_integer).text = digits;
            return;
        }
        std::uint64_t value = !digits.empty() && static_cast<signed char>(digits.back()) < 0 ? ~std::uint64_t{0} : 0;
        std::memcpy(&value, digits.data(), digits.size());
        add_integer(static_cast<std::int64_t>(value));
    }
    // Numbers as text: what Python 2 writes for some.
    void add_written(const char* type) {
        std::string_view digits = line();
        if (digits.ends_with('L')) digits.remove_suffix(1);
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error == std::errc() && end == digits.data() + digits.size())
            add_integer(value);
        else
            add_object("builtins", type);
    }
    void add_real() {
        std::uint64_t bits = 0;
        for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
        add(Kind::real).real = std::bit_cast<double>(bits);
    }

    void global(std::string_view module, std::string_view name);
    void persistent();
    void reduce();
    void call(Handle callee, const std::vector<Handle>& arguments, bool may_wrap);
    bool add_dict(std::string_view name, const std::vector<Handle>& arguments);
    bool add_tensor(const std::vector<Handle>& arguments);
    void build();
    bool step();

    static constexpr Handle missing = ~Handle{0};

    const std::string& file_;
    std::string_view bytes_;
    std::size_t at_, offset_, op_ = 0;
    Pickle out_;
    std::vector<Handle> stack_, memo_;
    std::vector<std::size_t> marks_;
    std::size_t copied_ = 0;  // items taken from a list that stays
};

// One opcode; false at STOP.
FATHOM_INLINE bool PickleMachine::step() {
    op_ = at_;
    const auto code = number<std::uint8_t>();
    switch (code) {
        case 0x80: {  // PROTO
            const auto protocol = number<std::uint8_t>();
            if (protocol < 2 || protocol > 5) refuse("protocol ", protocol, ", expected 2 to 5");
            return true;
        }
        case 0x95:
            return number<std::uint64_t>(), true;  // FRAME: a hint
        case '.':
            return false;
        case '(':
            if (marks_.size() >= max_pickle_marks) refuse("marks nested deeper than ", max_pickle_marks);
            return marks_.push_back(stack_.size()), true;
        case '0':
            if (!marks_.empty() && marks_.back() == stack_.size()) return marks_.pop_back(), true;
            return pop(), true;
        case '1':
            return pop_to_mark(), true;
        case 'N':
            return push(0), true;
        case 0x89:
            return push(1), true;
        case 0x88:
            return push(2), true;
        case 'J':
            return add_integer(number<std::int32_t>()), true;
        case 'K':
            return add_integer(number<std::uint8_t>()), true;
        case 'M':
            return add_integer(number<std::uint16_t>()), true;
        case 0x8a:
            return add_long(number<std::uint8_t>()), true;
        case 0x8b:
            return add_long(number<std::uint32_t>()), true;
        case 'I':
        case 'L':
            return add_written("int"), true;
        case 'F':
            return add_written("float"), true;
        case 'G':
            return add_real(), true;
        case 'X':
            return add_string(number<std::uint32_t>()), true;
        case 0x8c:
            return add_string(number<std::uint8_t>()), true;
        case 0x8d:
            return add_string(number<std::uint64_t>()), true;
        case 'U':
            return add_string(number<std::uint8_t>()), true;  // Python 2's str
        case 'T':
            return add_string(number<std::uint32_t>()), true;
        case 'B':
            return add_bytes(number<std::uint32_t>()), true;
        case 'C':
            return add_bytes(number<std::uint8_t>()), true;
        case 0x8e:
        case 0x96:
            return add_bytes(number<std::uint64_t>()), true;
        case ')':
            return add_tuple(0), true;
        case 0x85:
            return add_tuple(1), true;
        case 0x86:
            return add_tuple(2), true;
        case 0x87:
            return add_tuple(3), true;
        case 't': {
            std::vector<Handle> items = pop_to_mark();
            return add(Kind::tuple).items = std::move(items), true;
        }
        case 0x8f:
            return add_object("builtins", "set"), true;
        case 0x91:
            return pop_to_mark(), add_object("builtins", "frozenset"), true;
        case ']':
            return add(Kind::list), true;
        case '}':
            return add(Kind::dict), true;
        case 'a': {
            const Handle item = pop();
            return append(Kind::list, {item}, "what APPEND extends"), true;
        }
        case 'e':
            return append(Kind::list, pop_to_mark(), "what APPENDS extends"), true;
        case 0x90:
            return pop_to_mark(), expect(top(), Kind::object, "what ADDITEMS extends"), true;
        case 's': {
            const Handle value = pop(), key = pop();
            return append(Kind::dict, {key, value}, "what SETITEM extends"), true;
        }
        case 'u':
            return append(Kind::dict, pop_to_mark(), "what SETITEMS extends"), true;
        case 'q':
            return remember(number<std::uint8_t>()), true;
        case 'r':
            return remember(number<std::uint32_t>()), true;
        case 0x94:
            return remember(memo_.size()), true;
        case 'h':
            return recall(number<std::uint8_t>()), true;
        case 'j':
            return recall(number<std::uint32_t>()), true;
        case 'c': {
            const std::string_view module = line(), name = line();
            return global(module, name), true;
        }
        case 0x93: {
            const std::string_view name = out_[pop(Kind::string, "a global's name")].text;
            const std::string_view module = out_[pop(Kind::string, "a global's module")].text;
            return global(module, name), true;
        }
        case '2':
            return push(top()), true;
        case 'i': {
            const std::string_view module = line(), name = line();
            return pop_to_mark(), add_object(module, name), true;
        }
        case 'o': {
            const std::vector<Handle> parts = pop_to_mark();
            if (parts.empty()) refuse("OBJ finds no class behind its mark");
            return add_object_of(parts[0]), true;
        }
        case 0x92:
            pop(Kind::dict, "the named arguments of NEWOBJ_EX");
            [[fallthrough]];
        case 0x81:
            pop(Kind::tuple, "the arguments of NEWOBJ");
            return add_object_of(pop()), true;
        case 'Q':
            return persistent(), true;
        case 'R':
            return reduce(), true;
        case 'b':
            return build(), true;
        default:
            refuse("opcode ", refused_opcode(code), " is not part of a state dict");
    }
}

FATHOM_INLINE Pickle PickleMachine::run() {
    while (step()) {
    }
    if (!marks_.empty() || stack_.size() != 1)
        refuse("ends with ", stack_.size(), " values and ", marks_.size(), " marks on the stack, expected one value");
    out_.root = stack_.back();
    out_.end = at_;
    return std::move(out_);
}

FATHOM_INLINE Pickle read_pickle(const std::string& file, std::string_view bytes, std::size_t begin,
                                 std::size_t offset) {
    return PickleMachine(file, bytes, begin, offset).run();
}

}  // namespace fathom::inline v0::io

#include "fathom/io/pickle_objects.inl.hpp"
