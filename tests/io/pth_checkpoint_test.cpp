// Weights in what training programs save: beside counters, options and states, in files packed again, under any name.
#include "fathom/io/pth.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/tensor/tensor.hpp"
#include "tests/io/pth_writer.hpp"
#include "tests/support.hpp"

using fathom::DType;
using fathom::Shape;
using fathom::StateDict;
using fathom::tests::contains;
using fathom::tests::numbers;
using namespace io_test;

namespace {

const std::string weights = pickled_items({{"w", "FloatStorage", "0", 6, 0, {2, 3}, {3, 1}}});
const std::string one_tensor = pickled_tensor({"", "FloatStorage", "0", 6, 0, {1}, {1}}, false);

// A pickle of a dict with these items, loaded.
StateDict loaded(const std::string& items) {
    return fathom::io::load_pth_zip("f", make_pth_zip("\x80\x02}(" + items + "u.", six));
}
std::string problem(const std::string& items) {
    return error_of([&] { loaded(items); });
}
std::string dict(const std::string& items) { return "}(" + items + "u"; }

bool is_w(const StateDict& state) {
    return state.size() == 1 && state.entries[0].first == "w" &&
           numbers(state.entries[0].second) == std::vector<double>{1, 2, 3, 4, 5, 6};
}

}  // namespace

TEST_CASE("io/pth_checkpoint: a training program's file, written by Python, deflated") {
    const StateDict state = fathom::io::load(golden("training.pth"));
    REQUIRE(state.size() == 2);
    CHECK(state.entries[0].first == "module.w");
    CHECK(numbers(state.entries[0].second) == std::vector<double>{1, 2, 3, 4});
    CHECK(numbers(state.entries[1].second) == std::vector<double>{5, 6});
    CHECK(state.notes == std::vector<std::string>{"the state dict is that under \"model_state_dict\""});
}

TEST_CASE("io/pth_checkpoint: the state dict under any name, at any depth") {
    for (const char* name : {"state_dict", "model_state_dict", "model", "net", "params", "ema", "0"}) {
        CAPTURE(name);
        CHECK(is_w(loaded(pickled("epoch") + "K\x03" + pickled(name) + dict(weights))));
        CHECK(is_w(loaded(pickled("checkpoint") + dict(pickled(name) + dict(weights) + pickled("x") + "N"))));
    }
    // One under a usual name comes before others, whatever the order.
    const std::string other = dict(pickled("v") + one_tensor);
    CHECK(is_w(loaded(pickled("ema") + other + pickled("state_dict") + dict(weights))));
    CHECK(is_w(loaded(pickled("model") + dict(weights) + pickled("average") + other)));
    // Single tensors and an optimizer's state beside it are none.
    CHECK(is_w(loaded(pickled("loss") + one_tensor + pickled("net") + dict(weights))));
    CHECK(is_w(
        loaded(pickled("optimizer") +
               dict(pickled("state") + dict(k0 + dict(pickled("exp_avg") + one_tensor)) + pickled("groups") + "]") +
               pickled("net") + dict(weights))));
    // Which of two is meant, the file does not say.
    CHECK(problem(pickled("a") + dict(weights) + pickled("b") + other) ==
          "f: holds more than one state dict, such as \"a\" and \"b\"; expected one, or one called \"state_dict\"");
    CHECK(contains(problem(pickled("model") + dict(weights) + pickled("state_dict") + other),
                   "more than one state dict"));
    const StateDict inner = loaded(pickled("a") + dict(pickled("b") + dict(weights)));
    CHECK(inner.notes == std::vector<std::string>{"the state dict is that under \"b\" in \"a\""});
    // A class made from dict.
    CHECK(is_w(loaded(pickled("net") + "ceasydict\nEasyDict\n)\x81(" + weights + "u")));
    // A dict that holds itself.
    CHECK(contains(problem(pickled("a") + "}q\x01" + pickled("b") + "h\x01s"), "got no tensor under a name"));
}

