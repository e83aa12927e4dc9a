#include "fathom/io/safetensors.hpp"

#include <climits>
#include <cmath>

#include "fathom/ops/views.hpp"
#include "tests/dtypes.hpp"
#include "tests/io/support.hpp"
#include "tests/support.hpp"

using fathom::AnyTensor;
using fathom::Device;
using fathom::DType;
using fathom::Shape;
using fathom::StateDict;
using fathom::Tensor;
using fathom::Where;
using io_test::error_of;
using io_test::Folder;
using io_test::le;

namespace {

// A file with this header and `data` zero bytes.
std::string make(const std::string& header, std::size_t data) {
    return le<std::uint64_t>(header.size()) + header + std::string(data, '\0');
}

std::string load_error(const std::string& bytes) {
    return error_of([&] { fathom::io::load_safetensors("f", bytes); });
}

// The error for the entries of a header.
std::string entry_error(const std::string& entries, std::size_t data) {
    return load_error(make("{" + entries + "}", data));
}

template <class T>
std::vector<T> values(const AnyTensor& tensor) {
    const Tensor<T> typed = tensor.as<T>();
    REQUIRE(typed.is_contiguous());
    return {typed.data(), typed.data() + typed.numel()};
}

StateDict example() {
    StateDict state;
    state.add("flags", Tensor<bool>({true, false, true}));
    state.add("a.weight", Tensor<float>({{1, 2, 3}, {-4, 5.5, 6}}));
    state.add("bytes \"ü\\\n", Tensor<std::uint8_t>({0, 7, 255, 1, 2}));
    state.add("double", Tensor<double>({0.1, -1e300}));
    state.add("long", Tensor<std::int64_t>({INT64_MAX, INT64_MIN}));
    state.add("int", Tensor<std::int32_t>({INT32_MAX, INT32_MIN, 0}));
    state.add("empty", fathom::detail::new_tensor({0, 3}, {3, 1}, DType::float32, Device::cpu(), "test", {}));
    AnyTensor scalar = fathom::detail::new_tensor({}, {}, DType::float32, Device::cpu(), "test", {});
    *static_cast<float*>(scalar.raw_unchecked()) = NAN;
    state.add("scalar", scalar);
    fathom::tests::for_each_stored([&]<class T>(fathom::Type<T>) {
        state.add(fathom::name_of(fathom::dtype_of<T>), Tensor<T>({{1, -2.5, NAN}, {1e-6, INFINITY, 0.1}}).transpose(0, 1));
    });
    state.metadata = {{"format", "pt"}, {"note", "größe\n"}};
    return state;
}

}  // namespace

TEST_CASE("io/safetensors: what is saved is loaded, in order, with metadata") {
    const Folder folder;
    const StateDict state = example();
    fathom::io::save(folder / "a.safetensors", state, {{"note", "other"}, {"epoch", "3"}});
    const StateDict loaded = fathom::io::load(folder / "a.safetensors");
    REQUIRE(loaded.size() == state.size());
    for (std::size_t i = 0; i < state.size(); ++i) {
        CAPTURE(state.entries[i].first);
        const AnyTensor &a = state.entries[i].second, &b = loaded.entries[i].second;
        CHECK(loaded.entries[i].first == state.entries[i].first);
        REQUIRE(a.dtype() == b.dtype());
        REQUIRE(a.shape() == b.shape());
        CHECK(fathom::tests::same_bits(a, b));
        CHECK(reinterpret_cast<std::uintptr_t>(b.raw()) % 64 == 0);
    }
    const fathom::io::Metadata expected = {{"format", "pt"}, {"note", "other"}, {"epoch", "3"}};
    CHECK(loaded.metadata == expected);
    REQUIRE(loaded.find("double") != nullptr);
    CHECK(values<double>(*loaded.find("double")) == std::vector<double>{0.1, -1e300});
    CHECK(loaded.find("none") == nullptr);
}

TEST_CASE("io/safetensors: the bytes are fixed, aligned and without gaps") {
    const Folder folder;
    StateDict state;
    state.add("u", Tensor<std::uint8_t>({1, 2, 3}));
    state.add("f", Tensor<float>({1.5}));
    state.add("d", Tensor<double>({2.5}));
    fathom::io::save(folder / "a", state);
    const std::string header =
        R"({"u":{"dtype":"U8","shape":[3],"data_offsets":[12,15]},"f":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})";
    const std::string padding((8 - header.size() % 8) % 8, ' ');
    CHECK(io_test::read_file(folder / "a") ==
          le<std::uint64_t>(header.size() + padding.size()) + header + padding + le(2.5) + le(1.5f) + "\1\2\3");
    fathom::io::save(folder / "empty", {});
    CHECK(io_test::read_file(folder / "empty") == le<std::uint64_t>(8) + "{}      ");
    CHECK(fathom::io::load(folder / "empty").empty());
}

