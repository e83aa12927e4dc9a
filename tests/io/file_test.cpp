#include "fathom/io/file.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>

#include "tests/io/support.hpp"
#include "tests/io/tmpfs.hpp"

using fathom::io::AtomicWriter;
using fathom::io::MappedFile;
using io_test::error_of;
using io_test::Folder;
using io_test::read_file;
using io_test::with_tmpfs;
using io_test::write_file;

namespace {

void put(const std::string& path, const std::string& bytes) {
    AtomicWriter writer(path);
    writer.write(bytes);
    writer.commit();
}

}  // namespace

TEST_CASE("io/file: a mapped file shows its bytes") {
    const Folder folder;
    io_test::write_file(folder / "a", std::string("a\0b\n", 4));
    const MappedFile file(folder / "a");
    CHECK(file.bytes() == std::string_view("a\0b\n", 4));
    CHECK(file.path() == folder / "a");
    io_test::write_file(folder / "empty", "");
    CHECK(MappedFile(folder / "empty").bytes().empty());
}

TEST_CASE("io/file: what cannot be mapped is named") {
    const Folder folder;
    CHECK(error_of([&] { MappedFile f(folder / "none"); }) ==
          folder / "none" + ": cannot open, No such file or directory");
    CHECK(error_of([&] { MappedFile f(folder.path); }) == folder.path + ": is a folder, expected a file");
    CHECK(error_of([&] { MappedFile f("/dev/null"); }) == "/dev/null: is no regular file, expected a file");
    CHECK(error_of([&] { MappedFile f(""); }) == "\"\": cannot open, No such file or directory");
    REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
    CHECK(error_of([&] { MappedFile f(folder / "fifo"); }) ==
          folder / "fifo" + ": is no regular file, expected a file");
}

TEST_CASE("io/file: a new file appears whole, and an old one is replaced") {
    const Folder folder;
    put(folder / "a", "one");
    CHECK(io_test::read_file(folder / "a") == "one");
    {
        AtomicWriter writer(folder / "a");
        writer.write("tw");
        writer.flush();
        writer.write("o");
        CHECK(io_test::read_file(folder / "a") == "one");
        writer.flush();
        writer.commit();
    }
    CHECK(io_test::read_file(folder / "a") == "two");
    CHECK(folder.names() == std::vector<std::string>{"a"});
}

TEST_CASE("io/file: without commit nothing changes and nothing is left") {
    const Folder folder;
    put(folder / "a", "old");
    {
        AtomicWriter writer(folder / "a");
        writer.write("new");
        CHECK(folder.names().size() == 2);
    }
    CHECK(io_test::read_file(folder / "a") == "old");
    CHECK(folder.names() == std::vector<std::string>{"a"});
}

