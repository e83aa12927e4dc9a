// Definitions of pickle.hpp. Opcodes: Python's Lib/pickletools.py, which documents each.
#include <bit>
#include <cstring>

#include "fathom/io/text.hpp"

namespace fathom::inline v0::io {

// What a hostile pickle may make the machine hold; a state dict of a hundred thousand tensors stays far below.
inline constexpr std::size_t max_pickle_values = 4'000'000, max_pickle_stack = 1'000'000, max_pickle_marks = 1000;

FATHOM_INLINE const char* name_of(Pickle::Kind kind) {
    constexpr const char* names[] = {"None",    "a bool", "an integer", "a long integer", "a float",   "a string",
                                     "a tuple", "a list", "a dict",     "a global",       "a storage", "a tensor"};
    return names[static_cast<std::size_t>(kind)];
}

// Names of the opcodes that the machine refuses, for the message.
FATHOM_INLINE std::string refused_opcode(unsigned char code) {
    struct Name {
        unsigned char code;
        const char* name;
    };
    constexpr Name names[] = {{'i', "INST"},
                              {'o', "OBJ"},
                              {0x81, "NEWOBJ"},
                              {0x92, "NEWOBJ_EX"},
                              {0x82, "EXT1"},
                              {0x83, "EXT2"},
                              {0x84, "EXT4"},
                              {'P', "PERSID"},
                              {'I', "INT"},
                              {'L', "LONG"},
                              {'F', "FLOAT"},
                              {'S', "STRING"},
                              {'V', "UNICODE"},
                              {'g', "GET"},
                              {'p', "PUT"},
                              {'d', "DICT"},
                              {'l', "LIST"},
                              {0x8b, "LONG4"},
                              {'B', "BINBYTES"},
                              {'C', "SHORT_BINBYTES"},
                              {0x8e, "BINBYTES8"},
                              {0x8f, "EMPTY_SET"},
                              {0x90, "ADDITEMS"},
                              {0x91, "FROZENSET"},
                              {0x96, "BYTEARRAY8"},
                              {0x97, "NEXT_BUFFER"},
                              {0x98, "READONLY_BUFFER"}};
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
    void append(Kind kind, const std::vector<Handle>& items, const char* what) {
        if (kind == Kind::dict && items.size() % 2 != 0) refuse("a dict is given a key without a value");
        std::vector<Handle>& to = out_.values[expect(top(), kind, what)].items;
        to.insert(to.end(), items.begin(), items.end());
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
    void add_long() {
        const std::string_view digits = take(number<std::uint8_t>());
        if (digits.size() > 8) {
            add(Kind::long_integer).text = digits;
            return;
        }
        std::uint64_t value = !digits.empty() && static_cast<signed char>(digits.back()) < 0 ? ~std::uint64_t{0} : 0;
        std::memcpy(&value, digits.data(), digits.size());
        add_integer(static_cast<std::int64_t>(value));
    }
    void add_real() {
        std::uint64_t bits = 0;
        for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
        add(Kind::real).real = std::bit_cast<double>(bits);
    }

    void global(std::string_view module, std::string_view name);
    void persistent();
    void reduce();
    void build();
    bool step();

    static constexpr Handle missing = ~Handle{0};

    const std::string& file_;
    std::string_view bytes_;
    std::size_t at_, offset_, op_ = 0;
    Pickle out_;
    std::vector<Handle> stack_, memo_;
    std::vector<std::size_t> marks_;
};

FATHOM_INLINE void PickleMachine::global(std::string_view module, std::string_view name) {
    constexpr std::string_view storage = "Storage";
    bool allowed = (module == "collections" && name == "OrderedDict") ||
                   (module == "torch._utils" && (name == "_rebuild_tensor_v2" || name == "_rebuild_parameter"));
    if (module == "torch" && name.size() > storage.size() && name.substr(name.size() - storage.size()) == storage) {
        allowed = name.size() < 40;
        for (const char c : name)
            allowed = allowed && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
    }
    if (!allowed) {
        std::string full(module.substr(0, 200));
        full.append(".").append(name.substr(0, 200));
        refuse("global ", io::quoted(full),
               " is not part of a state dict and is not loaded (save model.state_dict(), not the model)");
    }
    add(Kind::global).text = name;
}

// ('storage', class, key, location, number of elements[, view]); the location is ignored, a view refused.
FATHOM_INLINE void PickleMachine::persistent() {
    const std::vector<Handle> items = out_[pop(Kind::tuple, "a persistent id")].items;
    const std::size_t size = items.size();
    if (size != 5 && size != 6) refuse("a persistent id of ", size, " items, expected a storage of 5 or 6");
    if (out_[items[0]].kind != Kind::string || out_[items[0]].text != "storage")
        refuse("a persistent id that is no storage");
    expect(items[1], Kind::global, "a storage's class");
    expect(items[2], Kind::string, "a storage's key");
    if (out_[expect(items[4], Kind::integer, "a storage's size")].integer < 0)
        refuse("a storage of ", out_[items[4]].integer, " elements");
    if (size == 6) expect(items[5], Kind::none, "a storage's view");
    add(Kind::storage).items = {items[1], items[2], items[4]};
}

FATHOM_INLINE void PickleMachine::reduce() {
    const std::vector<Handle> args = out_[pop(Kind::tuple, "the arguments of REDUCE")].items;
    const std::string_view name = out_[pop(Kind::global, "what REDUCE calls")].text;
    if (name == "OrderedDict") {
        if (!args.empty()) refuse("an OrderedDict made with arguments");
        add(Kind::dict);
    } else if (name == "_rebuild_tensor_v2") {
        if (args.size() != 6 && args.size() != 7)
            refuse("_rebuild_tensor_v2 with ", args.size(), " arguments, expected 6 or 7");
        expect(args[0], Kind::storage, "a tensor's storage");
        expect(args[1], Kind::integer, "a tensor's offset");
        for (const std::size_t i : {std::size_t{2}, std::size_t{3}}) {
            const char* what = i == 2 ? "a tensor's size" : "a tensor's stride";
            for (const Handle item : out_[expect(args[i], Kind::tuple, what)].items) expect(item, Kind::integer, what);
        }
        add(Kind::tensor).items = {args[0], args[1], args[2], args[3]};
    } else if (name == "_rebuild_parameter") {
        if (args.size() != 3) refuse("_rebuild_parameter with ", args.size(), " arguments, expected 3");
        push(expect(args[0], Kind::tensor, "a parameter's data"));
    } else {
        refuse("a call of ", io::quoted(name));
    }
}

// Attributes of an OrderedDict (a module's state dict carries `_metadata`): left out.
FATHOM_INLINE void PickleMachine::build() {
    pop();
    expect(top(), Kind::dict, "what BUILD gives attributes to");
}

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
            return add_long(), true;
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
