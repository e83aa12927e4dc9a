// Definitions of registry.hpp.

// Defined by the object library of the device; null where that is not linked in.
extern "C" [[gnu::weak]] const void* fathom_cuda_table();
extern "C" [[gnu::weak]] const void* fathom_emulator_table();

namespace fathom::inline v0 {

namespace detail {
// Every table that is linked in, usable or not.
FATHOM_INLINE const abi::Table* linked_table(DeviceKind kind) {
    const auto entry = kind == DeviceKind::cuda       ? &fathom_cuda_table
                       : kind == DeviceKind::emulator ? &fathom_emulator_table
                                                      : nullptr;
    return entry ? static_cast<const abi::Table*>(entry()) : nullptr;
}
}  // namespace detail

FATHOM_INLINE const abi::Table* find_table(Device device) {
    const abi::Table* table = detail::linked_table(device.kind);
    if (!table || table->version != abi::version || table->size != static_cast<std::int32_t>(sizeof(abi::Table)))
        return nullptr;
    return table->missing(device.index) ? nullptr : table;
}

namespace detail {
FATHOM_INLINE const abi::Row* find_row(const abi::Table& table, const char* name, DType dtype) {
    for (const abi::Rows* list = *table.rows; list; list = list->next)
        for (std::int32_t i = 0; i < list->count; ++i)
            if ((list->begin[i].dtypes & abi::dtypes(dtype)) && std::string_view(list->begin[i].name) == name)
                return &list->begin[i];
    return nullptr;
}
}  // namespace detail

FATHOM_INLINE const abi::Row* find_row(Device device, const char* name, DType dtype) {
    const abi::Table* table = find_table(device);
    return table ? detail::find_row(*table, name, dtype) : nullptr;
}

FATHOM_INLINE bool supports(Device device, const detail::OperationName& operation, DType dtype) {
    return device.is_cpu() ? (operation.cpu & abi::dtypes(dtype)) != 0
                           : find_row(device, operation.name, dtype) != nullptr;
}

FATHOM_INLINE void register_rows(DeviceKind kind, abi::Rows& rows, Where site) {
    const Device device{kind, 0};
    const abi::Table* table = detail::linked_table(kind);
    if (!table) fail("register_rows", site, {"device ", device, " is not linked into this program"});
    for (std::int32_t i = 0; i < rows.count; ++i)
        for (const auto& [dtype, name, safetensors, torch] : dtype_names)
            if (rows.begin[i].dtypes & abi::dtypes(dtype))
                if (detail::find_row(*table, rows.begin[i].name, dtype))
                    fail("register_rows", site, {device, " has ", rows.begin[i].name, " on ", dtype, " already"});
    rows.next = *table->rows;
    *table->rows = &rows;
}

FATHOM_INLINE void require(Device device, const char* operation, Where site) {
    if (device.is_cpu()) return;
    const abi::Table* table = detail::linked_table(device.kind);
    if (!table) {
        const bool cuda = device.kind == DeviceKind::cuda;
        if (cuda && &fathom_cuda_was_built && !fathom_cuda_was_built())
            fail(operation, site,
                 {"device ", device,
                  " is not there: fathom was built without CUDA; configure it with -DFATHOM_CUDA=ON and link "
                  "fathom::cuda"});
        fail(operation, site,
             {"device ", device, " is not there: this program is not linked with fathom's ", name_of(device.kind),
              " backend; link fathom::", name_of(device.kind),
              cuda ? " (of a fathom configured with -DFATHOM_CUDA=ON)" : ""});
    }
    if (table->version != abi::version || table->size != static_cast<std::int32_t>(sizeof(abi::Table)))
        fail(operation, site,
             {"the ", name_of(device.kind), " backend was built for ABI version ", table->version, ", expected ",
              abi::version});
    if (const char* reason = table->missing(device.index))
        fail(operation, site, {"device ", device, " is not there: ", reason});
}

}  // namespace fathom::inline v0
