#include "fathom/io/checkpoint.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>

#include "fathom/core/random.hpp"
#include "fathom/io/checksum.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/io/support.hpp"
#include "tests/io/tmpfs.hpp"

using fathom::AnyTensor;
using fathom::StateDict;
using fathom::io::CheckpointFolder;
using io_test::error_of;
using io_test::Folder;
using io_test::read_file;
using io_test::write_file;

namespace {

// Every element is `step`, so that a mixture of two checkpoints would show.
StateDict state_of(std::int64_t step) {
    StateDict state;
    state.add("net.weight", fathom::full<float>({70, 50}, static_cast<float>(step)));
    state.add("net.bias", fathom::full<double>({3}, static_cast<double>(step)));
    state.add("step", fathom::full<std::int64_t>({}, step));
    return state;
}

// -1 where the elements differ.
std::int64_t step_of(const StateDict& state) {
    if (state.size() != 3) return -1;
    const auto weight = state.entries[0].second.as<float>();
    const std::int64_t step = state.entries[2].second.as<std::int64_t>().item();
    for (std::int64_t i = 0; i < weight.numel(); ++i)
        if (weight.data()[i] != static_cast<float>(step)) return -1;
    return step;
}

void save_steps(const std::string& path, std::initializer_list<std::int64_t> steps) {
    CheckpointFolder checkpoints(path);
    for (const std::int64_t step : steps) checkpoints.save(state_of(step), {{"step", std::to_string(step)}});
}

std::vector<std::string> sorted_names(const Folder& folder) {
    auto names = folder.names();
    std::sort(names.begin(), names.end());
    return names;
}

const std::vector<std::string> both = {"last.safetensors", "previous.safetensors"};

}  // namespace

TEST_CASE("io/checkpoint: what is saved is loaded, and the one before is kept") {
    const Folder folder;
    CheckpointFolder checkpoints(folder.path);
    CHECK(checkpoints.empty());
    CHECK(error_of([&] { checkpoints.load(); }) == folder.path + ": holds no checkpoint");
    StateDict first = state_of(1);
    first.metadata = {{"note", "größe"}, {"format", "pt"}};
    checkpoints.save(first, {{"step", "1"}});
    CHECK_FALSE(checkpoints.empty());
    auto loaded = checkpoints.load();
    CHECK(step_of(loaded.state) == 1);
    CHECK(loaded.state.metadata == fathom::io::Metadata{{"note", "größe"}, {"step", "1"}});
    CHECK(loaded.file == folder / "last.safetensors");
    CHECK(loaded.warning.empty());
    CHECK(folder.names() == std::vector<std::string>{"last.safetensors"});
    checkpoints.save(state_of(2)), checkpoints.save(state_of(3));
    CHECK(step_of(CheckpointFolder(folder.path).load().state) == 3);
    CHECK(sorted_names(folder) == both);
    CHECK(step_of(fathom::io::load(folder / "previous.safetensors")) == 2);
}

TEST_CASE("io/checkpoint: views and an empty state") {
    const Folder folder;
    CheckpointFolder checkpoints(folder.path);
    const auto x = fathom::arange<float>(24);
    StateDict state;
    state.add("view", fathom::detail::new_view(x, {4, 2, 3}, {1, 12, 4}, 0));
    checkpoints.save(state);
    CHECK(checkpoints.load().state.entries[0].second.as<float>()(1, 0, 2) == 9);
    checkpoints.save({});
    CHECK(checkpoints.load().state.empty());
}

