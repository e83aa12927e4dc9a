// Definitions of order.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE List<std::size_t> sorted_order(std::size_t count, LessByIndex less, const void* state) {
    List<std::size_t> order, merged;
    order.resize(count), merged.resize(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = i;
    for (std::size_t width = 1; width < count; width *= 2) {
        for (std::size_t begin = 0; begin < count; begin += 2 * width) {
            const std::size_t middle = begin + width < count ? begin + width : count;
            const std::size_t end = middle + width < count ? middle + width : count;
            std::size_t left = begin, right = middle;
            for (std::size_t out = begin; out < end; ++out) {
                const bool take_right = left == middle || (right < end && less(state, order[right], order[left]));
                merged[out] = order[take_right ? right++ : left++];
            }
        }
        std::swap(order, merged);
    }
    return order;
}

}  // namespace fathom::inline v0::detail
