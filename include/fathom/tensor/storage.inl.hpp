// Definitions of storage.hpp.

namespace fathom::inline v0 {

FATHOM_INLINE Storage::Storage(std::int64_t bytes, Device device, const char* operation, Where site, const Shape& shape)
    : bytes_(bytes), device_(device) {
    if (device.is_cpu()) {
        data_ = detail::allocate(bytes, operation, site, shape);
        deallocate_ = [](void* data, void*) { detail::deallocate(data); };
        return;
    }
    require(device, operation, site);
    const abi::Table* table = find_table(device);
    char message[abi::message_bytes] = "";
    abi::Call call = detail::call_of(device, operation, site);
    call.message = message;
    data_ = table->allocate(&call, bytes);
    if (!data_)
        fail(operation, site,
             {"out of memory on ", device, ": ", bytes, " bytes for shape ", shape, ": ",
              static_cast<const char*>(message)});
    deallocate_ = table->deallocate;
}

}  // namespace fathom::inline v0