TEST_CASE("io/checkpoint: a damaged or missing last one gives the one before, and says why") {
    const Folder folder;
    const std::string last = folder / "last.safetensors", previous = folder / "previous.safetensors";
    save_steps(folder.path, {1, 2});
    const std::string whole = read_file(last);
    const auto warning_with = [&](const std::string& bytes) {
        write_file(last, bytes);
        const auto loaded = CheckpointFolder(folder.path).load();
        CHECK(step_of(loaded.state) == 1);
        CHECK(loaded.file == previous);
        const std::string behind = "; used " + previous + " instead";
        REQUIRE(loaded.warning.size() > behind.size());
        CHECK(loaded.warning.substr(loaded.warning.size() - behind.size()) == behind);
        return loaded.warning.substr(0, loaded.warning.size() - behind.size());
    };
    CHECK(warning_with("") == last + ": is empty, expected a safetensors or PyTorch file");
    CHECK(warning_with(whole.substr(0, whole.size() - 1)).find("bytes of data") != std::string::npos);
    CHECK(warning_with(whole.substr(0, 100)).find("header length") != std::string::npos);
    std::string flipped = whole;
    flipped[whole.size() - 5000] ^= 0x10;
    CHECK(warning_with(flipped).find(last + ": is damaged, its checksum is ") == 0);
    fathom::io::save(last, state_of(7));
    CHECK(warning_with(read_file(last)) ==
          last + ": is no checkpoint, or its header is damaged: format \"\", version \"\"");
    std::remove(last.c_str());
    const auto loaded = CheckpointFolder(folder.path).load();
    CHECK(step_of(loaded.state) == 1);
    CHECK(loaded.warning == last + ": cannot open, No such file or directory; used " + previous + " instead");
}

TEST_CASE("io/checkpoint: a flipped bit anywhere is found") {
    const Folder folder;
    StateDict small;
    small.add("a", fathom::Tensor<float>({{1, 2, 3}, {4, 5, 6}}));
    small.add("b", fathom::Tensor<float>({{1, 2}, {3, 4}, {5, 6}}));
    CheckpointFolder checkpoints(folder.path);
    checkpoints.save(small, {{"step", "12"}});
    checkpoints.save(small, {{"step", "13"}});
    const std::string whole = read_file(folder / "last.safetensors");
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (int bit = 0; bit < 8; ++bit) {
            std::string damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
            write_file(folder / "last.safetensors", damaged);
            std::string step = "none";
            const std::string error = error_of([&] {
                const auto loaded = checkpoints.load();
                // Spaces of the header may become other spaces.
                step = loaded.warning.empty() ? "last" : loaded.state.metadata.at(0).second;
            });
            CAPTURE(at);
            CAPTURE(bit);
            CHECK(error == "no error");
            const bool harmless = step == "last" && whole[at] == ' ';
            CHECK((harmless || step == "12"));
        }
}

TEST_CASE("io/checkpoint: with both damaged the error names both reasons") {
    const Folder folder;
    save_steps(folder.path, {1, 2});
    write_file(folder / "last.safetensors", "");
    write_file(folder / "previous.safetensors", "x");
    CHECK(error_of([&] { CheckpointFolder(folder.path).load(); }) ==
          folder.path + ": no checkpoint can be loaded: " + (folder / "last.safetensors") +
              ": is empty, expected a safetensors or PyTorch file; " + (folder / "previous.safetensors") +
              ": is in no format that fathom reads, expected safetensors or PyTorch's .pth");
}

TEST_CASE("io/checkpoint: a later version is an error of its own, and stays where it is") {
    const Folder folder;
    save_steps(folder.path, {1, 2});
    const std::string last = folder / "last.safetensors";
    fathom::io::save(last, state_of(3), {{"format", "fathom checkpoint, version 2"}, {"version", "2"}});
    const std::string bytes = read_file(last);
    const std::string expected = last + ": is a checkpoint of version 2, this program reads versions up to 1";
    CHECK(error_of([&] { CheckpointFolder(folder.path).load(); }) == expected);
    CHECK(error_of([&] { CheckpointFolder(folder.path).save(state_of(4)); }) == expected);
    CHECK(read_file(last) == bytes);
    CHECK(sorted_names(folder) == both);
}

