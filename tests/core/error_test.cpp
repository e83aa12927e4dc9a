#include "fathom/core/error.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

namespace ft = fathom;

TEST_CASE("core/error: each kind of part becomes its text") {
    const std::string owned = "owned";
    CHECK(ft::join({"literal ", std::string_view("view "), owned, std::string(" temporary")}) ==
          "literal view owned temporary");
    CHECK(ft::join({ft::Shape{2, 3, 48, 64}, " ", ft::Shape{}}) == "[2,3,48,64] []");
    CHECK(ft::join({ft::DType::float32, " ", ft::DType::boolean}) == "float bool");
    CHECK(ft::join({ft::Device::cpu(), " ", ft::Device::cuda(1)}) == "cpu cuda:1");
    CHECK(ft::join({-7, " ", std::numeric_limits<std::int64_t>::min(), " ",
                    std::numeric_limits<std::uint64_t>::max()}) == "-7 -9223372036854775808 18446744073709551615");
    CHECK(ft::join({0.1f, " ", 1e-9, " ", 2.0}) == "0.1 1e-09 2");
}

TEST_CASE("core/error: the message names the operation and the caller's line") {
    CHECK_THROWS_WITH_AS(
        ft::fail("conv2d", {"/home/user/train.cpp", 41}, {"input has ", 3, " channels, weight expects ", 4}),
        "conv2d: input has 3 channels, weight expects 4 at train.cpp:41", ft::Error);
    CHECK_THROWS_WITH_AS(ft::fail("", {}, {"no operation, no place"}), "no operation, no place", ft::Error);
}
