// Tables of text: the first column to the left, numbers to the right. Numbers are printed with three digits.
#pragma once

#include <string>
#include <vector>

namespace fathom::bench {

class Table {
public:
    explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

// "1.23 ms", "45.6 us".
std::string time_text(double seconds);
// Three digits, without an exponent: "0.123", "12.3", "1234".
std::string number_text(double value);
// "37%".
std::string share_text(double share);
// Two digits with an exponent: "3.1e-07".
std::string error_text(double error);

}  // namespace fathom::bench
