#include "fathom/tensor/tensor.hpp"

#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

// What must not compile.
namespace {

template <class A, class B>
concept Adds = requires(A a, B b) {
    a + b;
};
template <class A, class B>
concept AddsInPlace = requires(A a, B b) {
    a += b;
};
template <class A, class B>
concept Compares = requires(A a, B b) {
    a == b;
};
template <class A, class B>
concept AssignsRow = requires(A a, B b) {
    a[0] = b;
};
template <class A>
concept AssignsElement = requires(A a) {
    a(0) = 1;
};
template <class A>
concept HasGradients = requires(A a) {
    a.requires_grad_();
};
template <class A>
concept HasExp = requires(A a) {
    exp(a);
};

static_assert(Adds<Tensor<float>, Tensor<float>> && Adds<Tensor<float>, int> && Adds<double, Tensor<float>>);
static_assert(!Adds<Tensor<float>, Tensor<double>> && !Adds<Tensor<double>, Tensor<float>>);
static_assert(!Adds<Tensor<float>, Tensor<std::int64_t>> && !Adds<Tensor<std::int32_t>, Tensor<std::int64_t>>);
static_assert(Adds<Tensor<std::int64_t>, int> && !Adds<Tensor<std::int64_t>, double> &&
              !Adds<float, Tensor<std::uint8_t>>);
static_assert(AddsInPlace<Tensor<float>&, Tensor<float>> && !AddsInPlace<Tensor<float>&, Tensor<double>>);
static_assert(!AddsInPlace<Tensor<std::int64_t>&, double>);
static_assert(Compares<Tensor<float>, float> && !Compares<Tensor<float>, Tensor<double>>);
static_assert(!AssignsRow<Tensor<float>, Tensor<float>> && !AssignsRow<Tensor<float>, float>);
static_assert(AssignsElement<Tensor<float>&> && !AssignsElement<const Tensor<float>&>);
static_assert(HasExp<Tensor<double>> && !HasExp<Tensor<std::int64_t>>);
static_assert(!std::is_convertible_v<Tensor<double>, Tensor<float>> &&
              !std::is_constructible_v<Tensor<float>, Tensor<double>>);
static_assert(!std::is_convertible_v<AnyTensor, Tensor<float>> && !std::is_constructible_v<Tensor<float>, AnyTensor>);
static_assert(std::is_convertible_v<Tensor<float>, AnyTensor>);
static_assert(!std::is_constructible_v<Tensor<float>, Shape> && !std::is_constructible_v<Tensor<float>, int>);
static_assert(!std::is_base_of_v<AnyTensor, Tensor<float>>);

}  // namespace

TEST_CASE("tensor/tensor: braces are values, nested as deep as the tensor") {
    CHECK(Tensor<float>({2, 3}).shape() == Shape{2});
    CHECK(elements(Tensor<float>({2, 3})) == std::vector<float>{2, 3});
    const Tensor<float> a({{1, 2, 3}, {4, 5, 6}});
    CHECK(a.shape() == Shape{2, 3});
    CHECK(a.rank() == 2);
    CHECK(a.numel() == 6);
    CHECK(a.size(0) == 2);
    CHECK(a.size(-1) == 3);
    CHECK(a.dtype() == DType::float32);
    CHECK(a.device() == Device::cpu());
    CHECK(a.is_contiguous());
    CHECK(elements(a) == std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(Tensor<float>({{1}, {2}, {3}}).shape() == Shape{3, 1});
    CHECK(Tensor<std::int64_t>({{{1, 2}}, {{3, 4}}}).shape() == Shape{2, 1, 2});
    CHECK(Tensor<float>({{}, {}}).shape() == Shape{2, 0});
    CHECK(elements(Tensor<bool>({true, false})) == std::vector<bool>{true, false});
    CHECK(elements(Tensor<std::uint8_t>({1, 255})) == std::vector<std::uint8_t>{1, 255});
    CHECK(Tensor<float>({{{{{{{{7}}}}}}}}).shape() == Shape::filled(8, 1));
}

TEST_CASE("tensor/tensor: ragged lists and too many dimensions throw") {
    CHECK(message_of([] {
              Tensor<float>({{1, 2, 3}, {4, 5}});
          }) == "tensor: ragged nested lists: the first entries have shape [2,3], another differs at here");
    CHECK(message_of([] { Tensor<float>({{1, 2}, {{3}, {4}}}); }).find("ragged") != std::string::npos);
    CHECK(message_of([] { Tensor<float>({{1, 2}, 3}); }).find("ragged") != std::string::npos);
    CHECK(message_of([] { Tensor<float>({3, {1, 2}}); }).find("ragged") != std::string::npos);
    CHECK(message_of([] { Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}); }) == "shape: a tensor has at most 8 dimensions");
}

