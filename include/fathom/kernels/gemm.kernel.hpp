// The matrix product's micro-kernel, a tile of `rows` x (`vectors` * lanes) sums in registers, and what feeds it.

namespace gemm {

// Rows and vectors of a full tile.
inline constexpr int tile_vectors = tuning::gemm_tile_vectors;
inline constexpr int tile_rows = tuning::gemm_tile_rows(FATHOM_VECTOR_BYTES, vector_registers);

template <class T>
inline constexpr std::int64_t tile_columns = tile_vectors* lanes<T>;

template <class T>
struct GemmTile {
    const T* a;          // [k, tile_rows] packed, or [rows, k] where it lies
    std::int64_t a_row;  // of the latter
    const T* b;          // [k, vectors * lanes], packed
    std::int64_t k;
    T* c;  // [rows, cols]
    std::int64_t c_row;
    int rows, cols;  // that exist
    const T* bias;   // [rows, cols] or null
    std::int64_t bias_row, bias_col;
    const T* add;   // [rows, cols], steps as of c; or null
    const T* gate;  // the same
    Activation activation;
    T slope;
    std::int64_t ahead;  // elements from a to what the next tile reads, 0: nothing to bring into the cache
};

// bias of row r and the vector of columns from col on.
template <class T>
[[gnu::always_inline]] inline Vec<T> bias_vector(const GemmTile<T>& tile, int r, int col, int count) {
    const T* p = tile.bias + r * tile.bias_row + col * tile.bias_col;
    if (tile.bias_col == 0) return splat(*p);
    if (tile.bias_col == 1) return count >= lanes<T> ? load(p) : load_partial(p, count);
    Vec<T> v{};
    for (int i = 0; i < lanes<T>; ++i)
        if (i < count) v[i] = p[i * tile.bias_col];
    return v;
}

// Adds residual and bias where there are, applies the activation and stores. sums: [tile.rows][vectors * lanes]. Apart
// from run_tile, which is instantiated for six shapes: unrolled into each, this would be most of the code that a
// program with a matrix product compiles.
template <class T, int vectors>
[[gnu::noinline]] void finish_tile(const GemmTile<T>& tile,
                                   const T* sums) {  // [rows, vectors * lanes]
    constexpr int n = lanes<T>;
    if (tile.cols >= vectors * n && !tile.gate && (!tile.bias || (tile.bias_row == 0 && tile.bias_col == 1))) {
        Vec<T> bias[vectors];  // most tiles of a linear layer or a 1x1 convolution
        for (int v = 0; v < vectors; ++v) bias[v] = tile.bias ? load(tile.bias + v * n) : Vec<T>{};
        const T* add = tile.add;
        T* c = tile.c;
        for (int r = 0; r < tile.rows; ++r, c += tile.c_row, add += add ? tile.c_row : 0)
            for (int v = 0; v < vectors; ++v, sums += n) {
                const Vec<T> sum = add ? load(sums) + load(add + v * n) : load(sums);
                store(c + v * n, activate<T>(sum + bias[v], tile.activation, tile.slope));
            }
        return;
    }
    for (int r = 0; r < tile.rows; ++r)
        for (int v = 0; v < vectors; ++v, sums += n) {
            const int left = tile.cols - v * n;
            T* c = tile.c + r * tile.c_row + v * n;
            Vec<T> value = load(sums);
            if (tile.add) {
                const T* add = tile.add + r * tile.c_row + v * n;
                value += left >= n ? load(add) : load_partial(add, left);
            }
            if (tile.bias) value += bias_vector<T>(tile, r, v * n, left);
            value = finish<T>(value, tile.gate ? tile.gate + r * tile.c_row + v * n : nullptr, left, tile.activation,
                              tile.slope);
            if (left >= n)
                store(c, value);
            else
                store_partial(c, value, left);
        }
}

template <class T, int vectors, int rows, bool packed>
[[gnu::noinline]] void run_tile(const GemmTile<T>& tile) {
    constexpr int n = lanes<T>;
    Vec<T> sum[rows][vectors];
    FATHOM_UNROLL
    for (int r = 0; r < rows; ++r) {
        FATHOM_UNROLL
        for (int v = 0; v < vectors; ++v) sum[r][v] = Vec<T>{};
    }
    // Packed: element (r, k) at k * tile_rows + r. Otherwise rows in threes, so that few registers hold addresses.
    const std::int64_t step = tile.a_row;
    constexpr int groups = (rows + 2) / 3;
    const T* a[groups];
    FATHOM_UNROLL
    for (int g = 0; g < groups; ++g) a[g] = packed ? tile.a : tile.a + 3 * g * step;
    if (!packed && tile.ahead)
        for (int r = 0; r < rows; ++r)
            for (std::int64_t i = 0; i < tile.k; i += 64 / static_cast<int>(sizeof(T)))
                __builtin_prefetch(tile.a + r * step + tile.ahead + i, 0, 2);
    const T* b = tile.b;
    for (std::int64_t i = 0; i < tile.k; ++i, b += vectors * n) {
        Vec<T> columns[vectors];
        FATHOM_UNROLL
        for (int v = 0; v < vectors; ++v) columns[v] = load(b + v * n);
        FATHOM_UNROLL
        for (int r = 0; r < rows; ++r) {
            const Vec<T> value = splat(packed ? tile.a[i * tile_rows + r] : a[r / 3][r % 3 * step + i]);
            FATHOM_UNROLL
            for (int v = 0; v < vectors; ++v) sum[r][v] = fma(value, columns[v], sum[r][v]);
        }
    }
    alignas(64) T sums[rows * vectors * n];  // [rows, vectors * lanes]
    FATHOM_UNROLL
    for (int r = 0; r < rows; ++r) {
        FATHOM_UNROLL
        for (int v = 0; v < vectors; ++v) store(sums + (r * vectors + v) * n, sum[r][v]);
    }
    finish_tile<T, vectors>(tile, sums);
}

// Columns [first, last) of B as slivers of tile_columns (the last one narrower by whole vectors), depth by depth:
// [depths][slivers][depth][width]. Zeros where there is no column.
template <class T>
void pack_b(const GemmTask<T>& task, std::int64_t first, std::int64_t last,
            T* packed) {  // [depths][slivers][depth, width]
    const std::int64_t padded = (task.n + lanes<T> - 1) / lanes<T> * lanes<T>;
    const MatrixSteps& s = task.b_steps;
    for (std::int64_t k0 = 0; k0 < task.k; k0 += tuning::gemm_depth) {
        const std::int64_t depth = task.k - k0 < tuning::gemm_depth ? task.k - k0 : tuning::gemm_depth;
        for (std::int64_t col = first; col < last; col += tile_columns<T>) {
            const std::int64_t width = padded - col < tile_columns<T> ? padded - col : tile_columns<T>;
            T* dst = packed + k0 * padded + col * depth;
            const T* src = task.b + k0 * s.row + col * s.col;
            const std::int64_t count = task.n - col < width ? task.n - col : width;
            if (s.col == 1) {
                for (std::int64_t k = 0; k < depth; ++k, src += s.row, dst += width)
                    for (std::int64_t j = 0; j < width; j += lanes<T>) {
                        const int left = static_cast<int>(count - j < lanes<T> ? count - j : lanes<T>);
                        store(dst + j, left == lanes<T> ? load(src + j) : load_partial(src + j, left));
                    }
            } else {
                for (std::int64_t j = 0; j < width; ++j)
                    for (std::int64_t k = 0; k < depth; ++k)
                        dst[k * width + j] = j < count ? src[k * s.row + j * s.col] : T(0);
            }
        }
    }
}

// Rows [row, row + rows) of A, depth [k0, k0 + depth), as slivers of tile_rows: [slivers][depth][tile_rows].
template <class T>
void pack_a(const GemmTask<T>& task, std::int64_t row, std::int64_t rows, std::int64_t k0, std::int64_t depth,
            T* dst) {  // [slivers][depth, tile_rows]
    const MatrixSteps& s = task.a_steps;
    for (std::int64_t r = 0; r < rows; r += tile_rows, dst += depth * tile_rows) {
        const T* src = task.a + (row + r) * s.row + k0 * s.col;
        const std::int64_t count = rows - r < tile_rows ? rows - r : tile_rows;
        if (count == tile_rows) {
            for (std::int64_t k = 0; k < depth; ++k) {
                FATHOM_UNROLL
                for (int i = 0; i < tile_rows; ++i) dst[k * tile_rows + i] = src[k * s.col + i * s.row];
            }
        } else {
            for (std::int64_t k = 0; k < depth; ++k)
                for (int i = 0; i < tile_rows; ++i)
                    dst[k * tile_rows + i] = i < count ? src[k * s.col + i * s.row] : T(0);
        }
    }
}

template <class T, int vectors>
void run_sliver(const GemmTile<T>& tile, bool packed) {
    if (!packed)
        run_tile<T, vectors, tile_rows, false>(tile);
    else if (tile.rows <= tile_rows / 2)
        run_tile<T, vectors, tile_rows / 2, true>(tile);
    else
        run_tile<T, vectors, tile_rows, true>(tile);
}

// Rows [row, row + rows) of columns [first, last). memory: gemm_rows * gemm_depth elements for packed A.
template <class T>
void block(const GemmTask<T>& task, std::int64_t row, std::int64_t rows, std::int64_t first, std::int64_t last,
           T* memory) {  // [slivers][depth, tile_rows]
    const std::int64_t padded = (task.n + lanes<T> - 1) / lanes<T> * lanes<T>;
    // A's rows in whole tiles are read where they lie, the rest is packed.
    const std::int64_t unpacked = task.direct ? rows / tile_rows * tile_rows : 0;
    for (std::int64_t k0 = 0; k0 == 0 || k0 < task.k; k0 += tuning::gemm_depth) {
        const std::int64_t depth = task.k - k0 < tuning::gemm_depth ? task.k - k0 : tuning::gemm_depth;
        const bool is_last = k0 + depth >= task.k;
        pack_a<T>(task, row + unpacked, rows - unpacked, k0, depth, memory);
        GemmTile<T> tile{};
        tile.a_row = task.a_steps.row, tile.k = depth, tile.c_row = task.c_row;
        tile.bias_row = task.bias_steps.row, tile.bias_col = task.bias_steps.col;
        tile.activation = is_last ? task.epilogue.activation : Activation::none;
        tile.slope = static_cast<T>(task.epilogue.slope);
        const auto run = [&](std::int64_t r, std::int64_t col) {
            const bool packed = r >= unpacked;
            tile.a = packed ? memory + (r - unpacked) * depth : task.a + (row + r) * task.a_steps.row + k0;
            tile.ahead =
                !packed && col == first && r + 3 * tile_rows <= unpacked ? 2 * tile_rows * task.a_steps.row : 0;
            tile.b = task.packed_b + k0 * padded + col * depth;
            const std::int64_t at = (row + r) * task.c_row + col;
            tile.c = task.c + at;
            tile.add = k0 > 0 ? tile.c : task.epilogue.residual ? task.epilogue.residual + at : nullptr;
            tile.gate = is_last && task.epilogue.gate ? task.epilogue.gate + at : nullptr;
            tile.rows = static_cast<int>(rows - r < tile_rows ? rows - r : tile_rows);
            tile.cols = static_cast<int>(last - col < tile_columns<T> ? last - col : tile_columns<T>);
            tile.bias = is_last && task.bias ? task.bias + (row + r) * tile.bias_row + col * tile.bias_col : nullptr;
            if (tile.cols > lanes<T>)
                run_sliver<T, tile_vectors>(tile, packed);
            else
                run_sliver<T, 1>(tile, packed);
        };
        // The operand that is read again and again is the one that stays in the L1 cache.
        if (task.direct) {
            for (std::int64_t r = 0; r < rows; r += tile_rows)
                for (std::int64_t col = first; col < last; col += tile_columns<T>) run(r, col);
        } else {
            for (std::int64_t col = first; col < last; col += tile_columns<T>)
                for (std::int64_t r = 0; r < rows; r += tile_rows) run(r, col);
        }
    }
}

template <class T>
std::int64_t sliver_columns() {
    return tile_columns<T>;
}

}  // namespace gemm
