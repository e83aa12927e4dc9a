// Text that the tools of debug/ write: tables, numbers with units, names in XML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fathom/core/error.hpp"

namespace fathom::inline v0::debug {

// Columns as wide as what stands in them; the first is flush left, the others flush right.
class Table {
public:
    explicit Table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
    // As many as the head has.
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

std::string bytes_text(std::int64_t bytes);   // "1.5 MiB"
std::string count_text(std::int64_t number);  // "1.23 M"
std::string xml_escaped(std::string_view text);

}  // namespace fathom::inline v0::debug

#ifndef FATHOM_COMPILED
#include "fathom/debug/text.inl.hpp"
#endif
