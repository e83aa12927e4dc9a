// Gradients of matrices taken apart, and what is made of singular values, against PyTorch's and differences.
#include <algorithm>
#include <limits>
#include <string>

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/ops/linalg_norm.hpp"
#include "fathom/ops/linalg_triangular.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

double largest(const Tensor<double>& x) { return x.numel() == 0 ? 0 : max(abs(x)).item(); }

Tensor<double> symmetric_of(const Tensor<double>& a) {
    const std::int64_t n = a.size(-1);
    return a + a.transpose(-1, -2) + eye<double>(n) * arange<double>(n);
}
// Columns whose first element is above 0.
Tensor<double> signless(const Tensor<double>& x) { return x * sign(x.detach().narrow(-2, 0, 1)); }

template <class F>
void check_golden_matrix(const std::string& name, F f) {
    CAPTURE(name);
    static const StateDict dict = io::load(FATHOM_GOLDEN_DIR "/linalg.safetensors");
    const StateDict own = dict.take_prefix("linalg_" + name + ".");
    auto a = own.find("in.a")->as<double>().clone().requires_grad_();
    const Tensor<double> y = f(a);
    CHECK(y.shape() == own.find("out.0")->shape());
    CHECK(largest(y.detach() - own.find("out.0")->as<double>()) < 1e-12);
    backward(y, own.find("cotangent.0")->as<double>());
    CHECK(largest(a.grad() - own.find("grad.a")->as<double>()) < 1e-10);
}

}  // namespace

TEST_CASE("interop/decompositions: PyTorch's values and gradients") {
    check_golden_matrix("eigh_values", [](const auto& a) { return linalg::eigh(symmetric_of(a)).values; });
    check_golden_matrix("eigh_vectors", [](const auto& a) { return signless(linalg::eigh(symmetric_of(a)).vectors); });
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const std::string shape : {"square", "wide", "tall"}) {
        for (const bool full : {false, true}) {
            const std::string kind = shape + (full ? "_full" : "_thin");
            check_golden_matrix("svd_u_" + kind, [&](const auto& a) {
                return signless(linalg::svd(a, full).u.narrow(-1, 0, std::min(a.size(-1), a.size(-2))));
            });
            check_golden_matrix("svd_vh_" + kind, [&](const auto& a) {
                const auto vh = linalg::svd(a, full).vh.narrow(-2, 0, std::min(a.size(-1), a.size(-2)));
                return signless(vh.transpose(-1, -2));
            });
        }
        check_golden_matrix("svd_s_" + shape, [](const auto& a) { return linalg::svd(a).s; });
        check_golden_matrix("pinv_" + shape, [](const auto& a) { return linalg::pinv(a); });
        const std::pair<const char*, double> orders[] = {{"1_", 1},   {"-1_", -1},        {"2_", 2},
                                                         {"-2_", -2}, {"inf_", infinity}, {"-inf_", -infinity}};
        for (const auto& [name, ord] : orders)
            check_golden_matrix("norm_" + (name + shape),
                                [ord = ord](const auto& a) { return linalg::matrix_norm(a, ord); });
        check_golden_matrix("norm_nuc_" + shape,
                            [](const auto& a) { return linalg::matrix_norm(a, linalg::MatrixNorm::nuclear); });
        check_golden_matrix("norm_fro_" + shape, [](const auto& a) { return linalg::matrix_norm(a); });
    }
    for (const int n : {5, -3})
        check_golden_matrix("power_" + std::to_string(n),
                            [n](const auto& a) { return linalg::matrix_power(a + eye<double>(3) * 3, n); });
    check_golden_matrix("pinv_low_rank", [](const auto& a) { return linalg::pinv(a, {.rtol = 1e-10}); });
}

TEST_CASE("interop/decompositions: gradients to the second order, of views too") {
    Generator gen(3);
    const auto check = [](auto f, const Tensor<double>& a) {
        const auto function = [&](std::vector<Tensor<double>>& in) { return f(in[0]); };
        gradcheck(function, {a});
        gradgradcheck(function, {a});
        gradcheck([&](std::vector<Tensor<double>>& in) { return f(in[0].transpose(-1, -2)); }, {a});
    };
    const auto batch = randn<double>({2, 3, 3}, gen), wide = randn<double>({3, 5}, gen);
    check([](const auto& a) { return linalg::eigh(symmetric_of(a)).values; }, batch);
    check([](const auto& a) { return square(linalg::eigh(symmetric_of(a)).vectors); }, batch);
    for (const auto& a : {batch, wide}) {
        check([](const auto& x) { return linalg::svd(x).s; }, a);
        check([](const auto& x) { return square(linalg::svd(x, false).u); }, a);
        check([](const auto& x) { return square(linalg::svd(x, false).vh); }, a);
        check([](const auto& x) { return linalg::pinv(x); }, a);
        check([](const auto& x) { return linalg::matrix_norm(x, linalg::MatrixNorm::nuclear, true); }, a);
    }
}

