// Plain and recorded gradients at special values: of every entry of the list of operation cases, both are the same
// number, or both are none.
#include <cmath>
#include <limits>

#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/ops/for_each_case.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

template <class T>
std::vector<T> special_values() {
    using Limits = std::numeric_limits<T>;
    return {0,
            -T{0},
            1,
            -1,
            T(0.5),
            -2,
            T(1e-10),
            -T(1e-10),
            T(1e10),
            Limits::min(),
            Limits::denorm_min(),
            Limits::max(),
            -Limits::max(),
            Limits::infinity(),
            -Limits::infinity(),
            Limits::quiet_NaN()};
}

template <class T>
std::vector<Tensor<T>> gradients(const OpCase& op, Inputs<T> in, bool recorded) {
    std::vector<AnyTensor> leaves;
    for (std::size_t i = 0; i < in.tensors.size(); ++i)
        if (differentiable(op, i)) leaves.push_back(in.tensors[i] = in.tensors[i].detach().requires_grad_());
    const Tensor<T> y = call(op, in);
    std::vector<Tensor<T>> result;
    for (const AnyTensor& g :
         autograd::grad({y}, leaves, {.create_graph = recorded, .grad_outputs = {cotangent_for<T>(y.shape())}}, {}))
        result.push_back(g.as<T>().detach());
    return result;
}

// The same number up to the rounding of a few operations; zeros of any sign are one number, infinities are not.
template <class T>
bool agree(T a, T b, double scale) {
    if (is_nan(a) || is_nan(b)) return is_nan(a) && is_nan(b);
    if (a == b) return true;
    const double off = std::fabs(static_cast<double>(a) - static_cast<double>(b));
    return off <= 32 * static_cast<double>(std::numeric_limits<T>::epsilon()) *
                      std::max({std::fabs(static_cast<double>(a)), std::fabs(static_cast<double>(b)), scale}) ||
           off <= static_cast<double>(std::numeric_limits<T>::min());
}

template <class T>
void check_agreement(const OpCase& op, const Inputs<T>& in, double scale) {
    const auto plain = gradients(op, in, false), recorded = gradients(op, in, true);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const std::vector<T> a = elements(plain[i]), b = elements(recorded[i]);
        REQUIRE(a.size() == b.size());
        std::size_t k = 0;
        while (k < a.size() && agree(a[k], b[k], scale)) ++k;
        if (k == a.size()) continue;
        std::string at;
        for (const Tensor<T>& x : in.tensors)
            if (x.numel() == static_cast<std::int64_t>(a.size()))
                at += " " + to_string(static_cast<double>(elements(x)[k]));
        INFO("input " << i << ", element " << k << " at" << at << ": plain " << a[k] << ", recorded " << b[k]);
        CHECK(k == a.size());
    }
}

// All combinations of special values, in arrays of one dimension.
template <class T>
void check_pointwise(const OpCase& op) {
    const std::vector<T> values = special_values<T>();
    std::vector<std::vector<T>> columns(op.inputs.size());
    std::size_t n = 1;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) n *= values.size();
    for (std::size_t k = 0; k < n; ++k)
        for (std::size_t i = 0, rest = k; i < op.inputs.size(); ++i, rest /= values.size())
            columns[i].push_back(values[rest % values.size()]);
    Inputs<T> in;
    for (const std::vector<T>& column : columns)
        in.tensors.push_back(from_data(column.data(), {static_cast<std::int64_t>(n)}));
    check_agreement(op, in, 0);
}

// One special value in each input in turn; none that makes a sum overflow, since then it depends on the order.
template <class T>
void check_planted(const OpCase& op) {
    const std::vector<Plain> plain = make_inputs(op, op.shapes.front());
    for (const T value : special_values<T>()) {
        if (!(std::fabs(value) <= T{2})) continue;
        for (std::size_t i = 0; i < plain.size(); ++i) {
            Inputs<T> in = to_inputs<T>(op, plain);
            if (i >= in.tensors.size() || in.tensors[i].numel() == 0) continue;
            in.tensors[i].mutable_data()[0] = value;
            CAPTURE(value);
            CAPTURE(i);
            check_agreement(op, in, 1);
        }
    }
}

}  // namespace

namespace {
std::vector<OpCase> pointwise_cases() {
    std::vector<OpCase> all;
    add_pointwise_cases(all);
    add_function_cases(all);
    return all;
}
}  // namespace

TEST_CASE("ops/special_values: plain and recorded gradients of pointwise operations agree") {
    for (const OpCase& op : pointwise_cases()) {
        CAPTURE(op.name);
        check_pointwise<float>(op);
        check_pointwise<double>(op);
    }
}

TEST_CASE("ops/special_values: plain and recorded gradients of all others agree") {
    const std::vector<OpCase> pointwise = pointwise_cases();
    for_each_case([&](const OpCase& op) {
        for (const OpCase& other : pointwise)
            if (other.name == op.name) return;
        if (op.shapes.empty()) return;
        CAPTURE(op.name);
        check_planted<double>(op);
    });
}

namespace {
// The first and second derivative of sum f(x) at one place, both recorded.
template <class T, class F>
std::pair<T, T> derivatives(F f, T at) {
    const auto x = Tensor<T>({at}).requires_grad_();
    const auto first = grad(sum(f(x)), {x}, {.create_graph = true})[0];
    if (!first.requires_grad()) return {first.item(), T{0}};  // a constant
    const auto second = grad(sum(first), {x}, {.allow_unused = true})[0];
    return {first.detach().item(), second.defined() ? second.item() : T{0}};
}
}  // namespace

TEST_CASE("ops/special_values: derivatives where formulas divide by zero or leave the range of numbers") {
    constexpr double inf = std::numeric_limits<double>::infinity();
    const auto power = [](double exponent) { return [=](const Tensor<double>& x) { return pow(x, exponent); }; };
    CHECK(derivatives(power(0), 0.0) == std::pair(0.0, 0.0));
    CHECK(derivatives(power(1), 0.0) == std::pair(1.0, 0.0));
    CHECK(derivatives(power(2), 0.0) == std::pair(0.0, 2.0));
    const auto root = [](const Tensor<double>& x) { return sqrt(x); };
    CHECK(derivatives(root, -0.0).first == -inf);
    CHECK(derivatives(root, 0.0).first == inf);
    const auto inverse = [](const auto& x) { return 1 / x; };
    CHECK(derivatives(inverse, 1e-10f).second == doctest::Approx(2e30));
    CHECK(derivatives(inverse, inf) == std::pair(-0.0, 0.0));
    CHECK(derivatives(inverse, 1e-10f).first == doctest::Approx(-1e20));
}
