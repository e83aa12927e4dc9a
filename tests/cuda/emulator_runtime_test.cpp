// The runtime layer over the emulator: memory, streams, events, arguments, and what is wrong with a launch.
#include <cstdlib>
#include <string>

#include "tests/cuda/kernels.hpp"
#include "tests/cuda/support.hpp"

namespace test = device::test;

namespace {

// The text of an expected failure.
std::string failure(device::Result result, int code) {
    CHECK(result.code == code);
    return result.ok() ? "" : device::error_text();
}

void has(const std::string& text, const std::string& part) {
    INFO("\"", text, "\" should have \"", part, "\"");
    const bool found = text.find(part) != std::string::npos;
    CHECK(found);
}

}  // namespace

TEST_CASE("cuda/runtime: streams are in order, events mark places") {
    device::Stream first = nullptr, second = nullptr;
    device::Event done = nullptr, later = nullptr;
    succeed(device::create_stream(&first));
    succeed(device::create_stream(&second));
    succeed(device::create_event(&done));
    succeed(device::create_event(&later));
    void* pinned = nullptr;
    succeed(device::allocate_pinned(&pinned, 100 * sizeof(int), "test"));
    DeviceArray<int> values(100);
    succeed(device::fill(values.data(), 0, values.bytes(), first, "test"));
    for (int i = 0; i < 5; ++i) succeed(test::add_one(values.data(), 100, first));
    succeed(device::record(done, first));
    succeed(device::wait(second, done));
    for (int i = 0; i < 3; ++i) succeed(test::add_one(values.data(), 100, second));
    succeed(device::copy(device::Copy::to_host, pinned, values.data(), values.bytes(), second, "test"));
    succeed(device::record(later, second));
    succeed(device::synchronize(later));
    bool flag = false;
    succeed(device::is_done(done, &flag));
    CHECK(flag);
    succeed(device::synchronize(second));
    succeed(device::is_idle(second, &flag));
    CHECK(flag);
    CHECK(static_cast<const int*>(pinned)[99] == 8);
    float milliseconds = -1;
    succeed(device::elapsed_ms(done, later, &milliseconds));
    CHECK(milliseconds >= 0);
    succeed(device::release_pinned(pinned));
    succeed(device::destroy_event(done));
    succeed(device::destroy_event(later));
    succeed(device::destroy_stream(first));
    succeed(device::destroy_stream(second));
}

TEST_CASE("cuda/runtime: a graph keeps launches, copies and fills of all streams that take part, and replays them") {
    device::Stream first = nullptr, second = nullptr;
    device::Event fork = nullptr, join = nullptr;
    succeed(device::create_stream(&first));
    succeed(device::create_stream(&second));
    succeed(device::create_event(&fork));
    succeed(device::create_event(&join));
    DeviceArray<int> values(100), copies(100);
    values.zero(), copies.zero();
    std::uint64_t number = 0, other = 0;
    succeed(device::begin_capture(first));
    succeed(test::add_one(values.data(), 100, first));
    succeed(device::record(fork, first));
    succeed(device::wait(second, fork));
    succeed(device::capture_of(first, &number));
    succeed(device::capture_of(second, &other));
    CHECK(number != 0);
    CHECK(other == number);
    succeed(device::copy(device::Copy::on_device, copies.data(), values.data(), values.bytes(), second, "test"));
    succeed(device::record(join, second));
    succeed(device::wait(first, join));
    succeed(device::fill(copies.data(), 0, sizeof(int), first, "test"));
    device::Graph graph = nullptr;
    succeed(device::end_capture(first, &graph));
    succeed(device::capture_of(second, &other));
    CHECK(other == 0);
    CHECK(values.values()[1] == 0);
    for (int i = 1; i <= 2; ++i) {
        succeed(device::replay(graph, first));
        CHECK(values.values()[1] == i);
        CHECK(copies.values()[1] == i);
        CHECK(copies.values()[0] == 0);
    }
    succeed(device::destroy_graph(graph));
    has(failure(device::wait(second, join), device::error::captured_event), "in a capture that has ended");
    succeed(device::destroy_event(fork));
    succeed(device::destroy_event(join));
    succeed(device::destroy_stream(first));
    succeed(device::destroy_stream(second));
}

TEST_CASE("cuda/runtime: what a capture forbids is named, and spoils it") {
    device::Stream stream = nullptr, other = nullptr;
    device::Event outside = nullptr;
    device::Graph graph = nullptr;
    succeed(device::create_stream(&stream));
    succeed(device::create_stream(&other));
    succeed(device::create_event(&outside));
    succeed(device::record(outside, other));
    has(failure(device::end_capture(stream, &graph), device::error::illegal_state), "end_capture: the stream is not");
    has(failure(device::replay(nullptr, stream), device::error::invalid_value), "replay: there is no graph");
    succeed(device::begin_capture(stream));
    has(failure(device::begin_capture(stream), device::error::illegal_state), "is being captured already");
    has(failure(device::synchronize(stream), device::error::capture_unsupported), "synchronize: ");
    has(failure(device::end_capture(stream, &graph), device::error::capture_invalidated),
        "synchronize was not allowed");
    CHECK(graph == nullptr);
    succeed(device::begin_capture(stream));
    has(failure(device::wait(stream, outside), device::error::capture_isolation), "recorded outside of the capture");
    failure(device::end_capture(stream, &graph), device::error::capture_invalidated);
    succeed(device::synchronize(stream));
    succeed(device::destroy_event(outside));
    succeed(device::destroy_stream(stream));
    succeed(device::destroy_stream(other));
}

