// Arithmetic of what is stored in two bytes: PyTorch's values and gradients, one rounding, special values, views.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "fathom/io/safetensors.hpp"
#include "fathom/ops/activation.hpp"
#include "fathom/ops/conv.hpp"
#include "fathom/ops/index_list.hpp"
#include "fathom/ops/pad.hpp"
#include "fathom/ops/sort.hpp"
#include "fathom/ops/cumulative.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/ops/matmul.hpp"
#include "fathom/ops/norm.hpp"
#include "fathom/ops/softmax.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/dtypes.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// Every input of a case by its name in the file, and how far from PyTorch's values and gradients ours may be, in units
// of the last place of the largest: 0 where both compute in float and round, more where sums or exponentials differ in
// float's last place, or PyTorch rounds on the way.
template <class T>
struct StoredCase {
    const char* name;
    std::vector<const char*> inputs;
    int units, gradient_units;
    std::function<Tensor<T>(const std::vector<Tensor<T>>&)> call;
};

template <class T>
std::vector<StoredCase<T>> stored_cases() {
    using In = const std::vector<Tensor<T>>&;
    std::vector<StoredCase<T>> cases = {
        {"add", {"x", "y"}, 0, 0, [](In in) { return in[0] + in[1]; }},
        {"sub", {"x", "y"}, 0, 0, [](In in) { return in[0] - in[1]; }},
        {"mul", {"x", "y"}, 0, 0, [](In in) { return in[0] * in[1]; }},
        {"div", {"x", "y"}, 0, 1, [](In in) { return in[0] / in[1]; }},
        {"mul_row", {"x", "y"}, 0, 1, [](In in) { return in[0] * in[1]; }},
        {"mul_number", {"x"}, 0, 0, [](In in) { return in[0] * 0.3; }},
        {"chain", {"x", "y"}, 0, 2, [](In in) { return (in[0] + in[1]) * in[0] / in[1] - in[0]; }},
        {"exp", {"x"}, 1, 1, [](In in) { return exp(in[0]); }},
        {"sum", {"x"}, 1, 0, [](In in) { return sum(in[0], {1}); }},
        {"matmul", {"x", "y"}, 1, 1, [](In in) { return matmul(in[0], in[1].transpose(0, 1)); }},
        {"conversion", {"x"}, 0, 0, [](In in) { return (in[0].template to<float>() * 3).template to<T>() * in[0]; }},
    };
    if constexpr (std::is_same_v<T, half>) {  // one path serves both: of the others one is enough
        cases.insert(cases.end(),
                     {
                         {"tanh", {"x"}, 1, 1, [](In in) { return tanh(in[0]); }},
                         {"relu", {"x"}, 0, 0, [](In in) { return relu(in[0]); }},
                         {"gelu", {"x"}, 1, 1, [](In in) { return gelu(in[0]); }},
                         {"log", {"x"}, 1, 1, [](In in) { return log(in[0]); }},
                         {"sqrt", {"x"}, 0, 1, [](In in) { return sqrt(in[0]); }},
                         {"clamp", {"x"}, 0, 0, [](In in) { return clamp(in[0], -1, 0.7); }},
                         {"where", {"x", "y"}, 0, 0, [](In in) { return where(in[0] > in[1] - 1, in[0], in[1]); }},
                         {"mean", {"x"}, 1, 1, [](In in) { return mean(in[0]); }},
                         {"amax", {"x"}, 0, 0, [](In in) { return amax(in[0], {0}); }},
                         {"max", {"x"}, 0, 0, [](In in) { return max(in[0], 1).values; }},
                         {"var", {"x"}, 1, 1, [](In in) { return var(in[0], {1}); }},
                         {"cumsum", {"x"}, 1, 1, [](In in) { return cumsum(in[0], 1); }},
                         {"softmax", {"x"}, 1, 1, [](In in) { return softmax(in[0], 1); }},
                         {"log_softmax", {"x"}, 1, 1, [](In in) { return log_softmax(in[0], 1); }},
                         {"linear", {"x", "weight", "bias"}, 1, 1, [](In in) { return linear(in[0], in[1], in[2]); }},
                     });
    }
    return cases;
}

// The distance of the T next to x.
template <class T>
double unit_of(double x) {
    const int least = std::numeric_limits<T>::min_exponent;
    return std::ldexp(1.0, std::max(x == 0 ? least : std::ilogb(x) + 1, least) - std::numeric_limits<T>::digits);
}

template <class T>
double units_between(const Tensor<T>& x, const Tensor<double>& expected) {
    REQUIRE(x.shape() == expected.shape());
    const std::vector<double> a = numbers(x), b = elements(expected);
    double farthest = 0, largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        farthest = std::max(farthest, std::abs(a[i] - b[i]));
        largest = std::max(largest, std::abs(b[i]));
    }
    return farthest / unit_of<T>(largest);
}

template <class T>
Tensor<T> some(const Shape& shape, std::uint64_t seed) {
    Generator gen(seed);
    return randn<T>(shape, gen);
}

template <class T>
concept Convolves = requires(Tensor<T> x) {
    conv2d(x, x);
};
static_assert(Convolves<float> && !Convolves<half> && !Convolves<bfloat16>);

}  // namespace

