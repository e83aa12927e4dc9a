// A first program: tensors, views, printing.
#include <fathom/fathom.hpp>

#include <iostream>
#include <sstream>

#include "check.hpp"

namespace ft = fathom;

int main() {
    ft::Generator gen(42);                        // explicit: the same seed gives the same run on any number of threads
    ft::Tensor<float> a({{1, 2, 3}, {4, 5, 6}});  // [2, 3]
    auto b = ft::randn<float>({2, 3}, gen);
    auto c = (a + 2 * b).sum(0, /*keepdim=*/true);  // [1, 3]; broadcasting as in NumPy
    check(a.rank() == 2 && a.size(0) == 2 && a.size(1) == 3 && a.numel() == 6, "a is [2, 3]");
    check(c.rank() == 2 && c.size(0) == 1 && c.size(1) == 3, "c is [1, 3]");
    for (int j = 0; j < 3; ++j)
        check(near(c(0, j), a(0, j) + a(1, j) + 2 * (b(0, j) + b(1, j)), 1e-5), "c is the column sum of a + 2b");

    ft::Generator same(42);
    auto again = ft::randn<float>({2, 3}, same);
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 3; ++j) check(b(i, j) == again(i, j), "the same seed gives the same numbers");

    auto top = a[0];  // a view, [3]
    a(1, 2) = 7;      // an element; out of range throws, in release too
    check(a(1, 2) == 7.0f, "the element is written");
    a(0, 1) = 20;
    check(top.rank() == 1 && top(1) == 20.0f, "a[0] shares storage with a");
    check_throws<ft::Error>([&] { a(1, 3) = 1; }, "3", "an index out of range throws");
    check_throws<ft::Error>([&] { a(2, 0) = 1; }, "2", "an index out of range throws");

    auto corner = a.slice(1, 0, 2).permute({1, 0});  // [2, 2], shares storage with a
    check(corner.size(0) == 2 && corner.size(1) == 2 && corner(1, 0) == 20.0f && corner(0, 1) == 4.0f,
          "corner is the transposed left half");
    std::cout << corner << '\n';  // prints like NumPy: shape, dtype, elided when long
    std::ostringstream text;
    text << corner;
    check(text.str().find("20") != std::string::npos && text.str().find("float") != std::string::npos,
          "printing shows values and dtype");
    std::ostringstream elided;
    elided << ft::zeros<float>({1000, 1000});
    check(elided.str().size() < 2000, "a long tensor is elided");

    ft::Tensor<double> d = a.to<double>();  // no silent promotion: mixing dtypes does not compile
    check(d(1, 2) == 7.0, "conversion keeps values");
    ft::AnyTensor any = d;  // untyped handle; any.as<double>() is checked
    check(any.as<double>()(0, 1) == 20.0, "the untyped handle gives the typed one back");
    check_throws<ft::Error>([&] { (void)any.as<float>(); }, "double", "the wrong type throws");
    check_throws<ft::Error>([&] { (void)(a + ft::ones<float>({4})); }, "[2,3]", "shapes that do not broadcast throw");
    return finish();
}
