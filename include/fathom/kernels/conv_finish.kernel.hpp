// How a tile of sums becomes outputs. Next: conv_direct.kernel.hpp, conv_tiles.kernel.hpp.

namespace conv {

// `count` pixels of one output row, `outputs` channels.
template <class T>
struct OutputTile {
    T* y;  // [pixels, outputs]
    std::int64_t y_step;
    int count, outputs;
    const T* add;   // [pixels, outputs], steps as of y; or null
    const T* gate;  // the same
    Activation activation;
    T slope;
};

// Adds what is to be added, applies the activation and stores. Apart from what sums, which is instantiated for many
// shapes: unrolled into each, this would be most of the code of a program with a convolution.
template <class T, int vectors>
[[gnu::noinline]] void finish_tile(const OutputTile<T>& tile,
                                   const T* sums) {  // [pixels, vectors * lanes]
    constexpr int n = lanes<T>;
    if (tile.outputs >= vectors * n && !tile.gate) {  // most tiles
        T* y = tile.y;
        const T* add = tile.add;
        for (int p = 0; p < tile.count; ++p, y += tile.y_step, add += add ? tile.y_step : 0)
            for (int v = 0; v < vectors; ++v, sums += n) {
                const Vec<T> sum = add ? load(sums) + load(add + v * n) : load(sums);
                store(y + v * n, activate<T>(sum, tile.activation, tile.slope));
            }
        return;
    }
    for (int p = 0; p < tile.count; ++p)
        for (int v = 0; v < vectors; ++v, sums += n) {
            const int left = tile.outputs - v * n;
            const std::int64_t at = p * tile.y_step + v * n;
            T* y = tile.y + at;
            Vec<T> result = load(sums);
            if (tile.add) result += left >= n ? load(tile.add + at) : load_partial(tile.add + at, left);
            result = finish<T>(result, tile.gate ? tile.gate + at : nullptr, left, tile.activation, tile.slope);
            if (left >= n)
                store(y, result);
            else
                store_partial(y, result, left);
        }
}

}  // namespace conv
