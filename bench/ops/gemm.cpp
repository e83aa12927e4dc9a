// Matrix products beside Eigen's, which is compiled for the machine it is built on (eigen_gemm.cpp): square ones, and
// those of the nets' 1x1 convolutions (m = pixels of a 480x640 image).
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/ops/eigen_gemm.hpp"
#include "bench/ops/family.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/gemm.hpp"

namespace fathom::bench {

namespace {

struct Matrices {
    std::vector<float> a, b, c;
};

Case make_case(const std::string& name, std::int64_t m, std::int64_t k, std::int64_t n) {
    auto d = std::make_shared<Matrices>(Matrices{numbers(m * k), numbers(k * n), numbers(m * n)});
    Case result;
    result.name = name;
    result.flops = 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
    result.read = 4.0 * static_cast<double>(m * k + k * n), result.written = 4.0 * static_cast<double>(m * n);
    result.run = [=] {
        kernels::gemm<float>(d->a.data(), d->b.data(), nullptr, d->c.data(),
                             {1, m, n, k, {k, 1, 0}, {n, 1, 0}, {n, 1, 0}, {}});
    };
    result.other = [=] { eigen_gemm(d->a.data(), d->b.data(), d->c.data(), m, n, k, threads()); };
    return result;
}

}  // namespace

Family gemm_family(const OpsOptions& o) {
    Family family{"matrix product", "Eigen", {}};
    const auto add = [&](std::int64_t m, std::int64_t k, std::int64_t n) {
        if (o.quick) m = std::min<std::int64_t>(m, 64), k = std::min<std::int64_t>(k, 64);
        const std::string name = "gemm " + std::to_string(m) + "x" + std::to_string(k) + " by " + std::to_string(k) +
                                 "x" + std::to_string(n);
        family.cases.emplace_back(name, [=] { return make_case(name, m, k, n); });
    };
    for (const std::int64_t size : {64, 128, 256, 512, 1024}) add(size, size, size);
    for (const auto& [k, n] : {std::pair{48, 32}, {16, 32}, {96, 48}, {32, 48}}) add(480 * 640, k, n);
    return family;
}

}  // namespace fathom::bench
