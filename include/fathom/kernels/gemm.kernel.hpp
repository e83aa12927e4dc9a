// The matrix product's micro-kernel, a tile of `rows` x (`vectors` * lanes) sums in registers, and what feeds it.

namespace gemm {

// Rows of a tile of three vectors, and of one or two.
inline constexpr int narrow_rows = tuning::gemm_tile_rows(FATHOM_VECTOR_BYTES, vector_registers);
inline constexpr bool has_wide = vector_registers == 32;
constexpr int tile_rows(int vectors) { return vectors == 3 ? tuning::gemm_wide_rows : narrow_rows; }

template <class T>
struct GemmTile {
    const T* a;  // [rows, k], packed or where it lies
    std::int64_t a_row, a_col;
    const T* b;  // [k, vectors * lanes]
    std::int64_t b_row;
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
// from run_tile, which is instantiated for several shapes: unrolled into each, this would be most of the code that a
// program with a matrix product compiles.
template <class T>
[[gnu::noinline]] void finish_tile(const GemmTile<T>& tile, int vectors,
                                   const T* sums) {  // [rows, vectors * lanes]
    constexpr int n = lanes<T>;
    if (tile.cols >= vectors * n && !tile.gate && (!tile.bias || (tile.bias_row == 0 && tile.bias_col == 1))) {
        Vec<T> bias[3];  // most tiles of a linear layer or a 1x1 convolution
        for (int v = 0; v < vectors; ++v) bias[v] = tile.bias ? load(tile.bias + v * n) : Vec<T>{};
        const T* add = tile.add;
        T* c = tile.c;
        const bool plain = !tile.bias && tile.activation == Activation::none;
        for (int r = 0; r < tile.rows; ++r, c += tile.c_row, add += add ? tile.c_row : 0, sums += vectors * n)
            for (int v = 0; v < vectors; ++v) {
                const Vec<T> sum = add ? load(sums + v * n) + load(add + v * n) : load(sums + v * n);
                store(c + v * n, plain ? sum : activate<T>(sum + bias[v], tile.activation, tile.slope));
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

template <class T, int vectors, int rows>
[[gnu::noinline]] void run_tile(const GemmTile<T>& tile) {
    constexpr int n = lanes<T>;
    Vec<T> sum[rows][vectors];
    FATHOM_UNROLL
    for (int r = 0; r < rows; ++r) {
        FATHOM_UNROLL
        for (int v = 0; v < vectors; ++v) sum[r][v] = Vec<T>{};
    }
    // Rows in threes, so that few registers hold addresses.
    const std::int64_t row = tile.a_row, col = tile.a_col;
    constexpr int groups = (rows + 2) / 3;
    const T* a[groups];
    FATHOM_UNROLL
    for (int g = 0; g < groups; ++g) a[g] = tile.a + 3 * g * row;
    if (tile.ahead)
        for (int r = 0; r < rows; ++r)
            for (std::int64_t i = 0; i < tile.k; i += 64 / static_cast<int>(sizeof(T)))
                __builtin_prefetch(tile.a + r * row + tile.ahead + i, 0, 2);
    const T *b = tile.b, *next = b + tuning::gemm_ahead * tile.b_row;
    for (std::int64_t i = 0; i < tile.k; ++i, b += tile.b_row, next += tile.b_row) {
        Vec<T> columns[vectors];
        FATHOM_UNROLL
        for (int v = 0; v < vectors; ++v) {
            __builtin_prefetch(next + v * n);
            columns[v] = load(b + v * n);
        }
        FATHOM_UNROLL
        for (int r = 0; r < rows; ++r) {
            const Vec<T> value = splat(a[r / 3][r % 3 * row]);
            FATHOM_UNROLL
            for (int v = 0; v < vectors; ++v) sum[r][v] = fma(value, columns[v], sum[r][v]);
        }
        FATHOM_UNROLL
        for (int g = 0; g < groups; ++g) a[g] += col;
    }
    alignas(64) T sums[rows * vectors * n];  // [rows, vectors * lanes]
    FATHOM_UNROLL
    for (int r = 0; r < rows; ++r) {
        FATHOM_UNROLL
        for (int v = 0; v < vectors; ++v) store(sums + (r * vectors + v) * n, sum[r][v]);
    }
    finish_tile<T>(tile, vectors, sums);
}

// Columns of a sliver of B; the last narrow one may be of a single vector.
template <class T>
inline constexpr std::int64_t wide_sliver = 3 * lanes<T>;
template <class T>
inline constexpr std::int64_t narrow_sliver = 2 * lanes<T>;

// The first of n columns that tiles of three vectors compute: what they leave is 2 or 4 vectors, none, or all there
// are.
template <class T>
std::int64_t wide_columns(std::int64_t n) {
    const std::int64_t vectors = (n + lanes<T> - 1) / lanes<T>, left = vectors % 3 == 1 ? 4 : vectors % 3;
    if (!has_wide || vectors < left) return 0;
    return left == 0 ? n : (vectors - left) * lanes<T>;
}
// Where sliver i begins; n for those beyond.
template <class T>
std::int64_t sliver_begin(const GemmTask<T>& task, std::int64_t i) {
    const std::int64_t wide = (task.wide + wide_sliver<T> - 1) / wide_sliver<T>;
    const std::int64_t col = i < wide ? i * wide_sliver<T> : task.wide + (i - wide) * narrow_sliver<T>;
    return col < task.n ? col : task.n;
}
template <class T>
std::int64_t sliver_count(const GemmTask<T>& task) {
    return (task.wide + wide_sliver<T> - 1) / wide_sliver<T> +
           (task.n - task.wide + narrow_sliver<T> - 1) / narrow_sliver<T>;
}
// Columns that are whole slivers of either kind.
template <class T>
std::int64_t column_multiple() {
    return 6 * lanes<T>;
}

// dst[k, i] = src[k * along + i * across], 0 from i = count on. Fours of columns go as squares, or as rows of four.
template <class T>
[[gnu::noinline]] void interleave(const T* src, std::int64_t along, std::int64_t across, std::int64_t count,
                                  std::int64_t depth, std::int64_t width,
                                  T* dst) {  // [depth, width]
    typedef T Four __attribute__((vector_size(4 * sizeof(T))));
    // Bytes are copied: in a template clang drops the alignment of a vector type that depends on T.
    const auto get = [](const T* p, Four& v) { __builtin_memcpy(&v, p, sizeof v); };
    const auto put = [](T* p, const Four& v) { __builtin_memcpy(p, &v, sizeof v); };
    constexpr std::int64_t step = 64;  // a line of dst is written several times: it stays in the L1 cache meanwhile
    for (std::int64_t k0 = 0; k0 < depth; k0 += step)
        for (std::int64_t i = 0; i < width; i += 4) {
            const T* from = src + i * across;
            T* to = dst + i;
            std::int64_t k = k0;
            const std::int64_t end = depth - k0 < step ? depth : k0 + step;
            const bool four = i + 4 <= width, whole = four && i + 4 <= count;
            if (four && i >= count) {
                for (; k < end; ++k) put(to + k * width, Four{});
            } else if (whole && across == 1) {
                Four v;
                for (; k < end; ++k) get(from + k * along, v), put(to + k * width, v);
            } else if (whole && along == 1) {
                for (; k + 4 <= end; k += 4) {
                    const T* p = from + k;
                    Four a, b, c, d;
                    get(p, a), get(p + across, b), get(p + 2 * across, c), get(p + 3 * across, d);
                    const Four low_ab = __builtin_shufflevector(a, b, 0, 4, 1, 5),
                               low_cd = __builtin_shufflevector(c, d, 0, 4, 1, 5),
                               high_ab = __builtin_shufflevector(a, b, 2, 6, 3, 7),
                               high_cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
                    T* q = to + k * width;
                    put(q, __builtin_shufflevector(low_ab, low_cd, 0, 1, 4, 5));
                    put(q + width, __builtin_shufflevector(low_ab, low_cd, 2, 3, 6, 7));
                    put(q + 2 * width, __builtin_shufflevector(high_ab, high_cd, 0, 1, 4, 5));
                    put(q + 3 * width, __builtin_shufflevector(high_ab, high_cd, 2, 3, 6, 7));
                }
            }
            for (; k < end; ++k)
                for (std::int64_t j = 0; j < 4 && i + j < width; ++j)
                    to[k * width + j] = i + j < count ? from[k * along + j * across] : T(0);
        }
}

// Slivers [first, last) of B, unless they are read where they lie, depth by depth: [depths][slivers][depth][width], the
// last one only as wide as whole vectors need. Zeros where there is no column.
template <class T>
void pack_b(const GemmTask<T>& task, std::int64_t first, std::int64_t last,
            T* packed) {  // [depths][slivers][depth, width]
    const std::int64_t padded = (task.n + lanes<T> - 1) / lanes<T> * lanes<T>;
    const MatrixSteps& s = task.b_steps;
    for (std::int64_t k0 = 0; k0 < task.k; k0 += tuning::gemm_depth) {
        const std::int64_t depth = task.k - k0 < tuning::gemm_depth ? task.k - k0 : tuning::gemm_depth;
        for (std::int64_t i = first; i < last; ++i) {
            const std::int64_t col = sliver_begin(task, i), count = sliver_begin(task, i + 1) - col;
            const std::int64_t width = (count + lanes<T> - 1) / lanes<T> * lanes<T>;
            T* dst = packed + k0 * padded + col * depth;
            const T* src = task.b + k0 * s.row + col * s.col;
            if (task.b_lies && count == width) continue;
            if (s.col != 1) {
                interleave(src, s.row, s.col, count, depth, width, dst);
                continue;
            }
            for (std::int64_t k = 0; k < depth; ++k, src += s.row, dst += width)
                for (std::int64_t j = 0; j < width; j += lanes<T>) {
                    const int left = static_cast<int>(count - j < lanes<T> ? count - j : lanes<T>);
                    store(dst + j, left == lanes<T> ? load(src + j) : load_partial(src + j, left));
                }
        }
    }
}

// Rows [row, row + rows) of columns [first, last), all of one kind. memory: room for A's rows that are not read where
// they lie.
template <class T, bool wide>
void tiles(const GemmTask<T>& task, std::int64_t row, std::int64_t rows, std::int64_t first, std::int64_t last,
           T* memory) {  // [slivers][depth, height]
    constexpr int height = tile_rows(wide ? 3 : 2);
    constexpr std::int64_t sliver = wide ? wide_sliver<T> : narrow_sliver<T>;
    const std::int64_t padded = (task.n + lanes<T> - 1) / lanes<T> * lanes<T>;
    const MatrixSteps& s = task.a_steps;
    // Rows in whole tiles are read where they lie, the rest is packed.
    const std::int64_t unpacked = s.col == 1 ? rows / height * height : 0;
    for (std::int64_t k0 = 0; k0 == 0 || k0 < task.k; k0 += tuning::gemm_depth) {
        const std::int64_t depth = task.k - k0 < tuning::gemm_depth ? task.k - k0 : tuning::gemm_depth;
        const bool is_last = k0 + depth >= task.k;
        for (std::int64_t r = unpacked; r < rows; r += height)
            interleave(task.a + (row + r) * s.row + k0 * s.col, s.col, s.row, rows - r, depth, height,
                       memory + (r - unpacked) * depth);
        GemmTile<T> tile{};
        tile.k = depth, tile.c_row = task.c_row;
        tile.bias_row = task.bias_steps.row, tile.bias_col = task.bias_steps.col;
        tile.activation = is_last ? task.epilogue.activation : Activation::none;
        tile.slope = static_cast<T>(task.epilogue.slope);
        const auto run = [&](std::int64_t r, std::int64_t col, bool comes_new) {
            const bool packed = r >= unpacked;
            tile.a = packed ? memory + (r - unpacked) * depth : task.a + (row + r) * s.row + k0;
            tile.a_row = packed ? 1 : s.row, tile.a_col = packed ? height : 1;
            tile.ahead = !packed && comes_new && r + 3 * height <= unpacked ? 2 * height * s.row : 0;
            const std::int64_t width = padded - col < sliver ? padded - col : sliver;
            const bool b_lies = task.b_lies && col + width <= task.n;
            tile.b = b_lies ? task.b + k0 * task.b_steps.row + col : task.packed_b + k0 * padded + col * depth;
            tile.b_row = b_lies ? task.b_steps.row : width;
            const std::int64_t at = (row + r) * task.c_row + col;
            tile.c = task.c + at;
            tile.add = k0 > 0 ? tile.c : task.epilogue.residual ? task.epilogue.residual + at : nullptr;
            tile.gate = is_last && task.epilogue.gate ? task.epilogue.gate + at : nullptr;
            tile.rows = static_cast<int>(rows - r < height ? rows - r : height);
            tile.cols = static_cast<int>(last - col < sliver ? last - col : sliver);
            tile.bias = is_last && task.bias ? task.bias + (row + r) * tile.bias_row + col * tile.bias_col : nullptr;
            if constexpr (wide)
                run_tile<T, 3, height>(tile);
            else if (tile.cols <= lanes<T>)
                run_tile<T, 1, height>(tile);
            else if (packed && tile.rows <= height / 2)
                run_tile<T, 2, height / 2>(tile);
            else
                run_tile<T, 2, height>(tile);
        };
        // A tile's rows of A stay in the L1 cache while a block of B passes by, which stays in the L2 cache.
        for (std::int64_t block = first; block < last; block += tuning::gemm_columns)
            for (std::int64_t r = 0; r < rows; r += height)
                for (std::int64_t col = block; col < last && col < block + tuning::gemm_columns; col += sliver)
                    run(r, col, col == block);
    }
}

// Rows [row, row + rows) of columns [first, last).
template <class T>
void block(const GemmTask<T>& task, std::int64_t row, std::int64_t rows, std::int64_t first, std::int64_t last,
           T* memory) {
    const std::int64_t border = first > task.wide ? first : last < task.wide ? last : task.wide;
    if constexpr (has_wide)
        if (first < border) tiles<T, true>(task, row, rows, first, border, memory);
    if (border < last) tiles<T, false>(task, row, rows, border, last, memory);
}

}  // namespace gemm
