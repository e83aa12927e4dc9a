#include "fathom/kernels/simd.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

#define FATHOM_KERNEL "tests/kernels/simd_test.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::kernels {
namespace {

template <class T>
void check_simd() {
    const int n = FATHOM_DISPATCH(simd_test::lane_count<T>());
    const auto size = static_cast<std::size_t>(n);
    std::vector<T> a(size), b(size), c(size);
    for (std::size_t i = 0; i < size; ++i) {
        a[i] = static_cast<T>((i % 2 ? -1 : 1) * (static_cast<double>(i) + 1.5));
        b[i] = static_cast<T>(static_cast<double>(i) * 0.75 - 2.25);
        c[i] = i % 3 == 1 ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(i);
    }
    std::vector<T> out(10 * size + 2 * size * (size + 1) + 4, T(-77));
    FATHOM_DISPATCH(simd_test::everything<T>(a.data(), b.data(), c.data(), out.data()));
    const T* r = out.data();
    const auto same = [](T x, T y) { return (std::isnan(x) && std::isnan(y)) || x == y; };
    for (int i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const T x = a[at], y = b[at], z = c[at];
        CAPTURE(i);
        CHECK((std::isnan(z) ? std::isnan(r[i]) : std::abs(r[i] - std::fma(x, y, z)) <= 1e-6 * std::abs(x * y)));
        CHECK(same(r[n + i], x < y ? x : z));
        CHECK(r[2 * n + i] == std::min(x, y));
        CHECK(r[3 * n + i] == std::max(x, y));
        CHECK(r[4 * n + i] == std::abs(x));
        CHECK(r[5 * n + i] == std::copysign(x, y));
        CHECK(r[6 * n + i] == std::sqrt(std::abs(x)));
        CHECK(r[7 * n + i] == (std::isnan(z) ? 1 : 0));
        CHECK(r[9 * n + i] == x / y);
    }
    r += 10 * n;
    for (int k = 0; k <= n; ++k, r += n)
        for (int i = 0; i < n; ++i) CHECK(r[i] == (i < k ? a[static_cast<std::size_t>(i)] : T(0)));
    for (int k = 0; k <= n; ++k, r += n)
        for (int i = 0; i < n; ++i) CHECK(r[i] == (i < k ? b[static_cast<std::size_t>(i)] : T(-77)));
    T sum = 0, largest = a[0], smallest = a[0];
    for (T x : a) sum += x, largest = std::max(largest, x), smallest = std::min(smallest, x);
    CHECK(r[0] == sum);  // exact: all are small multiples of 1/2
    CHECK(r[1] == largest);
    CHECK(r[2] == smallest);
    CHECK(r[3] == n);
}

}  // namespace

TEST_CASE("kernels/simd: every function against its scalar meaning") {
    tests::for_each_isa([] {
        check_simd<float>();
        check_simd<double>();
    });
}

// In a child, which AddressSanitizer ends.
TEST_CASE("kernels/simd: a sanitizer sees parts of vectors beyond the end of memory" *
          doctest::skip(!tests::sanitized || tests::cannot_fork)) {
    for (const bool stores : {false, true})
        tests::for_each_isa([&] {
            const pid_t child = fork();
            REQUIRE(child >= 0);
            if (child == 0) {
                close(STDERR_FILENO);
                std::vector<float> memory(2);
                FATHOM_DISPATCH(simd_test::move_part<float>(memory.data(), 3, stores));
                _exit(0);
            }
            int status = 0;
            REQUIRE(waitpid(child, &status, 0) == child);
            CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
        });
}

}  // namespace fathom::kernels
