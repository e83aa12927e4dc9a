// Tensors of what is stored in two bytes (core/float16.hpp): everything but arithmetic (tests/ops/stored_test.cpp).
#include <cmath>
#include <limits>

#include "fathom/ops/copy.hpp"
#include "fathom/ops/finite.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/tensor/factories.hpp"
#include "fathom/tensor/print.hpp"
#include "fathom/tensor/state_values.hpp"
#include "tests/dtypes.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("tensor/stored: factories, elements, views") {
    for_each_stored([]<class T>(Type<T>) {
        CHECK(size_of(dtype_of<T>) == 2);
        const Tensor<T> list({{1, 2.5, -3}, {T(4), 5.5f, 0.1}});
        CHECK(numbers(list) == std::vector<double>{1, 2.5, -3, 4, 5.5, static_cast<double>(T(0.1))});
        CHECK(numbers(zeros<T>({2})) == std::vector<double>{0, 0});
        CHECK(numbers(ones<T>({2})) == std::vector<double>{1, 1});
        CHECK(numbers(full<T>({2}, 1.5)) == std::vector<double>{1.5, 1.5});
        CHECK(numbers(arange<T>(3)) == std::vector<double>{0, 1, 2});
        CHECK(numbers(arange<T>(-1, 1, 0.5)) == std::vector<double>{-1, -0.5, 0, 0.5});
        CHECK(numbers(arange<T>(0, 2000, 0.5))[3001] == static_cast<double>(T(1500.5)));  // rounded at the end only
        const T values[] = {T(1), T(2), T(3), T(4)};
        CHECK(numbers(from_data(values, {2, 2})) == std::vector<double>{1, 2, 3, 4});

        Tensor<T> x = list.clone();
        x(0, 1) = 7;
        x(1, 0) = T(8);
        x(1, 1) += 0.5;
        x(1, 2) = x(0, 0);
        const float read = x(1, 1);
        CHECK(read == 6);
        CHECK(numbers(x) == std::vector<double>{1, 7, -3, 8, 6, 1});
        CHECK(full<T>({}, 2).item() == 2.0f);
        CHECK(numbers(x.permute({1, 0})) == std::vector<double>{1, 8, 7, 6, -3, 1});
        CHECK(numbers(x.permute({1, 0}).contiguous()) == std::vector<double>{1, 8, 7, 6, -3, 1});
        CHECK(numbers(x.slice(1, 0, 3, 2).clone()) == std::vector<double>{1, -3, 8, 1});
        CHECK(numbers(x[1].expand({2, 3}).reshape({6})) == std::vector<double>{8, 6, 1, 8, 6, 1});
        x.zero_();
        CHECK(numbers(x) == std::vector<double>(6, 0));

        const AnyTensor any = x;
        CHECK(any.as<T>().untyped().same_as(any));
        CHECK(message_of([&] { any.as<float>(); }) ==
              join({"as: the tensor holds ", dtype_of<T>, ", asked for float at here"}));
        CHECK(message_of([&] { AnyTensor(ones<float>({1})).as<T>(); }) ==
              join({"as: the tensor holds float, asked for ", dtype_of<T>, " at here"}));
    });
}

TEST_CASE("tensor/stored: a large image changes its order of memory") {
    for_each_stored([]<class T>(Type<T>) {
        Tensor<T> x = zeros<T>({2, 3, 97, 131});
        T* p = x.mutable_data();
        for (std::int64_t i = 0; i < x.numel(); ++i) p[i] = T::from_bits(static_cast<std::uint16_t>(i));
        const Tensor<T> last = x.contiguous(MemoryFormat::channels_last);
        CHECK(last.is_contiguous(MemoryFormat::channels_last));
        CHECK(same_bits(last, x));
        CHECK(same_bits(last.contiguous(), x));
    });
}

TEST_CASE("tensor/stored: printing") {
    for_each_stored([]<class T>(Type<T>) {
        CHECK(to_string(Tensor<T>({1, 2.5, -INFINITY})) ==
              join({"[   1,  2.5, -inf] (shape=[3], dtype=", dtype_of<T>, ")"}));
    });
    CHECK(to_string(full<bfloat16>({}, 0.1)) == "0.100098 (shape=[], dtype=bfloat16)");
}

TEST_CASE("tensor/stored: a state dict's values go into every floating dtype, rounded once") {
    const double values[] = {1, -2.5, 1.00390625 + 1e-12, 3e38, 1e-7, 0.1};
    const Tensor<double> x = from_data(values, {2, 3});
    for_each_stored([&]<class T>(Type<T>) {
        CHECK(detail::can_load(DType::float32, dtype_of<T>));
        CHECK(detail::can_load(dtype_of<T>, DType::float64));
        CHECK_FALSE(detail::can_load(dtype_of<T>, DType::int32));
        CHECK_FALSE(detail::can_load(DType::uint8, dtype_of<T>));
        const Tensor<T> stored = zeros<T>({3, 2}).permute({1, 0}), again = zeros<T>({2, 3});
        const Tensor<float> wide = zeros<float>({2, 3});
        detail::load_values(stored, x, "test", {});
        CHECK(same_bits(stored, x.to<T>()));
        detail::load_values(wide, stored, "test", {});
        CHECK(numbers(wide) == numbers(stored));
        detail::load_values(again, stored, "test", {});
        CHECK(same_bits(again, stored));
    });
}

TEST_CASE("tensor/stored: what is not finite is found") {
    for_each_stored([]<class T>(Type<T>) {
        Tensor<T> x = ones<T>({3, 40});
        CHECK(all_finite(x));
        x(1, 7) = std::numeric_limits<float>::infinity();
        CHECK_FALSE(all_finite(x));
        CHECK_FALSE(all_finite(x.transpose(0, 1)));
        CHECK(all_finite(x[0]));
    });
}