TEST_CASE("io/file: an old file keeps its mode, a link stays a link, and a new file obeys the umask") {
    const Folder folder;
    put(folder / "a", "old");
    struct stat status {};
    REQUIRE(stat((folder / "a").c_str(), &status) == 0);
    const mode_t mask = umask(0);
    umask(mask);
    CHECK((status.st_mode & 0777) == (0666 & ~mask));
    REQUIRE(chmod((folder / "a").c_str(), 0640) == 0);
    REQUIRE(symlink("a", (folder / "link").c_str()) == 0);
    put(folder / "link", "new");
    CHECK(io_test::read_file(folder / "a") == "new");
    REQUIRE(lstat((folder / "link").c_str(), &status) == 0);
    CHECK(S_ISLNK(status.st_mode));
    REQUIRE(stat((folder / "a").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("io/file: a name without a folder, and a long name") {
    const Folder folder;
    char old[4096];
    REQUIRE(getcwd(old, sizeof old) != nullptr);
    REQUIRE(chdir(folder.path.c_str()) == 0);
    const std::string text = error_of([] { put("plain", "x"); }), long_name(255, 'n');
    const std::string text2 = error_of([&] { put(long_name, "x"); });
    REQUIRE(chdir(old) == 0);
    CHECK(text == "no error");
    CHECK(text2 == "no error");
    CHECK(io_test::read_file(folder / "plain") == "x");
}

TEST_CASE("io/file: what cannot be written is named") {
    const Folder folder;
    CHECK(error_of([&] { put(folder / "none/a", ""); }) ==
          folder / "none/a" + ": cannot create, No such file or directory");
    CHECK(error_of([&] { put(folder.path, ""); }) == folder.path + ": is a folder, cannot write it");
    CHECK(error_of([&] { put("/dev/full", ""); }) == "/dev/full: is no regular file, cannot write it");
    AtomicWriter writer(folder / "a");
    writer.commit();
    CHECK(error_of([&] { writer.write("x"); }) == folder / "a" + ": written to after it was committed or had failed");
    CHECK(error_of([&] { writer.flush(); }) == folder / "a" + ": flushed after it was committed or had failed");
    CHECK(error_of([&] { writer.commit(); }) == folder / "a" + ": committed twice, or after it had failed");
}

TEST_CASE("io/file: a write that fails half way leaves the old file and no other") {
    const Folder folder;
    put(folder / "a", "old");
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    auto* handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{100'000, limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string text = error_of([&] { put(folder / "a", std::string(200'000, 'x')); });
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    std::signal(SIGXFSZ, handler);
    CHECK(text == folder / "a" + ": cannot write, File too large");
    CHECK(io_test::read_file(folder / "a") == "old");
    CHECK(folder.names() == std::vector<std::string>{"a"});
}

TEST_CASE("io/file: a full disk leaves the old file and no other") {
    const Folder folder;
    const std::string text = with_tmpfs(folder.path, "size=64k", [&] {
        put(folder / "a", "old");
        const std::string error = error_of([&] { put(folder / "a", std::string(200'000, 'x')); });
        return error + "|" + io_test::read_file(folder / "a") + "|" + std::to_string(folder.names().size());
    });
    if (text == "SKIPPED") {
        MESSAGE("SKIPPED: mounting is not allowed here");
        return;
    }
    CHECK(text == folder / "a" + ": cannot write, No space left on device|old|1");
}

TEST_CASE("io/file: a read-only disk") {
    const Folder folder;
    const std::string text = with_tmpfs(folder.path, "size=64k", [&]() -> std::string {
        put(folder / "a", "old");
        if (!io_test::make_read_only(folder.path)) return "SKIPPED";
        const std::string error = error_of([&] { put(folder / "a", "new"); });
        return error + "|" + io_test::read_file(folder / "a");
    });
    if (text == "SKIPPED") {
        MESSAGE("SKIPPED: mounting is not allowed here");
        return;
    }
    CHECK(text == folder / "a" + ": cannot create, Read-only file system|old");
}

TEST_CASE("io/file: a second name of a file") {
    const Folder folder;
    const std::string first = folder / "first", second = folder / "second";
    write_file(first, "one");
    CHECK(fathom::io::link_file(first, second));
    CHECK(fathom::io::link_file(first, second));  // the same once more
    CHECK(read_file(second) == "one");
    CHECK(std::filesystem::hard_link_count(first) == 2);
    // A new version of one leaves the other.
    fathom::io::AtomicWriter writer(first);
    writer.write("two");
    writer.commit();
    CHECK(read_file(second) == "one");
    CHECK(fathom::io::link_file(first, second));
    CHECK(read_file(second) == "two");
    std::filesystem::create_symlink("first", folder / "link");
    CHECK(!fathom::io::link_file(first, folder / "link"));
    CHECK(!fathom::io::link_file(first, folder.path));
    CHECK(error_of([&] { fathom::io::link_file(folder / "nowhere", second); }).find("cannot create") !=
          std::string::npos);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path))
        CHECK(entry.path().extension() != ".tmp");
}
