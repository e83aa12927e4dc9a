// Streams, events and graphs through the public API: order between streams, work that is kept and run again, and what
// becomes of memory that streams and graphs share.
#include "fathom/backend/stream.hpp"

#include <optional>

#include "fathom/backend/cpu/optimize.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/cuda/device.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

Tensor<float> there(float value, std::int64_t n = 1000) { return full<float>({n}, value).to(test_device); }
float first(const Tensor<float>& x) { return x.to(Device::cpu()).data()[0]; }
const void* address(const Tensor<float>& x) { return x.untyped().raw(); }

}  // namespace

TEST_CASE("cuda/backend_streams: two streams work on one tensor, each behind the other's event") {
    Stream a(test_device), b(test_device);
    Event half(test_device), done(test_device);
    Tensor<float> x = there(1);
    synchronize(test_device);
    {
        StreamScope scope(a);
        CHECK(detail::current_stream(test_device) == a.handle());
        x += 1.0f;
        half.record();
        {
            StreamScope inner(b);
            CHECK(detail::current_stream(test_device) == b.handle());
            half.wait();
            x *= 3.0f;
            done.record();
        }
        CHECK(detail::current_stream(test_device) == a.handle());
    }
    CHECK(detail::current_stream(test_device) == nullptr);
    CHECK(detail::current_stream(Device::cpu()) == nullptr);
    done.wait();
    CHECK(first(x - 1.0f) == 5);
}

TEST_CASE("cuda/backend_streams: memory goes from stream to stream behind a wait, and outlives its stream") {
    trim_memory(test_device);
    constexpr std::int64_t n = 1 << 16;
    std::optional<Stream> a(std::in_place, test_device);
    const void* place = nullptr;
    Tensor<float> kept = there(0, 1);
    {
        StreamScope scope(*a);
        Tensor<float> x = empty<float>({n}, test_device);
        x.fill_(2.0f);
        place = address(x);
        kept = x + 1.0f;
    }
    {
        // Released on a; the default stream gets it and has to wait for a.
        const Tensor<float> y = there(4, n);
        CHECK(address(y) == place);
        CHECK(first(y) == 4);
        {
            // Released by b, used by the default stream before: nobody may have it before both are done.
            Stream b(test_device);
            StreamScope scope(b);
            Tensor<float> last = y * 2.0f;
            last = {};
        }
        a.reset();
        CHECK(first(kept) == 3);
        const Tensor<float> z = there(5, n);
        CHECK(first(z) == 5);
        CHECK(first(y) == 4);
    }
}

TEST_CASE("cuda/backend_streams: a chain of operations that is captured runs at each replay, not before") {
    Tensor<float> x = there(1), y = there(0);
    const Graph graph = Graph::capture(test_device, [&] {
        Tensor<float> t = x * 2.0f;
        t = t + 1.0f;
        x.copy_(t);
        y += t;
    });
    CHECK(first(x) == 1);
    CHECK(first(y) == 0);
    graph.replay();
    graph.replay();
    CHECK(first(x) == 7);
    CHECK(first(y) == 10);
    Stream other(test_device);
    {
        StreamScope scope(other);
        graph.replay();
        CHECK(first(x) == 15);
    }
}

TEST_CASE("cuda/backend_streams: a graph takes in another stream that waits for its events") {
    Stream side(test_device);
    Tensor<float> x = there(1), y = there(1);
    Event fork(test_device), join(test_device);
    const Graph graph = Graph::capture(test_device, [&] {
        x += 1.0f;
        fork.record();
        {
            StreamScope scope(side);
            fork.wait();
            y.copy_(x * 10.0f);
            join.record();
        }
        join.wait();
        x += y;
    });
    CHECK(first(x) == 1);
    graph.replay();
    CHECK(first(x) == 22);
    graph.replay();
    CHECK(first(x) == 253);
}

