// Max pooling, a row at a time, over vectors of channels. Included through window.inl.hpp, once per ISA.

namespace window_kernel {

template <bool whole, class T>
[[gnu::always_inline]] inline Vec<T> load_lanes(const T* p,  // [n]
                                                int n) {
    if constexpr (whole)
        return load(p);
    else
        return load_partial(p, n);
}
template <bool whole, class T>
[[gnu::always_inline]] inline void store_lanes(T* p,  // [n]
                                               Vec<T> v, int n) {
    if constexpr (whole)
        store(p, v);
    else
        store_partial(p, v, n);
}

// An index in the bits of every lane.
template <class T>
[[gnu::always_inline]] inline Vec<T> index_vector(std::int64_t i) {
    return reinterpret_cast<Vec<T>>(static_cast<WindowIndex<T>>(i) - Mask<T>{});
}

// The largest element m of a window, and its place, at n channels. x: at the first of them, in the plane's first pixel.
// Where there is a NaN the result is right only with_nan; returned is where there is one. Without, a step's result
// waits for one instruction of the step before.
template <bool whole, bool with_nan, class T>
[[gnu::always_inline]] inline Mask<T> search(const detail::WindowPlane<const T>& x, std::int64_t width,
                                             detail::Taps rows, detail::Taps columns, int n, Vec<T>& m, Vec<T>& at) {
    std::int64_t place = rows.begin * width + columns.begin;
    m = load_lanes<whole>(x.at(rows.begin, columns.begin), n);
    at = index_vector<T>(place);
    Mask<T> nan{};
    for (std::int64_t h = rows.begin; h < rows.end; h += rows.step) {
        const T* p = x.at(h, columns.begin);
        place = h * width + columns.begin;
        for (std::int64_t w = columns.begin; w < columns.end; w += columns.step) {
            const Vec<T> v = load_lanes<whole>(p, n);
            const Mask<T> wins = with_nan ? is_nan(v) | ((v > m) & ~is_nan(m)) : v > m;
            nan |= is_nan(v);
            m = with_nan ? select(wins, v, m) : max(v, m);
            at = select(wins, index_vector<T>(place), at);
            place += columns.step, p += columns.step * x.pixel;
        }
    }
    return nan;
}

// The largest element alone. The largest magnitude, by its bits, tells whether there is a NaN: so a step's result waits
// for one instruction of the step before, as in search.
template <bool whole, class T>
[[gnu::always_inline]] inline Vec<T> maximum(const detail::WindowPlane<const T>& x, detail::Taps rows,
                                             detail::Taps columns, int n) {
    Vec<T> m = load_lanes<whole>(x.at(rows.begin, columns.begin), n), magnitude{};
    for (std::int64_t h = rows.begin; h < rows.end; h += rows.step) {
        const T* p = x.at(h, columns.begin);
        for (std::int64_t w = columns.begin; w < columns.end; w += columns.step, p += columns.step * x.pixel) {
            const Vec<T> v = load_lanes<whole>(p, n), size = abs(v);
            m = max(v, m);
            magnitude = select(reinterpret_cast<Mask<T>>(size) > reinterpret_cast<Mask<T>>(magnitude), size, magnitude);
        }
    }
    return select(is_nan(magnitude), magnitude, m);
}

template <bool whole, class T>
[[gnu::always_inline]] inline void largest(const detail::WindowPlane<const T>& x, std::int64_t width, detail::Taps rows,
                                           detail::Taps columns, int n,
                                           T* y,        // [n]
                                           T* index) {  // [n] or null
    if (!index) return store_lanes<whole>(y, maximum<whole>(x, rows, columns, n), n);
    Vec<T> m, at;
    const Mask<T> nan = search<whole, false>(x, width, rows, columns, n, m, at);
    if (horizontal_max<T>(select(nan, splat(T{1}), Vec<T>{})) > 0)
        search<whole, true>(x, width, rows, columns, n, m, at);
    store_lanes<whole>(y, m, n);
    store_lanes<whole>(index, at, n);
}

// One row of windows. columns[outputs]: what each covers; y and index: [outputs, channels], index may be null.
template <class T>
void max_row(const detail::WindowPlane<const T>& x, std::int64_t width, const detail::Taps& rows,
             const detail::Taps* columns,  // [outputs]
             std::int64_t outputs, std::int64_t channels,
             detail::Pixels<T> y,        // [outputs, channels]
             detail::Pixels<T> index) {  // [outputs, channels], data may be null
    for (std::int64_t i = 0; i < outputs; ++i) {
        T *to = y.data + i * y.pixel, *place = index.data ? index.data + i * index.pixel : nullptr;
        std::int64_t c = 0;
        for (; c + lanes<T> <= channels; c += lanes<T>)
            largest<true, T>({x.data + c, x.row, x.pixel}, width, rows, columns[i], lanes<T>, to + c,
                             place ? place + c : nullptr);
        if (c < channels)
            largest<false, T>({x.data + c, x.row, x.pixel}, width, rows, columns[i], static_cast<int>(channels - c),
                              to + c, place ? place + c : nullptr);
    }
}

// The gradient of one input at n channels, into a whole vector: dy of the windows that name it, in their order.
template <bool whole, class T>
[[gnu::always_inline]] inline void gathered(const detail::WindowPlane<const T>& index,
                                            const detail::WindowPlane<const T>& dy, std::int64_t place, IndexRange rows,
                                            IndexRange columns, int n,
                                            T* dx,  // [lanes]
                                            bool accumulate) {
    const auto here = reinterpret_cast<Mask<T>>(index_vector<T>(place));
    Vec<T> sum = accumulate ? load(dx) : Vec<T>{};
    for (std::int64_t h = rows.begin; h < rows.end; ++h)
        for (std::int64_t w = columns.begin; w < columns.end; ++w) {
            const auto at = reinterpret_cast<Mask<T>>(load_lanes<whole>(index.at(h, w), n));
            sum += select(at == here, load_lanes<whole>(dy.at(h, w), n), Vec<T>{});
        }
    store(dx, sum);
}

// One row of inputs, whose first pixel has the index `place`. columns[width]: the windows that cover each. Whole
// vectors are written; with accumulate, channels must be such.
template <class T>
void gradient_row(const detail::WindowPlane<const T>& index, const detail::WindowPlane<const T>& dy, std::int64_t place,
                  IndexRange rows,
                  const IndexRange* columns,  // [width]
                  std::int64_t width, std::int64_t channels,
                  detail::Pixels<T> dx,  // [width, channels]
                  bool accumulate) {
    for (std::int64_t i = 0; i < width; ++i) {
        T* to = dx.data + i * dx.pixel;
        std::int64_t c = 0;
        for (; c + lanes<T> <= channels; c += lanes<T>)
            gathered<true, T>({index.data + c, index.row, index.pixel}, {dy.data + c, dy.row, dy.pixel}, place + i,
                              rows, columns[i], lanes<T>, to + c, accumulate);
        if (c < channels)
            gathered<false, T>({index.data + c, index.row, index.pixel}, {dy.data + c, dy.row, dy.pixel}, place + i,
                               rows, columns[i], static_cast<int>(channels - c), to + c, accumulate);
    }
}

}  // namespace window_kernel