TEST_CASE("ops/stored: PyTorch's values and gradients, on every ISA") {
    const StateDict golden = io::load(FATHOM_GOLDEN_DIR "/stored.safetensors");
    for_each_stored([&]<class T>(Type<T>) {
        for (const StoredCase<T>& test : stored_cases<T>()) {
            const std::string name = std::string(name_of(dtype_of<T>)) + "_" + test.name;
            CAPTURE(name);
            const auto number = [&](const std::string& what) {
                return golden.find(name + "." + what)->template as<double>();
            };
            for_each_isa([&] {
                std::vector<Tensor<T>> in;
                for (const char* input : test.inputs)
                    in.push_back(number(std::string("in.") + input).template to<T>().requires_grad_());
                const Tensor<T> y = test.call(in);
                CHECK(units_between(y, number("out.0")) <= test.units);
                backward(y, number("cotangent.0").template to<T>());
                for (std::size_t i = 0; i < in.size(); ++i) {
                    CHECK(in[i].grad().dtype() == dtype_of<T>);
                    CHECK(units_between(in[i].grad(), number(std::string("grad.") + test.inputs[i])) <=
                          test.gradient_units);
                }
            });
        }
    });
}

TEST_CASE("ops/stored: a result is float's, rounded once, in any layout and with any number of threads") {
    for_each_stored([]<class T>(Type<T>) {
        const auto check = [](const auto& f, const Tensor<T>& a, const Tensor<T>& b) {
            for_each_isa([&] {
                const Tensor<T> expected = f(a.template to<float>(), b.template to<float>()).template to<T>();
                for (const int threads : {1, 2}) {
                    const Threads scope(threads);
                    CHECK(same_bits(f(a, b), expected));
                }
            });
        };
        const auto x = some<T>({13, 7, 41}, 1), y = some<T>({13, 7, 41}, 2), row = some<T>({41}, 3);
        check([](const auto& p, const auto& q) { return p / q; }, x.transpose(0, 2), y.transpose(0, 2));
        check([](const auto& p, const auto& q) { return p - q; }, x.slice(2, 0, 41, 2), y.slice(2, 5, 6));
        check([](const auto& p, const auto& q) { return q * p; }, some<T>({70001}, 4), some<T>({}, 5));
        check([](const auto& p, const auto&) { return 0.3 - p / 0.3 + 0.3 / p; }, zeros<T>({0, 3}), y);
        check([](const auto& p, const auto&) { return sum(p, {0, 2}); }, x, y);
        check([](const auto& p, const auto& q) { return matmul(p, q.transpose(0, 1)); }, x, some<T>({9, 41}, 6));
        if constexpr (std::is_same_v<T, half>) {
            check([](const auto& p, const auto& q) { return maximum(p, q); }, x.transpose(0, 1), row);
            check([](const auto& p, const auto&) { return p / 0.3; }, x, y);
            check([](const auto& p, const auto&) { return 0.3 - p; }, x, y);
            check([](const auto& p, const auto&) { return 0.3 / p; }, x, y);
            check([](const auto& p, const auto&) { return softmax(p, 1); }, x.transpose(1, 2), y);
            check([](const auto& p, const auto&) { return amin(p, {2}, true); }, x.expand({3, 13, 7, 41}), y);
            check([](const auto& p, const auto& q) { return matmul(p, q.transpose(1, 2)); }, x, y);
            check([](const auto& p, const auto&) { return norm(p, 3); }, x, y);
            check([](const auto& p, const auto&) { return fathom::std(p, {1}); }, x, y);
            check([](const auto& p, const auto&) { return logsumexp(p, {0}); }, x, y);
            check([](const auto& p, const auto&) { return prod(p, 2); }, x, y);
        }
    });
}

TEST_CASE("ops/stored: sums are wider than what they are stored in") {
    for_each_stored([]<class T>(Type<T>) {
        const auto ones = fathom::ones<T>({100000});
        CHECK(sum(ones).item() == static_cast<float>(T(100000)));  // of half infinity
        CHECK(mean(ones).item() == 1.0f);
        CHECK(sum(full<T>({4096}, 0.125)).item() == 512.0f);
        const auto [largest, at] = max(Tensor<T>({{1, 5, 5}, {-2, -7, NAN}}), 1);
        CHECK(numbers(at) == std::vector<double>{1, 2});
        CHECK(largest(0) == 5.0f);
        CHECK(numbers(argmin(Tensor<T>({3, -1, -1}))) == std::vector<double>{1});
        CHECK(numbers(sum(zeros<T>({0, 2}), {0})) == std::vector<double>{0, 0});
        CHECK(message_of([] { amax(zeros<T>({0})); }) == "amax: of no elements: shape [0] at here");
    });
}