TEST_CASE("io/checkpoint: a damaged last one does not take the place of the one before") {
    const Folder folder;
    save_steps(folder.path, {1, 2});
    write_file(folder / "last.safetensors", "damaged");
    SUBCASE("after loading") {
        CheckpointFolder checkpoints(folder.path);
        checkpoints.load();
        checkpoints.save(state_of(3));
    }
    SUBCASE("without loading") { save_steps(folder.path, {3}); }
    CHECK(step_of(fathom::io::load(folder / "previous.safetensors")) == 1);
    CHECK(step_of(CheckpointFolder(folder.path).load().state) == 3);
}

TEST_CASE("io/checkpoint: others beside them") {
    const Folder folder;
    CheckpointFolder checkpoints(folder.path);
    checkpoints.save(state_of(1));
    checkpoints.save_as("best", state_of(5), {{"miou", "0.5"}});
    const StateDict best = checkpoints.load_as("best");
    CHECK(step_of(best) == 5);
    CHECK(best.metadata == fathom::io::Metadata{{"miou", "0.5"}});
    CHECK(step_of(checkpoints.load().state) == 1);
    CHECK(error_of([&] { checkpoints.save_as("last", state_of(2)); }) ==
          folder.path + ": a checkpoint cannot be called \"last\"");
    CHECK(error_of([&] { checkpoints.save_as("a/b", state_of(2)); }) ==
          folder.path + ": a checkpoint cannot be called \"a/b\"");
    CHECK(error_of([&] { checkpoints.load_as("none"); }) ==
          (folder / "none.safetensors") + ": cannot open, No such file or directory");
    std::string bytes = read_file(folder / "best.safetensors");
    bytes.back() ^= 1;
    write_file(folder / "best.safetensors", bytes);
    CHECK(error_of([&] { checkpoints.load_as("best"); }).find("is damaged") != std::string::npos);
}

TEST_CASE("io/checkpoint: the folder is made, and what cannot be one is named") {
    const Folder folder;
    CHECK(CheckpointFolder(folder / "run").empty());
    rmdir((folder / "run").c_str());
    CHECK(error_of([&] { CheckpointFolder(folder / "a/b"); }) ==
          (folder / "a/b") + ": cannot create the folder, No such file or directory");
    write_file(folder / "file", "");
    CHECK(error_of([&] { CheckpointFolder(folder / "file"); }) ==
          (folder / "file") + ": cannot read the folder, Not a directory");
    CheckpointFolder checkpoints(folder.path);
    StateDict undefined = state_of(1);
    undefined.add("x", {});
    CHECK(error_of([&] { checkpoints.save(undefined); }) ==
          (folder / "last.safetensors") + ": cannot write tensor \"x\", which was never given a value");
    CHECK(folder.names() == std::vector<std::string>{"file"});
    REQUIRE(symlink("file", (folder / "last.safetensors").c_str()) == 0);
    CHECK(error_of([&] { checkpoints.save(state_of(1)); }) ==
          (folder / "last.safetensors") + ": is a link or no file, expected a checkpoint");
}

TEST_CASE("io/checkpoint: a full disk is an error, and what was there can still be loaded") {
    const Folder folder;
    const std::string text = io_test::with_tmpfs(folder.path, "size=64k", [&] {
        CheckpointFolder checkpoints(folder.path);
        checkpoints.save(state_of(1)), checkpoints.save(state_of(2));
        StateDict large;
        large.add("x", fathom::zeros<float>({50000}));
        std::string out = error_of([&] { checkpoints.save(large); });
        const auto loaded = CheckpointFolder(folder.path).load();
        out += "|" + std::to_string(step_of(loaded.state)) + loaded.warning;
        out += "|" + std::to_string(step_of(fathom::io::load(folder / "previous.safetensors")));
        checkpoints.save(state_of(3));
        return out + "|" + std::to_string(step_of(checkpoints.load().state)) + "|" +
               std::to_string(folder.names().size());
    });
    if (text == "SKIPPED") {
        MESSAGE("SKIPPED: mounting is not allowed here");
        return;
    }
    CHECK(text == (folder / "last.safetensors") + ": cannot write, No space left on device|2|1|3|2");
}