TEST_CASE("tensor/tensor: handles share storage, clones do not, and an undefined tensor says so") {
    Tensor<float> a({1, 2, 3});
    Tensor<float> handle = a, copy = a.clone(), seen = a.detach();
    a(0) = 9;
    CHECK(static_cast<float>(handle(0)) == 9);
    CHECK(static_cast<float>(seen(0)) == 9);
    CHECK(static_cast<float>(copy(0)) == 1);
    CHECK(handle.untyped().same_as(a));
    CHECK_FALSE(seen.untyped().same_as(a));
    const Tensor<float> nothing;
    CHECK_FALSE(nothing.defined());
    CHECK(message_of([&] { return nothing.shape(); }) ==
          "tensor: used before it was given a value (a default-constructed tensor)");
    CHECK(message_of([&] { return nothing + nothing; }).find("default-constructed") != std::string::npos);
}

TEST_CASE("tensor/tensor: item takes one element of any shape") {
    CHECK(Tensor<double>({{{2.5}}}).item() == 2.5);
    CHECK(full<float>({}, 3).item() == 3);
    const Tensor<float> two({1, 2});
    CHECK(message_of([&] { return two.item(); }) == "item: the tensor has shape [2], expected one element at here");
    CHECK(message_of([&] { return empty<float>({0}).item(); }) ==
          "item: the tensor has shape [0], expected one element at here");
}

TEST_CASE("tensor/tensor: AnyTensor comes back only as what it is") {
    const AnyTensor any = Tensor<double>({1, 2});
    CHECK(any.dtype() == DType::float64);
    CHECK(elements(any.as<double>()) == std::vector<double>{1, 2});
    CHECK(message_of([&] { return any.as<float>(); }) == "as: the tensor holds double, asked for float at here");
    CHECK(message_of([&] { return AnyTensor().as<float>(); }).find("default-constructed") != std::string::npos);
    CHECK(message_of([&] { return any.size(1); }) == "size: dimension 1 of a tensor of rank 1 at here");
}

TEST_CASE("tensor/tensor: a write is counted when it happens, not when it might") {
    Tensor<float> a({1, 2, 3});
    const Tensor<float>& read_only = a;
    const auto version = [&] { return a.untyped().impl().storage->version(); };
    const std::uint32_t before = version();
    CHECK(read_only(1) + a(1) + a.data()[2] == 7);
    CHECK(version() == before);
    a(1) = 5;
    CHECK(version() == before + 1);
    a(2) += 1;
    CHECK(version() == before + 2);
    a.mutable_data()[0] = 4;
    CHECK(version() == before + 3);
    CHECK(elements(a) == std::vector<float>{4, 5, 4});
    const Tensor<float> view = a.slice(0, 1, 3);
    CHECK(view.untyped().impl().storage->version() == before + 3);
}

TEST_CASE("tensor/tensor: memory is 64-byte aligned, also when empty") {
    for (std::int64_t n : {0, 1, 3, 1000}) CHECK(reinterpret_cast<std::uintptr_t>(empty<float>({n}).data()) % 64 == 0);
}

TEST_CASE("tensor/tensor: a device that is not there is an error that says what to do") {
    const Tensor<float> x({1});
    const std::string expected =
        fathom_cuda_was_built()
            ? "device cuda:0 is not there: this program is not linked with fathom's cuda backend; link fathom::cuda "
              "(of a "
              "fathom configured with -DFATHOM_CUDA=ON)"
            : "device cuda:0 is not there: fathom was built without CUDA; configure it with -DFATHOM_CUDA=ON and link "
              "fathom::cuda";
    CHECK(message_of([&] { return x.to(Device::cuda()); }) == "to: " + expected + " at here");
    CHECK(message_of([&] { return zeros<float>({2, 2}, Device::cuda()); }) == "empty: " + expected + " at here");
    CHECK(message_of([&] { return x.to(Device::emulator()); }) ==
          "to: device emulator is not there: this program is not linked with fathom's emulator backend; link "
          "fathom::emulator at here");
    CHECK(x.to(Device::cpu()).untyped().same_as(x));
}
