#include "fathom/io/csv.hpp"

#include <cmath>

#include "tests/io/support.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace io_test;
using io::Csv;
using io::CsvOptions;
using io::parse_csv;

namespace {

std::string csv_error(const std::string& text, const CsvOptions& options = {}) {
    return error_of([&] { parse_csv("f", text, options); });
}

std::vector<double> values(const std::string& text, const CsvOptions& options = {}) {
    return tests::numbers(parse_csv("f", text, options).values);
}

}  // namespace

TEST_CASE("io/csv: numbers, names, separators") {
    const Folder folder;
    write_file(folder / "a.csv", "x,y,label\r\n1,2.5,-3\r\n4e2, .5 ,+6\r\n");
    const Csv csv = io::load_csv(folder / "a.csv");
    CHECK(csv.names == std::vector<std::string>{"x", "y", "label"});
    CHECK(csv.values.shape() == Shape({2, 3}));
    CHECK(tests::numbers(csv.values) == std::vector<double>{1, 2.5, -3, 400, 0.5, 6});

    CHECK(parse_csv("f", "1,2\n3,4").names.empty());
    CHECK(parse_csv("f", "1,2\n3,4", {.header = true}).names == std::vector<std::string>{"1", "2"});
    CHECK(values("1;2\n\n3;4\n   \n", {.separator = ';'}) == std::vector<double>{1, 2, 3, 4});
    CHECK(values("1\t2\n3\t4\n", {.separator = '\t'}) == std::vector<double>{1, 2, 3, 4});
    CHECK(values("  1   2\n3\t 4  \n", {.separator = ' '}) == std::vector<double>{1, 2, 3, 4});
    CHECK(values("5") == std::vector<double>{5});
    CHECK(values("\"1\",\"2\"\n") == std::vector<double>{1, 2});
    const Csv quoted = parse_csv("f", "\xef\xbb\xbf\"a, \"\"b\"\"\" , c\n1,2\n");
    CHECK(quoted.names == std::vector<std::string>{"a, \"b\"", "c"});
    const std::vector<double> special = values("nan,inf,-inf,-0,NaN,Infinity\n");
    CHECK(std::isnan(special[0]));
    CHECK(special[1] == INFINITY);
    CHECK(special[2] == -INFINITY);
    CHECK(std::signbit(special[3]));
    CHECK(std::isnan(special[4]));
    CHECK(special[5] == INFINITY);
    CHECK(parse_csv("f", "").values.shape() == Shape({0, 0}));
    CHECK(parse_csv("f", "a,b\n").values.shape() == Shape({0, 2}));
}

TEST_CASE("io/csv: errors say line and column") {
    CHECK(csv_error("1,2\n3,x\n") == "f: line 2, column 2: \"x\", expected a number");
    CHECK(csv_error("a,b\n\n3,4\n3,,\n") == "f: line 4: 3 fields, expected the 2 of the first line");
    CHECK(csv_error("a,b\n1,\n") == "f: line 2, column 2: nothing, expected a number");
    CHECK(csv_error("1,2\n1\n") == "f: line 2: 1 fields, expected the 2 of the first line");
    CHECK(csv_error("a,2\n", {.header = false}) == "f: line 1, column 1: \"a\", expected a number");
    CHECK(csv_error("1,1e999\n") == "f: line 1, column 2: \"1e999\" is beyond what a double holds");
    CHECK(csv_error("1,\"2\n") == "f: line 1, column 2: a quote without its end");
    CHECK(csv_error("1 2\n1 2x\n", {.separator = ' '}) == "f: line 2, column 2: \"2x\", expected a number");
    for (const char* number : {"0x10", "1e", "--1", "+-1", "1.2.3", "1 2", "\xff", "e"})
        CHECK(csv_error(std::string("1\n") + number).find("f: line 2, column 1: ") == 0);
    CHECK(csv_error("1", {.separator = '"'}).find("load_csv: a quote or a line break as separator") == 0);
    CHECK(error_of([] { io::load_csv("/nowhere/a.csv"); }).find("/nowhere/a.csv: ") == 0);
}

TEST_CASE("io/csv: damaged files give an error or numbers") {
    for (const char separator : {',', ' '})
        fuzz("f", "x,\"y \"\"z\"\"\"\n1,2.5e-3\n-inf, nan\n", 1,
             [&](std::string_view text) { parse_csv("f", text, {.separator = separator}); });
}
