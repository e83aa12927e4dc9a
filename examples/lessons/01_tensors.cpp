// Lesson 1: tensors and views.
// A tensor is a block of numbers and a way to walk through it: a shape, and for each dimension a stride, how far apart
// in memory two neighbours are. Most of what looks like work on tensors only changes that way and copies nothing.
#include <fathom/fathom.hpp>

#include "lesson.hpp"

namespace ft = fathom;

int main() {
    std::cout << "== values, shape, strides\n";
    // Braces are values. Tensor<float> is float for good: there is no silent conversion, a.to<double>() is a loud one.
    ft::Tensor<float> a({{1, 2, 3}, {4, 5, 6}});  // [2, 3]
    std::cout << a << "\nshape " << a.shape() << ", strides " << a.strides() << '\n';
    // Row-major: one step down skips a row of 3, one step to the right 1.
    expect(a.strides() == ft::Shape{3, 1}, "element (i, j) lies at 3 i + j");
    expect(a(1, 2) == 6 && a.data()[1 * 3 + 2] == 6, "a(1, 2) is the number at place 5 in memory");

    std::cout << "\n== views share memory\n";
    ft::Tensor<float> t = a.transpose(0, 1);      // [3, 2]: the same numbers, the strides exchanged
    ft::Tensor<float> row = a[1];                 // [3]
    ft::Tensor<float> odd = a.slice(1, 0, 3, 2);  // [2, 2]: columns 0 and 2; the stride of columns is 2
    std::cout << "transposed strides " << t.strides() << ", every other column " << odd.strides() << '\n';
    a(1, 0) = 40;
    expect(t(0, 1) == 40 && row(0) == 40 && odd(1, 0) == 40, "a number written through a is seen by all its views");
    row.fill_(0);  // an ending _ means: in place
    expect(a(1, 2) == 0, "and what is written through a view is seen by a");

    // A handle is cheap to copy and names the same memory; clone() is what copies numbers.
    ft::Tensor<float> same = a, copy = a.clone();
    a(0, 0) = -1;
    expect(same(0, 0) == -1 && copy(0, 0) == 1, "same = a is another name of a, a.clone() is not");

    std::cout << "\n== other shapes\n";
    const auto n = ft::arange<float>(12);  // [12]: 0, 1, ..., 11
    const auto m = n.reshape({3, 4});      // [3, 4], still a view: the order of the numbers is the same
    const auto back = m.transpose(0, 1);   // [4, 3], a view too; but its rows are no rows in memory
    const auto flat = back.reshape({12});  // [12]: no stride can say this, so it is a copy
    expect(m.data() == n.data(), "reshape of what lies in order copies nothing");
    expect(flat.data() != n.data() && flat(1) == 4, "reshape of a transposed matrix has to copy");
    expect(back.contiguous().strides() == ft::Shape{3, 1}, "contiguous() puts the numbers in order");

    std::cout << "\n== broadcasting\n";
    // Shapes are compared from the right; where one has size 1, or no dimension, it is repeated. Nothing is copied: the
    // stride of what is repeated is 0.
    const ft::Tensor<float> column({{10}, {20}});  // [2, 1]
    const ft::Tensor<float> line({1, 2, 3});       //    [3]
    const auto sum = column + line;                // [2, 3]
    std::cout << sum << '\n';
    expect(sum(1, 2) == 23, "[2, 1] + [3] is [2, 3]: all pairs");
    expect(line.expand({2, 3}).strides() == ft::Shape{0, 1}, "a repeated dimension has stride 0");
    // The use that you will meet most: statistics of columns, taken away from every row.
    ft::Generator gen(7);  // explicit: the same seed gives the same numbers on any machine and number of threads
    const auto x = ft::randn<float>({100, 3}, gen, 5, 2);  // [100, 3]
    const auto z = (x - x.mean(0)) / x.std(0);             // [100, 3] with [3]
    expect(ft::abs(z.mean(0)).max().item() < 1e-5f, "each column of z has mean 0");
    expect(ft::abs(z.std(0) - 1).max().item() < 1e-5f, "and deviation 1");

    std::cout << "\n== masks\n";
    const ft::Tensor<bool> far = ft::abs(z) > 2;  // [100, 3]
    std::cout << far.sum().item() << " of 300 numbers are more than two deviations away\n";
    const auto cut = ft::where(far, ft::sign(z) * 2, z);  // where true from the first, else from the second
    expect(ft::abs(cut).max().item() == 2, "where() chooses element by element");
    expect(z[far].numel() == far.sum().item(), "z[mask] is the list of the elements that the mask names");

    std::cout << "\n== what is wrong says so\n";
    try {
        const auto wrong = a + ft::ones<float>({4});
    } catch (const ft::Error& error) {  // names the operation, your line, what was expected and what came
        std::cout << error.what() << '\n';
        expect(std::string(error.what()).find("01_tensors.cpp") != std::string::npos, "an error names your line");
    }
    return finish();
}
