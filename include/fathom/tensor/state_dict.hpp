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

    std::size_t size() const { return entries.size(); }
    bool empty() const { return entries.empty(); }
    auto begin() const { return entries.begin(); }
    auto end() const { return entries.end(); }
    auto begin() { return entries.begin(); }
    auto end() { return entries.end(); }
    void add(std::string name, AnyTensor tensor) { entries.emplace_back(std::move(name), std::move(tensor)); }
    // Null if there is none of that name.
    const AnyTensor* find(std::string_view name) const {
        for (const Entry& entry : entries)
            if (entry.first == name) return &entry.second;
        return nullptr;
    }
};

}  // namespace fathom::inline v0
