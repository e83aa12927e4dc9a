// Nothing takes time that grows faster than n log n in a file's size: files of a few megabytes, made to be slow. Each
// took from 10 seconds to hours while some loop was quadratic, and takes far less than a second.
#include <ctime>

#include "fathom/io/pth.hpp"
#include "fathom/io/safetensors.hpp"
#include "tests/io/pth_writer.hpp"

using fathom::StateDict;
using namespace io_test;

namespace {

// Room for sanitizers and debug builds.
constexpr double limit = 5;

// Of the processor: other programs may be busy.
template <class F>
double seconds(F&& f) {
    const std::clock_t begin = std::clock();
    f();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

std::string put(std::uint32_t i) { return "r" + le(i); }
std::string get(std::uint32_t i) { return "j" + le(i); }

// The same string of that many bytes.
std::string long_text(std::size_t size) { return pickled(std::string(size, 'n')); }

double seconds_to_load(const std::string& pickle, std::string* error = nullptr) {
    const std::string file = make_pth_zip(pickle, {{"0", floats({1, 2, 3, 4, 5, 6})}});
    return seconds([&] {
        const std::string text = error_of([&] { fathom::io::load_pth_zip("f", file); });
        if (error) *error = text;
    });
}

const std::string storage =
    "(" + pickled("storage") + "ctorch\nFloatStorage\n" + pickled("0") + pickled("cpu") + "K\x06tQ";
const std::string rebuild = "ctorch._utils\n_rebuild_tensor_v2\n";

}  // namespace

TEST_CASE("io/growth: one long tuple as the size of many tensors") {
    std::string pickle = "\x80\x02(";
    for (int i = 0; i < 900'000; ++i) pickle += "K\x01";
    pickle += "t" + put(0) + storage + put(1) + rebuild + put(2) + "000}(";
    for (int i = 0; i < 4000; ++i)
        pickle += pickled("t" + std::to_string(i)) + get(2) + "(" + get(1) + k0 + get(0) + get(0) + "\x89NtR";
    std::string error;
    CHECK(seconds_to_load(pickle + "u.", &error) < limit);
    CHECK(error == "f: tensor \"t0\" has 900000 dimensions, expected at most 8");
}

TEST_CASE("io/growth: one long tuple in the place of other arguments") {
    std::string tuple = "\x80\x02(";
    for (int i = 0; i < 900'000; ++i) tuple += "K\x01";
    tuple += "t" + put(0) + storage + put(1) + rebuild + put(2) + "ccollections\nOrderedDict\n" + put(3) + "0000";
    std::string ids = tuple, calls = tuple, dicts = tuple, metadata = tuple, sizes = tuple;
    ids += "](", calls += "](", dicts += "](", metadata += "](", sizes += "](ctorch\nSize\n" + put(4) + "0";
    for (int i = 0; i < 4000; ++i) {
        ids += get(0) + "Q";  // fails at once
        calls += get(2) + get(0) + "R";
        dicts += get(3) + get(0) + "\x85R";
        metadata += get(2) + "(" + get(1) + k0 + "))\x89N" + get(0) + "tR";
        sizes += get(4) + get(0) + "\x85R";
    }
    for (const std::string& pickle : {ids, calls, dicts, metadata, sizes})
        CHECK(seconds_to_load(pickle + "e.") < limit);
    // A long list of pairs, made into a dict again and again.
    std::string pairs = "\x80\x02K\x01K\x02\x86" + put(0) + "0](";
    for (int i = 0; i < 200'000; ++i) pairs += get(0);
    pairs += "e" + put(1) + "0ccollections\nOrderedDict\n" + put(2) + "0](";
    for (int i = 0; i < 4000; ++i) pairs += get(2) + get(1) + "\x85R";
    std::string error;
    CHECK(seconds_to_load(pairs + "e.", &error) < limit);
    CHECK(error.find("dicts made of one list again and again") != std::string::npos);
}

TEST_CASE("io/growth: one long string as the key of many storages, the name of many tensors, the key of many dicts") {
    const std::string begin = "\x80\x02" + long_text(1'000'000) + put(0) + storage + put(1) + rebuild + put(2) + "000";
    std::string keys = begin + "](", names = begin + "}(", nested = begin + "}(";
    for (int i = 0; i < 50'000; ++i) {
        keys += "(" + pickled("storage") + "ctorch\nFloatStorage\n" + get(0) + pickled("cpu") + "K\x06tQ";
        names += get(0) + get(2) + "(" + get(1) + k0 + "K\x06\x85K\x01\x85\x89NtR";
        nested += get(0) + "}";
    }
    std::string error;
    CHECK(seconds_to_load(keys + "e.", &error) < limit);
    CHECK(error.find("a storage's key of 1000000 bytes, expected at most 100") != std::string::npos);
    CHECK(seconds_to_load(names + "u.", &error) < limit);
    CHECK(error.find("occurs twice") != std::string::npos);
    CHECK(seconds_to_load(nested + "u.") < limit);
}

TEST_CASE("io/growth: one dict in many places") {
    std::string pickle = "\x80\x02}(";
    for (int i = 0; i < 200'000; ++i) pickle += "K\x01K\x02";
    pickle += "u" + put(0) + "0}(";
    for (int i = 0; i < 100'000; ++i) pickle += pickled("k") + get(0);
    CHECK(seconds_to_load(pickle + "u.") < limit);
}

TEST_CASE("io/growth: many metadata, many tensors, written and read") {
    const Folder folder;
    StateDict state;
    fathom::io::Metadata metadata;
    const fathom::AnyTensor scalar =
        fathom::detail::new_tensor({}, {}, fathom::DType::uint8, fathom::Device::cpu(), "test", {});
    for (int i = 0; i < 80'000; ++i) {
        state.metadata.emplace_back("state " + std::to_string(i), "value");
        metadata.emplace_back("more " + std::to_string(i), "value");
        state.add("tensor " + std::to_string(i), scalar);
    }
    CHECK(seconds([&] { fathom::io::save(folder / "a", state, metadata); }) < limit);
    StateDict read;
    CHECK(seconds([&] { read = fathom::io::load(folder / "a"); }) < limit);
    CHECK(read.metadata.size() == 160'000);
    CHECK(read.size() == 80'000);
}
