// Eigen and fathom together, the same in every unit that includes it, with internal linkage as workload.hpp.
#pragma once

#include <fathom/interop/eigen.hpp>
#include <fathom/ops/linalg.hpp>
#include <fathom/ops/reduce.hpp>

namespace {

// Maps and expressions of them alone. Matrices that own memory, in two units that Eigen aligns differently in, break by
// themselves: Eigen asks all units for the same flags.
double eigen_workload() {
    namespace ft = fathom;
    ft::Generator gen(9);
    double total = 0;
    for (const std::int64_t n : {3, 17, 40}) {
        const auto x = ft::randn<double>({n, n}, gen);
        auto y = ft::randn<double>({n, n}, gen);
        ft::map_eigen(y) += 2 * ft::map_eigen(x).transpose();
        ft::map_eigen(y).diagonal().array() += 50;
        const auto sums = ft::from_eigen(ft::map_eigen(y) + ft::map_eigen(x));
        total += ft::sum(ft::linalg::solve(sums, x)).item() + ft::sum(ft::linalg::svd(sums).s).item() / 50;
    }
    return total;
}

}  // namespace
