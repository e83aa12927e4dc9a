// 20 A product that uses what it has loaded
//
// Memory is slow, so processors keep what they used last in a cache, line by line. The product below is right, but it
// walks down the columns of b: each number it takes is in another line, and by the time the next column comes, the
// lines are gone. Here the cache holds 32 lines of 8 numbers and counts how many it loads (cached_matrix.hpp).
//
// Cut the three loops into tiles of 8 by 8: for each tile of y, for each tile along p, multiply a tile of a with a tile
// of b. These three tiles are 24 lines, which fit, and every number loaded is used 8 times. n need not be a multiple of
// 8. All of y is 0 at first.
#include "exercises/cached_matrix.hpp"

void multiply(const CachedMatrix& a, const CachedMatrix& b, CachedMatrix& y) {
    const std::int64_t n = y.size();
    // YOUR CODE in place of these loops
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < n; ++j)
            for (std::int64_t p = 0; p < n; ++p) y.add(i, j, a.get(i, p) * b.get(p, j));
}
