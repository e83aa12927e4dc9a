#include "fathom/nn/module.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "fathom/io/safetensors.hpp"
#include "fathom/nn/conv.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/optim/sgd.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/nn/nets.hpp"

namespace fathom {
namespace {

using nn::Missing;
using nn::Unused;
using tests::contains;
using tests::message_of;
using tests::Mlp;
using tests::same;

// A module with everything that a walk meets: a child, an own parameter, buffers, an absent bias.
struct Mixed : nn::Module {
    Mlp<double> body;
    nn::Linear<double> head;
    nn::Parameter<double> scale{ones<double>({3})};
    nn::Buffer<std::int64_t> count{zeros<std::int64_t>({})};
    nn::Buffer<double> mean{zeros<double>({3})};
    explicit Mixed(Generator& gen) : body(gen), head(2, 3, gen, false) {}
    void visit(nn::Visitor& v) override {
        v("body", body);
        v("head", head);
        v("scale", scale);
        v("count", count);
        v("mean", mean);
    }
};

std::string names_of(const std::vector<StateDict::Entry>& entries) {
    std::string text;
    for (const auto& [name, tensor] : entries) text += name + " ";
    return text;
}

}  // namespace

TEST_CASE("nn/module: names, in the order of visit") {
    Generator gen(1);
    Mixed net(gen);
    CHECK(names_of(net.state_dict().entries) ==
          "body.hidden.weight body.hidden.bias body.out.weight body.out.bias head.weight scale count mean ");
    CHECK(names_of(net.named_parameters()) ==
          "body.hidden.weight body.hidden.bias body.out.weight body.out.bias head.weight scale ");
    CHECK(names_of(net.named_buffers()) == "count mean ");
    CHECK(net.parameters().size() == 6);
    CHECK(net.buffers().size() == 2);
    std::string kinds;
    for (const auto& [name, module] : net.named_modules()) kinds += name + "=" + module->kind() + " ";
    CHECK(kinds == "=Module body=Module body.hidden=Linear body.out=Linear head=Linear ");
    CHECK(net.body.out.path() == "body.out");
    net.body.name_children();  // a walk from below does not shorten the path
    CHECK(net.body.out.path() == "body.out");
    CHECK(names_of(net.body.named_parameters()) == "hidden.weight hidden.bias out.weight out.bias ");
}

TEST_CASE("nn/module: parameters are handles, a tied one is given once") {
    Generator gen(1);
    Mlp<float> net(gen);
    nn::init::constant_(net.parameters()[1].as<float>(), 5);
    CHECK(net.hidden.bias(3) == 5);
    net.out.bias = nn::Parameter<float>(zeros<float>({2}));
    nn::Linear<float> a(2, 2, gen), b(2, 2, gen);
    b.weight = a.weight.share();
    struct Pair : nn::Module {
        nn::Linear<float>&a, &b;
        Pair(nn::Linear<float>& p, nn::Linear<float>& q) : a(p), b(q) {}
        void visit(nn::Visitor& v) override { v("a", a), v("b", b); }
    } pair(a, b);
    CHECK(pair.parameters().size() == 3);
    CHECK(pair.named_parameters().size() == 4);
    CHECK(pair.state_dict().size() == 4);
}

TEST_CASE("nn/module: a copy has its own weights, a moved one the same") {
    Generator gen(2);
    Mixed net(gen);
    net.eval();
    Mixed copy = net;
    CHECK(same(net.state_dict(), copy.state_dict()));
    CHECK_FALSE(copy.is_training());
    const double before = copy.body.hidden.weight(0, 0);
    for (const AnyTensor& p : net.parameters()) nn::init::constant_(p.as<double>(), 3);
    net.mean.fill_(4);
    CHECK(copy.body.hidden.weight(0, 0) == before);
    CHECK(copy.mean(0) == 0);
    for (const AnyTensor& p : copy.parameters()) CHECK(autograd::requires_grad(p));

    const std::vector<AnyTensor> handles = copy.parameters();
    copy = net;  // into the memory that is there
    CHECK(same(net.state_dict(), copy.state_dict()));
    for (std::size_t i = 0; i < handles.size(); ++i) CHECK(handles[i].same_as(copy.parameters()[i]));
    const Mixed moved = std::move(copy);
    for (std::size_t i = 0; i < handles.size(); ++i) CHECK(handles[i].same_as(moved.parameters()[i]));
    CHECK(std::is_nothrow_move_constructible_v<Mixed>);
}

TEST_CASE("nn/module: train, eval, freezing and zero_grad reach every child") {
    Generator gen(3);
    Mixed net(gen);
    net.eval();
    CHECK_FALSE(net.body.hidden.is_training());
    net.train();
    CHECK(net.head.is_training());
    sum(net.body.forward(ones<double>({1, 2}))).backward();
    CHECK(net.body.out.weight.grad().defined());
    net.zero_grad();
    CHECK_FALSE(net.body.out.weight.grad().defined());
    net.requires_grad_(false);
    CHECK_FALSE(net.body.out.weight.requires_grad());
    CHECK_FALSE(net.body.forward(ones<double>({1, 2})).requires_grad());
    CHECK(net.parameters().size() == 6);
    net.requires_grad_();
    CHECK(net.scale.requires_grad());
    CHECK_FALSE(net.mean.requires_grad());
}

TEST_CASE("nn/module: a state dict shares memory, without history") {
    Generator gen(4);
    Mlp<float> net(gen);
    const StateDict dict = net.state_dict();
    const auto bias = dict.find("out.bias")->as<float>();
    CHECK_FALSE(bias.requires_grad());
    {
        const NoGrad off;
        net.out.bias.fill_(8);
    }
    CHECK(bias(1) == 8);
}

TEST_CASE("nn/module: state dict round trips, in memory and through a file, and between float and double") {
    Generator gen(5);
    Mixed net(gen), other(gen);
    net.count.fill_(41);
    CHECK_FALSE(same(net.state_dict(), other.state_dict()));
    const std::vector<AnyTensor> handles = other.parameters();
    const nn::LoadReport report = other.load_state_dict(net.state_dict());
    CHECK(report.missing.empty());
    CHECK(report.unused.empty());
    CHECK(same(net.state_dict(), other.state_dict()));
    CHECK(handles[0].same_as(other.parameters()[0]));
    CHECK(other.body.hidden.weight.requires_grad());

    const std::string file = "module_test.safetensors";
    io::save(file, net.state_dict());
    Generator another(6);
    Mixed loaded(another);
    loaded.load_state_dict(io::load(file));
    std::remove(file.c_str());
    CHECK(same(net.state_dict(), loaded.state_dict()));
    CHECK(loaded.count.item() == 41);

    Mlp<float> single;
    single.load_state_dict(net.body.state_dict());
    CHECK(single.hidden.weight(3, 1) == static_cast<float>(net.body.hidden.weight(3, 1)));
    Mlp<double> back;
    back.load_state_dict(single.state_dict());
    CHECK(back.hidden.weight(3, 1) == static_cast<double>(single.hidden.weight(3, 1)));
}

TEST_CASE("nn/module: values of any strides load into any order of memory") {
    struct One : nn::Module {
        nn::Parameter<float> w{contiguous(zeros<float>({2, 3, 4, 5}), MemoryFormat::channels_last)};
        void visit(nn::Visitor& v) override { v("w", w); }
    } one;
    const Tensor<float> values = arange<float>(120).reshape({5, 4, 3, 2}).permute({3, 2, 1, 0});
    StateDict dict;
    dict.add("w", values);
    one.load_state_dict(dict);
    CHECK(one.w.is_contiguous(MemoryFormat::channels_last));
    bool equal = true;
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 3; ++j)
            for (int k = 0; k < 4; ++k)
                for (int l = 0; l < 5; ++l) equal = equal && std::as_const(one.w)(i, j, k, l) == values(i, j, k, l);
    CHECK(equal);
}

