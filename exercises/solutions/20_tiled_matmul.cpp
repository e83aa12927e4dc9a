// A solution of 20_tiled_matmul.
#include "exercises/cached_matrix.hpp"

void multiply(const CachedMatrix& a, const CachedMatrix& b, CachedMatrix& y) {
    const std::int64_t n = y.size(), tile = 8;
    const auto end = [&](std::int64_t begin) { return std::min(begin + tile, n); };
    for (std::int64_t i0 = 0; i0 < n; i0 += tile)
        for (std::int64_t j0 = 0; j0 < n; j0 += tile)
            for (std::int64_t p0 = 0; p0 < n; p0 += tile)
                for (std::int64_t i = i0; i < end(i0); ++i)
                    for (std::int64_t p = p0; p < end(p0); ++p)
                        for (std::int64_t j = j0; j < end(j0); ++j) y.add(i, j, a.get(i, p) * b.get(p, j));
}
