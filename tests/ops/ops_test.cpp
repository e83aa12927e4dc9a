// The driver: every entry of the list of operation cases (case.hpp), checked in every way that applies.
#include <algorithm>
#include <exception>

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/ops/run_case.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// One entry's exception fails that entry and not the ones behind it.
template <class F>
void for_each_case(F f) {
    for (const OpCase& op : all_cases()) {
        INFO("operation " << op.name);
        try {
            f(op);
        } catch (const std::exception& error) {
            FAIL_CHECK(std::string(error.what()));
        }
    }
}

const StateDict& golden_file(const std::string& name) {
    static const StateDict ops = io::load(FATHOM_GOLDEN_DIR "/ops.safetensors");
    static const StateDict edges = io::load(FATHOM_GOLDEN_DIR "/edges.safetensors");
    return name == "ops" ? ops : edges;
}

const AnyTensor& golden(const OpCase& op, const std::string& what) {
    const AnyTensor* found = golden_file(op.golden_file).find(op.golden + "." + what);
    if (!found) throw Error("no golden " + op.golden + "." + what);
    return *found;
}

template <class T>
void check_golden(const OpCase& op) {
    Inputs<T> in;
    Shapes shapes;
    for (const OpInput& rule : op.inputs) {
        const AnyTensor& x = golden(op, std::string("in.") + rule.name);
        shapes.push_back(x.shape());
        if (rule.kind == OpInput::labels)
            in.labels.push_back(x.as<std::int64_t>());
        else
            in.tensors.push_back(x.as<float>().to<T>());
    }
    const Plain expected = to_plain(golden(op, "out.0"));
    for_each_isa([&] {
        const Result<T> result = run_case<T>(op, in, golden(op, "cotangent.0").as<float>().to<T>());
        const double terms = terms_of(op, shapes, expected.shape);
        const auto bound = [](double n) { return std::is_same_v<T, double> ? 1e-12 : rounding_bound<T>(n); };
        CHECK(difference(result.y, expected) <= bound(terms));
        std::size_t tensor = 0;
        for (const OpInput& rule : op.inputs) {
            if (rule.kind == OpInput::differentiable) {
                INFO("input " << rule.name);
                const AnyTensor& gradient = golden(op, std::string("grad.") + rule.name);
                CHECK(difference(result.gradients[tensor], to_plain(gradient)) <=
                      bound(gradient_terms(terms, gradient.shape(), expected.shape)));
            }
            if (rule.kind != OpInput::labels) ++tensor;
        }
    });
}

std::int64_t elements_of(const Shapes& shapes) {
    std::int64_t n = 0;
    for (const Shape& s : shapes) n += s.numel();
    return n;
}

std::string text_of(const Shapes& shapes) {
    std::string text;
    for (const Shape& s : shapes) text += to_string(s) + " ";
    return text;
}

template <class T>
void check_close(const OpCase& op, const Shapes& shapes, const Result<T>& got, const Plain& y,
                 const std::vector<Plain>& gradients) {
    const double terms = terms_of(op, shapes, y.shape);
    CHECK(difference(got.y, y) <= rounding_bound<T>(terms));
    for (std::size_t i = 0; i < got.gradients.size(); ++i) {
        if (!differentiable(op, i)) continue;
        CAPTURE(i);
        CHECK(difference(got.gradients[i], gradients[i]) <=
              rounding_bound<T>(gradient_terms(terms, gradients[i].shape, y.shape)));
    }
}

template <class T>
std::vector<Plain> plain_gradients(const Result<T>& result) {
    std::vector<Plain> all;
    for (const Tensor<T>& g : result.gradients) all.push_back(g.defined() ? to_plain(g) : Plain{});
    return all;
}

}  // namespace

TEST_CASE("ops/cases: names are unique, and every entry can be checked against something") {
    std::vector<std::string> names;
    for_each_case([&](const OpCase& op) {
        CHECK(std::count(names.begin(), names.end(), op.name) == 0);
        names.push_back(op.name);
        CHECK((op.reference || !op.golden.empty()));
        CHECK((!op.shapes.empty() || !op.golden.empty()));
        for (const Shapes& shapes : op.shapes) CHECK(shapes.size() <= op.inputs.size());
    });
}

TEST_CASE("ops/cases: every golden operation is in the list") {
    std::vector<std::string> listed = {"double_backward"};  // autograd/backward_test.cpp
    for (const OpCase& op : all_cases())
        if (!op.golden.empty()) listed.push_back(op.golden);
    std::vector<std::string> there;
    for (const char* file : {"ops", "edges"})
        for (const auto& [name, tensor] : golden_file(file)) {
            const std::string operation = name.substr(0, name.find('.'));
            CAPTURE(operation);
            CHECK(std::count(listed.begin(), listed.end(), operation) > 0);
            there.push_back(operation);
        }
    for (const std::string& name : listed) {
        CAPTURE(name);
        CHECK(std::count(there.begin(), there.end(), name) > 0);
    }
}

