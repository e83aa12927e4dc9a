// Normalisation, classes, mining and reductions on the device beyond what the operation cases ask for: running
// statistics, slices of wider images, rows that take a whole block, sums in several chunks, ties, integers, captures.
#include <cmath>

#include <algorithm>
#include <limits>

#include "fathom/backend/stream.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/batch_norm.hpp"
#include "fathom/ops/layer_norm.hpp"
#include "fathom/ops/loss.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/ohem.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/ops/softmax.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/cuda/device.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

Tensor<double> some(const Shape& shape, std::uint64_t seed) {
    Generator generator(seed);
    return randn<double>(shape, generator);
}
Tensor<double> channels_last(const Tensor<double>& x) {
    return x.permute({0, 2, 3, 1}).contiguous().permute({0, 3, 1, 2});
}
Tensor<std::int64_t> labels(const Shape& shape, std::int64_t classes, std::int64_t ignored) {
    Tensor<std::int64_t> t = empty<std::int64_t>(shape);
    for (std::int64_t i = 0; i < t.numel(); ++i) t.mutable_data()[i] = i % 11 == 3 ? ignored : i * 7 % classes;
    return t;
}

// f(device) gives results of one computation there; they agree with the CPU's.
template <class F>
void check_as_on_cpu(F f) {
    const std::vector<Tensor<double>> here = f(Device::cpu()), there = f(test_device);
    for (std::size_t i = 0; i < here.size(); ++i) {
        CAPTURE(i);
        const std::vector<double> x = numbers(there[i].to(Device::cpu())), y = numbers(here[i]);
        REQUIRE(x.size() == y.size());
        double largest = 0, difference = 0;
        for (std::size_t k = 0; k < x.size(); ++k)
            largest = std::max(largest, std::fabs(y[k])), difference = std::max(difference, std::fabs(x[k] - y[k]));
        CHECK(difference <= 1e-12 * std::max(1.0, largest));
    }
}

}  // namespace

TEST_CASE("cuda/backend_norm: batch normalisation moves its running statistics, of slices of wider images too") {
    for (const std::int64_t first : {0, 4, 5})  // packs of channels where the slice lets them
        for (const Activation activation : {Activation::none, Activation::leaky_relu})
            check_as_on_cpu([&](Device device) -> std::vector<Tensor<double>> {
                const auto wide = channels_last(some({2, 24, 19, 23}, 1)).to(device);
                Tensor<double> x = wide.slice(1, first, first + 12).detach();
                x.requires_grad_();
                const auto mean = some({12}, 2).to(device), var = (some({12}, 3) * 0.1 + 1.0).to(device);
                Tensor<double> w = some({12}, 4).to(device), b = some({12}, 5).to(device);
                w.requires_grad_(), b.requires_grad_();
                const BatchNormOptions train{.training = true, .momentum = 0.3, .activation = activation, .slope = 0.2};
                const auto y = batch_norm(x, mean, var, w, b, train);
                backward(y, channels_last(some({2, 12, 19, 23}, 6)).to(device));
                BatchNormOptions eval = train;
                eval.training = false;
                const auto z = batch_norm(x.detach() * 2.0, mean, var, w.detach(), {}, eval);
                return {y.detach(), mean, var, z, x.grad(), w.grad(), b.grad()};
            });
}

TEST_CASE("cuda/backend_norm: a mean far from zero costs no digits of the variance") {
    const auto x = (channels_last(some({1, 4, 40, 50}, 7)) * 0.5 + 1000.0).to<float>();
    const auto y = batch_norm(x.to(test_device), {}, {}, {}, {}, {.training = true}).to(Device::cpu());
    CHECK(std::fabs(mean(square(y)).item() - 1) < 1e-3f);
}

