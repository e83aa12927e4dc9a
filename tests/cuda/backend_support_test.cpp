// docs/support.md, the table of operation x dtype x device, is what the rows say. FATHOM_WRITE_SUPPORT=1 writes it.
// Rows may come from outside the device.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "fathom/tensor/dispatch.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/cuda/device.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

std::string cell(Device device, const detail::OperationName& operation) {
    std::string text;
    for (const DTypeNames& d : dtype_names)
        if (supports(device, operation, d.dtype)) text += (text.empty() ? "" : ", ") + std::string(d.name);
    return text.empty() ? "-" : text;
}

std::string page() {
    std::string text =
        "# What works where\n\n"
        "Operations as the seam knows them (`include/fathom/abi/elementwise.list.hpp`, `abi/arguments.hpp`), and the "
        "dtypes they take. Made by\n"
        "`FATHOM_WRITE_SUPPORT=1 build/release/bin/fathom_backend_tests --test-case='cuda/backend_support*'`; a test "
        "compares it with what the\n"
        "devices have rows for. `cuda` and `emulator` are one source and one column. What a device lacks throws an "
        "error that names operation,\n"
        "dtype and device.\n\n"
        "| operation | cpu | cuda, emulator |\n|---|---|---|\n";
    for_each_operation([&](const detail::OperationName& operation) {
        text += "| " + std::string(operation.name) + " | " + cell(Device::cpu(), operation) + " | " +
                cell(test_device, operation) + " |\n";
    });
    return text;
}

// f(row) for every row of the device under test.
template <class F>
void for_each_row(F f) {
    for (const abi::Rows* list = *find_table(test_device)->rows; list; list = list->next)
        for (std::int32_t i = 0; i < list->count; ++i) f(list->begin[i]);
}

// An operation that no list of the library names: out = one number of the arguments, on the host side alone.
struct AnswerArgs {
    std::int64_t* out;
    std::int64_t value;
};
abi::Outcome answer(const abi::Call*, const void* arguments) {
    const auto* args = static_cast<const AnswerArgs*>(arguments);
    *args->out = args->value;
    return abi::Outcome::ok;
}
void answer_on_cpu(const abi::Call&, const AnswerArgs&) {}
const char* accepts_answer(const void* arguments) {
    return static_cast<const AnswerArgs*>(arguments)->value == 0 ? "it never answers 0" : nullptr;
}

}  // namespace

TEST_CASE("cuda/backend_support: docs/support.md is what the devices have rows for") {
    REQUIRE_NOTHROW(require(test_device));  // a device that is not there supports nothing
    const std::string path = FATHOM_SOURCE_DIR "/docs/support.md";
    if (std::getenv("FATHOM_WRITE_SUPPORT")) std::ofstream(path) << page();
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    CHECK(text.str() == page());
}

TEST_CASE("cuda/backend_support: each row names an operation of the seam, with its arguments, once per dtype") {
    std::vector<const abi::Row*> seen;
    for_each_row([&](const abi::Row& row) {
        INFO(row.name);
        bool named = false;
        for_each_operation([&](const detail::OperationName& operation) {
            if (std::string_view(operation.name) != row.name) return;
            named = true;
            CHECK(row.arguments == operation.arguments);
            CHECK((row.dtypes & ~operation.cpu) == 0);
        });
        CHECK(named);
        for (const abi::Row* other : seen)
            if (std::string_view(other->name) == row.name) CHECK((other->dtypes & row.dtypes) == 0);
        seen.push_back(&row);
    });
    CHECK(seen.size() > 40);
}

TEST_CASE("cuda/backend_support: a module beside the device adds operations, whose names and dtypes are its own") {
    static const abi::Row row[] = {
        {"test_answer", sizeof(AnswerArgs), abi::dtypes(DType::int64), answer, accepts_answer}};
    static abi::Rows rows{row, 1, nullptr};
    // Nothing takes rows out of the list again, so this case stands behind those that look at all of them.
    register_rows(test_device.kind, rows);
    CHECK(find_row(test_device, "test_answer", DType::int64) == &row[0]);
    CHECK(find_row(test_device, "test_answer", DType::int32) == nullptr);
    CHECK(find_row(Device::cpu(), "test_answer", DType::int64) == nullptr);

    static detail::Operation<AnswerArgs> operation{{"test_answer", sizeof(AnswerArgs), 0}};
    std::int64_t out = 0;
    const AnyTensor on = zeros<std::int64_t>({1}, test_device), wrong = zeros<std::int32_t>({1}, test_device);
    const auto run = [&](const AnyTensor& x, std::int64_t value) {
        detail::run(x, "ask", Where::here(), operation, &answer_on_cpu, AnswerArgs{&out, value});
    };
    run(on, 42);
    CHECK(out == 42);
    CHECK(message_of([&] { run(on, 0); }).find(": it never answers 0; copy the inputs") != std::string::npos);
    CHECK(message_of([&] { run(wrong, 1); }).find("ask: not available for int32 on ") == 0);
    CHECK(message_of([&] { run(wrong, 1); }).find(", which has no test_answer; copy") != std::string::npos);

    static const abi::Row taken[] = {{"matmul", sizeof(abi::MatmulArgs), abi::dtypes(DType::int64), answer, nullptr},
                                     {"copy", sizeof(abi::ElementwiseArgs), abi::everything, answer, nullptr}};
    static abi::Rows both{taken, 2, nullptr};
    const std::string text = message_of([&] { register_rows(test_device.kind, both); });
    CHECK(text.find(join({"register_rows: ", test_device, " has copy on float already"})) == 0);
    CHECK(find_row(test_device, "matmul", DType::int64) == nullptr);  // all of them or none
    CHECK(message_of([] { register_rows(DeviceKind::cpu, both); }).find("is not linked into this program") !=
          std::string::npos);
}