TEST_CASE("ops/cases: PyTorch's values and gradients, on every ISA: 1e-12 in double, rounding in float") {
    for_each_case([](const OpCase& op) {
        if (op.golden.empty()) return;
        check_golden<double>(op);
        if (op.golden_in_float) check_golden<float>(op);
    });
}

TEST_CASE("ops/cases: plain reference, odd sizes, empty and single elements, on every ISA") {
    for_each_case([](const OpCase& op) {
        for (const Shapes& shapes : op.shapes) {
            INFO("shapes " << text_of(shapes));
            const std::vector<Plain> in = make_inputs(op, shapes);
            const auto wide = to_inputs<double>(op, in);
            const auto narrow = to_inputs<float>(op, in);
            const Plain expected = op.reference ? op.reference(in) : to_plain(call(op, wide));
            const std::vector<Plain> gradients = plain_gradients(run_case(op, wide));
            for_each_isa([&] {
                check_close(op, shapes, run_case(op, wide), expected, gradients);
                check_close(op, shapes, run_case(op, narrow), expected, gradients);
            });
        }
    });
}

TEST_CASE("ops/cases: one and two threads give the same bits, on every ISA") {
    for_each_case([](const OpCase& op) {
        for (const Shapes& shapes : op.shapes) {
            INFO("shapes " << text_of(shapes));
            const auto in = to_inputs<float>(op, make_inputs(op, shapes));
            for_each_isa([&] {
                const auto run = [&](int threads) {
                    const Threads scope(threads);
                    return run_case(op, in);
                };
                const Result<float> one = run(1), two = run(2);
                CHECK(same_bits(one.y, two.y));
                for (std::size_t i = 0; i < one.gradients.size(); ++i)
                    if (one.gradients[i].defined()) CHECK(same_bits(one.gradients[i], two.gradients[i]));
            });
        }
    });
}

TEST_CASE("ops/cases: views and other orders of memory give what row-major tensors give") {
    for_each_case([](const OpCase& op) {
        for (const Shapes& shapes : op.shapes) {
            if (elements_of(shapes) > 5000) continue;
            INFO("shapes " << text_of(shapes));
            const auto in = to_inputs<double>(op, make_inputs(op, shapes));
            const Result<double> expected = run_case(op, in);
            const Tensor<double> cotangent = cotangent_for<double>(expected.y.shape());
            const int layouts = static_cast<int>(Layout::count);
            for (int mixed = 0; mixed < 2; ++mixed)
                for (int k = 0; k < layouts; ++k) {
                    Inputs<double> views = in;
                    for (std::size_t i = 0; i < in.tensors.size(); ++i)
                        views.tensors[i] =
                            laid_out(in[i], static_cast<Layout>((k + mixed * static_cast<int>(i + 1)) % layouts));
                    for (auto& labels : views.labels) labels = laid_out(labels, static_cast<Layout>(k));
                    const std::string layout = fathom::tests::name_of(static_cast<Layout>(k));
                    CAPTURE(layout);
                    CAPTURE(mixed);
                    const auto got = run_case(op, views, laid_out(cotangent, static_cast<Layout>(k)));
                    check_close(op, shapes, got, to_plain(expected.y), plain_gradients(expected));
                }
            // Repeated memory: the first slice of the first dimension everywhere.
            Inputs<double> repeated = in, copies = in;
            for (std::size_t i = 0; i < in.tensors.size(); ++i) {
                if (in[i].rank() == 0 || in[i].numel() == 0) continue;
                repeated.tensors[i] = in[i].narrow(0, 0, 1).expand(in[i].shape());
                copies.tensors[i] = from_data(elements(repeated[i]).data(), in[i].shape());
            }
            const Result<double> plain = run_case(op, copies);
            INFO("repeated memory");
            check_close(op, shapes, run_case(op, repeated), to_plain(plain.y), plain_gradients(plain));
        }
    });
}

TEST_CASE("ops/cases: gradients agree with differences, and so do their gradients") {
    for_each_case([](const OpCase& op) {
        for (const Shapes& shapes : op.shapes) {
            const auto in = to_inputs<double>(op, make_inputs(op, shapes));
            std::vector<Tensor<double>> variables;
            std::int64_t count = 0;
            for (std::size_t i = 0; i < in.tensors.size(); ++i)
                if (differentiable(op, i)) variables.push_back(in[i]), count += in[i].numel();
            const auto f = [&](std::vector<Tensor<double>>& x) {
                Inputs<double> all = in;
                std::size_t next = 0;
                for (std::size_t i = 0; i < all.tensors.size(); ++i)
                    if (differentiable(op, i)) all.tensors[i] = x[next++];
                return call(op, all);
            };
            if (count == 0 || count > 600 || f(variables).numel() == 0) continue;
            INFO("shapes " << text_of(shapes));
            // Behind the first shapes a gradient may be zero: nothing is there, or the other one of two numbers wins.
            const GradcheckOptions options{.allow_zero = &shapes != &op.shapes.front()};
            gradcheck(f, variables, options);
            // The square's second derivatives never vanish, and take the gradient of the gradient to dy and x alike.
            if (count <= 200)
                gradgradcheck([&](std::vector<Tensor<double>>& x) { return square(f(x)); }, variables, options);
        }
    });
}
