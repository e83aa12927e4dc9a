// Definitions of sequential.hpp.

namespace fathom::inline v0::detail {

[[gnu::cold]] FATHOM_INLINE void fail_layer(const char* container, std::size_t index, std::size_t size,
                                            const char* problem, Where site) {
    fail(container, site, {"layer ", index, " of ", size, " ", problem});
}

}  // namespace fathom::inline v0::detail