TEST_CASE("io/safetensors: views are written in logical order") {
    const Folder folder;
    AnyTensor base = fathom::detail::new_tensor({24}, {1}, DType::float32, Device::cpu(), "test", {});
    for (int i = 0; i < 24; ++i) static_cast<float*>(base.raw_unchecked())[i] = static_cast<float>(i);
    StateDict state;
    state.add("permuted", fathom::detail::new_view(base, {4, 2, 3}, {1, 12, 4}, 0));
    state.add("stepped", fathom::detail::new_view(base, {2, 3}, {12, 2}, 5));
    state.add("repeated", fathom::detail::new_view(base, {2, 2}, {0, 1}, 3));
    state.add("nhwc", fathom::detail::new_view(base, {1, 2, 3, 4}, {24, 1, 8, 2}, 0));
    fathom::io::save(folder / "a", state);
    const StateDict loaded = fathom::io::load(folder / "a");
    CHECK(values<float>(loaded.entries[0].second) ==
          std::vector<float>{0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23});
    CHECK(values<float>(loaded.entries[1].second) == std::vector<float>{5, 7, 9, 17, 19, 21});
    CHECK(values<float>(loaded.entries[2].second) == std::vector<float>{3, 4, 3, 4});
    CHECK(values<float>(loaded.entries[3].second) ==
          std::vector<float>{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23});
}

TEST_CASE("io/safetensors: what cannot be saved") {
    const Folder folder;
    const std::string path = folder / "a";
    const auto save_error = [&](const StateDict& state, const fathom::io::Metadata& metadata = {}) {
        return error_of([&] { fathom::io::save(path, state, metadata); });
    };
    io_test::write_file(path, "old");
    const Tensor<float> x({1});
    StateDict twice, undefined, name, reserved;
    twice.add("a", x), twice.add("b", x), twice.add("a", x);
    CHECK(save_error(twice) == path + ": cannot write two tensors called \"a\"");
    undefined.add("a", {});
    CHECK(save_error(undefined) == path + ": cannot write tensor \"a\", which was never given a value");
    name.add("a\xff", x);
    CHECK(save_error(name) == path + ": cannot write \"a\\xff\", which is not UTF-8");
    reserved.add("__metadata__", x);
    CHECK(save_error(reserved) == path + ": cannot write a tensor called \"__metadata__\", a name the format reserves");
    CHECK(save_error({}, {{"k", "1"}, {"k", "2"}}) == path + ": cannot write two metadata called \"k\"");
    CHECK(io_test::read_file(path) == "old");
    CHECK(folder.names().size() == 1);
}

TEST_CASE("io/safetensors: other writers' headers: spaces, unknown fields, escapes, any order") {
    const std::string header = R"( {"\u0062" : {"shape":[],"x":[1,{"y":null}],"data_offsets":[4,12],"dtype":"I64"},
        "a":{"data_offsets":[0,4],"dtype":"BOOL","shape":[2,2]} }  )";
    std::string bytes = make(header, 12);
    bytes[bytes.size() - 12] = 2;
    const StateDict state = fathom::io::load_safetensors("f", bytes);
    REQUIRE(state.size() == 2);
    CHECK(state.entries[0].first == "b");
    CHECK(state.entries[0].second.shape() == Shape{});
    CHECK(static_cast<const unsigned char*>(state.entries[1].second.raw())[0] == 1);  // a bool is 0 or 1 in memory
}

TEST_CASE("io/safetensors: what is stored in two bytes") {
    const std::string header = R"({"a":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}})";
    std::string bytes = make(header, 6);
    bytes.replace(bytes.size() - 6, 6, std::string("\x80\x3f\x20\xc0\x80\x7f", 6));
    const auto x = fathom::io::load_safetensors("f", bytes).entries[0].second.as<fathom::bfloat16>();
    CHECK(fathom::tests::numbers(x) == std::vector<double>{1, -2.5, INFINITY});
    CHECK(load_error(bytes.substr(0, bytes.size() - 1)) ==
          "f: tensor \"a\" ends at data offset 6, but the file has 5 bytes of data");
    CHECK(entry_error(R"("a":{"dtype":"BF16","shape":[3],"data_offsets":[0,12]})", 12) ==
          "f: tensor \"a\" has 12 bytes of data, bfloat16 of shape [3] needs 6");
}

