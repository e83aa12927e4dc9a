#include "fathom/tensor/layout.hpp"

#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::detail;

TEST_CASE("tensor/layout: dense strides, sizes of 1 never decide") {
    CHECK(row_major_strides({2, 3, 4}) == Shape{12, 4, 1});
    CHECK(channels_last_strides({2, 3, 4, 5}) == Shape{60, 1, 15, 3});
    CHECK(row_major_strides({}) == Shape{});
    CHECK(is_dense({2, 1, 3}, {3, 99, 1}, MemoryFormat::row_major));
    CHECK(is_dense({2, 1, 3, 4}, {12, 1, 4, 1}, MemoryFormat::channels_last));
    CHECK(is_dense({2, 3, 1, 1}, {3, 1, 77, 55}, MemoryFormat::channels_last));
    CHECK(is_dense({2, 3, 1, 1}, {3, 1, 77, 55}, MemoryFormat::row_major));
    CHECK_FALSE(is_dense({2, 3}, {1, 2}, MemoryFormat::row_major));
    CHECK_FALSE(is_dense({2, 3}, {3, 1}, MemoryFormat::channels_last));
    CHECK(is_dense({0, 3}, {1, 2}, MemoryFormat::row_major));
}

TEST_CASE("tensor/layout: an output takes the order of its input") {
    const Shape image = {2, 3, 4, 5}, last = channels_last_strides(image);
    CHECK(strides_in_order_of(image, image, last) == last);
    CHECK(strides_in_order_of(image, image, row_major_strides(image)) == row_major_strides(image));
    // Part of a wider image: dense again, in the same order.
    CHECK(strides_in_order_of(image, image, {160, 1, 40, 8}) == last);
    // One channel, one row, one image: channels-last stays what it was.
    for (const Shape& s : {Shape{1, 3, 4, 5}, Shape{2, 3, 1, 5}, Shape{2, 3, 4, 1}, Shape{1, 3, 1, 5}})
        CHECK(strides_in_order_of(s, s, channels_last_strides(s)) == channels_last_strides(s));
    CHECK(strides_in_order_of({2, 1, 4, 5}, {2, 1, 4, 5}, {20, 1, 5, 1}) == row_major_strides({2, 1, 4, 5}));
    CHECK(strides_in_order_of({3, 4}, {3, 4}, {1, 3}) == Shape{1, 3});
    CHECK(strides_in_order_of({3, 4}, {3, 4}, {0, 1}) == Shape{4, 1});
}

TEST_CASE("tensor/layout: which images have one pixel stride") {
    CHECK(has_pixel_stride({2, 3, 4, 5}, channels_last_strides({2, 3, 4, 5})));
    CHECK(has_pixel_stride({2, 3, 4, 5}, {160, 1, 40, 8}));
    CHECK_FALSE(has_pixel_stride({2, 3, 4, 5}, row_major_strides({2, 3, 4, 5})));
    CHECK_FALSE(has_pixel_stride({2, 3, 4, 5}, {200, 1, 40, 8}));
    CHECK(has_pixel_stride({2, 1, 4, 5}, row_major_strides({2, 1, 4, 5})));
    CHECK(has_pixel_stride({1, 8, 1, 1}, row_major_strides({1, 8, 1, 1})));
    CHECK_FALSE(has_pixel_stride({2, 3, 4}, row_major_strides({2, 3, 4})));
}

TEST_CASE("tensor/layout: broadcasting") {
    Shape out;
    CHECK(broadcast_shapes({2, 3, 4}, {3, 1}, out));
    CHECK(out == Shape{2, 3, 4});
    CHECK(broadcast_shapes({3, 1}, {2, 3, 4}, out));
    CHECK(out == Shape{2, 3, 4});
    CHECK(broadcast_shapes({4, 1}, {1, 5}, out));
    CHECK(out == Shape{4, 5});
    CHECK(broadcast_shapes({}, {2, 0}, out));
    CHECK(out == Shape{2, 0});
    CHECK(broadcast_shapes({1}, {0}, out));
    CHECK(out == Shape{0});
    CHECK_FALSE(broadcast_shapes({2, 3}, {2}, out));
    CHECK_FALSE(broadcast_shapes({2}, {0}, out));
    CHECK(broadcast_strides({3, 1}, {1, 1}, {2, 3, 4}) == Shape{0, 1, 0});
}

TEST_CASE("tensor/layout: reshapes without a copy") {
    Shape out;
    CHECK(reshape_strides({2, 3, 4}, {12, 4, 1}, {6, 4}, out));
    CHECK(out == Shape{4, 1});
    CHECK(reshape_strides({2, 3, 4}, {12, 4, 1}, {2, 1, 3, 2, 2}, out));
    CHECK(out[0] == 12);
    CHECK(out[2] == 4);
    CHECK(reshape_strides({4, 3}, {1, 4}, {2, 2, 3}, out));
    CHECK(out == Shape{2, 1, 4});
    CHECK_FALSE(reshape_strides({4, 3}, {1, 4}, {12}, out));
    CHECK(reshape_strides({2, 3}, {6, 2}, {6}, out));
    CHECK(out == Shape{2});
    CHECK_FALSE(reshape_strides({2, 3}, {8, 2}, {6}, out));
    CHECK(reshape_strides({3}, {0}, {3, 1}, out));
    CHECK(out[0] == 0);
    CHECK(reshape_strides({1}, {1}, {}, out));
    CHECK(reshape_strides({2, 0}, {1, 1}, {0, 5}, out));
}
