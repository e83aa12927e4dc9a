// What the list of operation cases does not reach of ops/functions.hpp, activation.hpp, norm.hpp and cumulative.hpp:
// integers, special values, places of extremes, messages.
#include "fathom/ops/functions.hpp"

#include <cmath>
#include <limits>

#include "fathom/ops/activation.hpp"
#include "fathom/ops/cumulative.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/mask.hpp"
#include "fathom/ops/norm.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

// Equal, or both no number.
bool same(const std::vector<double>& a, const std::vector<double>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!(a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i])))) return false;
    return true;
}
template <class F>
std::vector<double> gradient(F f, std::initializer_list<detail::Nested<double>> values) {
    const auto x = Tensor<double>(values).requires_grad_();
    return elements(grad(sum(f(x)), {x})[0]);
}
}  // namespace

TEST_CASE("ops/functions: integers") {
    const Tensor<std::int64_t> i({-3, 0, 4});
    CHECK(elements(sign(i)) == std::vector<std::int64_t>{-1, 0, 1});
    CHECK(elements(abs(i)) == std::vector<std::int64_t>{3, 0, 4});
    CHECK(elements(clamp(i, -1, 2)) == std::vector<std::int64_t>{-1, 0, 2});
    CHECK(elements(clamp_min(i, 1)) == std::vector<std::int64_t>{1, 1, 4});
    CHECK(elements(clamp_max(i, 1)) == std::vector<std::int64_t>{-3, 0, 1});
    CHECK(elements(maximum(i, 2)) == std::vector<std::int64_t>{2, 2, 4});
    CHECK(elements(minimum(-1, i)) == std::vector<std::int64_t>{-3, -1, -1});
    CHECK(elements(maximum(i, Tensor<std::int64_t>({5}))) == std::vector<std::int64_t>{5, 5, 5});
    CHECK(elements(isnan(i)) == std::vector<bool>(3, false));
    CHECK(elements(isinf(i)) == std::vector<bool>(3, false));
    CHECK(elements(isfinite(i)) == std::vector<bool>(3, true));
    constexpr std::int64_t large = (std::int64_t{1} << 53) + 1;  // no double
    CHECK(elements(clamp(Tensor<std::int64_t>({0, large + 9}), large, large + 2)) ==
          std::vector<std::int64_t>{large, large + 2});
    CHECK(elements(sign(Tensor<std::uint8_t>({0, 200}))) == std::vector<std::uint8_t>{0, 1});
    CHECK(elements(clamp_max(Tensor<std::uint8_t>({3, 200}), 100)) == std::vector<std::uint8_t>{3, 100});
    CHECK(message_of([&] { clamp_max(Tensor<std::uint8_t>({3}), 256); }).find("256") != std::string::npos);

    CHECK(prod(i).item() == 0);
    CHECK(prod(Tensor<std::int32_t>({2000000000, 3})).item() == 6000000000);
    CHECK(elements(prod(Tensor<std::uint8_t>({{200, 2}, {3, 4}}), 1)) == std::vector<std::int64_t>{400, 12});
    CHECK(prod(Tensor<bool>({true, true})).item() == 1);
    CHECK(prod(zeros<std::int64_t>({0})).item() == 1);
    CHECK(elements(cumsum(Tensor<std::uint8_t>({200, 100, 1}), 0)) == std::vector<std::int64_t>{200, 300, 301});
    CHECK(elements(Tensor<bool>({true, false, true}).cumsum(0)) == std::vector<std::int64_t>{1, 1, 2});
    CHECK(amax(i).item() == 4);
    CHECK(elements(amin(Tensor<std::int32_t>({{3, 1}, {2, 5}}), {1})) == std::vector<std::int32_t>{1, 2});
    CHECK(i.max().item() == 4);
    CHECK(i.argmin().item() == 0);
}