TEST_CASE("nn/module: wrong state dicts say what is wrong and change nothing") {
    Generator gen(7);
    Mlp<float> net(gen), other(gen);
    const Mlp<float> before = net;
    StateDict dict = other.state_dict();
    const auto refused = [&](const StateDict& wrong, const nn::LoadOptions& options = {}) {
        const std::string message = message_of([&] { net.load_state_dict(wrong, options); });
        CHECK(same(net.state_dict(), before.state_dict()));
        CHECK(contains(message, " at here"));
        return message;
    };

    StateDict missing = dict;
    missing.entries.erase(missing.entries.begin());
    CHECK(contains(refused(missing),
                   "load_state_dict: the state dict lacks hidden.weight; it has hidden.bias, out.weight, out.bias at"));
    CHECK(contains(refused(missing, {.unused = Unused::ignore}), "lacks hidden.weight"));

    StateDict unused = dict;
    unused.add("decode4.bn.weight", zeros<float>({2}));
    CHECK(contains(refused(unused), "load_state_dict: the module has no decode4.bn.weight at"));

    StateDict misnamed = dict;
    misnamed.entries[2].first = "output.weight";
    CHECK(contains(refused(misnamed), "the state dict lacks out.weight; the module has no output.weight at"));

    StateDict misshapen = dict;
    misshapen.entries[2].second = zeros<float>({8, 2});
    CHECK(contains(refused(misshapen), "load_state_dict: out.weight: expected float [2,8], got float [8,2] at"));
    CHECK(contains(refused(misshapen, {Unused::ignore, Missing::ignore}), "out.weight: expected"));

    StateDict mistyped = dict;
    mistyped.entries[3].second = zeros<std::int64_t>({2});
    CHECK(contains(refused(mistyped), "load_state_dict: out.bias: expected float [2], got int64 [2] at"));

    StateDict empty;
    CHECK(contains(refused(empty), "lacks hidden.weight, hidden.bias, out.weight, out.bias"));
}

