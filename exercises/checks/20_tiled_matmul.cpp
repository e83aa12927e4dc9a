#include "exercises/cached_matrix.hpp"
#include "exercises/checks/check.hpp"

void check() {
    const auto loads = [](std::int64_t n) {
        const Tensor a = exercises::some_numbers({n, n}, 1), b = exercises::some_numbers({n, n}, 2);
        Tensor expected = ft::zeros<double>({n, n});
        for (std::int64_t i = 0; i < n; ++i)
            for (std::int64_t j = 0; j < n; ++j)
                for (std::int64_t p = 0; p < n; ++p)
                    expected.mutable_data()[i * n + j] += a.data()[i * n + p] * b.data()[p * n + j];
        Cache cache;
        CachedMatrix y(ft::zeros<double>({n, n}), cache, 2);
        multiply(CachedMatrix(a, cache, 0), CachedMatrix(b, cache, 1), y);
        exercises::expect_tensor(y.values(), expected, "product of two matrices of " + std::to_string(n) + " rows",
                                 "Does a tile end where the matrix does? Is every product added once?");
        return cache.loads();
    };
    loads(8);
    loads(13);
    const int got = loads(48);
    exercises::expect(got <= 6000, "product of two matrices of 48 rows",
                      "it loads " + std::to_string(got) + " lines, expected at most 6000",
                      "Row by row it is 130000, with p as the second loop 15000, in tiles of 8 about 4000.");
}