TEST_CASE("io/pth_checkpoint: values beside the weights are left out, and said to be") {
    const std::string numpy = "cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n" + pickled("f8") + k0 +
                              "K\x01\x87Rc_codecs\nencode\n" + pickled("x") + pickled("latin1") + "\x86R\x86R";
    const std::string values[] = {numpy,
                                  "cargparse\nNamespace\n)\x81}" + pickled("lr") + "K\x01sb",
                                  "\x8f(K\x01K\x02\x90",
                                  "C\x02xy",
                                  "ctorch\nfloat32\n",
                                  "ctorch\ndevice\n" + pickled("cuda") + "\x85R",
                                  "cos\nsystem\n" + pickled("true") + "\x85R",
                                  "N",
                                  "]",
                                  "K\x01",
                                  "\x8b" + le(std::uint32_t{20}) + std::string(20, '\1')};
    for (const std::string& value : values) {
        CHECK(is_w(loaded(pickled("x") + value + pickled("net") + dict(weights))));
        const StateDict among = loaded(weights + pickled("x") + value);
        CHECK(is_w(among));
        REQUIRE(among.notes.size() == 1);
        CHECK(contains(among.notes[0], "entries that are no tensors are left out: \"x\" ("));
    }
    CHECK(loaded(weights + pickled("x") + numpy).notes[0] ==
          "entries that are no tensors are left out: \"x\" (an object (numpy.core.multiarray.scalar))");
    // A tensor that cannot be read is no value beside the weights.
    const std::string sparse = "ctorch._utils\n_rebuild_sparse_tensor\n)R";
    CHECK(contains(problem(weights + pickled("x") + sparse),
                   "f: tensor \"x\" is an object (torch._utils._rebuild_sparse_tensor)"));
    CHECK(is_w(loaded(pickled("x") + sparse + pickled("net") + dict(weights))));
}

TEST_CASE("io/pth_checkpoint: a message stays short, whatever names the file has") {
    // Found by fuzzing.
    const std::string garbage(1000, '\x01');
    std::string items;
    for (int i = 0; i < 20; ++i) {
        items += pickled(std::to_string(i) + garbage) + "c" + garbage + "\n" + garbage + "\n";
        items += "c" + garbage + "\n" + garbage + "\nN";
    }
    CHECK(problem(items).size() < 4000);
    for (const std::string& note : loaded(weights + items).notes) CHECK(note.size() < 12'000);
}

TEST_CASE("io/pth_checkpoint: half precision in the older form too") {
    for (const auto& [type, one, dtype] : {std::tuple{"HalfStorage", "\x00\x3c", DType::float16},
                                           std::tuple{"BFloat16Storage", "\x80\x3f", DType::bfloat16}}) {
        const PthTensor tensor{"w", type, "0", 2, 0, {2}, {1}};
        const std::string bytes = std::string(one, 2) + std::string(one, 2);
        for (const StateDict& state :
             {fathom::io::load_pth_zip("f", make_pth_zip(pickled_dict(pickled_items({tensor})), {{"0", bytes}})),
              fathom::io::load_pth_legacy(
                  "f", make_pth_legacy(pickled_dict(pickled_items({tensor}, true)), {{"0", bytes}}, 2))}) {
            CHECK(state.entries[0].second.dtype() == dtype);
            CHECK(numbers(state.entries[0].second) == std::vector<double>{1, 1});
        }
    }
}

TEST_CASE("io/pth_checkpoint: files packed again") {
    const std::string pickle = pickled_dict(weights);
    const auto zip = [&](const std::string& folder, const std::string& more = "") {
        std::vector<ZipFile> files = {{folder + "data.pkl", pickle}, {folder + "data/0", six[0].bytes}};
        if (!more.empty()) files.push_back({more, ""});
        return make_zip(files);
    };
    for (const char* folder : {"", "archive/", "a/b/c/"}) {
        CHECK(is_w(fathom::io::load_pth_zip("f", zip(folder))));
        CHECK(is_w(fathom::io::load_pth_zip("f", zip(folder, folder + std::string("data/")))));
        CHECK(is_w(fathom::io::load_pth_zip("f", zip(folder, "__MACOSX/._data.pkl"))));
        CHECK(is_w(fathom::io::load_pth_zip("f", zip(folder) + "behind the end")));
    }
    CHECK(error_of([&] { fathom::io::load_pth_zip("f", zip("a/", "b/data.pkl")); }) ==
          "f: zip: more than one data.pkl");
}
