// Definitions of layout.hpp.

namespace fathom::inline v0::detail {

// Dense strides when `order` lists the dimensions from the outermost to the innermost.
FATHOM_INLINE Shape strides_in_order(const Shape& shape, const int* order) {
    Shape strides = Shape::filled(shape.rank(), 1);
    std::int64_t step = 1;
    for (int i = shape.rank() - 1; i >= 0; --i) {
        strides[order[i]] = step;
        // Wraps for shapes beyond 2^63 elements, which allocation refuses.
        if (shape[order[i]] > 0) static_cast<void>(__builtin_mul_overflow(step, shape[order[i]], &step));
    }
    return strides;
}

FATHOM_INLINE Shape row_major_strides(const Shape& shape) {
    constexpr int order[max_rank] = {0, 1, 2, 3, 4, 5, 6, 7};
    return strides_in_order(shape, order);
}

FATHOM_INLINE Shape channels_last_strides(const Shape& shape) {
    constexpr int order[4] = {0, 2, 3, 1};
    return strides_in_order(shape, order);
}

FATHOM_INLINE Shape strides_of(const Shape& shape, MemoryFormat format) {
    return format == MemoryFormat::channels_last ? channels_last_strides(shape) : row_major_strides(shape);
}

FATHOM_INLINE Shape strides_in_order_of(const Shape& shape, const Shape& other_shape, const Shape& other_strides) {
    int deciding[max_rank] = {}, free_dims[max_rank] = {}, n = 0, m = 0;
    for (int i = 0; i < shape.rank(); ++i) {
        if (other_shape[i] > 1 && other_strides[i] > 0)
            deciding[n++] = i;
        else
            free_dims[m++] = i;
    }
    for (int i = 1; i < n; ++i)  // insertion sort by stride, largest first; ties keep the logical order
        for (int j = i; j > 0 && other_strides[deciding[j]] > other_strides[deciding[j - 1]]; --j) {
            const int t = deciding[j];
            deciding[j] = deciding[j - 1], deciding[j - 1] = t;
        }
    // Images with the channel innermost stay channels-last whichever of N, H, W is 1.
    if (shape.rank() == 4 && n > 1 && deciding[n - 1] == 1) return channels_last_strides(shape);
    bool sorted = true;
    for (int i = 1; i < n; ++i) sorted = sorted && deciding[i] > deciding[i - 1];
    if (sorted) {  // most of them as they are, which is found sooner than they are made
        std::int64_t step = 1;
        bool same = shape == other_shape;
        for (int i = shape.rank() - 1; same && i >= 0; --i) {
            same = other_strides[i] == step;
            if (shape[i] > 0) static_cast<void>(__builtin_mul_overflow(step, shape[i], &step));
        }
        return same ? other_strides : row_major_strides(shape);
    }
    int order[max_rank] = {};
    for (int i = 0; i < m; ++i) order[i] = free_dims[i];
    for (int i = 0; i < n; ++i) order[m + i] = deciding[i];
    return strides_in_order(shape, order);
}

FATHOM_INLINE bool is_dense(const Shape& shape, const Shape& strides, MemoryFormat format) {
    if (format == MemoryFormat::channels_last && shape.rank() != 4) return false;
    if (shape.numel() == 0) return true;
    const Shape dense = strides_of(shape, format);
    for (int i = 0; i < shape.rank(); ++i)
        if (shape[i] != 1 && strides[i] != dense[i]) return false;
    return true;
}

FATHOM_INLINE bool has_pixel_stride(const Shape& shape, const Shape& strides) {
    if (shape.rank() != 4) return false;
    if (shape.numel() == 0) return true;
    const std::int64_t c = shape[1], h = shape[2], w = shape[3];
    if (c != 1 && strides[1] != 1) return false;
    // Without a neighbour in x, y or the batch the pixel stride is read off the next dimension that has one.
    const std::int64_t pixel = w != 1 ? strides[3] : h != 1 ? strides[2] : shape[0] != 1 ? strides[0] : c;
    if (pixel < c) return false;
    return (w == 1 || strides[3] == pixel) && (h == 1 || strides[2] == pixel * w) &&
           (shape[0] == 1 || strides[0] == pixel * w * h);
}

FATHOM_INLINE bool broadcast_shapes(const Shape& a, const Shape& b, Shape& out) {
    const Shape &longer = a.rank() >= b.rank() ? a : b, &shorter = a.rank() >= b.rank() ? b : a;
    out = longer;
    const int shift = longer.rank() - shorter.rank();
    for (int i = 0; i < shorter.rank(); ++i) {
        const std::int64_t p = longer[shift + i], q = shorter[i];
        if (p == q || q == 1) continue;
        if (p != 1) return false;
        out[shift + i] = q;
    }
    return true;
}

FATHOM_INLINE Shape broadcast_strides(const Shape& shape, const Shape& strides, const Shape& to) {
    Shape out = Shape::filled(to.rank(), 0);
    const int shift = to.rank() - shape.rank();
    for (int i = 0; i < shape.rank(); ++i) out[shift + i] = shape[i] == 1 && to[shift + i] != 1 ? 0 : strides[i];
    return out;
}

FATHOM_INLINE bool reshape_strides(const Shape& shape, const Shape& strides, const Shape& to, Shape& out) {
    out = row_major_strides(to);
    if (shape.numel() == 0) return true;
    // Groups of old dimensions that are contiguous among themselves are matched with groups of new ones of the same
    // size.
    int i = 0, j = 0;
    while (i < shape.rank() || j < to.rank()) {
        std::int64_t old_size = i < shape.rank() ? shape[i] : 1, new_size = j < to.rank() ? to[j] : 1;
        int old_end = i < shape.rank() ? i + 1 : i, new_end = j < to.rank() ? j + 1 : j;
        while (old_size != new_size) {
            if (old_size < new_size)
                old_size *= shape[old_end++];
            else
                new_size *= to[new_end++];
        }
        std::int64_t step = 1,
                     next = -1;  // innermost stride of the group, expected stride of the next dimension outwards
        for (int k = old_end - 1; k >= i; --k) {
            if (shape[k] == 1) continue;
            if (next < 0)
                step = strides[k];
            else if (strides[k] != next)
                return false;
            next = strides[k] * shape[k];
        }
        for (int k = new_end - 1; k >= j; --k) {
            out[k] = step;
            step *= to[k];
        }
        i = old_end, j = new_end;
    }
    return true;
}

}  // namespace fathom::inline v0::detail
