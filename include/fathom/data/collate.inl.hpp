// Definitions of collate.hpp.
#include <cstring>

#include "fathom/io/tensor_bytes.hpp"

namespace fathom::inline v0::data {

FATHOM_INLINE AnyTensor stack_parts(const std::vector<AnyTensor>& parts, const std::vector<std::int64_t>& indices,
                                    std::size_t part, Where site) {
    constexpr const char* name = "data loader";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!parts[i].defined())
            fail(name, site, {"part ", part, " of sample ", indices[i], " is an undefined tensor"});
        if (!(parts[i].shape() == parts[0].shape()))
            fail(name, site,
                 {"part ", part, " of sample ", indices[i], " has shape ", parts[i].shape(), ", that of sample ",
                  indices[0], " ", parts[0].shape(), ": those of one batch must agree"});
    }
    const AnyTensor& first = parts.at(0);
    if (first.rank() == max_rank)
        fail(name, site, {"part ", part, " has ", max_rank, " dimensions, expected at most ", max_rank - 1});
    Shape shape{parts.size()};
    for (const std::int64_t size : first.shape()) shape.push_back(size);
    const AnyTensor out =
        detail::new_tensor(shape, detail::row_major_strides(shape), first.dtype(), Device::cpu(), name, site);
    auto* to = static_cast<char*>(out.raw_unchecked());
    std::string buffer;
    for (const AnyTensor& x : parts) {
        const std::string_view bytes = io::tensor_bytes(x, buffer, name, site);
        if (bytes.empty()) continue;
        std::memcpy(to, bytes.data(), bytes.size());
        to += bytes.size();
    }
    return out;
}

FATHOM_INLINE AnyTensor take_rows(const AnyTensor& x, const std::vector<std::int64_t>& indices, Where site) {
    Shape shape{indices.size()};
    for (int d = 1; d < x.rank(); ++d) shape.push_back(x.shape()[d]);
    const AnyTensor out =
        detail::new_tensor(shape, detail::row_major_strides(shape), x.dtype(), Device::cpu(), "TensorDataset", site);
    const std::int64_t rows = x.shape()[0];
    const std::size_t bytes = rows == 0 ? 0 : static_cast<std::size_t>(x.numel() / rows) * size_of(x.dtype());
    const auto* from = static_cast<const char*>(detail::host_data(x, site));
    auto* to = static_cast<char*>(out.raw_unchecked());
    for (const std::int64_t i : indices) {
        if (i < 0 || i >= rows) fail("TensorDataset", site, {"sample ", i, ", expected 0 to ", rows - 1});
        if (bytes == 0) continue;
        std::memcpy(to, from + static_cast<std::size_t>(i) * bytes, bytes);
        to += bytes;
    }
    return out;
}

}  // namespace fathom::inline v0::data
