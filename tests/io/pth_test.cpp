#include "fathom/io/pth.hpp"

#include <cmath>

#include "fathom/io/safetensors.hpp"
#include "fathom/tensor/tensor.hpp"
#include "tests/io/pth_writer.hpp"

using fathom::AnyTensor;
using fathom::DType;
using fathom::Shape;
using fathom::StateDict;
using namespace io_test;

namespace {

std::string zip_error(const std::string& bytes) {
    return error_of([&] { fathom::io::load_pth_zip("f", bytes); });
}
std::string legacy_error(const std::string& bytes) {
    return error_of([&] { fathom::io::load_pth_legacy("f", bytes); });
}

// The elements in logical order, as doubles.
std::vector<double> values(const AnyTensor& x) {
    std::vector<double> result;
    const auto read = [&](std::int64_t offset) -> double {
        return fathom::with_dtype(x.dtype(), [&]<class T>(fathom::Type<T>) {
            return static_cast<double>(static_cast<const T*>(x.raw())[offset]);
        });
    };
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        std::int64_t rest = i, offset = 0;
        for (int d = x.rank() - 1; d >= 0; --d) offset += rest % x.shape()[d] * x.strides()[d], rest /= x.shape()[d];
        result.push_back(read(offset));
    }
    return result;
}

// -1, -0.5, 0, ...: the numbers that the golden files are made of.
std::vector<double> ramp(int n, double first = -1, double step = 0.5) {
    std::vector<double> result;
    for (int i = 0; i < n; ++i) result.push_back(first + step * i);
    return result;
}

const PthTensor two_by_three{"w", "FloatStorage", "0", 6, 0, {2, 3}, {3, 1}};

std::string zip_of(const PthTensor& tensor) { return make_pth_zip(pickled_dict(pickled_items({tensor})), six); }

}  // namespace

TEST_CASE("io/pth: files made with PyTorch, both forms, protocols 2 and 4") {
    for (const char* name : {"zip.pth", "legacy.pth", "zip_protocol4.pth", "legacy_protocol4.pth"}) {
        CAPTURE(name);
        const StateDict state = fathom::io::load(golden(name));
        REQUIRE(state.size() == 13);
        const auto check = [&](const char* key, DType dtype, const Shape& shape, const std::vector<double>& expected) {
            CAPTURE(key);
            const AnyTensor* x = state.find(key);
            REQUIRE(x != nullptr);
            CHECK(x->dtype() == dtype);
            REQUIRE(x->shape() == shape);
            CHECK(values(*x) == expected);
        };
        CHECK(state.entries[0].first == "float");
        check("float", DType::float32, {2, 3}, ramp(6));
        check("double", DType::float64, {5}, ramp(5));
        check("int64", DType::int64, {6}, ramp(6, -2, 1));
        check("int32", DType::int32, {2, 2}, ramp(4, 0, 1));
        check("uint8", DType::uint8, {3}, {0, 1, 255});
        check("bool", DType::boolean, {3}, {1, 0, 1});
        check("scalar", DType::float32, {}, {2.5});
        check("empty", DType::float32, {0, 3}, {});
        std::vector<double> permuted;
        for (int k = 0; k < 4; ++k)
            for (int i = 0; i < 2; ++i)
                for (int j = 0; j < 3; ++j) permuted.push_back(-1 + 0.5 * (i * 12 + j * 4 + k));
        check("permuted", DType::float32, {4, 2, 3}, permuted);
        check("slice", DType::float32, {3, 2}, {5.5, 6, 7.5, 8, 9.5, 10});
        check("channels_last", DType::float32, {1, 2, 3, 4}, ramp(24));
        CHECK(state.find("channels_last")->is_contiguous(fathom::MemoryFormat::channels_last));
        check("parameter", DType::float32, {3}, ramp(3));
        check("größe", DType::float32, {1}, {-1});
        CHECK(state.find("permuted")->impl().storage == state.find("slice")->impl().storage);
    }
}

