// Pieces of a report's page: text that is safe in HTML, tables that sort, sections. page.hpp puts them together.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace report {

// For content and quoted attributes alike. Bytes that are no UTF-8 become U+FFFD, control characters blanks: names of
// files are anything.
std::string escaped(std::string_view text);
// JSON inside <script>: "<" never stands there as itself.
std::string script_json(const nlohmann::json& value);
std::string base64(std::string_view bytes);
// "0.1235", "1.2e-07", "80000": what people compare; "" of what is not finite.
std::string number_text(double value);

// A cell: what is shown and what is sorted by; text alone is sorted as text.
struct Cell {
    std::string text;
    std::optional<double> value = {};
    std::string style = {};  // a class: "best", "second", "worst"

    static Cell number(double value, std::string style = {});
    static Cell number(const nlohmann::json& value, std::string style = {});  // null: an empty cell
};

struct Table {
    std::string caption;
    std::vector<std::string> titles;
    std::vector<std::vector<Cell>> rows;  // the first cell names the row

    // Every title is a button that sorts; "" without rows.
    std::string html() const;
};

// A record: names and values, objects below objects.
std::string record_html(const nlohmann::json& record);

}  // namespace report