TEST_CASE("nn/module: missing and unused names are reported or ignored on request") {
    Generator gen(8);
    Mlp<float> net(gen), other(gen);
    StateDict dict = other.state_dict();
    dict.entries.erase(dict.entries.begin());
    dict.add("extra", zeros<float>({1}));
    const auto report = net.load_state_dict(dict, {.unused = Unused::report, .missing = Missing::report});
    CHECK(report.missing == std::vector<std::string>{"hidden.weight"});
    CHECK(report.unused == std::vector<std::string>{"extra"});
    CHECK(net.out.weight(1, 1) == other.out.weight(1, 1));
    const auto silent = net.load_state_dict(dict, {.unused = Unused::ignore, .missing = Missing::ignore});
    CHECK(silent.missing.empty());
    CHECK(silent.unused.empty());
}

TEST_CASE("nn/module: forward of an uninitialised net throws until weights are loaded") {
    Mlp<float> net;
    const auto x = ones<float>({1, 2});
    CHECK(contains(message_of([&] { net.forward(x); }), "Linear: weights were never initialised or loaded"));
    net.name_children();
    CHECK(contains(message_of([&] { net.forward(x); }), "Linear hidden: weights were never initialised or loaded"));
    CHECK(contains(message_of([&] { net.forward(x); }), " at here"));
    CHECK(contains(message_of([&] { net.state_dict(); }), "hidden.weight was never initialised or loaded"));
    Mlp<float> copy = net;
    CHECK(contains(message_of([&] { copy.forward(x); }), "never initialised"));

    Generator gen(9);
    StateDict partly = Mlp<float>(gen).state_dict();
    partly.entries.pop_back();
    net.load_state_dict(partly, {.missing = Missing::report});
    CHECK(contains(message_of([&] { net.forward(x); }), "Linear out: weights were never"));
    net.load_state_dict(Mlp<float>(gen).state_dict());
    CHECK_NOTHROW(net.forward(x));
    copy = net;
    CHECK_NOTHROW(copy.forward(x));
}

TEST_CASE("nn/module: two members of one name are refused") {
    struct Twice : nn::Module {
        nn::Parameter<float> a{zeros<float>({1})}, b{zeros<float>({1})};
        void visit(nn::Visitor& v) override { v("w", a), v("w", b); }
    } twice;
    CHECK(contains(message_of([&] { twice.state_dict(); }), "two members are named w"));
    StateDict dict;
    dict.add("w", zeros<float>({1}));
    CHECK(contains(message_of([&] { twice.load_state_dict(dict); }), "two members are named w"));
}

