// What stands in the place of a file and is none: every reader and writer says so at once, naming it, and waits for
// nobody.
#include <sys/stat.h>

#include "fathom/data/pairs.hpp"
#include "fathom/io/checkpoint.hpp"
#include "fathom/io/csv.hpp"
#include "fathom/io/idx.hpp"
#include "fathom/io/image.hpp"
#include "fathom/io/npy.hpp"
#include "fathom/io/run_lock.hpp"
#include "tests/io/support.hpp"

using namespace io_test;

TEST_CASE("io/not_a_file: a pipe without a writer") {
    const Folder folder;
    const std::string pipe = folder / "last.safetensors", picture = folder / "a.png", lock = folder / "run.lock";
    for (const std::string& path : {pipe, picture, lock}) REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    alarm(60);  // instead of hanging
    const auto says = [](const std::string& path, auto&& f) {
        const std::string error = error_of(f);
        CHECK_MESSAGE(error.find(path) != std::string::npos, error);
        CHECK_MESSAGE(error.find("no regular file") != std::string::npos, error);
    };
    says(pipe, [&] { fathom::io::load(pipe); });
    says(pipe, [&] { fathom::io::save(pipe, {}); });
    says(pipe, [&] { fathom::io::load_npy(pipe); });
    says(pipe, [&] { fathom::io::load_npz(pipe); });
    says(pipe, [&] { fathom::io::save_npz(pipe, {}); });
    says(pipe, [&] { fathom::io::load_idx(pipe); });
    says(pipe, [&] { fathom::io::load_csv(pipe); });
    for (auto* read : {&fathom::io::read_image, &fathom::io::read_image_indices})
        says(picture, [&] { (*read)(picture, {}); });
    says(picture, [&] { fathom::io::read_image_float(picture); });
    says(picture, [&] { fathom::data::load_pair({"a", picture, picture}); });
    says(pipe, [&] { fathom::io::CheckpointFolder(folder.path).load(); });
    says(pipe, [&] { fathom::io::CheckpointFolder(folder.path).load_as("last"); });
    CHECK(error_of([&] { fathom::io::RunLock(folder.path); }).find(lock) == 0);
    alarm(0);
}

TEST_CASE("io/not_a_file: a value of another type, by the file's name") {
    const Folder folder;
    const std::string file = folder / "a";
    const auto error = [&](const std::string& header) {
        write_file(file, le(std::uint64_t{header.size()}) + header + std::string(4, '\0'));
        return error_of([&] { fathom::io::load(file); });
    };
    const std::string good = R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    CHECK(error(good) == "no error");
    for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"F32\"", "32"},
                                   {"\"F32\"", "null"},
                                   {"[1]", "\"x\""},
                                   {"[1]", "1"},
                                   {"[1]", "[\"1\"]"},
                                   {"[1]", "[1.0]"},
                                   {"[1]", "[-1]"},
                                   {"[1]", "[01]"},
                                   {"[1]", "[true]"},
                                   {"[0,4]", "{}"},
                                   {"[0,4]", "[0]"},
                                   {"[0,4]", "[0,4,8]"},
                                   {"[0,4]", "[0,4e0]"},
                                   {"{\"dtype\"", "[{\"dtype\""}}) {
        std::string wrong = good;
        const std::string text = error(wrong.replace(wrong.find(from), from.size(), to));
        CAPTURE(text);
        CHECK(text.find(file + ": ") == 0);
        CHECK(text.find(" at byte ") != std::string::npos);
    }
}
