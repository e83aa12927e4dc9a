// Tables of numbers as text (RFC 4180, without line breaks in quotes): a line per row, fields between separators.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fathom/io/file.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::io {

struct CsvOptions {
    char separator = ',';  // ' ': one or more spaces and tabs
    // Whether the first line has the columns' names. Not given: it has if one of its fields is no number.
    std::optional<bool> header = {};
};

struct Csv {
    std::vector<std::string> names;  // of the columns; empty without a header
    Tensor<double> values;           // [rows, columns]
};

// Empty lines are passed over, spaces around fields too; nan and inf are numbers. Throws Error "PATH: line 3, column 2:
// ..." where a field is none, and where a line has more or fewer fields than the first.
Csv load_csv(const std::string& path, const CsvOptions& options = {}, Where site = Where::here());
// A file's content, already in memory; `file` names it in messages.
Csv parse_csv(const std::string& file, std::string_view text, const CsvOptions& options = {},
              Where site = Where::here());

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/csv.inl.hpp"
#endif
