#include "fathom/ops/mask.hpp"

#include "fathom/ops/copy.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/mask: and, or, exclusive or, not, with broadcasting and scalars") {
    const Tensor<bool> a({{false, false}, {true, true}}), b({false, true});
    CHECK(elements(a & b) == std::vector<bool>{false, false, false, true});
    CHECK(elements(a | b) == std::vector<bool>{false, true, true, true});
    CHECK(elements(a ^ b) == std::vector<bool>{false, true, true, false});
    CHECK(elements(!a) == std::vector<bool>{true, true, false, false});
    CHECK(elements(b & true) == std::vector<bool>{false, true});
    CHECK(elements(true ^ b) == std::vector<bool>{true, false});
    CHECK(message_of([&] { a& Tensor<bool>({true, true, true}); }).find("do not broadcast") != std::string::npos);
}

TEST_CASE("ops/mask: a sum counts, any and all") {
    const auto x = arange<float>(1000);
    CHECK((x > 0).sum().item() == 999);
    CHECK(sum(ones<bool>({1000, 1000})).item() == 1000000);
    CHECK(elements(sum(Tensor<bool>({{true, false}, {true, true}}), {0})) == std::vector<std::int64_t>{2, 1});
    const Tensor<bool> m({{false, false}, {true, false}, {true, true}});
    CHECK(elements(m.any({1})) == std::vector<bool>{false, true, true});
    CHECK(elements(m.all({1})) == std::vector<bool>{false, false, true});
    CHECK(any(m, {1}, true).shape() == Shape{3, 1});
    CHECK(m.any().item());
    CHECK_FALSE(m.all().item());
    CHECK_FALSE(zeros<bool>({0}).any().item());
    CHECK(zeros<bool>({0}).all().item());
}

TEST_CASE("ops/mask: one element is a condition, more are an error that says what to take") {
    const auto x = arange<float>(3);
    bool taken = false;
    if ((x > 1).any()) taken = true;
    CHECK(taken);
    CHECK(message_of([&] { return x > 1 ? 1 : 2; }) ==
          "bool: a tensor of shape [3] is no condition; choose by where(), or ask for any() or all()");
}

TEST_CASE("ops/mask: integers are summed in int64") {
    CHECK(full<std::uint8_t>({1000}, 200).sum().item() == 200000);
    CHECK(full<std::int32_t>({3}, 2000000000).sum().item() == 6000000000);
    CHECK(elements(full<std::uint8_t>({2, 1000}, 255).sum(1)) == std::vector<std::int64_t>{255000, 255000});
    CHECK(elements(full<std::uint8_t>({1000, 2}, 255).sum(0)) == std::vector<std::int64_t>{255000, 255000});
    CHECK(message_of([] { sum(ones<float>({2, 2}), {0, 0}); }) == "sum: dimension 0 stands twice in [0,0] at here");
    CHECK(message_of([] { sum(ones<float>({2, 2}), {1, -1}); }).find("stands twice") != std::string::npos);
}
