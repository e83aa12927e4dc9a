// List keeps what it is given through growing, moving and shrinking, and destroys each element once.
#include <memory>
#include <string>
#include <utility>

#include "fathom/core/list.hpp"
#include "tests/support.hpp"

using fathom::detail::List;

TEST_CASE("core/list: elements keep their values while it grows") {
    List<std::string> list;
    CHECK(list.empty());
    for (int i = 0; i < 100; ++i) {
        const std::string& added = list.push_back("element " + std::to_string(i));
        CHECK(&added == &list.back());
    }
    REQUIRE(list.size() == 100);
    for (std::size_t i = 0; i < 100; ++i) CHECK(list[i] == "element " + std::to_string(i));
    std::string all;
    for (const std::string& element : std::as_const(list)) all += element[element.size() - 1];
    CHECK(all.size() == 100);
    CHECK(all.substr(0, 11) == "01234567890");
    CHECK(list.end() - list.begin() == 100);
    CHECK(list.data() == list.begin());
}

TEST_CASE("core/list: an element of its own can be added where there is no room left") {
    List<std::string> list;
    list.push_back("a text that is too long for a string's own place");
    for (int i = 0; i < 40; ++i) list.push_back(list[0]);
    for (const std::string& element : list) CHECK(element == list[0]);
    CHECK(list[0].size() == 48);
}

TEST_CASE("core/list: every element is destroyed once") {
    const auto counted = std::make_shared<int>(0);
    {
        List<std::shared_ptr<int>> list;
        for (int i = 0; i < 20; ++i) list.push_back(counted);
        CHECK(counted.use_count() == 21);
        list.pop_back();
        CHECK(counted.use_count() == 20);
        list.resize(5);
        CHECK(counted.use_count() == 6);
        list.resize(9);
        CHECK(!list[8]);
        List<std::shared_ptr<int>> moved = std::move(list), other;
        CHECK(list.empty());
        CHECK(moved.size() == 9);
        list.push_back(counted);
        CHECK(counted.use_count() == 7);
        other.push_back(counted);
        other = std::move(moved);
        CHECK(other.size() == 9);
        other.clear();
        CHECK(other.empty());
    }
    CHECK(counted.use_count() == 1);
}

TEST_CASE("core/list: new numbers are 0") {
    List<int> list;
    list.push_back(7);
    list.resize(30);
    int sum = 0;
    for (int i : list) sum += i;
    CHECK(sum == 7);
}