TEST_CASE("cuda/backend_streams: a captured Adam step replayed is Adam's steps, the number of the step on the device") {
    const auto adam = [](const std::vector<Tensor<float>>& t, const Tensor<double>& numbers) {
        const abi::OptimizeTensor tensor{detail::array_of(t[0].untyped()), detail::array_of(t[1].untyped()),
                                         detail::array_of(t[2].untyped()), detail::array_of(t[3].untyped())};
        abi::OptimizeArgs args{};
        args.rule = UpdateRule::adam, args.tensors = &tensor, args.count = 1;
        const auto* data = static_cast<const double*>(numbers.untyped().raw_unchecked());
        args.lr = {0, data}, args.step = {0, data + 1};
        args.beta1 = 0.9, args.beta2 = 0.999, args.eps = 1e-8;
        detail::run(t[0].untyped(), "adam", {}, operation::optimize, &cpu::optimize<float, UpdateRule::adam>, args);
    };
    const auto run = [&](bool captured) {
        const std::vector<Tensor<float>> t = {there(1, 300), there(0.5f, 300), there(0, 300), there(0, 300)};
        const double start[] = {0.1, 0};
        Tensor<double> numbers = from_data(start, {2}).to(test_device), step = numbers.slice(0, 1, 2);
        const auto once = [&] {
            step += 1.0;
            adam(t, numbers);
        };
        if (captured) {
            const Graph graph = Graph::capture(test_device, once);
            for (int i = 0; i < 3; ++i) graph.replay();
            synchronize(test_device);
        } else {
            for (int i = 0; i < 3; ++i) once();
        }
        return t;
    };
    const auto got = run(true), expected = run(false);
    for (std::size_t i = 0; i < got.size(); ++i)
        CHECK(same_bits(got[i].to(Device::cpu()), expected[i].to(Device::cpu())));
    CHECK(first(got[0]) != 1);
}

TEST_CASE("cuda/backend_streams: memory of a graph is nobody else's until the graph is gone") {
    constexpr std::int64_t n = 1 << 16;
    trim_memory(test_device);
    Tensor<float> x = there(1, n), out = there(0, n);
    const void* between = nullptr;
    const auto kept_before = address(there(0, n));  // released at once: a block that fits is kept
    std::optional<Graph> graph = Graph::capture(test_device, [&] {
        const Tensor<float> t = x + 1.0f;
        between = address(t);
        out.copy_(t);
    });
    CHECK(between == kept_before);  // nothing new was allocated
    {
        const Tensor<float> a = there(7, n), b = there(7, n);
        CHECK(address(a) != between);
        CHECK(address(b) != between);
        graph->replay();
        CHECK(first(a) == 7);
        CHECK(first(b) == 7);
        CHECK(first(out) == 2);
    }
    graph.reset();
    const Tensor<float> a = there(7, n), b = there(7, n), c = there(7, n);
    CHECK((address(a) == between || address(b) == between || address(c) == between));
}

TEST_CASE("cuda/backend_streams: what cannot be done is named") {
    const auto starts = [](const std::string& text, const std::string& part) {
        INFO(text);
        CHECK(text.find(part) == 0);
    };
    const std::string on = join({"failed on ", test_device, ": "});
    CHECK(message_of([] { Graph().replay(); }) ==
          "replay: this graph holds nothing: it comes from Graph::capture at here");
    CHECK(message_of([] { const Stream none{Device::cpu()}; }) ==
          "Stream: the CPU has no streams; they belong to devices beside it at here");
    starts(message_of([] { Graph::capture(test_device, [] { Graph::capture(test_device, [] {}); }); }),
           "capture: " + on + "begin_capture: the stream is being captured already");
    Tensor<float> x = there(1);
    starts(message_of([&] { Graph::capture(test_device, [&] { first(x); }); }),
           "to: " + on + "to: copies between the host and the device cannot be captured");
    starts(message_of([&] { Graph::capture(test_device, [] { synchronize(test_device); }); }), "synchronize: " + on);
    const Graph graph = Graph::capture(test_device, [&] { x += 1.0f; });
    starts(message_of([&] { Graph::capture(test_device, [&] { graph.replay(); }); }),
           "replay: " + on + "replay: the stream is being captured");
    // None of it lasts.
    graph.replay();
    CHECK(first(x) == 2);
}

TEST_CASE("cuda/backend_streams: memory is counted, reused up to an eighth larger, and given back") {
    trim_memory(test_device);
    const abi::Memory before = memory_of(test_device);
    CHECK(before.kept == 0);
    constexpr std::int64_t n = 1 << 20;
    const void* place = nullptr;
    {
        const Tensor<float> x = empty<float>({n}, test_device);
        place = address(x);
        const abi::Memory memory = memory_of(test_device);
        CHECK(memory.active == before.active + 4 * n);
        CHECK(memory.peak >= memory.active);
    }
    const abi::Memory after = memory_of(test_device);
    CHECK(after.active == before.active);
    CHECK(after.kept == 4 * n);
    CHECK(after.peak >= before.active + 4 * n);
    {
        const Tensor<float> smaller = empty<float>({n - n / 10}, test_device);
        CHECK(address(smaller) == place);
        CHECK(memory_of(test_device).active == before.active + 4 * n);
    }
    {
        const Tensor<float> small = empty<float>({n / 2}, test_device);
        CHECK(address(small) != place);
    }
    trim_memory(test_device);
    CHECK(memory_of(test_device).kept == 0);
    CHECK(memory_of(test_device).peak == memory_of(test_device).active);
}
