#include "fathom/kernels/pad.hpp"

#include <cmath>

#include "fathom/backend/cpu/pad.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

std::int64_t source(Pad mode, std::int64_t i, std::int64_t size) {
    if (mode == Pad::replicate) return i < 0 ? 0 : i >= size ? size - 1 : i;
    if (mode == Pad::circular) return (i + size) % size;
    if (mode == Pad::reflect) return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
    return i < 0 || i >= size ? -1 : i;
}

struct Padding {
    std::int64_t top, bottom, left, right;
};

template <class T>
void check(Shape shape, Layout layout, Layout other, Pad mode, Padding p, bool accumulate) {
    const int rank = shape.rank();
    Shape padded = shape;
    padded[rank - 2] += p.top + p.bottom;
    padded[rank - 1] += p.left + p.right;
    Array<T> x(shape, layout), y(padded, other), dy(padded, other), dx(shape, layout);
    x.random(1);
    for (auto* a : {&y, &dx}) a->fill([](std::int64_t i) { return i % 3; });
    dy.fill([](std::int64_t i) { return i % 17; });
    const abi::PadArgs args{mode, x.abi(), result(y, accumulate), dy.abi(), result(dx, accumulate), {p.top, p.left},
                            0.5};
    cpu::pad<T>(call(), args);
    cpu::pad_backward<T>(call(), args);
    std::vector<T> gradient(static_cast<std::size_t>(x.numel()), T{0});
    int wrong = 0;
    const std::int64_t height = padded[rank - 2], width = padded[rank - 1];
    for (std::int64_t i = 0; i < y.numel(); ++i) {
        const std::int64_t plane = i / width / height, h = source(mode, i / width % height - p.top, shape[rank - 2]),
                           w = source(mode, i % width - p.left, shape[rank - 1]);
        const std::int64_t from = h < 0 || w < 0 ? -1 : (plane * shape[rank - 2] + h) * shape[rank - 1] + w;
        const T old = accumulate ? static_cast<T>(i % 3) : T{0};
        wrong += y[i] != old + (from < 0 ? T(0.5) : x[from]);
        if (from >= 0) gradient[static_cast<std::size_t>(from)] += dy[i];
    }
    for (std::int64_t i = 0; i < dx.numel(); ++i)
        wrong += dx[i] != gradient[static_cast<std::size_t>(i)] + (accumulate ? static_cast<T>(i % 3) : T{0});
    CHECK(wrong == 0);
    CHECK(y.guards_hold());
    CHECK(dx.guards_hold());
}

}  // namespace

TEST_CASE_TEMPLATE("kernels/pad: values and gradients against a plain loop, every mode and layout", T, float, double) {
    for (Pad mode : {Pad::constant, Pad::reflect, Pad::replicate, Pad::circular})
        for (Layout layout : all_layouts)
            for (Layout other : all_layouts) {
                check<T>({2, 3, 5, 6}, layout, other, mode, {1, 2, 2, 1}, false);
                check<T>({2, 3, 5, 6}, layout, other, mode, {4, 4, 5, 5}, true);
                check<T>({5, 7}, layout, other, mode, {0, 3, 1, 0}, false);
                check<T>({2, 3, 5, 6}, layout, other, mode, {-2, 3, 4, -4}, true);
                check<T>({2, 1, 17, 9}, layout, other, mode, {0, 0, 0, 0}, false);
                check<T>({0, 3, 5, 6}, layout, other, mode, {1, 1, 1, 1}, false);
            }
    check<T>({1, 3, 0, 4}, Layout::dense, Layout::dense, Pad::constant, {1, 1, 1, 1}, false);
}

TEST_CASE("kernels/pad: more than a reflection can give is an error") {
    Array<float> x({1, 1, 3, 3}), y({1, 1, 6, 3});
    CHECK_THROWS_WITH_AS(cpu::pad<float>(call(), {Pad::reflect, x.abi(), y.abi(), {}, {}, {3, 0}, 0}),
                         "test: reflection can add at most 2 to a dimension of 3, not 3 and 0 at here.cpp:7", Error);
}

TEST_CASE("kernels/pad: one and two threads give the same bits") {
    Array<float> one({2, 16, 60, 70}, Layout::channels_last), two({2, 16, 60, 70}, Layout::channels_last),
        dy({2, 16, 64, 74});
    dy.random(1);
    abi::PadArgs args{Pad::reflect, {}, {}, dy.abi(), one.abi(), {2, 2}, 0};
    {
        Threads t(1);
        cpu::pad_backward<float>(call(), args);
    }
    Threads t(2);
    args.dx = two.abi();
    cpu::pad_backward<float>(call(), args);
    CHECK(one.same_bits(two));
}

}  // namespace fathom::tests
