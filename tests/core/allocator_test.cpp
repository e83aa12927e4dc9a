#include "fathom/core/allocator.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using fathom::Error;
using fathom::memory_report;
using fathom::Shape;
using fathom::Where;
using fathom::detail::allocate;
using fathom::detail::deallocate;

namespace {

constexpr std::int64_t mib = 1 << 20;

void* take(std::int64_t bytes, const char* operation = "test", Where site = Where::here()) {
    return allocate(bytes, operation, site);
}

// Restores "no limit" when a test ends.
struct Limit {
    explicit Limit(std::int64_t bytes) { fathom::set_memory_limit(bytes); }
    ~Limit() { fathom::set_memory_limit(0); }
};

std::string message_of(std::int64_t bytes, const Shape& shape) {
    try {
        deallocate(allocate(bytes, "conv2d", {"src/train.cpp", 41}, shape));
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("core/allocator: blocks are aligned, writable and waste at most an eighth") {
    const std::int64_t before = memory_report().active;
    for (std::int64_t bytes : {0,    1,    63,   64,    65,    511,   512,     513,     576,     577,    1000,
                               4095, 4096, 4097, 65535, 65536, 65537, 1048575, 1048576, 1048577, 5000000}) {
        CAPTURE(bytes);
        void* p = take(bytes);
        CHECK(reinterpret_cast<std::uintptr_t>(p) % 64 == 0);
        std::memset(p, 0x5a, static_cast<std::size_t>(bytes));
        const std::int64_t capacity = memory_report().active - before;
        CHECK(capacity >= bytes);
        CHECK(capacity <= (bytes <= 512 ? bytes + 64 : bytes + bytes / 8));
        deallocate(p);
        CHECK(memory_report().active == before);
    }
    for (std::int64_t bytes = 513; bytes < 300000; bytes += 77) {
        void* p = take(bytes);
        const std::int64_t capacity = memory_report().active - before;
        deallocate(p);
        REQUIRE(capacity >= bytes);
        REQUIRE(capacity * 8 <= bytes * 9);
    }
}

TEST_CASE("core/allocator: null is ignored, a negative size refused") {
    deallocate(nullptr);
    CHECK_THROWS_WITH_AS(take(-1, "zeros", {"a/b.cpp", 3}), "zeros: asks for -1 bytes at b.cpp:3", Error);
}

TEST_CASE("core/allocator: freed blocks are reused, small and large") {
    for (std::int64_t bytes : {std::int64_t{100}, std::int64_t{100'000}, 3 * mib}) {
        void* first = take(bytes);
        deallocate(first);
        void* second = take(bytes - 1);
        CHECK(first == second);
        deallocate(second);
    }
}

TEST_CASE("core/allocator: active, peak and cached are exact") {
    fathom::empty_cache();
    fathom::reset_peak_memory();
    const auto start = memory_report();
    CHECK(start.peak == start.active);
    CHECK(start.cached == 0);
    void* a = take(2 * mib);
    void* b = take(1024);
    void* c = take(mib);
    CHECK(memory_report().active == start.active + 3 * mib + 1024);
    deallocate(a);
    auto report = memory_report();
    CHECK(report.active == start.active + mib + 1024);
    CHECK(report.peak == start.active + 3 * mib + 1024);
    CHECK(report.cached == 2 * mib);
    deallocate(b);
    deallocate(c);
    CHECK(memory_report().cached == 3 * mib + 1024);
    fathom::empty_cache();
    fathom::reset_peak_memory();
    report = memory_report();
    CHECK(report.cached == 0);
    CHECK(report.peak == start.active);
}

TEST_CASE("core/allocator: holders are named, merged and ordered by bytes") {
    const auto has = [](const fathom::MemoryReport& report, const std::string& name) {
        for (const auto& holder : report.holders)
            if (holder.operation == name) return std::pair{holder.bytes, holder.blocks};
        return std::pair{std::int64_t{0}, std::int64_t{0}};
    };
    fathom::empty_cache();  // so that no block is an eighth larger than asked for
    void* a = take(4 * mib, "conv2d", {"/home/x/train.cpp", 41});
    void* b = take(8 * mib, "relu", {"train.cpp", 42});
    void* c = take(mib, "conv2d", {"/home/x/train.cpp", 41});
    void* d = take(mib, "workspace", {});
    void* small = take(mib / 2, "small", {"train.cpp", 1});
    auto report = memory_report();
    CHECK(has(report, "conv2d at train.cpp:41") == std::pair{5 * mib, std::int64_t{2}});
    CHECK(has(report, "relu at train.cpp:42") == std::pair{8 * mib, std::int64_t{1}});
    CHECK(has(report, "workspace") == std::pair{mib, std::int64_t{1}});
    CHECK(has(report, "small at train.cpp:1").second == 0);
    for (std::size_t i = 1; i < report.holders.size(); ++i)
        CHECK(report.holders[i - 1].bytes >= report.holders[i].bytes);
    for (void* p : {c, a, d, small, b}) deallocate(p);
    report = memory_report();
    CHECK(has(report, "conv2d at train.cpp:41").second == 0);
    CHECK(has(report, "workspace").second == 0);
}

TEST_CASE("core/allocator: the limit holds, the error says what to know, and the next operation works") {
    fathom::empty_cache();
    const std::int64_t base = memory_report().active;
    const Limit limit(base + 64 * mib);
    void* held[] = {take(20 * mib, "sigmoid", {"net.cpp", 7}), take(10 * mib, "tanh", {"net.cpp", 8}),
                    take(5 * mib, "relu", {"net.cpp", 9}), take(mib, "pad", {"net.cpp", 10})};
    const std::string message = message_of(32 * mib, {8, 1024, 1024});
    CHECK(message == "conv2d: out of memory: 33554432 bytes asked for, shape [8,1024,1024], limit " +
                         std::to_string(base + 64 * mib) + ", active " + std::to_string(base + 36 * mib) +
                         ", cached 0, largest holders: sigmoid at net.cpp:7 (20971520 bytes in 1 block), tanh at "
                         "net.cpp:8 (10485760 bytes in 1 block), relu at "
                         "net.cpp:9 (5242880 bytes in 1 block) at train.cpp:41");
    CHECK(memory_report().active == base + 36 * mib);
    CHECK(message_of(28 * mib, {}) == "no error");  // exactly what is left
    // Cached blocks of other sizes make room.
    deallocate(held[0]);
    CHECK(message_of(48 * mib, {}) == "no error");
    CHECK(memory_report().active + memory_report().cached <= base + 64 * mib);
    for (int i = 1; i < 4; ++i) deallocate(held[i]);
}

TEST_CASE("core/allocator: lowering the limit gives the cache back, and freed blocks above it are not kept") {
    fathom::empty_cache();
    const std::int64_t base = memory_report().active;
    deallocate(take(16 * mib));
    void* a = take(4 * mib);
    void* small = take(128);
    CHECK(memory_report().cached == 12 * mib);  // the rest of the 16
    const Limit limit(base + mib);
    CHECK(memory_report().cached == 0);
    CHECK_THROWS_AS(take(64), Error);
    deallocate(small);
    deallocate(a);
    CHECK(memory_report().cached == 0);
    deallocate(take(mib));
}

TEST_CASE("core/allocator: sizes beyond the machine fail cleanly") {
    for (std::int64_t bytes : {std::int64_t{1} << 50, std::int64_t{1} << 60, (std::int64_t{1} << 60) + 1, INT64_MAX}) {
        const std::string message = message_of(bytes, {2, bytes / 2});
        CHECK(message.find("conv2d: out of memory: " + std::to_string(bytes) + " bytes asked for, shape [2," +
                           std::to_string(bytes / 2) + "], no limit set, active ") == 0);
    }
    deallocate(take(1000));
}

TEST_CASE("core/allocator: sizes that keep changing do not pile up") {
    fathom::empty_cache();
    for (std::int64_t i = 0; i < 400; ++i) deallocate(take(2 * mib + i * mib / 2));
    CHECK(memory_report().cached < 1500 * mib);  // one block of each size class would be 2300 MiB
    fathom::empty_cache();
}

TEST_CASE("core/allocator: large blocks are cut from larger ones and joined again") {
    fathom::empty_cache();
    const std::int64_t active = memory_report().active;
    deallocate(take(32 * mib));
    for (const auto& order : {std::vector{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}}) {
        const std::int64_t sizes[] = {4 * mib, 5 * mib + 1, 6 * mib - 1, 7 * mib};
        unsigned char* blocks[4];
        for (int i = 0; i < 4; ++i) {
            blocks[i] = static_cast<unsigned char*>(take(sizes[i]));
            CHECK(reinterpret_cast<std::uintptr_t>(blocks[i]) % 64 == 0);
            std::memset(blocks[i], 1 + i, static_cast<std::size_t>(sizes[i]));
        }
        CHECK(memory_report().active + memory_report().cached == active + 32 * mib);  // nothing new
        for (const int i : order) {
            int wrong = 0;
            for (std::int64_t j = 0; j < sizes[i]; ++j) wrong += blocks[i][j] != 1 + i;
            CHECK(wrong == 0);
            deallocate(blocks[i]);
        }
        void* whole = take(32 * mib);
        CHECK(memory_report().cached == 0);
        deallocate(whole);
    }
    // The cache is given back around a block that stays.
    void* before = take(8 * mib);
    void* held = take(8 * mib);
    deallocate(before);
    fathom::empty_cache();
    CHECK(memory_report().cached < mib);
    std::memset(held, 1, 8 * mib);
    deallocate(held);
    fathom::empty_cache();
    CHECK(memory_report().cached == 0);
    CHECK(memory_report().active == active);
}

TEST_CASE("core/allocator: a step's many sizes cost the system nothing after the first time") {
    fathom::empty_cache();
    const auto faults = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_minflt;
    };
    // Forward holds every size, backward asks for others while it releases them; no two sizes are equal.
    const auto step = [] {
        std::vector<std::pair<void*, std::int64_t>> held;
        const auto hold = [&](std::int64_t bytes) {
            held.push_back({std::memset(take(bytes), 1, static_cast<std::size_t>(bytes)), bytes});
        };
        for (std::int64_t i = 1; i <= 12; ++i) hold(i * 4 * mib);
        std::int64_t forward = 0;
        for (const auto& [block, bytes] : held) forward += bytes;
        for (int i = 0; i < 12; ++i) {
            const std::int64_t bytes = held.back().second * 2 / 3;
            deallocate(held.back().first);
            held.pop_back();
            deallocate(std::memset(take(bytes), 1, static_cast<std::size_t>(bytes)));
        }
        return forward;
    };
    fathom::reset_peak_memory();
    const std::int64_t active = memory_report().active, forward = step();
    step();
    const auto before = faults();
    for (int i = 0; i < 5; ++i) step();
    CHECK(faults() - before < 100);  // a step touches 130,000 small pages or 260 huge ones
    CHECK(memory_report().cached <= forward + forward / 8);
    CHECK(memory_report().peak - active <= forward + forward / 8);
    fathom::empty_cache();
}

TEST_CASE("core/allocator: a thread's blocks are counted, may be freed elsewhere, and are handed back when it ends") {
    fathom::empty_cache();
    const std::int64_t active = memory_report().active;
    std::vector<void*> blocks;
    std::thread([&] {
        for (int i = 0; i < 100; ++i) blocks.push_back(take(i * 700));
        for (int i = 0; i < 50; ++i) deallocate(blocks[static_cast<std::size_t>(i)]);
    }).join();
    CHECK(memory_report().cached > 0);  // now in the shared lists
    for (std::size_t i = 50; i < 100; ++i) deallocate(blocks[i]);
    CHECK(memory_report().active == active);
    fathom::empty_cache();
    CHECK(memory_report().cached == 0);
}

TEST_CASE("core/allocator: a thread's lists are bounded") {
    fathom::empty_cache();
    std::vector<void*> blocks;
    for (int i = 0; i < 200; ++i) blocks.push_back(take(64 << 10));
    for (void* p : blocks) deallocate(p);
    CHECK(memory_report().cached == 200 * (64 << 10));
    // Another thread finds in the shared lists all but what this thread may keep.
    std::int64_t cached = 0;
    std::thread([&] {
        fathom::empty_cache();
        cached = memory_report().cached;
    }).join();
    CHECK(cached > 0);
    CHECK(cached <= 2 * mib);
    fathom::empty_cache();
    CHECK(memory_report().cached == 0);
}

namespace {
struct FreesLate {
    void* block = nullptr;
    ~FreesLate() { deallocate(block); }
};
thread_local FreesLate frees_late;
}  // namespace

TEST_CASE("core/allocator: a block that a thread-local object frees after the lists are closed") {
    const std::int64_t active = memory_report().active;
    std::thread([] {
        frees_late.block = nullptr;  // constructed before the thread's lists open, so destroyed after they close
        frees_late.block = take(300);
    }).join();
    CHECK(memory_report().active == active);
}

TEST_CASE("core/allocator: threads that allocate, write, check and free across each other") {
    const std::int64_t active = memory_report().active;
    constexpr int threads = 4, slots = 64, rounds = 4000;
    std::vector<std::atomic<unsigned char*>> exchange(slots);
    std::atomic<int> damaged{0};
    std::vector<std::thread> pool;
    for (int t = 0; t < threads; ++t) {
        pool.emplace_back([&, t] {
            std::uint32_t random = 12345u + static_cast<std::uint32_t>(t);
            for (int i = 0; i < rounds; ++i) {
                random = random * 1664525u + 1013904223u;
                const std::int64_t bytes =
                    16 + ((random >> 8) % 64 == 0 ? mib + (random >> 8) % mib : (random >> 8) % 90000);
                auto* p = static_cast<unsigned char*>(take(bytes));
                const auto mark = static_cast<unsigned char>(random >> 24);
                std::memcpy(p, &bytes, 8);
                p[8] = mark;
                p[bytes - 1] = mark;
                if (unsigned char* other = exchange[random % slots].exchange(p)) {
                    std::int64_t size = 0;
                    std::memcpy(&size, other, 8);
                    if (other[8] != other[size - 1]) ++damaged;
                    deallocate(other);
                }
                if (i % 1000 == 999) memory_report();
                if (i % 1500 == 1499) fathom::empty_cache();
            }
        });
    }
    for (auto& thread : pool) thread.join();
    for (auto& slot : exchange) deallocate(slot.load());
    CHECK(damaged == 0);
    CHECK(memory_report().active == active);
}
