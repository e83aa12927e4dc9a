// --device: fuse and train_seafusion on the emulator, which runs a GPU's kernels on the CPU.
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;

TEST_CASE("programs/device: a device that is none, or is not there, is named before anything is done") {
    const Data d;
    d.check_refused(d.content_only(d.run) + Arguments{"--device", "gpu"},
                    {"--device: expected cpu, cuda, cuda:N or emulator, got gpu"}, 2);
    d.check_refused(d.content_only(d.run) + Arguments{"--device", "cuda:900"},
                    {"--device: device cuda:900 is not there"});
    check_error(programs_test::run(fuse_program,
                                   {"--device", "cuda:900", "--weights", "w", "--vis", "v", "--ir", "i", "--out", "o"}),
                1, {"--device: device cuda:900 is not there"});
}

TEST_CASE("programs/device: the CPU trains in fp32 and bf16") {
    const Data d;
    d.check_refused(d.content_only(d.run) + Arguments{"--precision", "tf32"},
                    {"--precision: expected fp32 or bf16 with --device cpu, got tf32"}, 2);
}

namespace {

double last_loss(const std::string& run) {
    double loss = -1;
    for (const std::string& line : lines_of(run + "/log.jsonl"))
        if (contains(line, "\"loss\":")) loss = number_in(line, "loss");
    return loss;
}

// A run in bf16 beside one in fp32.
void check_bfloat16(const Arguments& device) {
    const Data d;
    const std::string host = d.folder / "host";
    const auto train = [&](const std::string& run, const Arguments& more) {
        const Outcome outcome =
            programs_test::run(train_program, d.content_only(run) + Arguments{"--crop", "16"} + more);
        CHECK_MESSAGE(outcome.code == 0, outcome.err);
    };
    train(d.run, device + Arguments{"--precision", "bf16"});
    train(host, {});
    CHECK(last_loss(d.run) != last_loss(host));
    CHECK(last_loss(d.run) == doctest::Approx(last_loss(host)).epsilon(0.02));
    CHECK(contains(io_test::read_file(d.run + "/record.json"), "\"precision\": \"bf16\""));
    CHECK(contains(io_test::read_file(host + "/record.json"), "\"precision\": \"fp32\""));
}

}  // namespace

TEST_CASE("programs/device: a run in bf16 is near one in fp32, and says so in its record" * doctest::skip(sanitized)) {
    check_bfloat16({});
}

#ifdef FATHOM_PROGRAMS_EMULATOR
TEST_CASE("programs/device: a run goes from the emulator to the CPU and back, and fuses there, as on the CPU alone" *
          doctest::skip(sanitized)) {
    const Data d;
    const std::string host = d.folder / "host";
    const auto train = [&](const Arguments& arguments) {
        const Outcome outcome = programs_test::run(train_program, arguments);
        CHECK_MESSAGE(outcome.code == 0, outcome.err);
    };
    const auto begin = [&](const std::string& run) { return d.content_only(run) + Arguments{"--crop", "16"}; };
    train(begin(d.run) + Arguments{"--device", "emulator"});
    train({"--resume", d.run, "--rounds", "2"});
    train({"--resume", d.run, "--rounds", "3", "--device", "emulator"});
    train(begin(host));
    for (const char* rounds : {"2", "3"}) train({"--resume", host, "--rounds", rounds});
    CHECK(lines_of(d.run + "/log.jsonl").size() == lines_of(host + "/log.jsonl").size());
    CHECK(last_loss(d.run) == doctest::Approx(last_loss(host)).epsilon(1e-3));
    CHECK(contains(io_test::read_file(d.run + "/record.json"), "\"device\": \"emulator\""));

    const std::string out = d.folder / "fused";
    const Outcome fused =
        programs_test::run(fuse_program, {"--device", "emulator", "--weights", d.run + "/fusion.safetensors", "--vis",
                                          d.data + "/test/vi", "--ir", d.data + "/test/ir", "--out", out});
    CHECK_MESSAGE(fused.code == 0, fused.err);
    CHECK(contents(out) == contents(d.run + "/round_3/test"));
}

TEST_CASE("programs/device: so it is on a device" * doctest::skip(sanitized)) {
    check_bfloat16({"--device", "emulator"});
}
#endif