TEST_CASE("io/pth: a checkpoint with the state dict under a known key") {
    const StateDict state = fathom::io::load(golden("checkpoint.pth"));
    REQUIRE(state.size() == 2);
    CHECK(state.entries[0].first == "0.weight");
    CHECK(values(state.entries[0].second) == std::vector<double>{1, 2, 3, 4});
    CHECK(values(state.entries[1].second) == std::vector<double>{5, 6});
}

TEST_CASE("io/pth: a whole module is refused by name") {
    CHECK(error_of([] { fathom::io::load(golden("module.pth")); }) ==
          golden("module.pth") +
              ": holds an object (torch.nn.modules.container.Sequential), expected a state dict (save "
              "model.state_dict(), not the model)");
}

TEST_CASE("io/pth: storages of two bytes") {
    const PthTensor two{"w", "BFloat16Storage", "0", 4, 1, {3}, {1}};
    const std::string pickle = pickled_dict(pickled_items({two}));
    const std::string bytes("\x80\x3f\x20\xc0\x80\x7f\x01\x00", 8);
    const StateDict state = fathom::io::load_pth_zip("f", make_pth_zip(pickle, {{"0", bytes}}));
    CHECK(state.entries[0].second.dtype() == DType::bfloat16);
    CHECK(values(state.entries[0].second) == std::vector<double>{-2.5, INFINITY, std::ldexp(1.0, -133)});
    CHECK(zip_error(make_pth_zip(pickle, {{"0", bytes.substr(1)}})) != "no error");
    const StateDict golden_half = fathom::io::load(golden("half.pth"));  // made with PyTorch
    CHECK(values(golden_half.find("half")->as<fathom::half>()) == std::vector<double>{1, 1});
}

TEST_CASE("io/pth: the released SeAFusion weights are the same in all three formats") {
    const char* shared = std::getenv("FATHOM_SHARED");
    const std::string stem = std::string(shared ? shared : "../shared") + "/weights/seafusion_official";
    if (access((stem + ".safetensors").c_str(), R_OK) != 0) {
        MESSAGE("SKIPPED: no " << stem << ".safetensors");
        return;
    }
    const StateDict expected = fathom::io::load(stem + ".safetensors");
    CHECK(expected.size() == 72);
    for (const char* ending : {"_zip.pth", "_legacy.pth"}) {
        const StateDict state = fathom::io::load(stem + ending);
        REQUIRE(state.size() == expected.size());
        for (std::size_t i = 0; i < state.size(); ++i) {
            CHECK(state.entries[i].first == expected.entries[i].first);
            const AnyTensor &a = state.entries[i].second, &b = expected.entries[i].second;
            REQUIRE(a.dtype() == b.dtype());
            REQUIRE(a.shape() == b.shape());
            REQUIRE(a.is_contiguous());
            CHECK(std::memcmp(a.raw(), b.raw(), static_cast<std::size_t>(a.numel()) * fathom::size_of(a.dtype())) == 0);
        }
    }
}

TEST_CASE("io/pth: files written byte by byte") {
    const std::string pickle =
        pickled_dict(pickled_items({two_by_three, {"view", "FloatStorage", "0", 6, 1, {2, 2}, {3, 1}}}));
    const StateDict zip = fathom::io::load_pth_zip("f", make_pth_zip(pickle, six));
    REQUIRE(zip.size() == 2);
    CHECK(values(zip.entries[0].second) == std::vector<double>{1, 2, 3, 4, 5, 6});
    CHECK(values(zip.entries[1].second) == std::vector<double>{2, 3, 5, 6});
    const std::string old = pickled_dict(pickled_items({two_by_three}, true));
    CHECK(values(fathom::io::load_pth_legacy("f", make_pth_legacy(old, six, 4)).entries[0].second) ==
          std::vector<double>{1, 2, 3, 4, 5, 6});
    CHECK(fathom::io::load_pth_zip("f", make_pth_zip("\x80\x02}.", {})).empty());
    for (const char* key : {"state_dict", "model"}) {
        const std::string nested =
            "\x80\x02}(" + pickled("epoch") + "K\x03" + pickled(key) + "}(" + pickled_items({two_by_three}) + "uu.";
        CHECK(fathom::io::load_pth_zip("f", make_pth_zip(nested, six)).size() == 1);
    }
}

