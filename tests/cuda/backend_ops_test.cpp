// The list of operation cases on the device: what it has must give what the CPU gives, forward and backward, in every
// layout; what it lacks must say so, with the operation, the dtype and the device.
#include <algorithm>
#include <exception>

#include "tests/cuda/device.hpp"
#include "tests/ops/run_case.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

template <class T>
Inputs<T> moved(const Inputs<T>& in, Device device) {
    Inputs<T> out = in;
    for (auto& x : out.tensors) x = x.to(device);
    for (auto& x : out.labels) x = x.to(device);
    return out;
}

template <class T>
Result<T> on_device(const OpCase& op, const Inputs<T>& in, const Tensor<T>& cotangent) {
    Result<T> result = run_case(op, moved(in, test_device), cotangent.to(test_device));
    result.y = result.y.to(Device::cpu());
    for (auto& g : result.gradients)
        if (g.defined()) g = g.to(Device::cpu());
    return result;
}

// Elements of the inputs and products of an output: what a run takes in the emulator.
std::int64_t work_of(const OpCase& op, const Shapes& shapes, const Shape& out) {
    std::int64_t n = static_cast<std::int64_t>(terms_of(op, shapes, out)) * out.numel();
    for (const Shape& s : shapes) n += s.numel();
    return n;
}

template <class T>
void check_same(const OpCase& op, const Shapes& shapes, const Result<T>& got, const Result<T>& expected) {
    const double terms = terms_of(op, shapes, expected.y.shape());
    CHECK(difference(got.y, to_plain(expected.y)) <= 2 * rounding_bound<T>(terms));
    for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
        if (!expected.gradients[i].defined()) continue;
        CAPTURE(i);
        const Plain g = to_plain(expected.gradients[i]);
        CHECK(difference(got.gradients[i], g) <=
              2 * rounding_bound<T>(gradient_terms(terms, g.shape, expected.y.shape())));
    }
}

// Whether the device has the operation; anything else that goes wrong fails the test.
template <class T>
bool check_case(const OpCase& op, const Shapes& shapes, bool layouts) {
    const auto in = to_inputs<T>(op, make_inputs(op, shapes));
    const Result<T> expected = run_case(op, in);
    if (work_of(op, shapes, expected.y.shape()) > (checked_build ? 200000 : 4000000)) return true;
    const Tensor<T> cotangent = cotangent_for<T>(expected.y.shape());
    INFO(name_of(dtype_of<T>));
    try {
        check_same(op, shapes, on_device(op, in, cotangent), expected);
        if (layouts) {
            // Moving to the device makes a tensor dense, so the view is made there: dimensions in opposite order in
            // memory.
            INFO("reversed dimensions");
            Inputs<T> views = moved(in, test_device);
            for (auto& x : views.tensors) {
                Shape order;
                for (int d = x.rank() - 1; d >= 0; --d) order.push_back(d);
                x = x.permute(order).contiguous().permute(order);
            }
            check_same(op, shapes, on_device(op, views, cotangent), expected);
        }
        return true;
    } catch (const Error& error) {
        const std::string text = error.what();
        const std::string advice = join({" on ", test_device, "; copy the inputs with .to(Device::cpu())"});
        CAPTURE(text);
        CHECK(text.find("not available for ") != std::string::npos);
        CHECK(text.find(advice) != std::string::npos);
        return false;
    }
}

// Entries of the list that need what the device has no kernels for.
const std::vector<std::string> lacking = {"max_channel",
                                          "min_last",
                                          "max_all",
                                          "min_all",
                                          "softmax",
                                          "softmax_last",
                                          "log_softmax",
                                          "log_softmax_last",
                                          "matmul",
                                          "matmul_batched",
                                          "linear",
                                          "linear_without_bias",
                                          "pad_reflect",
                                          "pad_replicate",
                                          "pad_constant",
                                          "pad_nothing",
                                          "rgb_to_ycrcb",
                                          "ycrcb_to_rgb",
                                          "max_pool_3_2_1",
                                          "max_pool_2",
                                          "max_pool_overlapping",
                                          "max_pool_apart",
                                          "avg_pool_2",
                                          "avg_pool_3_2_1",
                                          "avg_pool_overlapping",
                                          "avg_pool_apart",
                                          "global_avg_pool",
                                          "adaptive_avg_pool",
                                          "adaptive_avg_pool_up",
                                          "bilinear_up_half",
                                          "bilinear_up_corners",
                                          "bilinear_double_half",
                                          "bilinear_double_corners",
                                          "bilinear_down_half",
                                          "bilinear_down_corners",
                                          "bilinear_same_half",
                                          "bilinear_same_corners",
                                          "bilinear_one_half",
                                          "bilinear_one_corners",
                                          "nearest_up",
                                          "nearest_down",
                                          "cross_entropy",
                                          "cross_entropy_none",
                                          "cross_entropy_sum",
                                          "cross_entropy_weighted",
                                          "cross_entropy_smoothed",
                                          "cross_entropy_smoothed_weighted",
                                          "cross_entropy_smoothed_none",
                                          "batch_norm_train",
                                          "batch_norm_train_relu",
                                          "batch_norm_train_leaky_relu",
                                          "batch_norm_eval",
                                          "batch_norm_eval_relu",
                                          "ohem_threshold",
                                          "ohem_n_min",
                                          "ohem_ignored_count",
                                          "ohem_exactly_n_min",
                                          "ohem_one_more",
                                          "ohem_all",
                                          "ohem_none"};

}  // namespace

TEST_CASE("cuda/backend_ops: each operation case gives what the CPU gives, or says that the device lacks it") {
    for (const OpCase& op : all_cases()) {
        INFO("operation " << op.name);
        bool has = true;
        try {
            for (const Shapes& shapes : op.shapes) {
                has = has && check_case<float>(op, shapes, &shapes == &op.shapes.front());
                has = has && check_case<double>(op, shapes, &shapes == &op.shapes.front());
            }
        } catch (const std::exception& error) {
            FAIL_CHECK(std::string(error.what()));
        }
        const bool listed = std::count(lacking.begin(), lacking.end(), op.name) > 0;
        CHECK(has == !listed);
    }
}
