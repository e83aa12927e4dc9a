// Definitions of tensor_bytes.hpp.
#include <cstring>

#include "fathom/tensor/runs.hpp"

namespace fathom::inline v0::io {

FATHOM_INLINE std::int64_t dense_bytes(const Shape& shape, DType dtype) {
    auto extent = static_cast<std::int64_t>(size_of(dtype));
    bool empty = false;
    for (const std::int64_t d : shape) {
        if (d < 0) return -1;
        empty = empty || d == 0;
        if (d > 0 && __builtin_mul_overflow(extent, d, &extent)) return -1;
    }
    return empty ? 0 : extent;
}

FATHOM_INLINE AnyTensor tensor_from_bytes(const void* bytes, const Shape& shape, DType dtype, const char* operation,
                                          Where site) {
    AnyTensor tensor =
        detail::new_tensor(shape, detail::row_major_strides(shape), dtype, Device::cpu(), operation, site);
    const auto size = static_cast<std::size_t>(dense_bytes(shape, dtype));
    if (size == 0) return tensor;
    auto* out = static_cast<unsigned char*>(tensor.raw_unchecked());
    std::memcpy(out, bytes, size);
    if (dtype == DType::boolean)
        for (std::size_t i = 0; i < size; ++i) out[i] = out[i] != 0;
    return tensor;
}

FATHOM_INLINE std::string_view tensor_bytes(const AnyTensor& tensor, std::string& buffer, const char* operation,
                                            Where site) {
    const std::int64_t bytes = dense_bytes(tensor.shape(), tensor.dtype());
    if (bytes <= 0) return {};
    const char* from = static_cast<const char*>(tensor.raw());
    const auto width = static_cast<std::int64_t>(size_of(tensor.dtype()));
    const Storage& storage = *tensor.impl().storage;
    std::string host;
    if (!tensor.device().is_cpu()) {
        host.resize(static_cast<std::size_t>(storage.bytes()));
        detail::copy_to_host(tensor.device(), host.data(), storage.data(), storage.bytes(), tensor.dtype(), operation,
                             site);
        from = host.data() + tensor.impl().offset * width;
    } else if (tensor.is_contiguous()) {
        return {from, static_cast<std::size_t>(bytes)};
    }
    buffer.clear();
    buffer.reserve(static_cast<std::size_t>(bytes));
    detail::for_each_run<1>(
        tensor.shape(), {&tensor.strides()}, [&](const auto& offsets, const auto& steps, std::int64_t n) {
            const char* run = from + offsets[0] * width;
            const std::int64_t pieces = steps[0] == 1 ? 1 : n;  // adjacent elements in one piece
            for (std::int64_t i = 0; i < pieces; ++i)
                buffer.append(run + i * steps[0] * width, static_cast<std::size_t>(n / pieces * width));
        });
    return buffer;
}

}  // namespace fathom::inline v0::io
