// The rungs of a matrix product C = A B, all row-major and dense, in float: A is [m, k], B [k, n]. The last ones take m
// and n in whole tiles. What a rung predicts stands in its comment; gemm.cpp computes it for the machine at hand.
//
// lanes is the number of floats of a vector. Two loads, one store and two multiply-adds of whole vectors fit into a
// clock, and a multiply-add takes 4 clocks from operands to result: eight have to be under way at any time.
namespace ladder_gemm {

struct Shape {
    std::int64_t m, n, k;
};

// Rung 1: the definition, a sum of products for each element. Each multiply-add waits for the one before, and B is read
// down its columns: a cache line for each number. Predicts 1 / (8 lanes) of the peak, or k lines of 64 bytes for each
// element from where B lies, whichever is slower. The first comes out up to a quarter faster: a processor looks some
// hundred instructions ahead, and begins with the next element. With T = double it is what the others are held against.
template <class T>
void naive(const float* a,  // [m, k]
           const float* b,  // [k, n]
           T* c,            // [m, n]
           const Shape& s) {
    for (std::int64_t i = 0; i < s.m; ++i)
        for (std::int64_t j = 0; j < s.n; ++j) {
            T sum = 0;
            for (std::int64_t p = 0; p < s.k; ++p)
                sum += static_cast<T>(a[i * s.k + p]) * static_cast<T>(b[p * s.n + j]);
            c[i * s.n + j] = sum;
        }
}

// Rung 2: the same loops in another order. Rows of B are read along, and the compiler computes a vector of a row of C
// at a time. But that row stands in memory: two loads and a store for each multiply-add, and all of B passes by for
// each row of A. Predicts half of what the first cache's ports allow, or B from where it lies m times.
inline void rows_of_b(const float* __restrict a,  // [m, k]
                      const float* __restrict b,  // [k, n]
                      float* __restrict c,        // [m, n]
                      const Shape& s) {
    for (std::int64_t i = 0; i < s.m; ++i) {
        float* __restrict row = c + i * s.n;
        for (std::int64_t j = 0; j < s.n; ++j) row[j] = 0;
        for (std::int64_t p = 0; p < s.k; ++p)
            for (std::int64_t j = 0; j < s.n; ++j) row[j] += a[i * s.k + p] * b[p * s.n + j];
    }
}

// The tile of the later rungs: `rows` rows of two vectors of C in registers.
template <int rows>
void tile(const float* a, std::int64_t a_row, std::int64_t a_col,  // element (i, p) at i * a_row + p * a_col
          const float* b, std::int64_t b_row,                      // [k, 2 lanes]
          float* c, std::int64_t c_row,                            // [rows, 2 lanes]
          std::int64_t k, bool add) {
    Vec<float> sum[rows][2];
    FATHOM_UNROLL
    for (int i = 0; i < rows; ++i)
        for (int v = 0; v < 2; ++v) sum[i][v] = add ? load(c + i * c_row + v * lanes<float>) : Vec<float>{};
    for (std::int64_t p = 0; p < k; ++p, a += a_col, b += b_row) {
        const Vec<float> first = load(b), second = load(b + lanes<float>);
        FATHOM_UNROLL
        for (int i = 0; i < rows; ++i) {
            const Vec<float> value = splat(a[i * a_row]);
            sum[i][0] = fma(value, first, sum[i][0]);
            sum[i][1] = fma(value, second, sum[i][1]);
        }
    }
    FATHOM_UNROLL
    for (int i = 0; i < rows; ++i)
        for (int v = 0; v < 2; ++v) store(c + i * c_row + v * lanes<float>, sum[i][v]);
}

// Rung 3, with one row: sums in registers, no stores inside. Two chains are under way where eight could be: predicts
// 1/4 of the peak at most; and B still passes by once for each row.
//
// Rung 4, with as many rows as fill the registers: a vector of B that is loaded serves all of them, so B passes by m /
// rows times. Predicts that arithmetic becomes the bound. But B's rows are a page apart here: each vector pair is in
// another page, and lines a power of two apart fall into the same few places of the cache.
template <int rows>
void tiled(const float* a,  // [m, k]
           const float* b,  // [k, n]
           float* c,        // [m, n]
           const Shape& s) {
    for (std::int64_t i = 0; i < s.m; i += rows)
        for (std::int64_t j = 0; j < s.n; j += 2 * lanes<float>)
            tile<rows>(a + i * s.k, s.k, 1, b + j, s.n, c + i * s.n + j, s.n, s.k, false);
}
inline constexpr int full_tile = vector_registers == 32 ? 12 : 6;
inline void tiled_1(const float* a, const float* b, float* c, const Shape& s) { tiled<1>(a, b, c, s); }
inline void tiled_full(const float* a, const float* b, float* c, const Shape& s) { tiled<full_tile>(a, b, c, s); }

// B as slivers of two vectors of columns, each of them in one piece.
inline void pack_b(const float* b, const Shape& s,
                   float* packed) {  // [n / (2 lanes)][k, 2 lanes]
    for (std::int64_t j = 0; j < s.n; j += 2 * lanes<float>)
        for (std::int64_t p = 0; p < s.k; ++p, packed += 2 * lanes<float>) {
            store(packed, load(b + p * s.n + j));
            store(packed + lanes<float>, load(b + p * s.n + j + lanes<float>));
        }
}

// Rung 5: B is copied once into slivers that a tile reads from end to end. A sliver's pages and places in the cache
// are its own: what rung 4 loses to them comes back, for one more pass over B. All rows of A pass by a sliver while it
// is in the nearest cache that holds it.
inline void packed_b(const float* a,  // [m, k]
                     const float* b,  // [k, n]
                     float* c,        // [m, n]
                     const Shape& s,
                     float* packed) {  // [n / (2 lanes)][k, 2 lanes]
    pack_b(b, s, packed);
    for (std::int64_t j = 0; j < s.n; j += 2 * lanes<float>, packed += s.k * 2 * lanes<float>)
        for (std::int64_t i = 0; i < s.m; i += full_tile)
            tile<full_tile>(a + i * s.k, s.k, 1, packed, 2 * lanes<float>, c + i * s.n + j, s.n, s.k, false);
}

// Rung 6: the depth in blocks of 256, so that a sliver (32 KB with AVX-512) stays in the first cache while the rows of
// A pass by, and A in blocks of 96 rows, copied so that a tile reads it from end to end and that it stays in the second
// cache. C is loaded and stored once for each block of depth.
inline void blocked(const float* a,  // [m, k]
                    const float* b,  // [k, n]
                    float* c,        // [m, n]
                    const Shape& s,
                    float* packed) {  // [k / 256][n / (2 lanes)][256, 2 lanes], then [96 / full_tile][256, full_tile]
    constexpr std::int64_t depth = 256, height = 96, width = 2 * lanes<float>;
    float* const packed_a = packed + s.k * s.n;
    for (std::int64_t p = 0; p < s.k; p += depth) {
        const std::int64_t k = p + depth < s.k ? depth : s.k - p;
        pack_b(b + p * s.n, {s.m, s.n, k}, packed);
        for (std::int64_t i = 0; i < s.m; i += height) {
            const std::int64_t rows = i + height < s.m ? height : s.m - i;
            for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t q = 0; q < k; ++q)
                    packed_a[(r / full_tile * k + q) * full_tile + r % full_tile] = a[(i + r) * s.k + p + q];
            for (std::int64_t j = 0; j < s.n; j += width)
                for (std::int64_t r = 0; r < rows; r += full_tile)
                    tile<full_tile>(packed_a + r * k, 1, full_tile, packed + j * k, width, c + (i + r) * s.n + j, s.n,
                                    k, p > 0);
        }
    }
}

}  // namespace ladder_gemm
