#include "report/html.hpp"

#include <cmath>

#include "fathom/io/text.hpp"
#include "support/progress.hpp"

namespace report {

using nlohmann::json;

namespace {

// The bytes of the UTF-8 character at `i`; 0 if there is none.
std::size_t character_at(std::string_view text, std::size_t i) {
    for (std::size_t bytes = 1; bytes <= 4 && i + bytes <= text.size(); ++bytes)
        if (fathom::io::is_utf8(text.substr(i, bytes))) return bytes;
    return 0;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        const std::size_t bytes = character_at(text, i);
        if (bytes == 0) {
            out += "\xEF\xBF\xBD";
            ++i;
            continue;
        }
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&#39;";
        else if ((c >= 0 && c < 32) || c == 127)
            out += ' ';
        else
            out.append(text.substr(i, bytes));
        i += bytes;
    }
    return out;
}

std::string script_json(const json& value) {
    std::string out;
    for (const char c : value.dump(-1, ' ', true, json::error_handler_t::replace))
        if (c == '<')
            out += "\\u003c";
        else
            out += c;
    return out;
}

std::string base64(std::string_view bytes) {
    static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k) out += k > bytes.size() - i ? '=' : letters[group >> (18 - 6 * k) & 63];
    }
    return out;
}

std::string number_text(double value) {
    if (!std::isfinite(value)) return "";
    if (value == std::trunc(value) && std::abs(value) < 1e9) return program::format("%.0f", value);
    return program::format("%.4g", value);
}

Cell Cell::number(double value, std::string style) {
    if (!std::isfinite(value)) return {"", {}, std::move(style)};
    return {number_text(value), value, std::move(style)};
}
Cell Cell::number(const json& value, std::string style) {
    return value.is_number() ? number(value.get<double>(), std::move(style)) : Cell{"", {}, std::move(style)};
}

std::string Table::html() const {
    if (rows.empty()) return {};
    std::string out = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"";
    out.append(escaped(caption)).append("\"><table class=\"sorts\"><caption>").append(escaped(caption));
    out += "</caption><thead><tr>";
    for (const std::string& title : titles) {
        out.append("<th scope=\"col\" aria-sort=\"none\"><button type=\"button\">").append(escaped(title));
        out += "</button></th>";
    }
    out += "</tr></thead><tbody>\n";
    for (const auto& row : rows) {
        out += "<tr>";
        for (std::size_t c = 0; c < row.size(); ++c) {
            const Cell& cell = row[c];
            out += c == 0 ? "<th scope=\"row\"" : "<td";
            if (!cell.style.empty()) out.append(" class=\"").append(cell.style).append("\"");
            if (cell.value) out.append(" data-v=\"").append(program::format("%.17g", *cell.value)).append("\"");
            out.append(">").append(escaped(cell.text)).append(c == 0 ? "</th>" : "</td>");
        }
        out += "</tr>\n";
    }
    return out.append("</tbody></table></div>\n");
}

std::string record_html(const json& record) {
    if (record.is_object() && !record.empty()) {
        std::string out = "<dl>";
        for (const auto& [key, value] : record.items())
            out.append("<dt>").append(escaped(key)).append("</dt><dd>").append(record_html(value)).append("</dd>");
        return out.append("</dl>");
    }
    if (record.is_string()) return escaped(record.get<std::string>());
    const std::string text = record.dump(-1, ' ', false, json::error_handler_t::replace);
    return "<code>" + escaped(text) + "</code>";
}

}  // namespace report
