#include "fathom/core/flush_denormal.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <limits>

#include "fathom/core/parallel_for.hpp"

using namespace fathom;

TEST_CASE("core/flush_denormal: for the thread and those that work for it, until it is taken back") {
    const volatile float smallest = std::numeric_limits<float>::min();
    const auto kept = [&] {
        std::atomic<int> count{0};
        parallel_for(0, 64, 1, [&](std::int64_t, std::int64_t) { count += smallest / 2 != 0; });
        return count.load();
    };
    CHECK(kept() == 64);
    if (set_flush_denormal(true)) {
        CHECK(kept() == 0);
        set_flush_denormal(false);
    }
    CHECK(kept() == 64);
}
