// Where the state dict is in what torch.save wrote: a training program's checkpoint holds it beside much else, under a
// name that every program chooses anew.

namespace fathom::inline v0::io {

FATHOM_INLINE bool PthReader::is_dict(Pickle::Handle handle) const {
    const Pickle::Value& value = pickle_[handle];
    return value.kind == Pickle::Kind::dict ||
           (value.kind == Pickle::Kind::object && !value.items.empty() && value.items.size() % 2 == 0);
}

// Those under a string.
FATHOM_INLINE std::size_t PthReader::tensors_in(Pickle::Handle dict) const {
    const std::vector<Pickle::Handle>& items = pickle_[dict].items;
    std::size_t tensors = 0;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
        tensors += pickle_[items[i]].kind == Pickle::Kind::string && pickle_[items[i + 1]].kind == Pickle::Kind::tensor;
    return tensors;
}

// "inner" in "outer"
FATHOM_INLINE std::string PthReader::path_of(const Found& found) const {
    std::string path;
    for (std::size_t i = found.names.size(); i-- > 0;)
        path.append(path.empty() ? "" : " in ").append(io::quoted(pickle_[found.names[i]].text));
    return path;
}

FATHOM_INLINE std::string PthReader::contents_of(Pickle::Handle dict) const {
    constexpr std::size_t most = 5;
    const std::vector<Pickle::Handle>& items = pickle_[dict].items;
    std::string text;
    for (std::size_t i = 0; i + 1 < items.size() && i < 2 * most; i += 2) {
        const Pickle::Value& key = pickle_[items[i]];
        text += join({i == 0 ? "" : ", ", key.kind == Pickle::Kind::string ? io::quoted(key.text) : describe(key), ": ",
                      describe(pickle_[items[i + 1]])});
    }
    if (items.size() / 2 > most) text += join({" and ", items.size() / 2 - most, " more"});
    return text;
}

// A dict of tensors alone is it. Otherwise the dict below that holds some, the nearest; one under a name that is usual
// for it before others. Where two would do, or none, the user has to say.
FATHOM_INLINE PthReader::Found PthReader::find_state_dict() const {
    constexpr std::string_view usual[] = {"state_dict", "model_state_dict", "model"};
    constexpr int deepest = 8;
    const Pickle::Handle root = pickle_.root;
    if (!is_dict(root))
        fail_file(file_,
                  {"holds ", describe(pickle_[root]), ", expected a state dict",
                   pickle_[root].kind == Pickle::Kind::object ? " (save model.state_dict(), not the model)" : ""});
    const std::size_t in_root = tensors_in(root);
    if (2 * in_root == pickle_[root].items.size()) return {root, {}};

    std::vector<bool> seen(pickle_.values.size());
    std::vector<Found> level = {{root, {}}};
    for (int depth = 0; depth < deepest && !level.empty(); ++depth) {
        std::vector<Found> next, named, others;
        for (const Found& above : level) {
            const std::vector<Pickle::Handle>& items = pickle_[above.dict].items;
            for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
                const Pickle::Handle key = items[i], value = items[i + 1];
                if (!is_dict(value) || pickle_[key].kind != Pickle::Kind::string || seen[value]) continue;
                seen[value] = true;
                Found found{value, above.names};
                found.names.push_back(key);
                if (tensors_in(value) > 0) {
                    const std::string_view name = pickle_[key].text;
                    (std::find(std::begin(usual), std::end(usual), name) != std::end(usual) ? named : others)
                        .push_back(found);
                }
                next.push_back(std::move(found));
            }
        }
        const std::vector<Found>& candidates = named.empty() ? others : named;
        // Single tensors beside a state dict (a loss, a step) do not make one; many beside a small dict do.
        const bool root_is_better = named.empty() && in_root > 0 &&
                                    (candidates.empty() || depth > 0 || in_root > tensors_in(candidates[0].dict));
        if (root_is_better && (!candidates.empty() || depth > 0)) return {root, {}};
        if (candidates.size() == 1) return candidates[0];
        if (candidates.size() > 1)
            fail_file(file_, {"holds more than one state dict, such as ", path_of(candidates[0]), " and ",
                              path_of(candidates[1]), "; expected one, or one called \"state_dict\""});
        level = std::move(next);
    }
    if (in_root > 0) return {root, {}};
    fail_file(file_, {"expected a state dict, or a dict with one in it, got no tensor under a name; it holds ",
                      contents_of(root)});
}

FATHOM_INLINE std::vector<PthReader::Entry> PthReader::entries(std::vector<std::string>& notes) const {
    const Found found = find_state_dict();
    const std::vector<Pickle::Handle>& items = pickle_[found.dict].items;
    std::vector<Entry> tensors;
    std::vector<std::string> others;
    std::size_t left_out = 0;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const Pickle::Value &key = pickle_[items[i]], &value = pickle_[items[i + 1]];
        if (key.kind == Pickle::Kind::string && value.kind == Pickle::Kind::tensor) {
            tensors.push_back({items[i], items[i + 1]});
            continue;
        }
        const std::string name = key.kind == Pickle::Kind::string ? io::quoted(key.text) : describe(key);
        // A tensor of a kind that is not read must not go missing as if it were a number beside the weights.
        if (value.kind == Pickle::Kind::object && value.module.starts_with("torch") &&
            value.text.starts_with("_rebuild"))
            fail_file(file_,
                      {"tensor ", name, " is ", describe(value), ", expected a dense tensor as it lies in memory"});
        constexpr std::size_t most = 8;
        if (left_out++ < most) others.push_back(join({name, " (", describe(value), ")"}));
    }
    if (!found.names.empty()) notes.push_back(join({"the state dict is that under ", path_of(found)}));
    if (left_out > 0) {
        std::string names;
        for (const std::string& other : others) names.append(names.empty() ? "" : ", ").append(other);
        if (left_out > others.size()) names += join({" and ", left_out - others.size(), " more"});
        notes.push_back("entries that are no tensors are left out: " + names);
    }
    check_names(tensors);
    return tensors;
}

FATHOM_INLINE void PthReader::check_names(const std::vector<Entry>& entries) const {
    const auto twice = [&](Pickle::Handle name) {
        fail_file(file_, {"tensor ", io::quoted(pickle_[name].text), " occurs twice"});
    };
    // The same value first: comparing one long name with itself again and again would take time without end.
    const auto by_handle = detail::sorted_order(
        entries.size(), [&](std::size_t a, std::size_t b) { return entries[a].name < entries[b].name; });
    for (std::size_t i = 1; i < by_handle.size(); ++i)
        if (entries[by_handle[i]].name == entries[by_handle[i - 1]].name) twice(entries[by_handle[i]].name);
    std::vector<std::string_view> names;
    for (const Entry& entry : entries) {
        names.push_back(pickle_[entry.name].text);
        if (!is_utf8(names.back())) fail_file(file_, {"tensor name ", io::quoted(names.back()), " is not UTF-8"});
    }
    const auto order =
        detail::sorted_order(names.size(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (names[order[i]] == names[order[i - 1]]) twice(entries[order[i]].name);
}

}  // namespace fathom::inline v0::io
