#include "fathom/kernels/color.hpp"

#include <cmath>
#include <limits>

#include "fathom/backend/cpu/color.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

template <class T>
void run(Array<T>& x, Array<T>& y, bool inverse, bool backward, bool accumulate = false) {
    cpu::color<T>(call(), {x.abi(), result(y, accumulate), inverse, backward});
}

}  // namespace

TEST_CASE_TEMPLATE("kernels/color: both directions against the formulas, in every layout", T, float, double) {
    const double tolerance = 4 * static_cast<double>(std::numeric_limits<T>::epsilon());
    for (Layout layout : all_layouts)
        for (Layout other : all_layouts) {
            const Shape shape{2, 3, 7, 70};
            Array<T> rgb(shape, layout), y(shape, other), back(shape, layout);
            rgb.random(1, 0, 1);
            run(rgb, y, false, false);
            run(y, back, true, false);
            double worst = 0;
            for (std::int64_t n = 0; n < 2; ++n)
                for (std::int64_t p = 0; p < 490; ++p) {
                    const auto at = [&](Array<T>& a, std::int64_t c) {
                        return static_cast<double>(a[(n * 3 + c) * 490 + p]);
                    };
                    const double r = at(rgb, 0), g = at(rgb, 1), b = at(rgb, 2), luma = .299 * r + .587 * g + .114 * b;
                    const double cr = at(y, 1) - .5, cb = at(y, 2) - .5;
                    for (double error :
                         {at(y, 0) - luma, cr - .713 * (r - luma), cb - .564 * (b - luma),
                          at(back, 0) - (at(y, 0) + 1.403 * cr), at(back, 1) - (at(y, 0) - .714 * cr - .344 * cb),
                          at(back, 2) - (at(y, 0) + 1.773 * cb)})
                        worst = std::max(worst, std::abs(error));
                }
            CHECK(worst <= tolerance);
            CHECK(y.guards_hold());
            run(rgb, back, true, false, true);  // accumulates
            CHECK(back.guards_hold());
        }
}

TEST_CASE("kernels/color: the gradients are the transposed transforms") {
    for (bool inverse : {false, true}) {
        Array<double> x({1, 3, 5, 9}), y({1, 3, 5, 9}), zero({1, 3, 5, 9}), at_zero({1, 3, 5, 9}), dy({1, 3, 5, 9}),
            dx({1, 3, 5, 9});
        x.random(1), dy.random(2), zero.fill([](auto) { return 0; }), dx.fill([](auto) { return 1; });
        run(x, y, inverse, false);
        run(zero, at_zero, inverse, false);
        run(dy, dx, inverse, true, true);
        double left = 0, right = 0;  // <A x, dy> = <x, A^T dy>
        for (std::int64_t i = 0; i < x.numel(); ++i) left += (y[i] - at_zero[i]) * dy[i], right += x[i] * (dx[i] - 1);
        CHECK(left == doctest::Approx(right).epsilon(1e-12));
    }
}

TEST_CASE("kernels/color: nothing, and two threads") {
    Array<float> none({0, 3, 4, 4}), out({0, 3, 4, 4});
    run(none, out, false, false);
    Array<float> x({1, 3, 200, 200}, Layout::channels_last), one({1, 3, 200, 200}), two({1, 3, 200, 200});
    x.random(1);
    {
        Threads t(1);
        run(x, one, false, false);
    }
    Threads t(2);
    run(x, two, false, false);
    CHECK(one.same_bits(two));
}

}  // namespace fathom::tests
