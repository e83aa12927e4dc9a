#include "fathom/io/pickle.hpp"

#include "tests/io/pth_writer.hpp"

using fathom::io::Pickle;
using Kind = fathom::io::Pickle::Kind;
using io_test::error_of;
using io_test::k0;
using io_test::le;

namespace {

std::string proto(const std::string& body) { return "\x80\x02" + body + "."; }
std::string text(const std::string& s) { return "X" + le(static_cast<std::uint32_t>(s.size())) + s; }

Pickle read(const std::string& bytes) { return fathom::io::read_pickle("f", bytes); }

std::string error(const std::string& bytes) {
    return error_of([&] { read(bytes); });
}

// Nested values as text, for comparison.
std::string show(const Pickle& p, Pickle::Handle handle) {
    const Pickle::Value& v = p[handle];
    std::string items;
    for (const Pickle::Handle item : v.items) items += (items.empty() ? "" : ",") + show(p, item);
    switch (v.kind) {
        case Kind::none:
            return "None";
        case Kind::boolean:
            return v.integer ? "True" : "False";
        case Kind::integer:
            return std::to_string(v.integer);
        case Kind::long_integer:
            return "long" + std::to_string(v.text.size());
        case Kind::real:
            return fathom::to_string(v.real);
        case Kind::string:
            return "'" + std::string(v.text) + "'";
        case Kind::tuple:
            return "(" + items + ")";
        case Kind::list:
            return "[" + items + "]";
        case Kind::dict:
            return "{" + items + "}";
        case Kind::global:
            return "<" + std::string(v.text) + ">";
        case Kind::object:
            return "object<" + std::string(v.text) + ">{" + items + "}";
        case Kind::storage:
            return "storage(" + items + ")";
        case Kind::tensor:
            return "tensor(" + items + ")";
    }
    return "?";
}

std::string shown(const std::string& body) {
    const std::string bytes = proto(body);
    const Pickle p = read(bytes);
    CHECK(p.end == bytes.size());
    return show(p, p.root);
}

const std::string ordered_dict = "ccollections\nOrderedDict\n";
const std::string rebuild = "ctorch._utils\n_rebuild_tensor_v2\n";
// ('storage', FloatStorage, '0', 'cpu', 6) as a persistent id.
const std::string storage = "(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "K\x06tQ";

}  // namespace

TEST_CASE("io/pickle: plain values") {
    CHECK(shown("N") == "None");
    CHECK(shown("\x88") == "True");
    CHECK(shown("\x89") == "False");
    CHECK(shown("K\xff") == "255");
    CHECK(shown("M\x01\x02") == "513");
    CHECK(shown("J" + le(std::int32_t{-5})) == "-5");
    CHECK(shown(std::string("\x8a\x00", 2)) == "0");
    CHECK(shown("\x8a\x01\xff") == "-1");
    CHECK(shown("\x8a\x02\xff\x7f") == "32767");
    CHECK(shown("\x8a\x08" + le(std::int64_t{INT64_MIN})) == std::to_string(INT64_MIN));
    CHECK(shown("\x8a\x09" + std::string(9, '\1')) == "long9");
    CHECK(shown(std::string("G\x3f\xf8\0\0\0\0\0\0", 9)) == "1.5");
    CHECK(shown(text("größe")) == "'größe'");
    CHECK(shown("\x8c\x02"
                "ab") == "'ab'");
    CHECK(shown("\x8d" + le(std::uint64_t{3}) + "abc") == "'abc'");
    CHECK(shown("U\x01x") == "'x'");
    CHECK(shown("T" + le(std::uint32_t{1}) + "x") == "'x'");
}