TEST_CASE("ops/stored: sorted, padded, chosen, drawn") {
    for_each_stored([]<class T>(Type<T>) {
        const auto [values, at] = topk(Tensor<T>({3, -1, 7, NAN, 0.5}), 3);
        CHECK(numbers(at) == std::vector<double>{3, 2, 0});
        CHECK(values(1) == 7.0f);
        CHECK(numbers(sort(Tensor<T>({3, -1, 7})).values) == std::vector<double>{-1, 3, 7});
        CHECK(numbers(pad(Tensor<T>({1, 2}), {1, 1}, Pad::constant, 0.1)) ==
              std::vector<double>{static_cast<double>(T(0.1)), 1, 2, static_cast<double>(T(0.1))});
        auto x = Tensor<T>({1, 2, 3}).requires_grad_();
        where(x > 1, x, 0).sum().backward();
        CHECK(numbers(x.grad()) == std::vector<double>{0, 1, 1});
        Generator gen(7), same(7);
        CHECK(same_bits(randn<T>({3, 50}, gen), randn<float>({3, 50}, same).template to<T>()));
    });
}

TEST_CASE("ops/stored: numbers beside a tensor") {
    for_each_stored([]<class T>(Type<T>) {
        const auto x = Tensor<T>({1, 0.1, -3});
        CHECK(elements(x == 0.1) == std::vector<bool>{false, true, false});  // compared as a T
        CHECK(elements(x < 0.1) == std::vector<bool>{false, false, true});
        CHECK(elements(2 * x <= T(2)) == std::vector<bool>{true, true, true});
        CHECK(elements(isnan(x / 0 - x / 0)) == std::vector<bool>{true, true, true});
        CHECK(elements(isinf(x / 0)) == std::vector<bool>{true, true, true});
        CHECK(numbers(pow(2, x)) ==
              std::vector<double>{2, static_cast<double>(T(std::exp2(static_cast<float>(T(0.1))))), 0.125});
        auto y = x.clone();
        y += 1, y *= 0.5, y -= x, y /= 0.25;
        CHECK(y(0) == 0.0f);
        CHECK(y(2) == 8.0f);
        y.clamp_(-1, 2);
        CHECK(y(2) == 2.0f);
        y.relu_().copy_(x);
        CHECK(same_bits(y, x));
    });
    CHECK(message_of([] { static_cast<void>(ones<half>({2}) < 1e6); }) ==
          "scalar: 1e+06 is too large for half at here");
    CHECK(message_of([] { ones<half>({2}) * 1e39; }) == "scalar: 1e+39 is too large for float at here");
    CHECK(message_of([] { clamp(ones<half>({2}), 3, 2); }) == "clamp: min 3 is above max 2 at here");
    CHECK(message_of([] { ones<bfloat16>({2}) + ones<bfloat16>({3}); }) ==
          "add: shapes [2] and [3] do not broadcast at here");
    CHECK(message_of([] { Tensor<half>() / 2; }) ==
          "div: an input was never given a value (a default-constructed tensor) at here");
}

TEST_CASE("ops/stored: NaN, infinity and the sign of zero") {
    for_each_stored([]<class T>(Type<T>) {
        const double infinity = std::numeric_limits<double>::infinity();
        const auto x = Tensor<T>({NAN, infinity, -infinity, 0.0, -0.0});
        const auto signs = [](const Tensor<T>& t) {
            std::vector<bool> out;
            for (const T v : elements(t)) out.push_back(std::signbit(static_cast<float>(v)));
            return out;
        };
        CHECK(is_nan(numbers(x * 0)[1]));
        CHECK(is_nan(numbers(relu(x))[0]));
        CHECK(numbers(exp(x))[2] == 0);
        CHECK(signs(x * 2)[4]);
        CHECK_FALSE(signs(x + 0)[4]);
        CHECK(signs(-x)[3]);
        CHECK(numbers(Tensor<T>({std::numeric_limits<T>::max()}) * 2)[0] == infinity);
        CHECK(numbers(maximum(x, zeros<T>({5})))[1] == infinity);
    });
}

TEST_CASE("ops/stored: gradients are of the tensor's own type, and of any order") {
    for_each_stored([]<class T>(Type<T>) {
        auto x = Tensor<T>({1, 2, 3}).requires_grad_();
        const double fine = 1 + std::numeric_limits<T>::epsilon() / 2;
        for (int round = 0; round < 2; ++round) sum(x.template to<float>() * static_cast<float>(fine)).backward();
        CHECK(numbers(x.grad()) == std::vector<double>{2, 2, 2});  // rounded each time
        x.zero_grad();
        const auto [first] = grad(sum(x * x * x), {x}, {.create_graph = true});
        CHECK(numbers(first) == std::vector<double>{3, 12, 27});
        const auto [second] = grad(sum(first / 4), {x}, {.create_graph = true});
        CHECK(numbers(second) == std::vector<double>{1.5, 3, 4.5});
        const auto [third] = grad(sum(second), {x});
        CHECK(numbers(third) == std::vector<double>{1.5, 1.5, 1.5});
        (x.reshape({3, 1}) * x[Tensor<std::int64_t>({0, 0, 2})]).sum().backward();
        CHECK(numbers(x.grad()) == std::vector<double>{17, 5, 11});
        auto y = x * 1;
        y *= 2;
        y.clamp_(-1, 5);
        CHECK(numbers(grad(sum(y), {x})[0]) == std::vector<double>{2, 2, 0});
    });
}
