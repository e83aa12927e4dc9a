// Definitions of stream.hpp.

namespace fathom::inline v0 {

namespace detail {

// entry(call, ...) of the device's table; throws what goes wrong.
template <class... Parameters, class... Arguments>
void call_table(Device device, const char* operation, Where site,
                abi::Outcome (*abi::Table::*entry)(const abi::Call*, Parameters...), Arguments... arguments) {
    if (device.is_cpu()) fail(operation, site, {"the CPU has no streams; they belong to devices beside it"});
    require(device, operation, site);
    char message[abi::message_bytes] = "";
    abi::Call call = call_of(device, operation, site);
    call.message = message;
    if ((find_table(device)->*entry)(&call, arguments...) != abi::Outcome::ok)
        fail(operation, site, {"failed on ", device, ": ", static_cast<const char*>(message)});
}

// The same where nothing can be thrown: what fails has been reported by the work itself, or will be.
template <class... Arguments>
void call_table_quietly(Device device, abi::Outcome (*abi::Table::*entry)(const abi::Call*, Arguments...),
                        Arguments... arguments) {
    const abi::Table* table = find_table(device);
    const abi::Call call = call_of(device, "release", {});
    if (table) static_cast<void>((table->*entry)(&call, arguments...));
}

}  // namespace detail

FATHOM_INLINE Stream::Stream(Device device, Where site) : device_(device) {
    detail::call_table(device, "Stream", site, &abi::Table::create_stream, &handle_);
}
FATHOM_INLINE Stream::~Stream() { detail::call_table_quietly(device_, &abi::Table::destroy_stream, handle_); }

FATHOM_INLINE Event::Event(Device device, Where site) : device_(device) {
    detail::call_table(device, "Event", site, &abi::Table::create_event, &handle_);
}
FATHOM_INLINE Event::~Event() { detail::call_table_quietly(device_, &abi::Table::destroy_event, handle_); }

FATHOM_INLINE void Event::record(Where site) {
    detail::call_table(device_, "record", site, &abi::Table::record_event, handle_);
}
FATHOM_INLINE void Event::wait(Where site) const {
    detail::call_table(device_, "wait", site, &abi::Table::wait_event, handle_);
}

FATHOM_INLINE Graph::~Graph() {
    if (handle_) detail::call_table_quietly(device_, &abi::Table::destroy_graph, handle_);
}

FATHOM_INLINE void Graph::begin(Device device, Where site) {
    detail::call_table(device, "capture", site, &abi::Table::begin_capture);
}

FATHOM_INLINE Graph Graph::end(Device device, Where site) {
    Graph graph;
    graph.device_ = device;
    detail::call_table(device, "capture", site, &abi::Table::end_capture, &graph.handle_);
    return graph;
}

FATHOM_INLINE void Graph::abandon(Device device) noexcept {
    Graph graph;
    graph.device_ = device;
    detail::call_table_quietly(device, &abi::Table::end_capture, &graph.handle_);
}

FATHOM_INLINE void Graph::replay(Where site) const {
    if (!handle_) fail("replay", site, {"this graph holds nothing: it comes from Graph::capture"});
    detail::call_table(device_, "replay", site, &abi::Table::replay, handle_);
}

FATHOM_INLINE void synchronize(Device device, Where site) {
    if (!device.is_cpu()) detail::call_table(device, "synchronize", site, &abi::Table::synchronize);
}

FATHOM_INLINE abi::Memory memory_of(Device device, Where site) {
    abi::Memory memory{};
    detail::call_table(device, "memory_of", site, &abi::Table::memory, &memory);
    return memory;
}

FATHOM_INLINE void trim_memory(Device device, Where site) {
    detail::call_table(device, "trim_memory", site, &abi::Table::trim);
}

}  // namespace fathom::inline v0
