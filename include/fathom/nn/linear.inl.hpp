// Definitions of linear.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_linear_sizes(std::int64_t in_features, std::int64_t out_features, Where site) {
    if (in_features < 1 || out_features < 1)
        fail("Linear", site,
             {"in_features and out_features must be at least 1, got ", in_features, " and ", out_features});
}

}  // namespace fathom::inline v0::detail