TEST_CASE("ops/functions: special values") {
    for_each_isa([] {
        const Tensor<double> x({0.0, -0.0, no_number, infinity, -infinity, -0.5, 1.5});
        CHECK(same(elements(sign(x)), {0, 0, 0, 1, -1, -1, 1}));
        CHECK(same(elements(floor(x)), {0, 0, no_number, infinity, -infinity, -1, 1}));
        CHECK(same(elements(ceil(x)), {0, 0, no_number, infinity, -infinity, 0, 2}));
        CHECK(same(elements(round(x)), {0, 0, no_number, infinity, -infinity, 0, 2}));
        CHECK(std::signbit(elements(ceil(x))[5]));
        CHECK(std::signbit(elements(round(x))[1]));
        CHECK(same(elements(rsqrt(x)), {infinity, -infinity, no_number, 0, no_number, no_number, 1 / std::sqrt(1.5)}));
        CHECK(elements(isnan(x)) == std::vector<bool>{false, false, true, false, false, false, false});
        CHECK(elements(isinf(x)) == std::vector<bool>{false, false, false, true, true, false, false});
        CHECK(elements(isfinite(x)) == std::vector<bool>{true, true, false, false, false, true, true});
        const auto of = [&](const Tensor<double>& y) { return elements(y.narrow(0, 2, 3)); };
        CHECK(same(of(elu(x)), {no_number, infinity, -1}));
        CHECK(same(of(gelu(x)), {no_number, infinity, no_number}));
        CHECK(same(of(gelu(x, GeluApproximate::tanh)), {no_number, infinity, no_number}));
        CHECK(same(of(silu(x)), {no_number, infinity, no_number}));
        CHECK(same(of(hardswish(x)), {no_number, infinity, no_number}));
        CHECK(same(of(relu6(x)), {no_number, 6, 0}));
        CHECK(same(of(softplus(x)), {no_number, infinity, 0}));
        CHECK(same(of(clamp_min(x, 0)), {no_number, infinity, 0}));
        CHECK(same(of(erf(x)), {no_number, 1, -1}));
        CHECK(same(of(log1p(x)), {no_number, infinity, no_number}));
        CHECK(same(of(sin(x)), {no_number, no_number, no_number}));
    });
    // Gradients, as PyTorch's.
    CHECK(same(gradient([](const auto& x) { return clamp(x, 0, 1); }, {0, 1, no_number, infinity}), {0, 0, 0, 0}));
    CHECK(same(gradient([](const auto& x) { return clamp_min(x, 0); }, {0, 1, no_number, infinity}), {0, 1, 0, 1}));
    CHECK(same(gradient([](const auto& x) { return clamp_max(x, 1); }, {0, 1, no_number, infinity}), {1, 0, 0, 0}));
    CHECK(same(gradient([](const auto& x) { return relu6(x); }, {0, 6, no_number, infinity}), {0, 0, 1, 0}));
    CHECK(same(gradient([](const auto& x) { return elu(x); }, {no_number, infinity, -infinity}), {1, 1, 0}));
    CHECK(same(gradient([](const auto& x) { return hardswish(x); }, {no_number, infinity, -infinity}), {1, 1, 0}));
    CHECK(same(gradient([](const auto& x) { return sign(x) + floor(x); }, {no_number, infinity, 1}), {0, 0, 0}));
    CHECK(same(gradient([](const auto& x) { return max(x); }, {1, no_number, 2, no_number}), {0, 0.5, 0, 0.5}));
    CHECK(
        same(gradient([](const auto& x) { return pow(x, full<double>({}, 0)); }, {0, no_number, infinity}), {0, 0, 0}));
    CHECK(same(gradient([](const auto& x) { return pow(0, x); }, {0, 1, -1}), {0, 0, -infinity}));
    CHECK(same(elements(pow(2, Tensor<double>({0, no_number, infinity}))), {1, no_number, infinity}));
    // Nothing flows back to where an exponential would be infinite.
    const auto x = Tensor<double>({1000, -1000}).requires_grad_();
    const auto first = grad(sum(elu(x)), {x}, {.create_graph = true})[0];
    CHECK(same(elements(grad(sum(first), {x})[0]), {0, 0}));
}

TEST_CASE("ops/functions: reductions of special values and of nothing") {
    const auto of_infinity = [](double p) { return norm(Tensor<double>({infinity, 2, -2}), p).item(); };
    for (const double p : {1.0, 2.0, 3.0, infinity}) CHECK(of_infinity(p) == infinity);
    for (const double p : {0.5, 1.0, 2.0, 3.0, infinity, -infinity})
        CHECK(std::isnan(norm(Tensor<double>({1, no_number}), p).item()));
    CHECK(norm(Tensor<float>({3e30f, 4e30f})).item() == doctest::Approx(5e30));
    CHECK(norm(zeros<float>({0})).item() == 0);
    CHECK(same(gradient([](const auto& x) { return norm(x); }, {infinity, 2}), {no_number, 0}));
    CHECK(std::isnan(fathom::std(Tensor<double>({1})).item()));
    CHECK(var(arange<double>(3), {}, 5).item() == infinity);
    CHECK(std::isnan(var(ones<double>({3}), {}, 3).item()));
    CHECK(logsumexp(Tensor<double>({-infinity, -infinity}), {0}).item() == -infinity);
    CHECK(logsumexp(Tensor<double>({infinity, 1}), {0}).item() == infinity);
    CHECK(same(elements(logsumexp(zeros<double>({2, 0}), {1})), {-infinity, -infinity}));
    CHECK(logsumexp(Tensor<float>({500, 500}), {0}).item() == doctest::Approx(500 + std::log(2.0)));
    CHECK(cumsum(zeros<float>({2, 0}), 1).shape() == Shape{2, 0});
    CHECK(prod(zeros<float>({0})).item() == 1);
    CHECK(amax(zeros<float>({0, 3}), {1}).shape() == Shape{0});
    CHECK(amax(full<float>({}, 3)).item() == 3);
    // A sum that goes through double: 1 added to 2^24 a million times.
    auto x = ones<float>({1000001});
    x.mutable_data()[0] = 16777216;
    CHECK(cumsum(x, 0)(1000000) == 17777216);
}