TEST_CASE("io/checkpoint: killed at any moment, a whole checkpoint stays, and no temporary file after the next start") {
    const Folder folder;
    std::int64_t step = 1;
    save_steps(folder.path, {step});
    for (std::uint64_t round = 0; round < 50; ++round) {
        CAPTURE(round);
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            try {
                CheckpointFolder checkpoints(folder.path);
                for (std::int64_t next = step + 1;; ++next) checkpoints.save(state_of(next));
            } catch (...) {
                _exit(1);
            }
        }
        usleep(static_cast<useconds_t>(200 + 12000 * fathom::uniform({7, 0}, round)));
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        REQUIRE(WIFSIGNALED(status));
        CheckpointFolder checkpoints(folder.path);
        const auto loaded = checkpoints.load();  // fails where the checksum does
        const bool whole = step_of(loaded.state) >= step;
        REQUIRE(whole);
        step = step_of(loaded.state);
        for (const std::string& name : folder.names()) CHECK(std::count(both.begin(), both.end(), name) == 1);
    }
    CHECK(step > 1);
}

TEST_CASE("io/checkpoint: the temporary file of a living writer stays") {
    const Folder folder;
    {
        fathom::io::AtomicWriter writer(folder / "other");
        writer.write("text");
        const CheckpointFolder checkpoints(folder.path);
        CHECK(folder.names().size() == 1);
        writer.commit();
    }
    write_file(folder / ".fathom-1-0.tmp", "left behind");
    write_file(folder / ".fathom-notes", "somebody's");
    const CheckpointFolder checkpoints(folder.path);
    CHECK(sorted_names(folder) == std::vector<std::string>{".fathom-notes", "other"});
}

TEST_CASE("io/checkpoint: the checksum sees every bit, every piece and their order, at more than 1 GB/s") {
    const auto of = [](std::initializer_list<std::string_view> pieces) {
        fathom::io::Checksum sum;
        for (const std::string_view piece : pieces) sum.add(piece);
        return sum.value();
    };
    CHECK(of({"ab", "c"}) != of({"a", "bc"}));
    CHECK(of({"ab"}) != of({"ab", ""}));
    CHECK(of({std::string_view("a\0", 2)}) != of({"a"}));
    std::string zeros(64, '\0');
    const std::uint64_t before = of({zeros});
    for (std::size_t i = 0; i < 512; ++i)
        for (std::size_t j = i + 1; j < 512; ++j) {
            std::string text = zeros;
            text[i / 8] = static_cast<char>(text[i / 8] ^ (1 << i % 8));
            text[j / 8] = static_cast<char>(text[j / 8] ^ (1 << j % 8));
            if (of({text}) == before) FAIL_CHECK("bits " << i << " and " << j);
        }
    const std::string large(std::size_t{1} << 25, 'x');
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
        const auto start = std::chrono::steady_clock::now();
        CHECK(of({large}) != 0);
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    MESSAGE("checksum: " << static_cast<double>(large.size()) / best / 1e9 << " GB/s");
}

TEST_CASE("io/checkpoint: the last one under another name, which stays when there is a newer one") {
    const Folder folder;
    CheckpointFolder checkpoints(folder / "checkpoints");
    CHECK_THROWS_AS(checkpoints.keep_last_as("best"), fathom::Error);
    checkpoints.save(state_of(1));
    REQUIRE(checkpoints.keep_last_as("best"));
    REQUIRE(checkpoints.keep_last_as("best"));  // the same once more
    for (const int step : {2, 3}) checkpoints.save(state_of(step));
    CHECK(step_of(checkpoints.load_as("best")) == 1);
    CHECK(step_of(checkpoints.load().state) == 3);
    REQUIRE(checkpoints.keep_last_as("best"));
    CHECK(step_of(checkpoints.load_as("best")) == 3);
    for (const char* name : {"last", "previous", "a/b", ""})
        CHECK_THROWS_AS(checkpoints.keep_last_as(name), fathom::Error);
    for (const auto& entry : std::filesystem::directory_iterator(folder / "checkpoints"))
        CHECK(entry.path().extension() == ".safetensors");
}