TEST_CASE("io/pickle: containers, memo and marks") {
    CHECK(shown(")") == "()");
    CHECK(shown("K\x01\x85") == "(1)");
    CHECK(shown("K\x01K\x02\x86") == "(1,2)");
    CHECK(shown("K\x01K\x02K\x03\x87") == "(1,2,3)");
    CHECK(shown("(K\x01K\x02K\x03K\x04t") == "(1,2,3,4)");
    CHECK(shown("]K\x01"
                "a(K\x02K\x03"
                "e") == "[1,2,3]");
    CHECK(shown("}K\x01K\x02s(" + text("a") + "NK\x03K\x04u") == "{1,2,'a',None,3,4}");
    CHECK(shown("]q\x05" + text("x") + "r" + le(std::uint32_t{2}) +
                "ah\x05"
                "0") == "['x']");
    CHECK(shown("(]\x94h" + std::string(1, '\0') + "j" + le(std::uint32_t{0}) + "t") == "([],[],[])");
    CHECK(shown("N0K\x07") == "7");
    CHECK(shown("K\x07(NN1") == "7");
    CHECK(shown("K\x07(0") == "7");
    CHECK(shown("\x95" + le(std::uint64_t{1}) + "N") == "None");
}

TEST_CASE("io/pickle: what a state dict is made of") {
    CHECK(shown(ordered_dict + ")R(" + text("a") + "K\x01u") == "{'a',1}");
    CHECK(shown(ordered_dict + ")R}" + text("_metadata") + "NsbN0") == "{}");
    CHECK(shown(storage) == "storage(<FloatStorage>,'0',6)");
    const std::string tensor =
        rebuild + "(" + storage + "K\x01K\x02K\x03\x86K\x03K\x01\x86\x89" + ordered_dict + ")RtR";
    CHECK(shown(tensor) == "tensor(storage(<FloatStorage>,'0',6),1,(2,3),(3,1))");
    CHECK(shown("ctorch._utils\n_rebuild_parameter\n" + tensor + "\x88" + ordered_dict + ")R\x87R") ==
          "tensor(storage(<FloatStorage>,'0',6),1,(2,3),(3,1))");
    CHECK(shown(text("torch") + text("LongStorage") + "\x93") == "<LongStorage>");
}

