// Every entry of the list of operation cases (case.hpp) against PyTorch's numbers and the plain reference.
// layouts_test.cpp, threads_test.cpp and gradcheck_test.cpp go through the same list.
#include <algorithm>
#include <map>
#include <set>

#include "fathom/io/safetensors.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/ops/for_each_case.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

const StateDict& golden_file(const std::string& name) {
    static std::map<std::string, StateDict> files;
    const auto found = files.find(name);
    if (found != files.end()) return found->second;
    return files.emplace(name, io::load(FATHOM_GOLDEN_DIR "/" + name + ".safetensors")).first->second;
}

const AnyTensor& golden(const OpCase& op, const std::string& what) {
    const AnyTensor* found = golden_file(op.golden_file).find(op.golden + "." + what);
    if (!found) throw Error("no golden " + op.golden + "." + what);
    return *found;
}

// Inputs are exact in float, whichever of the two a file has.
template <class T>
Tensor<T> floating(const AnyTensor& x) {
    return x.dtype() == DType::float64 ? x.as<double>().to<T>() : x.as<float>().to<T>();
}

template <class T>
void check_golden(const OpCase& op) {
    Inputs<T> in;
    Shapes shapes;
    for (const OpInput& rule : op.inputs) {
        const AnyTensor& x = golden(op, std::string("in.") + rule.name);
        shapes.push_back(x.shape());
        if (rule.integral())
            in.labels.push_back(x.as<std::int64_t>());
        else
            in.tensors.push_back(floating<T>(x));
    }
    const Plain expected = to_plain(golden(op, "out.0"));
    for_each_isa([&] {
        const Result<T> result = run_case<T>(op, in, floating<T>(golden(op, "cotangent.0")));
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
            if (!rule.integral()) ++tensor;
        }
    });
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
    std::set<std::string> files;
    for (const OpCase& op : all_cases())
        if (!op.golden.empty()) listed.push_back(op.golden), files.insert(op.golden_file);
    std::vector<std::string> there;
    for (const std::string& file : files)
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