TEST_CASE("cuda/backend_norm: normalisation and mining can be captured") {
    const auto x = channels_last(some({1, 8, 17, 9}, 1)).to(test_device);
    Tensor<double> mean = zeros<double>({8}, test_device), var = ones<double>({8}, test_device);
    const auto target = labels({1, 17, 9}, 8, -100).to(test_device);
    Tensor<double> y = zeros<double>({1, 8, 17, 9}, test_device), loss = zeros<double>({}, test_device);
    const auto once = [&] {
        const auto z = batch_norm(x, mean, var, {}, {}, {.training = true});
        y.copy_(softmax(z, 1));
        loss.copy_(ohem_cross_entropy(z, target, {.threshold = 0.1, .n_min = 60}) + cross_entropy(z, target));
    };
    once();
    const auto expected = y.to(Device::cpu()), expected_loss = loss.to(Device::cpu()), moved = mean.to(Device::cpu());
    y.copy_(x), loss.copy_(loss * 0.0), mean.copy_(mean * 0.0);
    const Graph graph = Graph::capture(test_device, once);
    for (int i = 0; i < 2; ++i) {
        mean.copy_(mean * 0.0);
        graph.replay();
        CHECK(same_bits(y.to(Device::cpu()), expected));
        CHECK(same_bits(loss.to(Device::cpu()), expected_loss));
        CHECK(same_bits(mean.to(Device::cpu()), moved));
    }
}

TEST_CASE("cuda/backend_norm: softmax and cross-entropy of many classes, side by side and apart") {
    struct Case {
        Shape shape, order;  // order: of the dimensions in memory
    };
    for (const auto& [shape, order] :
         {Case{{3, 40, 5}, {0, 2, 1}}, Case{{2, 300, 3}, {0, 2, 1}}, Case{{2, 700, 2}, {0, 2, 1}},
          Case{{2, 5000, 1}, {0, 1, 2}}, Case{{1, 5, 4100}, {0, 1, 2}}, Case{{1, 21, 4100}, {0, 1, 2}}}) {
        CAPTURE(shape);
        for (const double smoothing : {0.0, 0.2})
            check_as_on_cpu([&, &shape = shape, &order = order](Device device) -> std::vector<Tensor<double>> {
                Shape back = order;
                for (int d = 0; d < order.rank(); ++d) back[static_cast<int>(order[d])] = d;
                Tensor<double> x = some(shape, 1).permute(order).contiguous().permute(back).to(device);
                x = x.permute(order).contiguous().permute(back).detach();
                const auto target = labels({shape[0], shape[2]}, shape[1], 255).to(device);
                const auto dy = some(shape, 2).to(device);
                std::vector<Tensor<double>> results;
                for (int which = 0; which < 3; ++which) {
                    Tensor<double> leaf = x.detach();
                    leaf.requires_grad_();
                    const auto y = which == 0   ? softmax(leaf, 1)
                                   : which == 1 ? log_softmax(leaf, 1)
                                                : cross_entropy(leaf, target,
                                                                {.weight = (some({shape[1]}, 3) * 0.1 + 1.0).to(device),
                                                                 .ignore_index = 255,
                                                                 .label_smoothing = smoothing});
                    if (which < 2)
                        backward(y, dy);
                    else
                        backward(y);
                    results.push_back(y.detach()), results.push_back(leaf.grad());
                }
                return results;
            });
    }
}

TEST_CASE("cuda/backend_norm: a target that is no class makes its own loss and gradient NaN") {
    Tensor<std::int64_t> target = labels({2, 3}, 4, 255);
    target.mutable_data()[1] = 4, target.mutable_data()[2] = -1;
    Tensor<double> x = some({2, 4, 3}, 1).to(test_device);
    x.requires_grad_();
    const auto loss = cross_entropy(x, target.to(test_device), {.ignore_index = 255, .reduction = Reduction::none});
    backward(loss, ones<double>({2, 3}, test_device));
    const auto y = loss.detach().to(Device::cpu()), g = x.grad().to(Device::cpu());
    for (std::int64_t n = 0; n < 2; ++n)
        for (std::int64_t p = 0; p < 3; ++p) {
            const bool wrong = n == 0 && p > 0;
            CHECK(std::isnan(y(n, p)) == wrong);
            for (std::int64_t c = 0; c < 4; ++c) CHECK(std::isnan(g(n, c, p)) == wrong);
        }
}

