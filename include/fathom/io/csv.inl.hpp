// Definitions of csv.hpp.
#include <algorithm>
#include <charconv>

#include "fathom/io/tensor_bytes.hpp"
#include "fathom/io/text.hpp"

namespace fathom::inline v0::io {

class CsvReader {
public:
    CsvReader(const std::string& file, std::string_view text, const CsvOptions& options)
        : file_(file), text_(text), options_(options) {
        if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);  // a byte order mark
    }

    Csv read(Where site) {
        Csv csv;
        std::vector<double> values;
        std::vector<std::string> fields;
        std::size_t columns = 0, rows = 0;
        while (next_line(fields)) {
            const bool first = columns == 0;
            if (first) columns = fields.size();
            if (fields.size() != columns)
                fail_file(file_, {"line ", line_, ": ", fields.size(), " fields, expected the ", columns,
                                  " of the first line"});
            if (first && is_header(fields)) {
                csv.names = std::move(fields);
                continue;
            }
            for (std::size_t c = 0; c < columns; ++c) values.push_back(number(fields[c], c));
            ++rows;
        }
        csv.values = tensor_from_bytes(values.data(), {rows, columns}, DType::float64, "load_csv", site).as<double>();
        return csv;
    }

private:
    enum class Parsed { number, none, too_large };

    static Parsed parse(std::string_view text, double& value) {
        if (text.starts_with("+") && !text.starts_with("+-")) text.remove_prefix(1);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (end != text.data() + text.size() || text.empty()) return Parsed::none;
        return error == std::errc()                      ? Parsed::number
               : error == std::errc::result_out_of_range ? Parsed::too_large
                                                         : Parsed::none;
    }
    double number(std::string_view field, std::size_t column) const {
        double value = 0;
        const Parsed parsed = parse(field, value);
        if (parsed == Parsed::none)
            fail_file(file_, {"line ", line_, ", column ", column + 1, ": ",
                              field.empty() ? std::string("nothing") : io::quoted(field), ", expected a number"});
        if (parsed == Parsed::too_large)
            fail_file(file_, {"line ", line_, ", column ", column + 1, ": ", io::quoted(field),
                              " is beyond what a double holds"});
        return value;
    }
    bool is_header(const std::vector<std::string>& fields) const {
        if (options_.header) return *options_.header;
        double unused = 0;
        for (const std::string& field : fields)
            if (parse(field, unused) == Parsed::none) return true;
        return false;
    }

    static bool is_space(char c) { return c == ' ' || c == '\t'; }
    static std::string_view trimmed(std::string_view text) {
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
        return text;
    }
    bool is_separator(char c) const { return options_.separator == ' ' ? is_space(c) : c == options_.separator; }

    // The fields of the next line that has any; false at the end.
    bool next_line(std::vector<std::string>& fields) {
        while (!text_.empty()) {
            const std::size_t end = std::min(text_.find('\n'), text_.size());
            std::string_view line = text_.substr(0, end);
            text_.remove_prefix(std::min(end + 1, text_.size()));
            ++line_;
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (trimmed(line).empty()) continue;
            split(options_.separator == ' ' ? trimmed(line) : line, fields);
            return true;
        }
        return false;
    }
    void split(std::string_view line, std::vector<std::string>& fields) const {
        fields.clear();
        for (bool more = true; more;) {
            std::string field;
            while (!line.empty() && is_space(line.front()) && !is_separator(line.front())) line.remove_prefix(1);
            if (line.starts_with('"')) {
                std::size_t at = 1;
                for (;; ++at) {
                    if (at == line.size())
                        fail_file(file_, {"line ", line_, ", column ", fields.size() + 1, ": a quote without its end"});
                    if (line[at] == '"' && (at + 1 == line.size() || line[at + 1] != '"')) break;
                    field += line[at];
                    if (line[at] == '"') ++at;
                }
                line.remove_prefix(at + 1);
            }
            std::size_t end = 0;
            while (end < line.size() && !is_separator(line[end])) ++end;
            fields.push_back(field.append(trimmed(line.substr(0, end))));
            more = end < line.size();
            if (options_.separator == ' ')
                while (end + 1 < line.size() && is_space(line[end + 1])) ++end;
            line.remove_prefix(std::min(end + 1, line.size()));
        }
    }

    const std::string& file_;
    std::string_view text_;
    CsvOptions options_;
    std::size_t line_ = 0;
};

FATHOM_INLINE Csv parse_csv(const std::string& file, std::string_view text, const CsvOptions& options, Where site) {
    if (options.separator == '"' || options.separator == '\n' || options.separator == '\r')
        fail("load_csv", site, {"a quote or a line break as separator"});
    return CsvReader(file, text, options).read(site);
}

FATHOM_INLINE Csv load_csv(const std::string& path, const CsvOptions& options, Where site) {
    const MappedFile file(path);
    return parse_csv(path, file.bytes(), options, site);
}

}  // namespace fathom::inline v0::io
