// Eigen and fathom together, the same in every unit that includes it, with internal linkage as workload.hpp.
#pragma once

#include <fathom/interop/eigen.hpp>
#include <fathom/ops/linalg.hpp>
#include <fathom/ops/reduce.hpp>

namespace {

// Matrices are made here, and freed here and in what Eigen's functions call.
double eigen_workload() {
    namespace ft = fathom;
    ft::Generator gen(9);
    double total = 0;
    for (const std::int64_t n : {3, 17, 40}) {
        const auto x = ft::randn<double>({n, n}, gen);
        auto y = ft::randn<double>({n, n}, gen);
        auto matrix = ft::to_eigen(x);
        ft::map_eigen(y) += matrix * ft::map_eigen(x).transpose();
        matrix.conservativeResize(n + 1, n + 2);
        const auto product = ft::from_eigen(ft::map_eigen(y) * ft::to_eigen(x)) +
                             50 * ft::from_eigen(ft::EigenMatrix<double>::Identity(n, n));
        total += ft::sum(ft::linalg::solve(product, x)).item() + ft::sum(ft::linalg::svd(product).s).item() / 50;
    }
    return total;
}

}  // namespace