TEST_CASE("io/safetensors: broken headers") {
    CHECK(load_error("1234567") == "f: has 7 bytes, too few for a safetensors file");
    CHECK(load_error(le<std::uint64_t>(3) + "{}") == "f: header length 3 at byte 0, but 2 bytes follow");
    CHECK(load_error(le<std::uint64_t>(~std::uint64_t{0}) + "{}") ==
          "f: header length 18446744073709551615 at byte 0, but 2 bytes follow");
    CHECK(load_error(make("", 0)) == "f: JSON: expected '{', got the end at byte 8");
    CHECK(load_error(make("[]", 0)) == "f: JSON: expected '{', got '[' at byte 8");
    CHECK(load_error(make("{} x", 0)) == "f: JSON: expected the end, got 'x' at byte 11");
    CHECK(entry_error(R"("a":1)", 0) == "f: JSON: expected '{', got '1' at byte 13");
    CHECK(entry_error(R"("a":{"shape":[1],"data_offsets":[0,4]})", 4) == "f: tensor \"a\" has no dtype at byte 47");
    CHECK(entry_error(R"("a":{"dtype":"F32","data_offsets":[0,4]})", 4) == "f: tensor \"a\" has no shape at byte 49");
    CHECK(entry_error(R"("a":{"dtype":"F32","shape":[1]})", 4) == "f: tensor \"a\" has no data_offsets at byte 40");
    CHECK(entry_error(R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0]})", 4) ==
          "f: tensor \"a\" has 1 data offsets, expected 2 at byte 58");
    CHECK(entry_error(R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"dtype":"F32"})", 4)
              .find("key \"dtype\" occurs twice") != std::string::npos);
    CHECK(
        entry_error(
            R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]})",
            8)
            .find("key \"a\" occurs twice at byte 62") != std::string::npos);
    CHECK(entry_error(R"("__metadata__":{"a":1})", 0) == "f: JSON: expected '\"', got '1' at byte 29");
    CHECK(entry_error(R"("a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]})", 4) ==
          "f: JSON: expected a non-negative integer, got '-' at byte 37");
}

TEST_CASE("io/safetensors: element types that fathom does not hold are named with their tensor") {
    for (const char* name : {"F15", "I8", "U64", "F8_E4M3", "f32", ""})
        CHECK(entry_error(R"("a":{"dtype":")" + std::string(name) + R"(","shape":[1],"data_offsets":[0,2]})", 2)
                  .find("f: tensor \"a\" has dtype \"" + std::string(name) + "\", expected one of F32 F64 I64 ") == 0);
}

TEST_CASE("io/safetensors: offsets and shapes that do not fit") {
    const auto one = [](const std::string& shape, const std::string& offsets) {
        return R"("a":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
    };
    CHECK(entry_error(one("[1]", "[4,0]"), 4) == "f: tensor \"a\" has data offsets [4,0], which run backwards");
    CHECK(entry_error(one("[2]", "[0,8]"), 4) ==
          "f: tensor \"a\" ends at data offset 8, but the file has 4 bytes of data");
    CHECK(entry_error(one("[1]", "[0,9223372036854775807]"), 4) ==
          "f: tensor \"a\" ends at data offset 9223372036854775807, but the file has 4 bytes of data");
    CHECK(entry_error(one("[1]", "[4,8]"), 8) ==
          "f: tensor \"a\" has data offsets from 4, with a gap before them, expected 0");
    CHECK(entry_error(one("[3]", "[0,8]"), 8) == "f: tensor \"a\" has 8 bytes of data, float of shape [3] needs 12");
    CHECK(entry_error(one("[1]", "[0,4]"), 8) == "f: has 8 bytes of data, the header describes 4");
    CHECK(entry_error(one("[4611686018427387904,4]", "[0,0]"), 0) ==
          "f: tensor \"a\" has 0 bytes of data, float of shape [4611686018427387904,4] needs more than 2^63");
    CHECK(entry_error(one("[0,4611686018427387904,4611686018427387904]", "[0,0]"), 0).find("needs more than 2^63") !=
          std::string::npos);
    CHECK(entry_error(one("[4294967296,4294967296]", "[0,0]"), 0).find("needs more than 2^63") != std::string::npos);
    CHECK(entry_error(one("[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4).find("tensor \"a\" has more than 8 dimensions") !=
          std::string::npos);
    CHECK(entry_error(one("[1,1,1,1,1,1,1,1]", "[0,4]"), 4) == "no error");
    CHECK(entry_error(one("[2]", "[0,8]") + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]})", 8) ==
          "f: tensor \"b\" has data offsets from 4, which overlap the tensor before, expected 8");
    CHECK(entry_error(one("[1]", "[4,8]") + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})", 8) ==
          "no error");
    CHECK(entry_error(one("[1000000000]", "[0,4000000000]"), 4).find("but the file has 4 bytes of data") !=
          std::string::npos);
}

TEST_CASE("io/safetensors: load says what it found instead of a state dict") {
    const Folder folder;
    const std::string path = folder / "a";
    io_test::write_file(path, "");
    CHECK(error_of([&] { fathom::io::load(path); }) == path + ": is empty, expected a safetensors or PyTorch file");
    io_test::write_file(path, "some text, not tensors");
    CHECK(error_of([&] { fathom::io::load(path); }) ==
          path + ": is in no format that fathom reads, expected safetensors or PyTorch's .pth");
    CHECK(error_of([&] { fathom::io::load(path + "x"); }) == path + "x: cannot open, No such file or directory");
}

TEST_CASE("io/safetensors: damaged files give an error or a state dict") {
    const Folder folder;
    fathom::io::save(folder / "a", example());
    const std::string bytes = io_test::read_file(folder / "a");
    const auto parse = [](std::string_view view) { fathom::io::load_safetensors("f", view); };
    io_test::fuzz("f", bytes, 1, parse);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(io_test::survives("f", bytes.substr(0, size), parse));
}
