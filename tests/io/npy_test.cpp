#include "fathom/io/npy.hpp"

#include <cmath>
#include <limits>

#include "fathom/ops/copy.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/dtypes.hpp"
#include "tests/io/support.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace io_test;
using io::parse_npy;
using io::parse_npz;

namespace {

std::string npy(const std::string& dict, const std::string& data, int version = 1) {
    const std::string size =
        version == 1 ? le(static_cast<std::uint16_t>(dict.size())) : le(static_cast<std::uint32_t>(dict.size()));
    return "\x93NUMPY" + std::string(1, static_cast<char>(version)) + std::string(1, '\0') + size + dict + data;
}

const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
const std::string data24(24, 'x');

std::string npy_error(const std::string& dict, const std::string& data = data24) {
    return error_of([&] { parse_npy("f", npy(dict, data)); });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

// Values that differ, of any dtype, in memory order of their own.
AnyTensor some(DType dtype, const Shape& shape) {
    return with_dtype(dtype, [&]<class T>(Type<T>) {
        Tensor<T> x = empty<T>(shape);
        for (std::int64_t i = 0; i < x.numel(); ++i)
            x.mutable_data()[i] = std::is_same_v<T, bool> ? T(i % 3 == 1) : T(i % 100);
        return x.untyped();
    });
}

}  // namespace

TEST_CASE("io/npy: arrays of NumPy's, every dtype, both orders of rows and bytes, compressed") {
    const StateDict arrays = io::load_npz(golden("arrays.npz"));
    CHECK(arrays.size() == 28);
    CHECK(arrays.begin()->first == "f8");  // the file's order
    CHECK(arrays.notes.empty());
    for (const StateDict::Entry& entry : arrays) {
        const std::string& name = entry.first;
        const AnyTensor& x = entry.second;
        CAPTURE(name);
        CHECK(x.is_contiguous());
        if (name == "cube" || name == "scalar" || name == "empty" || name == "vector") continue;
        CHECK(x.shape() == Shape({2, 3}));
        const std::vector<double> values = tests::numbers(x);
        for (int i = 0; i < 6; ++i)
            CHECK(values[static_cast<std::size_t>(i)] == (name[0] == 'b' ? i % 2 : name[0] == 'u' ? i : i - 2));
        const DType dtype = name[0] == 'b'           ? DType::boolean
                            : name[0] == 'u'         ? DType::uint8
                            : name.starts_with("i8") ? DType::int64
                            : name.starts_with("i4") ? DType::int32
                            : name.starts_with("f8") ? DType::float64
                            : name.starts_with("f4") ? DType::float32
                                                     : DType::float16;
        CHECK(x.dtype() == dtype);
    }
    const auto cube = arrays.find("cube")->as<float>();
    CHECK(cube(1, 2, 3) == 21);
    CHECK(cube(0, 1, 0) == 2);
    CHECK(arrays.find("scalar")->as<double>().item() == 7);
    CHECK(arrays.find("empty")->shape() == Shape({0, 3}));
    CHECK(arrays.find("vector")->as<float>()(4) == 4);
}

TEST_CASE("io/npy: what is written is read again, and written again to the same bytes") {
    const Folder folder;
    const std::string path = folder / "a.npy";
    for (const DTypeNames& d : dtype_names) {
        if (d.dtype == DType::bfloat16) continue;
        for (const Shape& shape :
             {Shape{}, Shape{0}, Shape{5}, Shape{2, 0, 3}, Shape{3, 4, 5}, Shape{1, 2, 1, 2, 1, 2, 1, 2}}) {
            const AnyTensor x = some(d.dtype, shape);
            io::save_npy(path, x);
            const AnyTensor y = io::load_npy(path);
            CHECK(tests::same_bits(x, y));
            CHECK(read_file(path).find('\n') % 64 == 63);
        }
    }
    const auto x = some(DType::float32, {3, 4}).as<float>();
    io::save_npy(path, x.permute({1, 0}));
    CHECK(tests::same_bits(io::load_npy(path), x.permute({1, 0})));
    io::save_npy(path, Tensor<double>({1, 2, 3}));
    CHECK(read_file(path).substr(0, 70) == std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                                               "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }   ");
    CHECK(error_of([&] {
              io::save_npy(path, zeros<bfloat16>({2}));
          }).find("save_npy: " + path + ": NumPy has no bfloat16") == 0);
    CHECK(error_of([&] { io::save_npy(path, AnyTensor()); }).find("save_npy: " + path + ": an undefined tensor") == 0);
    CHECK(io::load_npy(path).shape() == Shape({3}));  // the old file, whole
    CHECK(folder.names().size() == 1);
}

TEST_CASE("io/npy: archives written and read again") {
    const Folder folder;
    const std::string path = folder / "a.npz";
    StateDict state;
    state.add("weight", some(DType::float32, {3, 2}));
    state.add("a/b", some(DType::boolean, {4}));
    state.add("\xc3\xa4", some(DType::int64, {}));
    state.add("half", some(DType::float16, {0}));
    io::save_npz(path, state);
    const StateDict read = io::load_npz(path);
    REQUIRE(read.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(read.entries[i].first == state.entries[i].first);
        CHECK(tests::same_bits(read.entries[i].second, state.entries[i].second));
    }
    const std::string before = read_file(path);
    state.add("weight", some(DType::float32, {3, 2}));
    CHECK(error_of([&] {
              io::save_npz(path, state);
          }).find("save_npz: " + path + ": two tensors are called \"weight\"") == 0);
    state.entries.back().first = "";
    CHECK(error_of([&] { io::save_npz(path, state); }).find("the name \"\", expected UTF-8") != std::string::npos);
    state.entries.back().first = "\xff";
    CHECK(error_of([&] { io::save_npz(path, state); }).find("the name \"\\xff\", expected UTF-8") != std::string::npos);
    CHECK(read_file(path) == before);
    io::save_npz(path, {});
    CHECK(io::load_npz(path).empty());
}

TEST_CASE("io/npy: the 64-bit fields of archives") {
    const Folder folder;
    const std::string path = folder / "a.zip";
    for (const std::uint64_t large :
         {std::uint64_t{0}, std::uint64_t{10}, std::uint64_t{80}, std::uint64_t{0xffffffff}}) {
        io::AtomicWriter writer(path);
        io::ZipWriter zip(writer, large);
        zip.add("first", "head ", "body");
        zip.add("second", "", std::string(40, 'x'));
        zip.add("third", "", "");
        zip.finish();
        writer.commit();
        const std::string bytes = read_file(path);
        const auto entries = io::read_zip(path, bytes);
        REQUIRE(entries.size() == 3);
        std::string buffer;
        CHECK(io::unpacked(path, entries[0], buffer) == "head body");
        CHECK(io::unpacked(path, entries[1], buffer) == std::string(40, 'x'));
        CHECK(entries[2].content.empty());
    }
}

TEST_CASE("io/npy: other entries of an archive are left out, and said to be") {
    const Folder folder;
    const std::string path = folder / "a.npz";
    io::AtomicWriter writer(path);
    io::ZipWriter zip(writer);
    zip.add("readme.txt", "", "hello");
    zip.add("x.npy", npy(good, ""), data24);
    zip.finish();
    writer.commit();
    const StateDict state = io::load_npz(path);
    CHECK(state.size() == 1);
    REQUIRE(state.notes.size() == 1);
    CHECK(state.notes[0] == "\"readme.txt\" is no array and was left out");
}

TEST_CASE("io/npy: forms of the header") {
    for (const int version : {1, 2, 3})
        CHECK(parse_npy("f", npy(good + "    \n", data24, version)).shape() == Shape({2, 3}));
    for (const char* dict : {"{\"descr\":\"<f4\",\"fortran_order\":False,\"shape\":(2,3)}",
                             "{'shape': (2L, 3L,), 'fortran_order': False, 'descr': '=f4'}",
                             "{'descr': 'f4', 'fortran_order': False, 'shape': (1,6)}"})
        CHECK(parse_npy("f", npy(dict, data24)).numel() == 6);
    CHECK(parse_npy("f", npy(replaced(good, "<f4", "|u1"), std::string(6, 'x'))).dtype() == DType::uint8);
    const auto bools = parse_npy("f", npy(replaced(good, "<f4", "|b1"), std::string("\0\1\2\xff\0\1", 6))).as<bool>();
    CHECK(tests::elements(bools) == std::vector<bool>{false, true, true, true, false, true});
}

TEST_CASE("io/npy: what is refused") {
    CHECK(npy_error(good) == "no error");
    CHECK(error_of([&] { parse_npy("f", "hello, this is text"); }) ==
          "f: npy: no array: the first bytes are not \\x93NUMPY and a version");
    CHECK(error_of([&] { parse_npy("f", npy(good, data24, 4)); }) == "f: npy: version 4, expected 1, 2 or 3");
    CHECK(npy_error(replaced(good, "<f4", "<c8")) ==
          "f: npy: header: dtype \"<c8\", expected one of f4 f8 i8 i4 u1 b1 f2 at byte 25");
    CHECK(npy_error(replaced(good, "<f4", "|O")).find("dtype \"|O\"") != std::string::npos);
    CHECK(npy_error(replaced(good, "'<f4'", "[('a', '<f4')]")).find("an array of structures") != std::string::npos);
    CHECK(npy_error(replaced(good, "False", "0")).find("f: npy: header: expected True or False at byte ") == 0);
    CHECK(npy_error(replaced(good, "(2, 3)", "6")).find("expected ( at byte ") != std::string::npos);
    CHECK(npy_error(replaced(good, "(2, 3)", "(2 3)")).find("expected , or )") != std::string::npos);
    CHECK(npy_error(replaced(good, "(2, 3)", "(-2, -3)")).find("expected a size") != std::string::npos);
    CHECK(npy_error(replaced(good, "(2, 3)", "(1,1,1,1,1,1,1,1,6)")).find("more than 8 dimensions") !=
          std::string::npos);
    CHECK(npy_error(replaced(good, "2, 3", "99999999999999999999")).find("a size beyond 2^63 - 1") !=
          std::string::npos);
    CHECK(npy_error(replaced(good, "'descr'", "'other'")).find("the unknown key \"other\"") != std::string::npos);
    CHECK(npy_error("{'descr': '<f4', 'shape': (6,)}").find("the dict has no fortran_order") != std::string::npos);
    CHECK(npy_error(good + "x").find("expected nothing behind the dict") != std::string::npos);
    // Sizes that lie.
    const char* lie = "f: npy: 24 bytes of data at byte ";
    for (const char* shape : {"2, 4", "2, 2", "9223372036854775807, 2", "4611686018427387904, 4"})
        CHECK(npy_error(replaced(good, "2, 3", shape)).find(lie) == 0);
    CHECK(error_of([&] { parse_npy("f", npy(good, data24 + "y")); }).find("f: npy: 25 bytes of data") == 0);
    std::string bytes = npy(good, data24);
    bytes[8] = '\xff', bytes[9] = '\xff';
    CHECK(error_of([&] { parse_npy("f", bytes); }).find("f: npy: header of 65535 bytes at byte 10, but ") == 0);
    CHECK(error_of([] { io::load_npz(golden("module.pth")); }) == "no error");  // a zip without arrays
    CHECK(error_of([] { io::load_npy("/nowhere/a.npy"); }).find("/nowhere/a.npy: ") == 0);
}

TEST_CASE("io/npy: damaged files give an error or arrays") {
    fuzz("f", npy(good, data24), 1, [](std::string_view bytes) { parse_npy("f", bytes); });
    fuzz("f", npy(replaced(replaced(good, "False", "True"), "<f4", ">f4"), data24, 2), 1,
         [](std::string_view bytes) { parse_npy("f", bytes); });
    fuzz("f", read_file(golden("arrays.npz")), 37, [](std::string_view bytes) { parse_npz("f", bytes); });
}
