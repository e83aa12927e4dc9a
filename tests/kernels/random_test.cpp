#include "fathom/kernels/random.hpp"

#include <cmath>

#include "fathom/backend/cpu/random.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

template <class T>
abi::RandomArgs arguments(Array<T>& out, Random op, double low, double high) {
    return {op, out.abi(), 42, 1000, low, high};
}

}  // namespace

TEST_CASE_TEMPLATE("kernels/random: element i gets number offset + i, in every layout, on one and two threads", T,
                   float, double) {
    for (Layout layout : all_layouts)
        for (int n : {1, 2}) {
            Threads threads(n);
            Array<T> x({3, 5, 31, 17}, layout);
            cpu::random<T>(call(), arguments(x, Random::uniform, -2, 3));
            bool same = true;
            for (std::int64_t i = 0; i < x.numel(); ++i)
                same = same && x[i] == static_cast<T>(-2 + 5 * uniform({42, 1000}, static_cast<std::uint64_t>(i)));
            cpu::random<T>(call(), arguments(x, Random::normal, 1, 0.5));
            for (std::int64_t i = 0; i < x.numel(); ++i)
                same = same && x[i] == static_cast<T>(1 + 0.5 * normal({42, 1000}, static_cast<std::uint64_t>(i)));
            CHECK(same);
            CHECK(x.guards_hold());
        }
}

TEST_CASE("kernels/random: moments and bounds") {
    Array<float> x({100000});
    double sum = 0, squares = 0;
    cpu::random<float>(call(), arguments(x, Random::normal, 1, 2));
    for (float v : x.values())
        sum += static_cast<double>(v), squares += static_cast<double>(v) * static_cast<double>(v);
    CHECK(std::abs(sum / 1e5 - 1) < 0.03);
    CHECK(std::abs(squares / 1e5 - 5) < 0.12);
    // So narrow that almost every number rounds to an end of the range: `high` is not reached.
    cpu::random<float>(call(), arguments(x, Random::uniform, 1, 1 + 1.2e-7));
    for (float v : x.values()) CHECK_UNARY(v == 1.0f);
    Array<float> empty({0, 4});
    cpu::random<float>(call(), arguments(empty, Random::uniform, 0, 1));
}

}  // namespace fathom::tests
