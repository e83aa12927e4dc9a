// Every operation that a dtype has, on a few elements: whatever compiles and links header-only does so against
// fathom::compiled, and gives the same.
#include <fathom/fathom.hpp>

#include "check.hpp"

#define CHECK(...) check((__VA_ARGS__), #__VA_ARGS__)

namespace ft = fathom;

namespace {

template <class T>
std::vector<double> numbers(const ft::Tensor<T>& x) {
    const auto values = ft::to<double>(x);
    const double* p = values.dense_data();
    return {p, p + values.numel()};
}

// What every dtype has.
template <class T>
void hold() {
    auto x = ft::full<T>({2, 2}, 1);
    x(0, 1) = 0;
    CHECK(numbers(x) == std::vector<double>({1, 0, 1, 1}));
    CHECK(numbers(x.transpose(0, 1).contiguous()) == std::vector<double>({1, 1, 0, 1}));
    CHECK(numbers(ft::cat<T>({x, x.clone()}, 0)).size() == 8);
    CHECK(numbers(ft::stack<T>({x, x}, 0).reshape({-1})).size() == 8);
    x[0].copy_(ft::zeros<T>({2}));
    x[1].fill_(1);
    CHECK(numbers(x.expand({3, 2, 2}).select(0, 2)) == std::vector<double>({0, 0, 1, 1}));
    CHECK(!ft::to_string(x.untyped()).empty());
    ft::AnyTensor any = x;
    CHECK(any.as<T>().numel() == 4);
}

// What is compared, chosen and summed.
template <class T>
void count() {
    const auto x = ft::full<T>({3}, 1);
    CHECK(numbers(x == x) == std::vector<double>(3, 1));
    CHECK(numbers(x != x) == std::vector<double>(3, 0));
    CHECK(numbers(x <= x) == std::vector<double>(3, 1));
    CHECK(numbers(ft::where(x > x, x, ft::zeros<T>({3}))) == std::vector<double>(3, 0));
    CHECK(x.sum().item() == 3);
    CHECK(numbers(x.sum(0, true)) == std::vector<double>({3}));
}

template <class T>
void calculate() {
    auto x = ft::arange<T>(1, 4);
    CHECK(numbers(x + x) == std::vector<double>({2, 4, 6}));
    CHECK(numbers(x * 2 - x) == std::vector<double>({1, 2, 3}));
    CHECK(numbers(x / x) == std::vector<double>({1, 1, 1}));
    CHECK(numbers(-x + x) == std::vector<double>({0, 0, 0}));
    x += 1, x *= x, x -= 1, x /= 1;
    CHECK(numbers(x) == std::vector<double>({3, 8, 15}));
    const auto [largest, at] = ft::max(x, 0);
    CHECK(largest.item() == 15 && at.item() == 2);
    CHECK(ft::min(x).item() == 3);
}

template <class T>
void differentiate() {
    ft::Generator gen(1);
    const auto x = ft::rand<T>({2, 3}, gen, 1, 2).requires_grad_();
    const auto y = ft::exp(x) + ft::log(x) + ft::sqrt(x) + ft::pow(x, 2) + ft::tanh(x) + ft::sigmoid(x) + ft::abs(x) +
                   ft::relu(x) + ft::softplus(x) + ft::clamp(x, 0, 3) + ft::maximum(x, x) + ft::square(x);
    (ft::mean(y) + ft::var(y, {}) + ft::sum(ft::softmax(y, 1)) + ft::sum(ft::matmul(y, ft::transpose(y, 0, 1))))
        .backward();
    CHECK(x.grad().shape() == x.shape());
    if constexpr (ft::FloatElement<T>) {
        CHECK(ft::mse_loss(x, x).item() == 0);
        CHECK(ft::cross_entropy(x, ft::Tensor<std::int64_t>({0, 2})).item() > 0);
    }
}

}  // namespace

int main() {
    hold<float>(), hold<double>(), hold<std::int64_t>(), hold<std::int32_t>(), hold<std::uint8_t>(), hold<bool>();
    hold<ft::half>(), hold<ft::bfloat16>();
    count<float>(), count<double>(), count<std::int64_t>(), count<std::int32_t>(), count<std::uint8_t>();
    count<bool>(), count<ft::half>(), count<ft::bfloat16>();
    calculate<float>(), calculate<double>(), calculate<std::int64_t>(), calculate<std::int32_t>();
    calculate<std::uint8_t>(), calculate<ft::half>(), calculate<ft::bfloat16>();
    differentiate<float>(), differentiate<double>(), differentiate<ft::half>();
    const ft::Tensor<bool> a({true, false}), b({true, true});
    CHECK((a & b).any().item() && !(a ^ b).all().item() && ((!a) | b).all().item());
    return finish();
}
