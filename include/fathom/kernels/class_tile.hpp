// Softmax and cross-entropy look at all classes of a position at once. They work on tiles of 64 positions, in memory as
// [classes, positions], so that vectors run over positions whatever the layout; what lies otherwise is transposed
// through a buffer.
#pragma once

#include <algorithm>
#include <cstring>

#include "fathom/kernels/strided.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels::detail {

using tuning::tile_positions;

// Up to 64 consecutive positions of a loop: where each lies in each operand.
struct ClassTile {
    std::int64_t count = 0;
    std::int64_t offset[max_operands][tile_positions];  // [operands, 64]
    bool contiguous[max_operands];                      // 64 positions side by side: no buffer needed

    // The positions from `at` on, which moves past them.
    ClassTile(const Loop& loop, LoopPosition& at, std::int64_t positions) : count(positions) {
        for (std::int64_t j = 0; j < count;) {
            const std::int64_t run = std::min(count - j, at.run(loop));
            for (int k = 0; k < loop.operands; ++k)
                for (std::int64_t i = 0, place = at.offset[k]; i < run; ++i, place += loop.stride[k][0])
                    offset[k][j + i] = place;
            at.advance(loop, run);
            j += run;
        }
        for (int k = 0; k < loop.operands; ++k) {
            contiguous[k] = count == tile_positions;
            for (std::int64_t j = 1; contiguous[k] && j < count; ++j) contiguous[k] = offset[k][j] == offset[k][0] + j;
        }
    }
};

// Rows of a tile: class c of position j at data[c * stride + j].
template <class T>
struct TileRows {
    T* data;
    std::int64_t stride;
};

// Operand k of the tile to read: in place, or in `buffer` [classes, 64] with zeros beyond the last position.
template <class T>
TileRows<const T> tile_to_read(const ClassTile& tile, int k, const T* data, std::int64_t class_stride,
                               std::int64_t classes, T* buffer) {
    if (tile.contiguous[k]) return {data + tile.offset[k][0], class_stride};
    if (tile.count < tile_positions)
        std::memset(buffer, 0, static_cast<std::size_t>(classes * tile_positions) * sizeof(T));
    for (std::int64_t j = 0; j < tile.count; ++j) {
        const T* from = data + tile.offset[k][j];
        for (std::int64_t c = 0; c < classes; ++c) buffer[c * tile_positions + j] = from[c * class_stride];
    }
    return {buffer, tile_positions};
}

// Operand k of the tile to write: in place, or in `buffer`; finish_writing() then moves it, or adds it, to where it
// belongs.
template <class T>
TileRows<T> tile_to_write(const ClassTile& tile, int k, T* data, std::int64_t class_stride, T* buffer) {
    if (tile.contiguous[k]) return {data + tile.offset[k][0], class_stride};
    return {buffer, tile_positions};
}
template <class T>
void finish_writing(const ClassTile& tile, int k, T* data, std::int64_t class_stride, std::int64_t classes,
                    const T* buffer, bool accumulate) {
    if (tile.contiguous[k]) return;
    for (std::int64_t j = 0; j < tile.count; ++j) {
        T* to = data + tile.offset[k][j];
        for (std::int64_t c = 0; c < classes; ++c) {
            const T value = buffer[c * tile_positions + j];
            to[c * class_stride] = accumulate ? to[c * class_stride] + value : value;
        }
    }
}

// Positions per chunk of parallel_for: whole tiles, enough elements.
inline std::int64_t tile_grain(std::int64_t classes) {
    const std::int64_t tiles = tuning::class_grain / (classes < 1 ? 1 : classes) / tile_positions;
    return (tiles < 1 ? 1 : tiles) * tile_positions;
}

}  // namespace fathom::inline v0::kernels::detail
