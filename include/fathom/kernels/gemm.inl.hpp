// Definitions of gemm.hpp: blocks and threads. Every element of C is summed over k in one order, whatever the blocks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/epilogue.inl.hpp"
#include "fathom/kernels/gemm_plan.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/tuning.hpp"

#define FATHOM_KERNEL "fathom/kernels/gemm.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

namespace detail {

// Columns of one pass over B: what is packed at once is bounded.
inline std::int64_t gemm_columns(std::int64_t k, std::int64_t element_bytes) {
    return std::max(tuning::gemm_least_columns, tuning::gemm_packed_bytes /
                                                    (element_bytes * std::max<std::int64_t>(k, 1)) /
                                                    tuning::gemm_columns * tuning::gemm_columns);
}

template <class T>
void gemm_columns_pass(GemmTask<T> task) {
    task.wide = FATHOM_DISPATCH(gemm::wide_columns<T>(task.n));
    task.b_lies = task.b_steps.col == 1 && task.m <= tuning::gemm_unpacked_rows;
    const std::int64_t slivers = FATHOM_DISPATCH(gemm::sliver_count<T>(task));
    const std::int64_t unit = FATHOM_DISPATCH(gemm::column_multiple<T>());
    const Scratch packed((task.n + unit) * std::max<std::int64_t>(task.k, 1) * static_cast<std::int64_t>(sizeof(T)),
                         "matrix product");
    task.packed_b = packed.as<T>();
    const bool is_small = task.m * task.n * task.k < tuning::gemm_small;
    parallel_for(0, slivers, is_small ? slivers : 1 + tuning::gemm_pack_grain * slivers / (task.n * task.k + 1),
                 [&](std::int64_t first, std::int64_t last) {
                     FATHOM_DISPATCH(gemm::pack_b<T>(task, first, last, packed.as<T>()));
                 });
    // Blocks of rows, and of columns too where there are few rows: enough of them to share among threads. The narrow
    // columns belong to the last block of wide ones.
    const std::int64_t row_blocks = (task.m + tuning::gemm_rows - 1) / tuning::gemm_rows;
    const std::int64_t divided = task.wide > 0 ? task.wide : task.n;
    const std::int64_t col_blocks = std::clamp<std::int64_t>(tuning::gemm_tasks / row_blocks, 1, divided / unit + 1);
    const std::int64_t cols = (divided / col_blocks + unit - 1) / unit * unit;
    constexpr std::int64_t tile = tuning::gemm_row_multiple;
    const std::int64_t rows = std::min(tuning::gemm_rows, std::max(tile, (task.m / 4 + tile - 1) / tile * tile));
    const std::int64_t row_tasks = (task.m + rows - 1) / rows, col_tasks = (divided + cols - 1) / cols;
    const std::int64_t tasks = row_tasks * col_tasks;
    const std::int64_t grain = is_small ? tasks : 1 + tuning::gemm_small / (rows * cols * (task.k + 1));
    parallel_for(0, tasks, grain, [&](std::int64_t first, std::int64_t last) {
        const std::int64_t packed_rows = task.a_steps.col == 1 ? tile : rows;
        const Scratch memory(packed_rows * std::min(tuning::gemm_depth, task.k) * static_cast<std::int64_t>(sizeof(T)),
                             "matrix product");
        for (; first < last; ++first) {
            const std::int64_t row = first / col_tasks * rows, col = first % col_tasks * cols;
            FATHOM_DISPATCH(gemm::block<T>(task, row, std::min(rows, task.m - row), col,
                                           col + cols < divided ? col + cols : task.n, memory.as<T>()));
        }
    });
}

// One product whose C has columns 1 apart.
template <class T>
void gemm_one(const GemmTask<T>& whole) {
    const std::int64_t columns = gemm_columns(whole.k, sizeof(T));
    for (std::int64_t col = 0; col < whole.n; col += columns) {
        GemmTask<T> task = whole;
        task.n = std::min(columns, whole.n - col);
        task.b += col * whole.b_steps.col, task.c += col;
        if (task.bias) task.bias += col * whole.bias_steps.col;
        if (task.epilogue.residual) task.epilogue.residual += col;
        if (task.epilogue.gate) task.epilogue.gate += col;
        gemm_columns_pass(task);
    }
}

}  // namespace detail

template <class T>
void gemm(const T* a,     // [batch][m, k]
          const T* b,     // [batch][k, n]
          const T* bias,  // [batch][m, n] or null
          T* c,           // [batch][m, n]
          const GemmShape& shape, const Epilogue<T>& epilogue) {
    GemmShape s = shape;
    if (s.batch * s.m * s.n == 0) return;
    const auto transpose = [&] {
        std::swap(a, b), std::swap(s.m, s.n), std::swap(s.a, s.b);
        for (MatrixSteps* steps : {&s.a, &s.b, &s.c, &s.bias}) std::swap(steps->row, steps->col);
    };
    // Vectors run along C's columns: where its rows are the ones that are 1 apart, compute the transpose. The same for
    // few rows of C and a B that can be read where it lies in turn: packing it would take longer than the product.
    if (s.n == 1 ? s.c.row == 1 : (s.c.col != 1 && (s.c.row == 1 || s.m == 1))) transpose();
    if (s.m <= tuning::gemm_few_rows && s.m < s.n && s.b.row == 1 && s.b.col != 1) transpose();
    const std::int64_t size = s.m * s.n;
    const bool strided = s.c.col != 1 && s.n != 1;  // then C is computed apart and copied
    const auto run = [&](std::int64_t first, std::int64_t last) {
        const Scratch apart(strided ? (epilogue.gate ? 2 : 1) * size * static_cast<std::int64_t>(sizeof(T)) : 0,
                            "matrix product");
        const auto gather = [&](const T* from, T* to) {
            for (std::int64_t row = 0; row < s.m; ++row)
                for (std::int64_t col = 0; col < s.n; ++col) to[row * s.n + col] = from[row * s.c.row + col * s.c.col];
            return to;
        };
        for (std::int64_t i = first; i < last; ++i) {
            T* const out = c + i * s.c.batch;
            Epilogue<T> end = epilogue;
            if (end.residual) end.residual += i * s.c.batch;
            if (end.gate) end.gate += i * s.c.batch;
            if (strided && end.residual) end.residual = gather(end.residual, apart.as<T>());
            if (strided && end.gate) end.gate = gather(end.gate, apart.as<T>() + size);
            GemmTask<T> task{a + i * s.a.batch,
                             b + i * s.b.batch,
                             bias ? bias + i * s.bias.batch : nullptr,
                             strided ? apart.as<T>() : out,
                             s.m,
                             s.n,
                             s.k,
                             s.a,
                             s.b,
                             s.bias,
                             strided ? s.n : s.c.row,
                             end,
                             0,
                             false,
                             nullptr};
            detail::gemm_one(task);
            for (std::int64_t row = 0; strided && row < s.m; ++row)
                for (std::int64_t col = 0; col < s.n; ++col)
                    out[row * s.c.row + col * s.c.col] = task.c[row * s.n + col];
        }
    };
    // Small products of a batch run beside each other, large ones one after the other on all threads.
    const std::int64_t work = s.m * s.n * (s.k + 8);
    if (s.batch > 1 && work < 8 * tuning::gemm_small)
        parallel_for(0, s.batch, 1 + tuning::gemm_small / work, run);
    else
        run(0, s.batch);
}

}  // namespace fathom::inline v0::kernels