TEST_CASE("cuda/runtime: copies and fills stay within an allocation") {
    DeviceArray<int> a(std::vector<int>{1, 2, 3, 4}), b(4);
    succeed(device::copy(device::Copy::on_device, b.data() + 1, a.data(), 12, nullptr, "test"));
    succeed(device::fill(b.data(), 0, 4, nullptr, "test"));
    CHECK(b.values() == std::vector<int>{0, 1, 2, 3});
    int host[8] = {};
    has(failure(device::copy(device::Copy::to_host, host, a.data(), 20, nullptr, "download"),
                device::error::invalid_value),
        "download: a copy of 20 bytes from the device: not within one allocation");
    failure(device::copy(device::Copy::to_device, a.data() + 2, host, 12, nullptr, "upload"),
            device::error::invalid_value);
    failure(device::fill(a.data(), 1, 17, nullptr, "clear"), device::error::invalid_value);
    has(failure(device::copy(device::Copy::on_device, a.data(), host, 4, nullptr, "mixed"),
                device::error::invalid_value),
        "mixed");
    failure(device::release(a.data() + 1), device::error::invalid_value);
    succeed(device::synchronize(device::Stream{}));

    void* memory = &host;
    has(failure(device::allocate(&memory, std::size_t{1} << 50, "conv"), device::error::out_of_memory),
        "conv: out of device memory");
    CHECK(memory == nullptr);
    std::size_t before = 0, after = 0, total = 0;
    succeed(device::memory_info(&before, &total));
    {
        DeviceArray<int> c(1000);
        succeed(device::memory_info(&after, &total));
        CHECK(before - after == 4000);
    }
    succeed(device::memory_info(&after, &total));
    CHECK(before == after);
}

TEST_CASE("cuda/runtime: arguments convert to the kernel's parameters") {
    DeviceArray<double> out(2);
    out.zero();
    succeed(test::converted(out.data(), 2.5, 1));
    CHECK(out.values() == std::vector<double>{0, 2.5});
}

TEST_CASE("cuda/runtime: a launch that CUDA refuses is refused, by name") {
    using device::error::invalid_configuration;
    succeed(test::geometry_only({{2, 3, 4}, {8, 8, 8}}));
    has(failure(test::geometry_only({1, 1025}), invalid_configuration), "geometry_only: a block of (1025,1,1) threads");
    failure(test::geometry_only({1, {32, 33}}), invalid_configuration);
    failure(test::geometry_only({1, {1, 1, 65}}), invalid_configuration);
    failure(test::geometry_only({1, 0}), invalid_configuration);
    failure(test::geometry_only({0, 1}), invalid_configuration);
    failure(test::geometry_only({{1, 65536}, 1}), invalid_configuration);
    failure(test::geometry_only({std::int64_t{1} << 32, 1}), invalid_configuration);
    has(failure(test::geometry_only({1, 32, 227 * 1024 + 1}), device::error::invalid_value), "geometry_only");
    succeed(device::synchronize(device::Stream{}));  // such an error does not stay
    CHECK(device::driver_state().driver == device::Driver::ready);
}

TEST_CASE("cuda/runtime: a fault comes with a later call and stays until the device is reset") {
    DeviceArray<int> out(4);
    succeed(device::synchronize(device::Stream{}));
    succeed(test::add_one(out.zero().data(), 4, nullptr));
    succeed(test::too_much_static(out.data()));
    const std::string text = failure(device::synchronize(device::Stream{}), device::error::launch_failure);
    has(text, "too_much_static: ");
    has(text, "too much shared memory");
    has(text, "block (0,0,0), thread (0,0,0)");
    has(text, "sent since the stream was last known to be idle: test, add_one, too_much_static");
    has(failure(test::add_one(out.data(), 4, nullptr), device::error::launch_failure),
        "add_one: a kernel failed before");
    failure(device::synchronize_device(), device::error::launch_failure);
    succeed(device::reset_device());
    succeed(test::add_one(out.zero().data(), 4, nullptr));
    CHECK(out.values() == std::vector<int>(4, 1));
}

TEST_CASE("cuda/runtime: FATHOM_CUDA_SYNC=1 reports a fault with its launch") {
    const char* text = std::getenv("FATHOM_CUDA_SYNC");
    if (!text || std::string(text) != "1") return;  // the variable is read once: ctest runs this case with it
    DeviceArray<int> out(1);
    has(failure(test::too_much_static(out.data()), device::error::launch_failure), "too_much_static: ");
    succeed(device::reset_device());
}

TEST_CASE("cuda/emulator: a stack that overflows is reported") {
    DeviceArray<int> out(1);
    succeed(test::deep_recursion(out.data(), 10));
    CHECK(out.values()[0] == 55);
    succeed(test::deep_recursion(out.data(), 350));
    has(failure(device::synchronize(device::Stream{}), device::error::launch_failure), "stack overflow");
    succeed(device::reset_device());
}
