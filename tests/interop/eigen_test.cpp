// Eigen's matrices and fathom's tensors: shared memory and copies. And linear algebra, which Eigen computes, against
// its definitions.
#include "fathom/interop/eigen.hpp"

#include <algorithm>
#include <limits>

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/ops/linalg.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// Well-conditioned matrices.
Tensor<double> matrices(const Shape& shape, std::uint64_t seed) {
    Generator gen(seed);
    Tensor<double> x = randn<double>(shape, gen);
    const std::int64_t n = shape[-1];
    for (std::int64_t i = 0; i < x.numel() / (n * n); ++i)
        for (std::int64_t k = 0; k < n; ++k) x.mutable_data()[i * n * n + k * n + k] += 3;
    return x;
}
template <class T>
double farthest(const Tensor<T>& a, const Tensor<T>& b) {
    return a.numel() == 0 ? 0 : static_cast<double>(max(abs(a - b)).item());
}

}  // namespace

TEST_CASE("interop/eigen: a map shares memory, in any strides; writing through it counts") {
    Tensor<float> x({{1, 2, 3}, {4, 5, 6}});
    auto map = map_eigen(x);
    map(1, 2) = 7;
    CHECK(std::as_const(x)(1, 2) == 7);
    const Tensor<float> turned = x.transpose(0, 1), column = x.select(1, 1), every_second = x.slice(1, 0, 3, 2);
    CHECK(map_eigen(turned)(2, 1) == 7);
    CHECK(map_eigen(turned).data() == x.data());
    CHECK(map_eigen(column).rows() == 2);
    CHECK(map_eigen(column)(1, 0) == 5);
    CHECK(map_eigen(every_second)(0, 1) == 3);
    const Eigen::MatrixXf product = map_eigen(std::as_const(x)) * map_eigen(turned);
    CHECK(farthest(from_eigen(product), matmul(x, turned)) == 0);
    auto w = Tensor<double>({1, 2}).requires_grad_();
    const auto y = square(w);
    auto v = w.detach();
    map_eigen(v)(0, 0) = 3;
    CHECK(message_of([&] { sum(y).backward(); }) != "no error");
    CHECK(message_of([&] {
              map_eigen(std::as_const(x).reshape({1, 2, 3}));
          }) == "map_eigen: shape [1,2,3] is no matrix, expected [rows,columns] or [rows] at here");
}

TEST_CASE("interop/eigen: copies of values, of expressions and vectors, empty ones too") {
    const Tensor<double> x({{1, 2, 3}, {4, 5, 6}});
    auto matrix = to_eigen(x);
    matrix(0, 0) = 9;
    CHECK(x(0, 0) == 1);
    CHECK(same_bits(from_eigen(to_eigen(x)), x));
    const Eigen::MatrixXd by_columns = to_eigen(x);
    CHECK(same_bits(from_eigen(by_columns), x));
    CHECK(same_bits(from_eigen(by_columns.transpose() * 2), x.transpose(0, 1) * 2));
    CHECK(from_eigen(Eigen::VectorXd(by_columns.col(0))).shape() == Shape{2});
    CHECK(from_eigen(Eigen::Matrix<std::int64_t, 2, 2>::Identity()).sum().item() == 2);
    CHECK(to_eigen(zeros<float>({0, 3})).cols() == 3);
    CHECK(from_eigen(Eigen::MatrixXf(0, 3)).shape() == Shape{0, 3});
}

TEST_CASE("interop/eigen: solve, inv and det") {
    const auto a = matrices({2, 3, 5, 5}, 1);
    Generator gen(2);
    const auto b = randn<double>({3, 5, 2}, gen);
    const auto x = linalg::solve(a, b);
    CHECK(x.shape() == Shape{2, 3, 5, 2});
    CHECK(farthest(matmul(a, x), expand(b, x.shape())) < 1e-13);
    CHECK(linalg::solve(a[0][0], b[0].select(1, 0)).shape() == Shape{5});
    CHECK(linalg::solve(a, b[0].select(1, 0)).shape() == Shape{2, 3, 5});
    CHECK(farthest(linalg::inv(a.to<float>()), linalg::inv(a).to<float>()) < 1e-4);
    CHECK(farthest(matmul(linalg::inv(a), a)[1][2], from_eigen(Eigen::MatrixXd::Identity(5, 5))) < 1e-13);
    CHECK(linalg::det(Tensor<double>({{1, 2}, {3, 5}})).item() == doctest::Approx(-1));
    CHECK(linalg::det(Tensor<double>({{1, 2}, {2, 4}})).item() == 0);
    CHECK(linalg::det(zeros<double>({2, 0, 0}))(1) == 1);
    CHECK(linalg::solve(zeros<double>({0, 0}), zeros<double>({0, 2})).shape() == Shape{0, 2});
    CHECK(linalg::inv(a.transpose(-1, -2))(0, 0, 1, 2) == doctest::Approx(linalg::inv(a)(0, 0, 2, 1)));
}

