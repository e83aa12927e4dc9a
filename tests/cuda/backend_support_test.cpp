// docs/support.md, the table of operation x dtype x device, is what the registry says. FATHOM_WRITE_SUPPORT=1 writes
// it.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "fathom/backend/cpu/elementwise.hpp"
#include "fathom/backend/support.hpp"
#include "tests/cuda/device.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

struct Row {
    std::string name;
    abi::Family family;
    std::int32_t operation;
};

std::vector<Row> rows() {
    std::vector<Row> list;
    const auto add = [&](abi::Family family, std::vector<const char*> names) {
        for (std::size_t i = 0; i < names.size(); ++i) list.push_back({names[i], family, static_cast<std::int32_t>(i)});
    };
    add(abi::Family::elementwise, {"add",
                                   "sub",
                                   "mul",
                                   "div",
                                   "maximum",
                                   "minimum",
                                   "affine",
                                   "reciprocal",
                                   "pow",
                                   "neg",
                                   "abs",
                                   "exp",
                                   "log",
                                   "sqrt",
                                   "square",
                                   "relu",
                                   "sigmoid",
                                   "tanh",
                                   "leaky_relu",
                                   "clamp",
                                   "copy",
                                   "fill",
                                   "where",
                                   "equal",
                                   "not_equal",
                                   "less",
                                   "less_equal",
                                   "logical_not",
                                   "div_grad_b",
                                   "maximum_grad_a",
                                   "minimum_grad_a",
                                   "abs_grad",
                                   "log_grad",
                                   "relu_grad",
                                   "pow_grad",
                                   "leaky_relu_grad",
                                   "clamp_grad",
                                   "exp_grad",
                                   "sqrt_grad",
                                   "sigmoid_grad",
                                   "tanh_grad",
                                   "reciprocal_grad",
                                   "square_grad"});
    add(abi::Family::reduce, {"sum", "max", "min"});
    add(abi::Family::matmul, {"matmul"});
    add(abi::Family::conv, {"conv"});
    add(abi::Family::sobel, {"sobel"});
    add(abi::Family::softmax, {"softmax"});
    add(abi::Family::cross_entropy, {"cross_entropy"});
    add(abi::Family::fusion_loss, {"fusion_loss"});
    add(abi::Family::color, {"color"});
    add(abi::Family::pad, {"pad_constant", "pad_reflect", "pad_replicate"});
    add(abi::Family::optimize, {"sgd", "adam", "adamw"});
    add(abi::Family::random, {"uniform", "normal"});
    add(abi::Family::batch_norm, {"batch_norm"});
    add(abi::Family::window, {"max_pool", "avg_pool", "adaptive_avg_pool", "take"});
    add(abi::Family::resize, {"nearest", "bilinear"});
    return list;
}

constexpr DType dtypes[] = {DType::float32, DType::float64, DType::int64, DType::int32, DType::uint8, DType::boolean};

std::string cell(Device device, const Row& row) {
    std::string text;
    for (DType dtype : dtypes)
        if (supports(device, row.family, row.operation, dtype))
            text += (text.empty() ? "" : ", ") + std::string(name_of(dtype));
    return text.empty() ? "-" : text;
}

std::string page() {
    std::string text =
        "# What works where\n\n"
        "Operations as the seam (`include/fathom/abi/arguments.hpp`) knows them, and the dtypes they take, forward and "
        "backward. Made by\n"
        "`FATHOM_WRITE_SUPPORT=1 build/release/bin/fathom_backend_tests --test-case='cuda/backend_support*'`; a test "
        "compares it with what the\n"
        "devices answer. `cuda` and `emulator` are one source and one column. What a device lacks throws an error that "
        "names operation, dtype and\n"
        "device.\n\n"
        "| operation | cpu | cuda, emulator |\n|---|---|---|\n";
    for (const Row& row : rows())
        text += "| " + row.name + " | " + cell(Device::cpu(), row) + " | " + cell(test_device, row) + " |\n";
    return text;
}

}  // namespace

TEST_CASE("cuda/backend_support: the rows are the operations of the seam") {
    std::size_t elementwise = 0;
    for (const Row& row : rows()) elementwise += row.family == abi::Family::elementwise;
    CHECK(elementwise == static_cast<std::size_t>(Elementwise::square_grad) + 1);
    CHECK(rows().back().family == abi::Family::resize);
}

TEST_CASE("cuda/backend_support: docs/support.md is what the devices answer") {
    REQUIRE_NOTHROW(require(test_device));  // a device that is not there supports nothing
    const std::string path = FATHOM_SOURCE_DIR "/docs/support.md";
    if (std::getenv("FATHOM_WRITE_SUPPORT")) std::ofstream(path) << page();
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    CHECK(text.str() == page());
}

namespace {

// Every elementwise operation that the CPU's table claims for T is linked: its address exists.
template <class T, int... numbers>
int count_kernels(std::integer_sequence<int, numbers...>) {
    const auto one = []<int number>() {
        constexpr auto op = static_cast<Elementwise>(number);
        constexpr bool claimed = cpu::supports(abi::Family::elementwise, number, dtype_of<T>);
        if constexpr (claimed && (op < Elementwise::copy || op > Elementwise::logical_not)) {
            void (*volatile entry)(const abi::Call&, const abi::ElementwiseArgs&) = &cpu::elementwise<T, op>;
            return entry ? 1 : 0;
        }
        return 0;
    };
    return (one.template operator()<numbers>() + ...);
}

}  // namespace

TEST_CASE("cuda/backend_support: what the CPU claims it has") {
    const auto all = std::make_integer_sequence<int, static_cast<int>(Elementwise::square_grad) + 1>{};
    CHECK(count_kernels<float>(all) == 35);
    CHECK(count_kernels<double>(all) == 35);
    CHECK(count_kernels<std::int64_t>(all) == 11);
    CHECK(count_kernels<std::int32_t>(all) == 11);
    CHECK(count_kernels<std::uint8_t>(all) == 11);
}
