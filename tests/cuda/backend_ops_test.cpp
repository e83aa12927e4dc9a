// The list of operation cases on the device: what it has must give what the CPU gives, forward and backward, in every
// layout; what it lacks must say so, with the operation, the dtype and the device, and lack it. docs/operations.md is
// the list with what was found; FATHOM_WRITE_SUPPORT=1 writes it.
#include <cstdlib>
#include <exception>
#include <fstream>
#include <sstream>

#include "tests/cuda/device.hpp"
#include "tests/ops/for_each_case.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

template <class T>
tests::Inputs<T> moved(const tests::Inputs<T>& in, Device device) {
    tests::Inputs<T> out = in;
    for (auto& x : out.tensors) x = x.to(device);
    for (auto& x : out.labels) x = x.to(device);
    return out;
}

template <class T>
Result<T> on_device(const OpCase& op, const tests::Inputs<T>& in, const Tensor<T>& cotangent) {
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

// "sum: not available for int64 on emulator, which has no sum; ..." is what a missing row reads like; the row has to be
// missing indeed. "... on emulator: its interpolation is nearest or bilinear; ..." is what a row refuses.
void check_lack(const std::string& text) {
    const auto between = [&](const std::string& before, const std::string& after) {
        const std::size_t begin = text.find(before), end = text.find(after, begin);
        if (begin == std::string::npos || end == std::string::npos) return std::string();
        return text.substr(begin + before.size(), end - begin - before.size());
    };
    CAPTURE(text);
    const std::string device = join({" on ", test_device});
    if (!between(device + ": its ", "; copy the inputs with .to(Device::cpu())").empty()) return;
    const std::string dtype = between(": not available for ", device);
    const std::string name = between(device + ", which has no ", "; copy the inputs with .to(Device::cpu())");
    bool of_the_seam = false;
    for_each_operation([&](const detail::OperationName& o) { of_the_seam = of_the_seam || name == o.name; });
    CHECK(of_the_seam);
    bool known = false;
    for (const DTypeNames& d : dtype_names)
        if (dtype == d.name) {
            known = true;
            CHECK(find_row(test_device, name.c_str(), d.dtype) == nullptr);
        }
    CHECK(known);
}

// One entry on one list of shapes: it works, or lacks an operation. Whether it works. layouts: the first shapes, which
// are small, in several layouts.
template <class T>
bool check_case(const OpCase& op, const Shapes& shapes, bool layouts) {
    const auto in = to_inputs<T>(op, make_inputs(op, shapes));
    const Result<T> expected = run_case(op, in);
    if (!layouts && work_of(op, shapes, expected.y.shape()) > (checked_build ? 200000 : 4000000)) return true;
    const Tensor<T> cotangent = cotangent_for<T>(expected.y.shape());
    INFO(name_of(dtype_of<T>));
    try {
        check_same(op, shapes, on_device(op, in, cotangent), expected);
        if (layouts) {
            // Moving to the device makes a tensor dense, so the view is made there: dimensions in opposite order in
            // memory.
            INFO("reversed dimensions");
            tests::Inputs<T> views = moved(in, test_device);
            for (auto& x : views.tensors) {
                Shape order;
                for (int d = x.rank() - 1; d >= 0; --d) order.push_back(d);
                x = x.permute(order).contiguous().permute(order);
            }
            check_same(op, shapes, on_device(op, views, cotangent), expected);
        }
    } catch (const Error& error) {
        check_lack(error.what());
        return false;
    }
    return true;
}

// Whether some shapes of the entry are small enough for differences.
std::string checked_by_differences(const OpCase& op, int order) {
    for (const Shapes& shapes : op.shapes)
        if (checks_gradients(op, shapes, order)) return "yes";
    return "-";
}

std::string row(const OpCase& op, const std::string& devices) {
    std::string gradients, golden = op.golden.empty() ? "-" : op.golden_file;
    for (const OpInput& input : op.inputs)
        if (input.kind == OpInput::differentiable)
            gradients += (gradients.empty() ? "" : ", ") + std::string(input.name);
    return join({"| ", op.name, " | ", gradients.empty() ? "-" : gradients, " | ", checked_by_differences(op, 1), " | ",
                 checked_by_differences(op, 2), " | ", golden, " | ", devices, " |\n"});
}

constexpr const char* head =
    "# Operations\n\n"
    "The list of operation cases (`tests/ops/cases`), one row for each: an operation, or a form of one. Every entry is "
    "compared with a plain\n"
    "reference in float and double, on every instruction set of the CPU, in several layouts, on empty tensors and odd "
    "sizes, with one thread and\n"
    "with two. Made by `FATHOM_WRITE_SUPPORT=1 build/release/bin/fathom_backend_tests "
    "--test-case='cuda/backend_ops*'`; a test compares it.\n\n"
    "- inputs: those that have gradients.\n"
    "- gradient, second gradient: compared with differences in double.\n"
    "- golden: the file of PyTorch's values and gradients in `tests/golden`.\n"
    "- device: the dtypes that run there, forward and backward, on `cuda` and `emulator`. What a device lacks throws "
    "an "
    "error that names\n"
    "  operation, dtype and device; which dtypes its kernels take, integers too, says [support.md](support.md).\n\n"
    "| operation | inputs | gradient | second gradient | golden | device |\n|---|---|---|---|---|---|\n";

}  // namespace

TEST_CASE("cuda/backend_ops: each operation case gives what the CPU gives, or says that the device lacks it") {
    std::string page = head;
    for (const OpCase& op : all_cases()) {
        INFO("operation " << op.name);
        bool in_float = !op.shapes.empty(), in_double = in_float;
        try {
            for (const Shapes& shapes : op.shapes) {
                const bool first = &shapes == &op.shapes.front();
                in_float &= check_case<float>(op, shapes, first) || !first;
                in_double &= check_case<double>(op, shapes, first) || !first;
            }
        } catch (const std::exception& error) {
            FAIL_CHECK(std::string(error.what()));
        }
        page += row(op, in_float && in_double ? "float, double" : in_float ? "float" : in_double ? "double" : "-");
    }
    const std::string path = FATHOM_SOURCE_DIR "/docs/operations.md";
    if (std::getenv("FATHOM_WRITE_SUPPORT")) std::ofstream(path) << page;
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    CHECK(text.str() == page);
}
