// Definitions of data_loader.hpp.

namespace fathom::inline v0::data {

FATHOM_INLINE void check_options(std::int64_t samples, const DataLoaderOptions& options, bool random, Where site) {
    constexpr const char* name = "data loader";
    if (samples < 1) fail(name, site, {"the data have ", samples, " samples"});
    if (options.batch_size < 1) fail(name, site, {"batch_size is ", options.batch_size, ", expected at least 1"});
    if (options.num_workers < 0) fail(name, site, {"num_workers is ", options.num_workers, ", expected at least 0"});
    if (options.num_workers > 0 && options.prefetch < 1)
        fail(name, site, {"prefetch is ", options.prefetch, ", expected at least 1"});
    if (options.shuffle && !random) fail(name, site, {"shuffle needs a generator: DataLoader(data, {...}, gen)"});
    if (options.drop_last && options.batch_size > samples)
        fail(name, site,
             {"a batch of ", options.batch_size, " is never full with ", samples,
              " samples, expected a smaller batch_size, or drop_last = false"});
}

}  // namespace fathom::inline v0::data