TEST_CASE("io/pth: what is no state dict") {
    const auto pickle_error = [](const std::string& body) {
        return zip_error(make_pth_zip("\x80\x02" + body + ".", six));
    };
    CHECK(pickle_error("N") == "f: holds None, expected a state dict");
    CHECK(pickle_error("]") == "f: holds a list, expected a state dict");
    CHECK(pickle_error("}" + pickled("epoch") + "K\x03s") ==
          "f: expected a state dict, or a dict with one in it, got no tensor under a name; it holds \"epoch\": an "
          "integer");
    CHECK(pickle_error("}K\x01K\x03s").find("it holds an integer: an integer") != std::string::npos);
    CHECK(pickle_error("}" + pickled("net") + "}s").find("it holds \"net\": a dict") != std::string::npos);
    CHECK(zip_error(make_pth_zip(pickled_dict(pickled_items({two_by_three, two_by_three})), six)) ==
          "f: tensor \"w\" occurs twice");
    CHECK(zip_error(make_pth_zip(pickled_dict(pickled_items({{"\xff", "FloatStorage", "0", 6, 0, {6}, {1}}})), six)) ==
          "f: tensor name \"\\xff\" is not UTF-8");
}

TEST_CASE("io/pth: sizes, strides and offsets are checked against the storage") {
    const auto view_error = [](std::int64_t offset, std::vector<std::int64_t> shape,
                               std::vector<std::int64_t> strides) {
        return zip_error(zip_of({"w", "FloatStorage", "0", 6, offset, std::move(shape), std::move(strides)}));
    };
    CHECK(view_error(0, {2, 3}, {3, 1}) == "no error");
    CHECK(view_error(5, {}, {}) == "no error");
    CHECK(view_error(6, {}, {}) ==
          "f: tensor \"w\" of shape [], strides [], offset 6 leaves its storage of 6 elements");
    CHECK(view_error(1, {2, 3}, {3, 1}) ==
          "f: tensor \"w\" of shape [2,3], strides [3,1], offset 1 leaves its storage of 6 elements");
    CHECK(view_error(-1, {2, 3}, {3, 1}).find("leaves its storage") != std::string::npos);
    CHECK(view_error(5, {2}, {-1}).find("leaves its storage") != std::string::npos);
    CHECK(view_error(0, {2}, {INT64_MAX}).find("leaves its storage") != std::string::npos);
    CHECK(view_error(3, {2, 2}, {INT64_MAX, INT64_MAX}).find("leaves its storage") != std::string::npos);
    CHECK(view_error(0, {1, 6}, {INT64_MAX, 1}) == "no error");
    CHECK(view_error(0, {0, 5}, {INT64_MAX, -7}) == "no error");
    CHECK(view_error(0, {7}, {0}) ==
          "f: tensor \"w\" of shape [7] repeats elements of its storage of 6, which is not supported");
    CHECK(view_error(0, {INT64_MAX}, {0}) == "f: tensor \"w\" has the impossible shape [9223372036854775807]");
    CHECK(view_error(0, {-1}, {1}) == "f: tensor \"w\" has the impossible shape [-1]");
    CHECK(view_error(0, {2, 3}, {1}) == "f: tensor \"w\" has 2 sizes and 1 strides");
    CHECK(view_error(0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}) ==
          "f: tensor \"w\" has 9 dimensions, expected at most 8");
}

