#include "exercises/checks/check.hpp"

void check() {
    using exercises::expect, exercises::expect_shape;
    for (const ft::Shape& shape : {ft::Shape{2, 3}, ft::Shape{5}, ft::Shape{2, 3, 4}, ft::Shape{4, 1, 7, 2}}) {
        const Tensor x = ft::empty<double>(shape);
        expect_shape(row_major_strides(shape), x.strides(), "row_major_strides(" + ft::to_string(shape) + ")",
                     "How many elements does one step of the first index pass over?");
    }
    expect_shape(row_major_strides({}), {}, "row_major_strides of a single number, which has no dimension");
    const auto expect_offset = [](const ft::Shape& index, const ft::Shape& strides, std::int64_t expected) {
        const std::int64_t got = offset(index, strides);
        expect(got == expected, "offset(" + ft::to_string(index) + ", strides " + ft::to_string(strides) + ")",
               "expected " + std::to_string(expected) + ", got " + std::to_string(got),
               "Each index counts as often as its stride says.");
    };
    expect_offset({1, 2}, {3, 1}, 5);
    expect_offset({1, 2}, {1, 10}, 21);  // of a matrix that lies column by column
    expect_offset({1, 0, 3}, {12, 4, 1}, 15);
    expect_offset({2, 1}, {0, 1}, 1);  // a row that is shown again and again
    expect_shape(transposed_strides({3, 1}), {1, 3}, "transposed_strides([3,1])",
                 "One step down in the transposed matrix is one step to the right in the matrix.");
    expect_shape(transposed_strides({1, 10}), {10, 1}, "transposed_strides([1,10])");
}