TEST_CASE("interop/decompositions: matrices without elements, ranks, shapes, errors") {
    for (const bool full : {false, true}) {
        const auto [u, s, vh] = linalg::svd(zeros<double>({2, 3, 0}), full);
        CHECK(u.shape() == Shape{2, 3, full ? 3 : 0});
        CHECK(s.shape() == Shape{2, 0});
        CHECK(vh.shape() == Shape{2, 0, 0});
        if (full) CHECK(largest(u - eye<double>(3)) == 0);
        CHECK(linalg::svd(zeros<double>({0, 3, 2}), full).vh.shape() == Shape{0, 2, 2});
    }
    CHECK(linalg::pinv(zeros<float>({2, 0, 3})).shape() == Shape{2, 3, 0});
    CHECK(linalg::eigh(zeros<float>({2, 0, 0})).vectors.shape() == Shape{2, 0, 0});

    CHECK(linalg::matrix_power(zeros<double>({2, 0, 0}), -2).shape() == Shape{2, 0, 0});

    const auto a = Tensor<double>({{2, 0, 0}, {0, 1e-3, 0}, {0, 0, 0}});
    CHECK(largest(linalg::matrix_power(a, 0) - eye<double>(3)) == 0);
    CHECK(linalg::matrix_rank(a).item() == 2);
    CHECK(linalg::matrix_rank(a, {.atol = 0.1}).item() == 1);
    CHECK(linalg::matrix_rank(a, {.rtol = 1e-2}).item() == 1);
    CHECK(linalg::matrix_rank(zeros<double>({2, 3, 0})).shape() == Shape{2});
    CHECK(linalg::matrix_norm(unsqueeze(a, 0), 2, true).shape() == Shape{1, 1, 1});
    CHECK(linalg::matrix_norm(unsqueeze(a, 0), 1, true).shape() == Shape{1, 1, 1});
    CHECK(linalg::matrix_norm(unsqueeze(a, 0), -std::numeric_limits<double>::infinity(), true).shape() ==
          Shape{1, 1, 1});
    CHECK(message_of([&] { linalg::matrix_norm(a, 3, false, Where{}); }) ==
          "linalg::matrix_norm: ord 3, expected 1, 2 or infinity, or one of them negative");
    CHECK(message_of([&] { linalg::pinv(a[0], {}, Where{}); }) ==
          "linalg::pinv: input has shape [3], expected [...,m,n]");
}

TEST_CASE("interop/decompositions: solve_triangular") {
    const StateDict dict = io::load(FATHOM_GOLDEN_DIR "/linalg.safetensors");
    const auto check = [&](const std::string& name, bool upper, const linalg::TriangularOptions& options) {
        CAPTURE(name);
        const StateDict own = dict.take_prefix("linalg_triangular_" + name + ".");
        auto a = own.find("in.a")->as<double>().clone().requires_grad_(),
             b = own.find("in.b")->as<double>().clone().requires_grad_();
        const auto x = linalg::solve_triangular(a + eye<double>(4) * 3, b, upper, options);
        CHECK(largest(x.detach() - own.find("out.0")->as<double>()) < 1e-12);
        backward(x, own.find("cotangent.0")->as<double>());
        CHECK(largest(a.grad() - own.find("grad.a")->as<double>()) < 1e-11);
        CHECK(largest(b.grad() - own.find("grad.b")->as<double>()) < 1e-12);
    };
    check("upper", true, {});
    check("lower_right", false, {.left = false});
    check("unit", true, {.unitriangular = true});

    Generator gen(5);
    const auto a = randn<double>({2, 3, 3}, gen) + eye<double>(3) * 4, b = randn<double>({3, 2}, gen);
    const auto f = [](std::vector<Tensor<double>>& in) { return linalg::solve_triangular(in[0], in[1], false); };
    gradcheck(f, {a, b});
    gradgradcheck(f, {a, b});
    CHECK(linalg::solve_triangular(zeros<float>({2, 0, 0}), zeros<float>({0, 3}), true).shape() == Shape{2, 0, 3});
    CHECK(message_of([&] { linalg::solve_triangular(a, b, true, {.left = false}, Where{}); }) ==
          "linalg::solve_triangular: right sides of shape [3,2] do not fit matrices of shape [2,3,3]");
    CHECK(message_of([&] {
              linalg::solve_triangular(zeros<double>({3, 3}), b, true, {}, Where{});
          }) == "linalg::solve_triangular: the matrix is singular");
}
