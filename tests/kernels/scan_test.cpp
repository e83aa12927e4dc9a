#include "fathom/backend/cpu/scan.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace fathom;

namespace {

// Lines of n elements, each line dense or the lines side by side, against plain loops.
template <class T, Scan op>
void check(std::int64_t lines, std::int64_t n, bool dense, bool reverse, bool exclusive) {
    std::vector<T> in(static_cast<std::size_t>(lines * n));
    std::vector<kernels::Scanned<T>> out(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<T>(op == Scan::sum ? i % 7 : i % 1009 == 0 ? 2 : 1);
    const std::int64_t step = dense ? 1 : lines, line_step = dense ? n : 1;
    const std::int64_t shape[] = {lines}, stride[] = {line_step};
    const std::int64_t* strides[] = {stride, stride};
    kernels::scan<T, op>({kernels::make_loop(2, 1, shape, strides), n, step, step, reverse, exclusive}, out.data(),
                         in.data());
    std::int64_t wrong = 0;
    for (std::int64_t line = 0; line < lines; ++line) {
        double total = op == Scan::sum ? 0 : 1;
        for (std::int64_t k = 0; k < n; ++k) {
            const auto at = static_cast<std::size_t>(line * line_step + (reverse ? n - 1 - k : k) * step);
            const double before = total, value = static_cast<double>(in[at]);
            total = op == Scan::sum ? total + value : total * value;
            wrong += out[at] != static_cast<kernels::Scanned<T>>(exclusive ? before : total);
        }
    }
    CHECK(wrong == 0);
}

template <class T>
void check_type() {
    for (const bool dense : {false, true})
        for (const bool reverse : {false, true})
            for (const bool exclusive : {false, true}) {
                check<T, Scan::sum>(1, 200000, dense, reverse, exclusive);  // cut into chunks
                check<T, Scan::sum>(2, 100000, dense, reverse, exclusive);
                check<T, Scan::sum>(100, 2000, dense, reverse, exclusive);
                check<T, Scan::sum>(3, 70, dense, reverse, exclusive);
                check<T, Scan::product>(5, 5000, dense, reverse, exclusive);
                check<T, Scan::product>(1, 8, dense, reverse, exclusive);
            }
}

}  // namespace

TEST_CASE("kernels/scan: running sums and products, of lines dense and side by side, against plain loops") {
    SUBCASE("float") { check_type<float>(); }
    SUBCASE("double") { check_type<double>(); }
    SUBCASE("int32") { check_type<std::int32_t>(); }
}
