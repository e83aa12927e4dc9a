// Definitions of print.hpp.

namespace fathom::inline v0 {

namespace detail {

FATHOM_INLINE std::string element_text(const AnyTensor& x, std::int64_t offset) {
    return with_dtype(x.dtype(), [&]<class T>(Type<T>) -> std::string {
        const T value = static_cast<const T*>(x.raw())[offset];
        if constexpr (std::is_same_v<T, bool>)
            return value ? "true" : "false";
        else if constexpr (std::is_integral_v<T>)
            return std::to_string(value);
        else
            return to_string(static_cast<double>(value));
    });
}

// The values of one dimension and those inside it; `edge` of them at each end when long, all when 0. Two passes: the
// first only measures.
FATHOM_INLINE void print_dim(const AnyTensor& x, int dim, std::int64_t offset, std::int64_t edge, std::size_t& width,
                             std::string* text) {
    if (dim == x.rank()) {
        const std::string value = element_text(x, offset);
        if (!text)
            width = value.size() > width ? value.size() : width;
        else
            text->append(width - value.size(), ' ').append(value);
        return;
    }
    const std::int64_t n = x.shape()[dim];
    const bool innermost = dim + 1 == x.rank();
    if (text) *text += '[';
    for (std::int64_t i = 0; i < n; ++i) {
        if (text && i) {
            *text += ',';
            text->append(innermost ? " " : std::string(static_cast<std::size_t>(x.rank() - dim - 1), '\n'));
            if (!innermost) text->append(static_cast<std::size_t>(dim + 1), ' ');
        }
        if (edge && n > 2 * edge && i == edge) {
            if (text) *text += "...";
            i = n - edge - 1;
            continue;
        }
        print_dim(x, dim + 1, offset + i * x.strides()[dim], edge, width, text);
    }
    if (text) *text += ']';
}

}  // namespace detail

FATHOM_INLINE std::string to_string(const AnyTensor& x) {
    if (!x.defined()) return "tensor(undefined)";
    const std::string kind = join({", shape=", x.shape(), ", dtype=", x.dtype()});
    if (!x.device().is_cpu()) return join({"tensor(...", kind, ", device=", x.device(), ")"});
    const std::int64_t edge = x.numel() > 1000 ? 3 : 0;
    std::size_t width = 0;
    std::string text;
    detail::print_dim(x, 0, 0, edge, width, nullptr);
    detail::print_dim(x, 0, 0, edge, width, &text);
    return text + " (" + kind.substr(2) + ")";
}

}  // namespace fathom::inline v0
