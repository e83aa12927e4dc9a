// What pickle.inl.hpp's machine makes of classes, functions and calls of them. Their names and arguments: PyTorch's
// torch/_utils.py and torch/serialization.py.

namespace fathom::inline v0::io {

FATHOM_INLINE void PickleMachine::global(std::string_view module, std::string_view name) {
    Value& made = add(Kind::global);
    made.module = module, made.text = name;
}

FATHOM_INLINE void PickleMachine::add_object_of(Handle maker) {
    const Value& class_ = out_[maker];
    if (class_.kind != Kind::global && class_.kind != Kind::object)
        refuse("what makes an object is ", name_of(class_.kind), ", expected a global");
    const std::string_view module = class_.module, name = class_.text;
    if (module == "collections" && name == "OrderedDict") return void(add(Kind::dict));
    add_object(module, name);
}

// ('storage', class, key, location, number of elements[, view]); the location is ignored, a view refused.
FATHOM_INLINE void PickleMachine::persistent() {
    const Handle id = pop(Kind::tuple, "a persistent id");
    const std::size_t size = out_[id].items.size();
    if (size != 5 && size != 6) refuse("a persistent id of ", size, " items, expected a storage of 5 or 6");
    const std::vector<Handle> items = out_[id].items;
    if (out_[items[0]].kind != Kind::string || out_[items[0]].text != "storage")
        refuse("a persistent id that is no storage");
    const Value& type = out_[expect(items[1], Kind::global, "a storage's class")];
    bool is_storage = (type.module == "torch" || type.module == "torch.cuda" || type.module == "torch.storage") &&
                      type.text.size() < 40 && type.text.ends_with("Storage");
    for (const char c : type.text)
        is_storage = is_storage && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
    if (!is_storage) refuse("a storage's class is ", describe(type), ", expected one of torch's storages");
    // Keys are numbers. Comparing many long ones would take time without end.
    constexpr std::size_t longest_key = 100;
    if (const std::size_t length = out_[expect(items[2], Kind::string, "a storage's key")].text.size();
        length > longest_key)
        refuse("a storage's key of ", length, " bytes, expected at most ", longest_key);
    if (out_[expect(items[4], Kind::integer, "a storage's size")].integer < 0)
        refuse("a storage of ", out_[items[4]].integer, " elements");
    if (size == 6) expect(items[5], Kind::none, "a storage's view");
    add(Kind::storage).items = {items[1], items[2], items[4]};
}

// A dict made with arguments: OrderedDict([[key, value], ...]), as Python 2 writes it, or defaultdict(what is missing).
FATHOM_INLINE bool PickleMachine::add_dict(std::string_view name, const std::vector<Handle>& arguments) {
    std::vector<Handle> items;
    if (name == "OrderedDict" && !arguments.empty()) {
        const Value& pairs = out_[arguments[0]];
        if (arguments.size() > 1 || (pairs.kind != Kind::list && pairs.kind != Kind::tuple)) return false;
        copied_ += pairs.items.size();
        if (copied_ > bytes_.size()) refuse("dicts made of one list again and again");
        for (const Handle handle : pairs.items) {
            const Value& pair = out_[handle];
            if ((pair.kind != Kind::list && pair.kind != Kind::tuple) || pair.items.size() != 2) return false;
            items.insert(items.end(), pair.items.begin(), pair.items.end());
        }
    }
    add(Kind::dict).items = std::move(items);
    return true;
}

// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]), or the first four of them. False
// for one whose elements are not those of its storage: negated or conjugated when it is read.
FATHOM_INLINE bool PickleMachine::add_tensor(const std::vector<Handle>& arguments) {
    expect(arguments[0], Kind::storage, "a tensor's storage");
    expect(arguments[1], Kind::integer, "a tensor's offset");
    for (const std::size_t i : {std::size_t{2}, std::size_t{3}}) {
        const char* what = i == 2 ? "a tensor's size" : "a tensor's stride";
        const std::vector<Handle>& items = out_[expect(arguments[i], Kind::tuple, what)].items;
        // Many tensors may share a tuple of any length; too long a one is refused when the tensor is read.
        for (std::size_t k = 0; k < items.size() && items.size() <= std::size_t{max_rank}; ++k)
            expect(items[k], Kind::integer, what);
    }
    if (arguments.size() == 7 && out_[arguments[6]].kind != Kind::none) {
        const Value& metadata = out_[arguments[6]];
        constexpr std::size_t most = 16;  // there are two: neg and conj
        if (metadata.kind != Kind::dict || metadata.items.size() > most) return false;
        for (std::size_t i = 1; i < metadata.items.size(); i += 2)
            if (const Value& value = out_[metadata.items[i]]; value.kind != Kind::boolean || value.integer)
                return false;
    }
    add(Kind::tensor).items = {arguments[0], arguments[1], arguments[2], arguments[3]};
    return true;
}

FATHOM_INLINE void PickleMachine::reduce() {
    const Handle tuple = pop(Kind::tuple, "the arguments of REDUCE"), callee = pop();
    constexpr std::size_t most = 8;  // none of the functions below takes more
    std::vector<Handle> arguments;
    if (out_[tuple].items.size() <= most) arguments = out_[tuple].items;
    if (out_[tuple].items.size() <= most && out_[callee].kind == Kind::global) return call(callee, arguments, true);
    add_object_of(callee);
}

FATHOM_INLINE void PickleMachine::call(Handle callee, const std::vector<Handle>& arguments, bool may_wrap) {
    const std::string_view module = out_[callee].module, name = out_[callee].text;
    const std::size_t count = arguments.size();
    if (module == "collections" && (name == "OrderedDict" || name == "defaultdict")) {
        if (add_dict(name, arguments)) return;
    } else if (module == "torch" && name == "Size" && count == 1 && out_[arguments[0]].kind == Kind::tuple) {
        return push(arguments[0]);
    } else if (module == "torch._utils" && name == "_rebuild_tensor_v2") {
        if (count != 6 && count != 7) refuse("_rebuild_tensor_v2 with ", count, " arguments, expected 6 or 7");
        if (add_tensor(arguments)) return;
    } else if (module == "torch._utils" && name == "_rebuild_tensor" && count == 4) {
        if (add_tensor(arguments)) return;
    } else if (module == "torch._utils" && name == "_rebuild_parameter") {
        if (count != 3) refuse("_rebuild_parameter with ", count, " arguments, expected 3");
    } else if (module == "torch._tensor" && name == "_rebuild_from_type_v2" && count == 4 && may_wrap) {
        // A tensor of a class made from torch's: how it is made, its class, the arguments, its attributes.
        const Value& inner = out_[arguments[2]];
        if (out_[arguments[0]].kind == Kind::global && inner.kind == Kind::tuple && inner.items.size() <= 8)
            return call(arguments[0], std::vector<Handle>(inner.items), false);
    }
    if (module == "torch._utils" && (name == "_rebuild_parameter" || name == "_rebuild_parameter_with_state") &&
        count > 0 && (out_[arguments[0]].kind == Kind::tensor || out_[arguments[0]].kind == Kind::object))
        return push(arguments[0]);
    if (module == "torch._utils" && name == "_rebuild_parameter")
        expect(arguments[0], Kind::tensor, "a parameter's data");
    add_object(module, name);
}

// Attributes: left out. (A module's state dict carries `_metadata`.)
FATHOM_INLINE void PickleMachine::build() {
    pop();
    const Value& to = out_[top()];
    if (to.kind != Kind::dict && to.kind != Kind::object && to.kind != Kind::tensor)
        refuse("what BUILD gives attributes to is ", name_of(to.kind), ", expected an object or a dict");
}

}  // namespace fathom::inline v0::io