TEST_CASE("ops/functions: places of extremes") {
    const Tensor<float> x({{1, 5, 5}, {7, -2, 7}});
    CHECK(elements(argmax(x, 1)) == std::vector<std::int64_t>{1, 0});
    CHECK(argmax(x, -1, true).shape() == Shape{2, 1});
    CHECK(elements(x.argmin(0)) == std::vector<std::int64_t>{0, 1, 0});
    CHECK(argmax(x).item() == 3);
    CHECK(argmax(x).shape() == Shape{});
    CHECK(argmax(x.transpose(0, 1)).item() == 1);  // in row-major order of the view
    CHECK(argmin(x).item() == 4);
    CHECK(argmax(Tensor<float>({1, std::numeric_limits<float>::quiet_NaN(), 9})).item() == 1);
    const auto [values, indices] = x.max(1);
    CHECK(elements(values) == std::vector<float>{5, 7});
    CHECK(elements(indices) == std::vector<std::int64_t>{1, 0});
    CHECK_FALSE(argmax(Tensor<float>({1, 2}).requires_grad_(), 0).requires_grad());
}

TEST_CASE("ops/functions: sums and products along cut dimensions, with one thread and with two") {
    const Tensor<double> line = (arange<float>(200000) * 1e-3f).to<double>();
    for (const Tensor<double>& x : {line, reshape(line, {2000, 100}), reshape(line, {2, 100000}).transpose(0, 1)}) {
        const auto run = [&](int threads) {
            const Threads scope(threads);
            return cumsum(x, 0);
        };
        const auto one = run(1);
        CHECK(same_bits(one, run(2)));
        const std::int64_t n = x.size(0);
        CHECK(numbers(one[n - 1]) == numbers(x.sum(0)));
        CHECK(numbers(one[n / 3]) == numbers(x.narrow(0, 0, n / 3 + 1).sum(0)));
    }
    auto x = full<double>({100000}, 1);
    x.mutable_data()[70000] = 3;
    x.mutable_data()[99999] = 5;
    const auto y = x.requires_grad_();
    const auto g = grad(prod(y), {y})[0];
    CHECK(g(0) == 15);
    CHECK(g(70000) == 5);
    CHECK(g(99999) == 3);
}

TEST_CASE("ops/functions: any, all and logic of numbers") {
    const Tensor<float> x({{0, 0}, {0, std::numeric_limits<float>::quiet_NaN()}});
    CHECK(elements(x.any({1})) == std::vector<bool>{false, true});
    CHECK_FALSE(all(x).item());
    CHECK(all(Tensor<std::int32_t>({1, -2})).item());
    const Tensor<std::int64_t> a({0, 0, 3, 4}), b({0, 1, 0, 2});
    CHECK(elements(logical_and(a, b)) == std::vector<bool>{false, false, false, true});
    CHECK(elements(logical_or(a, b)) == std::vector<bool>{false, true, true, true});
    CHECK(elements(logical_xor(a, b)) == std::vector<bool>{false, true, true, false});
    CHECK(elements(logical_not(a)) == std::vector<bool>{true, true, false, false});
}

TEST_CASE("ops/functions: members") {
    const Tensor<double> x({1, 4});
    CHECK(elements(x.sqrt()) == elements(sqrt(x)));
    CHECK(elements(x.exp()) == elements(exp(x)));
    CHECK(elements(x.log()) == elements(log(x)));
    CHECK(elements((-x).abs()) == elements(x));
    CHECK(elements(x.pow(2)) == std::vector<double>{1, 16});
    CHECK(elements(x.pow(x)) == std::vector<double>{1, 256});
    CHECK(elements(x.clamp(2, 3)) == std::vector<double>{2, 3});
    CHECK(x.var(0).item() == 4.5);
    CHECK(x.std().item() == doctest::Approx(std::sqrt(4.5)));
    CHECK(x.norm(1).item() == 5);
}

