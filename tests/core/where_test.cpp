#include "fathom/core/where.hpp"

#include <string>

#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/support.hpp"

using namespace fathom;

namespace {
std::string text_of(void (*f)()) {
    try {
        f();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}
std::string place(int line) { return " at where_test.cpp:" + std::to_string(line); }
int line_of_error = 0;
}  // namespace

TEST_CASE("core/where: a message ends with the very line that called") {
    const std::string message = text_of([] {
        const Tensor<float> a({1, 2}), b({1, 2, 3});
        line_of_error = __LINE__ + 1;
        a + b;
    });
    CHECK(message == "add: shapes [2] and [3] do not broadcast" + place(line_of_error));
}

TEST_CASE("core/where: functions, members, indices and in-place forms all carry it") {
    const std::string function = text_of([] {
        const Tensor<float> a({1, 2});
        line_of_error = __LINE__ + 1;
        sum(a, {3});
    });
    CHECK(function == "sum: dimension 3 of a tensor of rank 1" + place(line_of_error));
    const std::string member = text_of([] {
        const Tensor<float> a({1, 2});
        line_of_error = __LINE__ + 1;
        a.transpose(0, 1);
    });
    CHECK(member == "transpose: dimension 1 of a tensor of rank 1" + place(line_of_error));
    const std::string index = text_of([] {
        const Tensor<float> a({{1, 2}});
        line_of_error = __LINE__ + 1;
        a[0](4);
    });
    CHECK(index == "element access: index 4 is out of range for dimension 0 of shape [2]" + place(line_of_error));
    const std::string in_place = text_of([] {
        Tensor<float> a({1, 2});
        const Tensor<float> b({1, 2, 3});
        line_of_error = __LINE__ + 1;
        a += b;
    });
    CHECK(in_place == "+=: shape [3] does not broadcast to [2], which is written in place" + place(line_of_error));
}

TEST_CASE("core/where: braces with a zero are dimensions, not a place") {
    const Tensor<float> a({{1, 2}, {3, 4}});
    CHECK(a.sum({0, 1}).item() == 10);
    CHECK(a.mean({0, 1}, true).shape() == Shape{1, 1});
}