TEST_CASE("interop/eigen: gradients of solve, inv and det, to the second order") {
    const auto a = matrices({2, 3, 3}, 3);
    Generator gen(4);
    const auto b = randn<double>({3, 2}, gen);
    const auto solve = [](std::vector<Tensor<double>>& in) { return linalg::solve(in[0], in[1]); };
    const auto inv = [](std::vector<Tensor<double>>& in) { return linalg::inv(in[0]); };
    const auto det = [](std::vector<Tensor<double>>& in) { return linalg::det(in[0]); };
    gradcheck(solve, {a, b});
    gradgradcheck(solve, {a, b});
    gradcheck(inv, {a});
    gradgradcheck(inv, {a});
    gradcheck(det, {a});
    gradgradcheck(det, {a});
    const auto vector = [](std::vector<Tensor<double>>& in) { return linalg::solve(in[0], in[1]); };
    gradcheck(vector, {a, randn<double>({3}, gen)});
}

TEST_CASE("interop/eigen: PyTorch's values and gradients of solve, inv and det") {
    const StateDict dict = io::load(FATHOM_GOLDEN_DIR "/linalg.safetensors");
    const auto check = [&](const std::string& name, auto f) {
        CAPTURE(name);
        const StateDict own = dict.take_prefix(name + ".");
        std::vector<Tensor<double>> in;
        for (const auto& entry : own.take_prefix("in."))
            in.push_back(entry.second.as<double>().clone().requires_grad_());
        const auto unit = from_eigen(Eigen::MatrixXd::Identity(in[0].size(-1), in[0].size(-1)));
        const auto y = f(in[0] + 3 * unit, in.back());
        CHECK(farthest(y.detach(), own.find("out.0")->as<double>()) < 1e-12);
        backward(y, own.find("cotangent.0")->as<double>());
        CHECK(farthest(in[0].grad(), own.find("grad.a")->as<double>()) < 1e-11);
        if (in.size() == 2) CHECK(farthest(in[1].grad(), own.find("grad.b")->as<double>()) < 1e-12);
    };
    const auto solve = [](const Tensor<double>& a, const Tensor<double>& b) { return linalg::solve(a, b); };
    check("linalg_solve", solve);
    check("linalg_solve_vector", solve);
    check("linalg_inv", [](const Tensor<double>& a, const Tensor<double>&) { return linalg::inv(a); });
    check("linalg_det", [](const Tensor<double>& a, const Tensor<double>&) { return linalg::det(a); });
}

TEST_CASE("interop/eigen: eigh and svd take matrices apart") {
    Generator gen(5);
    const auto x = randn<double>({2, 4, 4}, gen);
    const auto symmetric = x + x.transpose(-1, -2);
    const auto [values, vectors] = linalg::eigh(symmetric);
    CHECK(farthest(matmul(vectors * unsqueeze(values, -2), vectors.transpose(-1, -2)), symmetric) < 1e-13);
    CHECK(values(0, 0) < values(0, 3));
    for (const Shape& shape : {Shape{2, 5, 3}, Shape{3, 5}, Shape{1, 1}}) {
        const auto a = randn<double>(shape, gen);
        for (const bool full : {false, true}) {
            const auto [u, s, vh] = linalg::svd(a, full);
            const std::int64_t m = shape[-2], n = shape[-1], k = std::min(m, n);
            CHECK(u.shape()[-1] == (full ? m : k));
            CHECK(vh.shape()[-2] == (full ? n : k));
            const auto product = matmul(u.narrow(-1, 0, k) * unsqueeze(s, -2), vh.narrow(-2, 0, k));
            CHECK(farthest(product, a) < 1e-13);
        }
    }
    const auto float_values = linalg::eigh(symmetric.to<float>()).values;
    CHECK(farthest(float_values, values.to<float>()) < 1e-5);
}

TEST_CASE("interop/eigen: what linear algebra refuses") {
    const auto a = zeros<double>({2, 3, 3});
    CHECK(message_of([&] { linalg::inv(a); }) == "linalg::inv: matrix 0 of 2 is singular at here");
    CHECK(message_of([&] { linalg::solve(a[0], ones<double>({3})); }) ==
          "linalg::solve: the matrix is singular at here");
    CHECK(message_of([&] {
              linalg::solve(a, ones<double>({2, 2}));
          }) == "linalg::solve: right sides of shape [2,2] do not fit matrices of shape [2,3,3] at here");
    CHECK(message_of([&] {
              linalg::solve(a, ones<double>({4, 3, 1}));
          }) == "linalg::solve: leading dimensions of [2,3,3] and [4,3,1] do not broadcast at here");
    CHECK(message_of([&] {
              linalg::det(zeros<float>({2, 3}));
          }) == "linalg::det: input has shape [2,3], expected [...,n,n] at here");
    CHECK(message_of([&] { linalg::svd(zeros<float>({3})); }) ==
          "linalg::svd: input has shape [3], expected [...,m,n] at here");
    const auto bad = full<double>({2, 2}, std::numeric_limits<double>::quiet_NaN());
    CHECK(message_of([&] { linalg::eigh(bad); }) ==
          "linalg::eigh: the matrix has numbers that are not finite, or did not converge at here");
    auto singular = Tensor<double>({{1, 2}, {2, 4}}).requires_grad_();
    const auto d = linalg::det(singular);
    CHECK(message_of([&] { d.backward(); }).find("linalg::det's gradient: the matrix is singular") == 0);
}