TEST_CASE("io/pickle: nothing is ever called or imported; what would be is an object with its name") {
    CHECK(shown("cos\nsystem\n(" + text("echo bad") + "tR") == "object<system>{}");
    CHECK(shown(text("os") + text("system") + "\x93)R") == "object<system>{}");
    CHECK(shown("cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(" + text("f8") + k0 + "K\x01tR(K\x03" + text("<") +
                "NNNtb" + "c_codecs\nencode\n" + text("x") + text("latin1") + "\x86RtR") == "object<scalar>{}");
    CHECK(shown("cargparse\nNamespace\n)\x81}" + text("lr") + "K\x01sb") == "object<Namespace>{}");
    CHECK(shown("c__builtin__\nset\n]K\x01"
                "a\x85R") == "object<set>{}");
    CHECK(shown("\x8f(K\x01K\x02\x90") == "object<set>{}");
    CHECK(shown("(K\x01K\x02\x91") == "object<frozenset>{}");
    CHECK(shown("C\x02xy") == "object<bytes>{}");
    CHECK(shown("B" + le(std::uint32_t{2}) + "xy") == "object<bytes>{}");
    CHECK(shown("\x8e" + le(std::uint64_t{2}) + "xy") == "object<bytes>{}");
    CHECK(shown("\x96" + le(std::uint64_t{2}) + "xy") == "object<bytes>{}");
    CHECK(shown("ctorch\nfloat32\n") == "<float32>");
    CHECK(shown("cx\nA\n)}\x92") == "object<A>{}");
    CHECK(shown("(ix\nA\n") == "object<A>{}");
    CHECK(shown("(cx\nA\nK\x01o") == "object<A>{}");
    CHECK(shown("ca\nEasyDict\n)\x81(" + text("a") + "K\x01u") == "object<EasyDict>{'a',1}");
    CHECK(shown("ca\nList\n)\x81K\x01"
                "a(K\x02"
                "e") == "object<List>{}");
    CHECK(shown("cx\nA\n)R)R") == "object<A>{}");  // what was called called again
    CHECK(shown("ccollections\ndefaultdict\nc__builtin__\nlist\n\x85RK\x01K\x02s") == "{1,2}");
    CHECK(shown("ctorch\nSize\nK\x02K\x03\x86\x85R") == "(2,3)");
    CHECK(shown(ordered_dict + "(](" + text("a") + "K\x01\x86]" + text("b") +
                "aK\x02"
                "aetR") == "{'a',1,'b',2}");  // Python 2
    CHECK(shown("I12\n") == "12");
    CHECK(shown("L-12L\n") == "-12");
    CHECK(shown("L99999999999999999999L\n") == "object<int>{}");
    CHECK(shown("F1.5\n") == "object<float>{}");
    CHECK(shown("\x8b" + le(std::uint32_t{2}) + "\xff\x7f") == "32767");
    CHECK(shown("K\x07"
                "2\x86") == "(7,7)");
    CHECK(error(proto("N)R")) == "f: pickle: what makes an object is None, expected a global at byte 4");
    CHECK(error(proto("N)\x81")) == "f: pickle: what makes an object is None, expected a global at byte 4");
    CHECK(error(proto(ordered_dict + "]R")) ==
          "f: pickle: the arguments of REDUCE is a list, expected a tuple at byte 28");
    CHECK(error(proto("]Nb")) ==
          "f: pickle: what BUILD gives attributes to is a list, expected an object or a dict at byte 4");
    CHECK(error(proto("](K\x01\x90")) == "f: pickle: what ADDITEMS extends is a list, expected an object at byte 6");
    // Storages are torch's, whatever a class is called.
    for (const char* global : {"torch\nload", "torch\nFloatTensor", "torch.nn\nFloatStorage", "os\nFloatStorage",
                               "torch\nos.system;Storage", "\n"})
        CHECK(error(proto("(" + text("storage") + "c" + global + "\n" + text("0") + text("cpu") + "K\x06tQ"))
                  .find("a storage's class is a global") != std::string::npos);
    CHECK(error(proto("(" + text("storage") + "c" + std::string(100'000, '\x01') + "\nx\n" + text("0") + text("cpu") +
                      "K\x06tQ"))
              .size() < 1000);
}

TEST_CASE("io/pickle: tensors whose elements are not those of their storage are objects") {
    const std::string begin = rebuild + "(" + storage + k0 + "K\x02\x85K\x01\x85\x89" + ordered_dict + ")R";
    CHECK(shown(begin + "}tR").substr(0, 7) == "tensor(");
    CHECK(shown(begin + "NtR").substr(0, 7) == "tensor(");
    CHECK(shown(begin + "}" + text("neg") + "\x89stR").substr(0, 7) == "tensor(");
    CHECK(shown(begin + "}" + text("neg") + "\x88stR") == "object<_rebuild_tensor_v2>{}");
    CHECK(shown(begin + "}" + text("conj") + "NstR") == "object<_rebuild_tensor_v2>{}");
    CHECK(shown("ctorch._utils\n_rebuild_qtensor\n(" + storage + "tR") == "object<_rebuild_qtensor>{}");
}

TEST_CASE("io/pickle: opcodes that no file needs are refused by name") {
    CHECK(error(proto("\x82\x01")) == "f: pickle: opcode 0x82 (EXT1) is not part of a state dict at byte 2");
    CHECK(error(proto("P0\n")) == "f: pickle: opcode 0x50 (PERSID) is not part of a state dict at byte 2");
    CHECK(error(proto("\xfe")) == "f: pickle: opcode 0xfe is not part of a state dict at byte 2");
    CHECK(error("\x80\x06.") == "f: pickle: protocol 6, expected 2 to 5 at byte 0");
}

TEST_CASE("io/pickle: sizes beyond the file") {
    CHECK(error(proto("X" + le(std::uint32_t{0xffffffff}) + "abc")) ==
          "f: pickle: an opcode wants 4294967295 bytes, but 4 are left at byte 2");
    CHECK(error(proto("\x8d" + le(~std::uint64_t{0})))
              .find("an opcode wants 18446744073709551615 bytes, but 1 are left at byte 2") != std::string::npos);
    CHECK(error("\x80\x02K") == "f: pickle: an opcode wants 1 bytes, but 0 are left at byte 2");
    CHECK(error("\x80\x02N") == "f: pickle: an opcode wants 1 bytes, but 0 are left at byte 3");
    CHECK(error("") == "f: pickle: an opcode wants 1 bytes, but 0 are left at byte 0");
    CHECK(error(proto("cabc")) == "f: pickle: a name without an end at byte 2");
}

TEST_CASE("io/pickle: the stack, the memo and marks are guarded") {
    CHECK(error(proto("")) == "f: pickle: ends with 0 values and 0 marks on the stack, expected one value at byte 2");
    CHECK(error(proto("NN")) == "f: pickle: ends with 2 values and 0 marks on the stack, expected one value at byte 4");
    CHECK(error(proto("N(")).find("1 marks") != std::string::npos);
    CHECK(error(proto("0")) == "f: pickle: an opcode finds no value on the stack at byte 2");
    CHECK(error(proto("\x85")) == "f: pickle: an opcode finds no value on the stack at byte 2");
    CHECK(error(proto("N(\x85")) == "f: pickle: an opcode finds no value on the stack at byte 4");
    CHECK(error(proto("t")) == "f: pickle: an opcode finds no mark on the stack at byte 2");
    CHECK(error(proto("](K\x01u")).find("a dict is given a key without a value") != std::string::npos);
    CHECK(error(proto("](K\x01K\x02u")).find("what SETITEMS extends is a list, expected a dict") != std::string::npos);
    CHECK(error(proto("}Na")).find("what APPEND extends is a dict, expected a list") != std::string::npos);
    CHECK(error(proto("Nr" + le(std::uint32_t{0xffffffff}))) ==
          "f: pickle: memo index 4294967295 in a file of 9 bytes at byte 3");
    CHECK(error(proto("h\x03")) == "f: pickle: memo index 3 was never written at byte 2");
    CHECK(error(proto("Nq\x03h\x02")) == "f: pickle: memo index 2 was never written at byte 5");
    CHECK(error("\x80\x02" + std::string(2'000'000, '(')) == "f: pickle: marks nested deeper than 1000 at byte 1002");
    CHECK(error("\x80\x02" + std::string(2'000'000, 'N')) ==
          "f: pickle: more than 1000000 values on the stack at byte 1000002");
    std::string many = "\x80\x02";
    for (int i = 0; i < 4'500'000; ++i) many += "]0";
    CHECK(error(many).find("f: pickle: more than 4000000 values at byte ") == 0);
    // Tuples in tuples, a million deep: no recursion anywhere.
    const std::string deep = proto(")" + std::string(1'000'000, '\x85'));
    CHECK(error(deep) == "no error");
    // A list that holds itself.
    CHECK(error(proto("]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a")) == "no error");
}

TEST_CASE("io/pickle: storages and tensors of the wrong make") {
    CHECK(error(proto("NQ")) == "f: pickle: a persistent id is None, expected a tuple at byte 3");
    CHECK(error(proto(")Q")) == "f: pickle: a persistent id of 0 items, expected a storage of 5 or 6 at byte 3");
    CHECK(error(proto("(NNNNNtQ")).find("a persistent id that is no storage") != std::string::npos);
    CHECK(error(proto("(" + text("storage") + "NNNNtQ")).find("a storage's class is None, expected a global") !=
          std::string::npos);
    CHECK(error(proto("(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "\x8a\x01\xfftQ"))
              .find("a storage of -1 elements") != std::string::npos);
    CHECK(error(proto("(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "K\x01)tQ"))
              .find("a storage's view is a tuple, expected None") != std::string::npos);
    CHECK(error(proto(rebuild + ")R")).find("_rebuild_tensor_v2 with 0 arguments, expected 6 or 7") !=
          std::string::npos);
    CHECK(error(proto(rebuild + "(NNNNNNtR")).find("a tensor's storage is None, expected a storage") !=
          std::string::npos);
    CHECK(error(proto(rebuild + "(" + storage + "NNNNNtR")).find("a tensor's offset is None, expected an integer") !=
          std::string::npos);
    CHECK(error(proto(rebuild + "(" + storage + "K\x01]NNNtR")).find("a tensor's size is a list, expected a tuple") !=
          std::string::npos);
    CHECK(error(proto(rebuild + "(" + storage + "K\x01)N\x85NNtR"))
              .find("a tensor's stride is None, expected an integer") != std::string::npos);
    CHECK(error(proto("ctorch._utils\n_rebuild_parameter\n(NNNtR"))
              .find("a parameter's data is None, expected a tensor") != std::string::npos);
}
