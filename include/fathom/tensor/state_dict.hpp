// Named tensors in an order: what a module's parameters and buffers are saved as, and what a file holds.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fathom/tensor/any_tensor.hpp"

namespace fathom::inline v0 {

struct StateDict {
    using Entry = std::pair<std::string, AnyTensor>;

    std::vector<Entry> entries;
    std::vector<std::pair<std::string, std::string>> metadata;  // free text, kept by safetensors files
    // What the reader of a file has done that its user may not expect, a sentence each: where the tensors were found,
    // what was left out. Not saved.
    std::vector<std::string> notes = {};

    std::size_t size() const { return entries.size(); }
    bool empty() const { return entries.empty(); }
    auto begin() const { return entries.begin(); }
    auto end() const { return entries.end(); }
    auto begin() { return entries.begin(); }
    auto end() { return entries.end(); }
    void add(std::string name, AnyTensor tensor) { entries.push_back({std::move(name), std::move(tensor)}); }
    // Null if there is none of that name.
    const AnyTensor* find(std::string_view name) const {
        for (const Entry& entry : entries)
            if (entry.first == name) return &entry.second;
        return nullptr;
    }
    // Several states in one, each behind a prefix: add_prefixed("fusion.", net.state_dict()). Their metadata stay out.
    void add_prefixed(std::string_view prefix, const StateDict& state) {
        for (const Entry& entry : state) add(std::string(prefix).append(entry.first), entry.second);
    }
    // What add_prefixed() put in, in order; empty if no name begins so.
    StateDict take_prefix(std::string_view prefix) const {
        StateDict state;
        for (const Entry& entry : entries)
            if (std::string_view(entry.first).starts_with(prefix))
                state.add(entry.first.substr(prefix.size()), entry.second);
        return state;
    }
};

}  // namespace fathom::inline v0