TEST_CASE("io/pth: storages that are wrong or missing") {
    const auto storage_error = [](const PthTensor& t) { return zip_error(zip_of(t)); };
    CHECK(storage_error({"w", "FloatStorage", "1", 6, 0, {6}, {1}}) == "f: zip: no entry \"net/data/1\" for a storage");
    CHECK(storage_error({"w", "FloatStorage", "0", 7, 0, {6}, {1}}) ==
          "f: zip: entry \"net/data/0\" has 24 bytes, expected 28");
    CHECK(storage_error({"w", "DoubleStorage", "0", 6, 0, {6}, {1}}) ==
          "f: zip: entry \"net/data/0\" has 24 bytes, expected 48");
    CHECK(storage_error({"w", "FloatStorage", "0", INT64_MAX, 0, {6}, {1}}) ==
          "f: tensor \"w\" has a storage of 9223372036854775807 elements");
    CHECK(storage_error({"w", "QuantStorage", "0", 6, 0, {6}, {1}})
              .find("tensor \"w\" is in a torch.QuantStorage, expected one of FloatStorage ") != std::string::npos);
    CHECK(zip_error(make_pth_zip(pickled_dict(pickled_items({two_by_three, {"v", "IntStorage", "0", 6, 0, {6}, {1}}})),
                                 six)) == "f: storage \"0\" is named with two types or sizes");
    std::vector<ZipFile> files = {{"a/data.pkl", pickled_dict(pickled_items({two_by_three}))},
                                  {"a/data/0", six[0].bytes}};
    files[1].crc_error = 1;
    CHECK(zip_error(make_zip(files)).find("f: zip: entry \"a/data/0\" at byte ") == 0);
    CHECK(zip_error(make_zip(files)).find("has checksum") != std::string::npos);
    files[1].crc_error = 0, files[0].crc_error = 1;
    CHECK(zip_error(make_zip(files)).find("f: zip: entry \"a/data.pkl\" at byte ") == 0);
    files[0].crc_error = 0;
    files.push_back({"a/byteorder", "big"});
    CHECK(zip_error(make_zip(files)) == "f: byte order \"big\", expected \"little\"");
}

TEST_CASE("io/pth: damaged files give an error or a state dict") {
    const auto load = [](std::string_view bytes) {
        const StateDict state =
            fathom::io::is_zip(bytes) ? fathom::io::load_pth_zip("f", bytes) : fathom::io::load_pth_legacy("f", bytes);
        for (const auto& [name, tensor] : state) values(tensor);
    };
    const PthTensor view{"view", "FloatStorage", "0", 6, 1, {2, 2}, {3, 1}};
    fuzz("f", make_pth_zip(pickled_dict(pickled_items({two_by_three, view})), six), 1, load);
    fuzz("f", make_pth_legacy(pickled_dict(pickled_items({two_by_three, view}, true)), six, 4), 1, load);
    for (const char* name : {"zip.pth", "legacy.pth", "legacy_protocol4.pth", "checkpoint.pth"})
        fuzz("f", read_file(golden(name)), 7, load);
    const std::string zip = read_file(golden("zip.pth")), legacy = read_file(golden("legacy.pth"));
    for (std::size_t size = 0; size < zip.size(); ++size) REQUIRE_FALSE(survives("f", zip.substr(0, size), load));
    for (std::size_t size = 0; size < legacy.size(); ++size) REQUIRE_FALSE(survives("f", legacy.substr(0, size), load));
}

TEST_CASE("io/pth: the older form's parts") {
    const std::string pickle = pickled_dict(pickled_items({two_by_three}, true));
    const std::string good = make_pth_legacy(pickle, six, 4);
    CHECK(legacy_error(good) == "no error");
    CHECK(legacy_error(good + "trailing") == "no error");
    CHECK(legacy_error(good.substr(0, good.size() - 1)).find("has 6 elements of 4 bytes, but 23 bytes are left") !=
          std::string::npos);
    CHECK(legacy_error("\x80\x02K\x05.") == "f: has no PyTorch magic number at byte 0");
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string bytes = good;
        bytes.replace(bytes.find(from), from.size(), to);
        return legacy_error(bytes);
    };
    CHECK(replaced("M\xe9\x03.", "M\xea\x03.") == "f: protocol at byte 15, expected 1001, got 1002");
    CHECK(replaced("\x88u.", "\x89u.") == "f: big-endian, expected little-endian");
    CHECK(replaced(le<std::int64_t>(6) + floats({1}), le<std::int64_t>(5) + floats({1}))
              .find("has 5 elements, expected 6") != std::string::npos);
    CHECK(legacy_error(make_pth_legacy(pickle, {}, 4)) == "f: storage \"0\" has no data");
    CHECK(legacy_error(make_pth_legacy(pickle, {{"1", ""}}, 4)).find("f: storage \"1\" at byte ") == 0);
}