TEST_CASE("ops/functions: in place") {
    auto x = Tensor<float>({-1, 0.5, 2});
    const auto handle = x;
    x.add_(1).mul_(2);
    CHECK(elements(handle) == std::vector<float>{0, 3, 6});
    x.sub_(Tensor<float>({4})).relu_().div_(2);
    CHECK(elements(handle) == std::vector<float>{0, 0, 1});
    x.add_(x).clamp_(0.5, 1.5);
    CHECK(elements(handle) == std::vector<float>{0.5, 0.5, 1.5});
    x.clamp_min_(0.75).clamp_max_(1);
    CHECK(elements(handle) == std::vector<float>{0.75, 0.75, 1});
    auto i = Tensor<std::int64_t>({{-3, 4}, {0, 9}});
    i.clamp_(-1, 5);
    i[1].clamp_min_(2).clamp_max_(4);  // a temporary view
    CHECK(elements(i) == std::vector<std::int64_t>{-1, 4, 2, 4});

    auto w = Tensor<double>({-1, 0.25, 2}).requires_grad_();
    auto y = w * 2;
    y.clamp_(-1, 3);
    y.mul_(w).add_(1);
    const auto z = (w * 1).relu_() + (w * 1).clamp_min_(0.5) + (w * 1).clamp_max_(1);
    CHECK(elements(grad(sum(y), {w})[0]) == std::vector<double>{-1, 1, 3});
    CHECK(elements(grad(sum(z), {w})[0]) == std::vector<double>{1, 2, 2});
    CHECK(message_of([&] { w.clamp_(0, 1); }).find("clamp_: a leaf that requires a gradient is changed in place") == 0);
    CHECK(message_of([&] { w.relu_(); }).find("relu_: a leaf that requires a gradient is changed in place") == 0);
    CHECK(message_of([&] { w.add_(1); }).find("add_: a leaf that requires a gradient is changed in place") == 0);
    const auto kept = exp(w);
    auto shared = kept;
    CHECK(message_of([&] {
              shared.clamp_min_(1);
          }).find("clamp_min_: a tensor of shape [3] is changed in place while") == 0);
    {
        NoGrad off;
        w.clamp_(0, 1);
    }
    CHECK(elements(w) == std::vector<double>{0, 0.25, 1});
    auto repeated = zeros<float>({1, 3}).expand({2, 3});
    CHECK(message_of([&] { repeated.relu_(); }).find("relu_: an expanded tensor of shape [2,3] is written in place") ==
          0);
    // What a gradient needs is not overwritten unseen.
    auto v = Tensor<double>({1, 2, 3});
    const auto product = w.detach().requires_grad_() * v;
    v.clamp_(0, 1);
    CHECK(message_of([&] { sum(product).backward(); }).find("mul: ") == 0);
}

TEST_CASE("ops/functions: messages") {
    const auto x = zeros<float>({2, 3});
    CHECK(message_of([&] { prelu(x, zeros<float>({2})); }) ==
          "prelu: weight has shape [2], expected one number or one for each of 3 channels (input [2,3]) at here");
    CHECK(message_of([&] { prelu(x[0], zeros<float>({3})); }).find("each of 1 channels") != std::string::npos);
    CHECK(message_of([&] { prelu(x, zeros<float>({1, 3})); }).find("prelu: weight has shape [1,3]") == 0);
    CHECK(message_of([&] { lerp(x, zeros<float>({2}), 0.5); }) ==
          "lerp: shapes [2,3] and [2] do not broadcast at here");
    CHECK(message_of([&] { lerp(x, Tensor<float>(), 0.5); }).find("lerp: ") == 0);
    CHECK(message_of([&] { pow(x, zeros<float>({2})); }) == "pow: shapes [2,3] and [2] do not broadcast at here");
    CHECK(message_of([&] { amax(x, {2}); }) == "amax: dimension 2 of a tensor of rank 2 at here");
    CHECK(message_of([&] { amin(zeros<float>({2, 0}), {1}); }) == "amin: of no elements: shape [2,0] at here");
    CHECK(message_of([&] { zeros<float>({0}).max(); }) == "max: of no elements: shape [0] at here");
    CHECK(message_of([&] {
              argmax(zeros<float>({2, 0}), 1);
          }) == "argmax: of no elements: shape [2,0], dimension 1 at here");
    CHECK(message_of([&] { cumsum(x, 2); }) == "cumsum: dimension 2 of a tensor of rank 2 at here");
    CHECK(message_of([&] { prod(x, -3); }) == "prod: dimension -3 of a tensor of rank 2 at here");
    CHECK(message_of([&] { norm(x, no_number); }) == "norm: p is nan at here");
    CHECK(message_of([&] { norm(zeros<float>({0}), infinity); }) == "amax: of no elements: shape [0] at here");
    CHECK(message_of([&] { x.std(2); }) == "std: dimension 2 of a tensor of rank 2 at here");
    CHECK(message_of([&] { logsumexp(x, {0, 0}); }) == "logsumexp: dimension 0 stands twice in [0,0] at here");
    CHECK(message_of([&] { sin(Tensor<float>()); }).find("sin: ") == 0);
    CHECK(message_of([&] { x.clone().clamp_(2, 1); }) == "clamp_: min 2 is above max 1 at here");
}