TEST_CASE_TEMPLATE("cuda/backend_norm: mining over several blocks finds what the CPU finds, of equal losses the first",
                   T, float, double) {
    const std::int64_t n = checked_build ? 6000 : 300007;
    for (const bool equal : {false, true})
        for (const std::int64_t n_min : {std::int64_t{0}, std::int64_t{1}, n / 3, n / 2, n - 1, n, n + 5}) {
            CAPTURE(n_min);
            Tensor<double> made = abs(some({n}, 5)) * 0.1;
            for (std::int64_t i = 0; i < n; ++i)
                if (equal || i % 5 == 0) made.mutable_data()[i] = static_cast<double>(i * 7919 % 13) * 0.01;
            Tensor<T> here = made.to<T>(), there = here.to(test_device);
            here.requires_grad_(), there.requires_grad_();
            const OhemOptions options{.threshold = 0.85, .n_min = n_min};
            const auto a = detail::Ohem<T>::forward(here, options, "ohem", Where::here()),
                       b = detail::Ohem<T>::forward(there, options, "ohem", Where::here());
            CHECK(b.to(Device::cpu()).item() == doctest::Approx(a.item()).epsilon(1e-6));
            backward(a), backward(b);
            CHECK(same_bits(there.grad().to(Device::cpu()), here.grad()));
        }
}

TEST_CASE_TEMPLATE("cuda/backend_norm: sums and extremes of every number, by rows, by columns and in chunks", T, float,
                   double, std::int64_t, std::int32_t, std::uint8_t) {
    const std::int64_t many = checked_build ? 9001 : 70003;
    for (const Shape& shape : {Shape{many}, Shape{3, many / 3}, Shape{many / 3, 3}, Shape{many / 100, 100},
                               Shape{5, 7, 11}, Shape{4, 1, 9}, Shape{700, 2, 3}}) {
        CAPTURE(shape);
        Tensor<T> here = empty<T>(shape);
        for (std::int64_t i = 0; i < here.numel(); ++i) here.mutable_data()[i] = static_cast<T>(i * 7919 % 251);
        // Whole numbers: exact in any order.
        for (int d = 0; d < shape.rank(); ++d)
            CHECK(same_bits(sum(here.to(test_device), {d}).to(Device::cpu()), sum(here, {d})));
        if constexpr (std::is_floating_point_v<T>)
            here.mutable_data()[here.numel() / 2] = std::numeric_limits<T>::quiet_NaN();
        const Tensor<T> there = here.to(test_device);
        for (int d = 0; d < shape.rank(); ++d) {
            const auto most = max(here, d), most_there = max(there, d), least = min(here, d),
                       least_there = min(there, d);
            CHECK(same_bits(most_there.values.to(Device::cpu()), most.values));
            CHECK(same_bits(most_there.indices.to(Device::cpu()), most.indices));
            CHECK(same_bits(least_there.values.to(Device::cpu()), least.values));
            CHECK(same_bits(least_there.indices.to(Device::cpu()), least.indices));
        }
    }
}

TEST_CASE("cuda/backend_norm: layer normalisation of many rows, and of rows that take a block") {
    for (const Shape& shape : {Shape{checked_build ? 300 : 5000, 33}, Shape{9, 700}, Shape{2, 5000}}) {
        CAPTURE(shape);
        check_as_on_cpu([&](Device device) -> std::vector<Tensor<double>> {
            const Shape features{shape[1]};
            Tensor<double> x = some(shape, 1).to(device), w = some(features, 2).to(device),
                           b = some(features, 3).to(device);
            x.requires_grad_(), w.requires_grad_(), b.requires_grad_();
            const auto y = layer_norm(x, features, w, b);
            backward(y, some(shape, 4).to(device));
            return {y.detach(), x.grad(), w.grad(), b.grad()};
        });
    }
}
