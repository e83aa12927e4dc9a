#include "fathom/io/json.hpp"

#include "tests/io/support.hpp"

using fathom::io::is_utf8;
using fathom::io::json_quoted;
using fathom::io::JsonReader;
using fathom::io::quoted;
using io_test::error_of;

namespace {

const std::string file = "f";

std::string string_of(std::string_view text) {
    JsonReader json(file, text, 0);
    const std::string result = json.string();
    json.end();
    return result;
}

std::string string_error(std::string_view text) {
    return error_of([&] { string_of(text); });
}

std::string skip_error(std::string_view text) {
    return error_of([&] {
        JsonReader json(file, text, 8);
        json.skip();
        json.end();
    });
}

}  // namespace

TEST_CASE("io/json: strings with every escape") {
    CHECK(string_of(R"("")") == "");
    CHECK(string_of(R"( "a b" )") == "a b");
    CHECK(string_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
    CHECK(string_of(R"("\u0041\u00e9\u20AC\ud83d\ude00")") == "Aé€😀");
    CHECK(string_of("\"größe 😀\"") == "größe 😀");
    CHECK(string_of(R"("\u0000")") == std::string(1, '\0'));
}

TEST_CASE("io/json: what is no string, with the offset") {
    CHECK(string_error("x") == "f: JSON: expected '\"', got 'x' at byte 0");
    CHECK(string_error("") == "f: JSON: expected '\"', got the end at byte 0");
    CHECK(string_error("\"abc") == "f: JSON: a string without an end at byte 4");
    CHECK(string_error("\"a\nb\"") == "f: JSON: a string with byte 10 in it at byte 2");
    CHECK(string_error(R"("\x")") == "f: JSON: unknown escape 'x' at byte 2");
    CHECK(string_error(R"("\u12g4")") == "f: JSON: expected a hexadecimal digit, got 'g' at byte 5");
    CHECK(string_error(R"("\ud83d")") == "f: JSON: half of a surrogate pair at byte 7");
    CHECK(string_error(R"("\ud83d\u0041")") == "f: JSON: half of a surrogate pair at byte 13");
    CHECK(string_error(R"("\ude00")") == "f: JSON: half of a surrogate pair at byte 7");
    CHECK(string_error("\"ab\xff\"") == "f: JSON: a string that is not UTF-8 at byte 1");
    CHECK(string_error("\"a\" b") == "f: JSON: expected the end, got 'b' at byte 4");
    CHECK(string_error("\"a\\") == "f: JSON: unknown escape the end at byte 3");
}

TEST_CASE("io/json: integers") {
    const auto integer = [](std::string_view text) {
        JsonReader json(file, text, 0);
        const auto value = json.integer();
        json.end();
        return value;
    };
    CHECK(integer("0") == 0);
    CHECK(integer(" 9223372036854775807 ") == INT64_MAX);
    CHECK(error_of([&] { integer("9223372036854775808"); }) == "f: JSON: an integer above 2^63 - 1 at byte 0");
    CHECK(error_of([&] { integer("-1"); }) == "f: JSON: expected a non-negative integer, got '-' at byte 0");
    CHECK(error_of([&] { integer("1.5"); }) == "f: JSON: expected a non-negative integer, got '.' at byte 1");
    CHECK(error_of([&] { integer("1e5"); }) == "f: JSON: expected a non-negative integer, got 'e' at byte 1");
    CHECK(error_of([&] { integer("012"); }) == "f: JSON: a number with a leading zero at byte 0");
    CHECK(error_of([&] { integer(""); }) == "f: JSON: expected a non-negative integer, got the end at byte 0");
}

TEST_CASE("io/json: objects and arrays") {
    std::string seen;
    JsonReader json(file, R"({"a":[1, 2,3] , "b" : {}, "c":[]})", 0);
    json.object([&](const std::string& key) {
        seen += key;
        if (key == "b")
            json.object([&](const std::string&) { seen += "?"; });
        else
            json.array([&] { seen += std::to_string(json.integer()); });
    });
    json.end();
    CHECK(seen == "a123bc");
}

TEST_CASE("io/json: any value can be skipped; broken ones cannot") {
    for (const char* text : {"1", "0", "-0", "0.5", "-0e0", "10", "-0.5e+10", "1E-3", "true", "false", "null", "\"x\"",
                             "[]", "{}", R"([1,{"a":[null,true]},"b"])"})
        CHECK(skip_error(text) == "no error");
    for (const char* text :
         {"",      "tru",      "nul",          "-",          "1.",    ".5",  "1e",   "+1",  "[1,]",
          "[1 2]", "{\"a\":}", "{\"a\" 1}",    "{\"a\":1,}", "{a:1}", "[",   "{",    "]",   "[}",
          "1 2",   "NaN",      "'a'",          "-001",       "-01",   "01",  "00",   "-00", "01.5",
          "-00e1", "[0123]",   "{\"a\":-010}", "- 1",        "--1",   "0x1", "1.e5", "1e+", "truex"}) {
        CAPTURE(text);
        CHECK(skip_error(text).substr(0, 9) == "f: JSON: ");
    }
}

TEST_CASE("io/json: duplicate keys and deep nesting are refused") {
    CHECK(skip_error(R"({"b":1,"a":2,"b":3})") == "f: JSON: key \"b\" occurs twice at byte 21");
    CHECK(skip_error(R"({"\u0062":1,"b":3})") == "f: JSON: key \"b\" occurs twice at byte 20");
    const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    CHECK(skip_error(nested(32)) == "no error");
    CHECK(skip_error(nested(33)) == "f: JSON is nested deeper than 32 levels at byte 40");
    CHECK(skip_error(std::string(10'000'000, '[')) == "f: JSON is nested deeper than 32 levels at byte 40");
    CHECK(skip_error(std::string(10'000'000, '{')) == "f: JSON: expected '\"', got '{' at byte 9");
}

TEST_CASE("io/json: UTF-8") {
    for (const char* text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                             "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(is_utf8(text));
    for (const char* text :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2x", "\xe0\x9f\xbf", "\xe0\xa0", "\xed\xa0\x80",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xf0\x90\x80"})
        CHECK_FALSE(is_utf8(text));
}

TEST_CASE("io/json: quoting") {
    CHECK(json_quoted("a\"\\\n\x01ü") == "\"a\\\"\\\\\\u000a\\u0001ü\"");
    for (const std::string text : {"plain", "a\"\\/\b\f\n\r\t\x7f", "größe 😀"})
        CHECK(string_of(json_quoted(text)) == text);
    CHECK(quoted("a\xff\n") == "\"a\\xff\\x0a\"");
    CHECK(quoted(std::string(1000, 'a')) == "\"" + std::string(100, 'a') + "\"...");
    CHECK(quoted(std::string(99, 'a') + "üb") == "\"" + std::string(99, 'a') + "\"...");
}

TEST_CASE("io/json: damaged text gives an error or a value") {
    const std::string text =
        R"({"__metadata__":{"format":"pt\u00e9"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24],"x":[-1.5e3,true,null]}})";
    io_test::fuzz(file, text, 1, [](std::string_view bytes) {
        JsonReader json(file, bytes, 0);
        json.skip();
        json.end();
    });
}