TEST_CASE("nn/module: to(device) keeps handles, and says what is missing") {
    Generator gen(10);
    Mlp<float> net(gen);
    sum(net.forward(ones<float>({1, 2}))).backward();
    const StateDict before = Mlp<float>(net).state_dict();
    net.to(Device::cpu());
    CHECK(same(net.state_dict(), before));
    CHECK(net.out.weight.grad().defined());
    CHECK_THROWS_AS(net.to(Device::emulator()), Error);
    CHECK(net.hidden.weight.device().is_cpu());
}

TEST_CASE("nn/module: walks over a const net and forward run on many threads") {
    Generator gen(1);
    const Mlp<float> net(gen);
    const auto x = ones<float>({1, 2});
    std::vector<std::thread> threads;
    std::vector<std::size_t> found(4);
    for (std::size_t t = 0; t < found.size(); ++t)
        threads.emplace_back([&, t] {
            const NoGrad off;
            for (int i = 0; i < 50; ++i) {
                found[t] = net.parameters().size() + net.state_dict().size();
                net.forward(x);
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(found == std::vector<std::size_t>{8, 8, 8, 8});
    CHECK(net.hidden.path() == "hidden");
}

TEST_CASE("nn/module: printed, it lists what it is made of") {
    Generator gen(1);
    const Mlp<float> net(gen);
    std::ostringstream out;
    out << net << Shape{2, 3};
    CHECK(out.str() == "Module\n  hidden: Linear weight [8,2] bias [8]\n  out: Linear weight [2,8] bias [2]\n[2,3]");
}

namespace {
struct Forgetful : nn::Module {
    nn::Linear<float> listed, forgotten;
    explicit Forgetful(Generator& gen) : listed(2, 2, gen), forgotten(2, 2, gen) {}
    void visit(nn::Visitor& v) override { v("listed", listed); }
};
}  // namespace

TEST_CASE("nn/module: a child that visit() leaves out is found when it should be trained") {
    Generator gen(1);
    Forgetful net(gen);
    optim::SGD sgd(net.parameters(), {.lr = 0.1});
    sum(net.forgotten(net.listed(ones<float>({1, 2})))).backward();
    const std::string message = message_of([&] { sgd.step(); });
    CHECK(contains(message, "SGD: a parameter of shape [2"));
    CHECK(contains(message, "would not be trained: no visit() lists it and no optimizer has it"));
    // A part that is trained on purpose without the rest, or by another optimizer, is no mistake.
    Mlp<float> body(gen);
    body.eval();
    optim::SGD head(body.out.parameters(), {.lr = 0.1});
    sum(body.forward(ones<float>({1, 2}))).backward();
    CHECK(message_of([&] { head.step(); }) == "no error");
    nn::Parameter<float> alone(ones<float>({2}));
    optim::SGD own({alone}, {.lr = 0.1});
    sum(alone * ones<float>({2})).backward();
    CHECK(message_of([&] { head.step(); }) == "no error");
}

TEST_CASE("nn/module: such a child is found in a copy of the net, and in a net that was assigned to, too") {
    Generator gen(1);
    const Forgetful net(gen);
    const auto forgotten = [](Forgetful& copy) {
        optim::SGD sgd(copy.parameters(), {.lr = 0.1});
        sum(copy.forgotten(copy.listed(ones<float>({1, 2})))).backward();
        return contains(message_of([&] { sgd.step(); }), "would not be trained");
    };
    Forgetful copy = net, assigned(gen);
    assigned = net;
    CHECK(forgotten(copy));
    CHECK(forgotten(assigned));
    Forgetful frozen = net;
    frozen.forgotten.requires_grad_(false);
    assigned = frozen;
    assigned.forgotten = net.forgotten;
    CHECK(forgotten(assigned));
}

TEST_CASE("nn/module: without a dtype layers are of float") {
    Generator gen(1);
    const nn::Linear linear(2, 3, gen);
    const nn::Conv2d conv(1, 8, {.kernel_size = 3}, gen);
    static_assert(std::is_same_v<decltype(linear), const nn::Linear<float>>);
    static_assert(std::is_same_v<decltype(conv), const nn::Conv2d<float>>);
    CHECK(conv.weight.shape() == Shape{8, 1, 3, 3});
}

}  // namespace fathom
