// The rules of the source tree that a compiler does not check: who may include whom, what a kernel body may contain,
// file sizes.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

const fs::path source_dir = FATHOM_SOURCE_DIR;
const fs::path include_dir = source_dir / "include" / "fathom";

// A header includes its own folder and those before it; folders in one row may include each other.
const std::vector<std::vector<std::string>> rows = {
    {"core"},        {"abi"}, {"kernels"}, {"backend"}, {"tensor"},    {"autograd"}, {"ops"},
    {"nn", "optim"}, {"io"},  {"metrics"}, {"data"},    {"seafusion"}, {"debug"},    {"interop"}};

std::optional<std::size_t> row_of(const std::string& folder) {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (std::count(rows[i].begin(), rows[i].end(), folder)) return i;
    return std::nullopt;
}

struct Source {
    std::string name;    // relative to include/fathom or to the root
    std::string folder;  // first part of the name; "" for a file at the top
    std::vector<std::string> lines;
};

std::vector<Source> read_tree(const fs::path& root, const fs::path& relative_to,
                              const std::vector<std::string>& endings) {
    std::vector<Source> sources;
    if (!fs::exists(root)) return sources;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file() || !std::count(endings.begin(), endings.end(), entry.path().extension().string()))
            continue;
        Source source;
        const fs::path name = fs::relative(entry.path(), relative_to);
        source.name = name.generic_string();
        source.folder = name.has_parent_path() ? name.begin()->string() : "";
        std::ifstream in(entry.path());
        for (std::string line; std::getline(in, line);) source.lines.push_back(line);
        sources.push_back(std::move(source));
    }
    std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.name < b.name; });
    return sources;
}

const std::vector<Source>& headers() {
    static const std::vector<Source> all = read_tree(include_dir, include_dir, {".hpp"});
    return all;
}

bool starts_with(const std::string& s, const std::string& start) { return s.compare(0, start.size(), start) == 0; }
bool ends_with(const std::string& s, const std::string& end) {
    return s.size() >= end.size() && s.compare(s.size() - end.size(), end.size(), end) == 0;
}

// The rest of a preprocessor line after `#keyword`, or nothing.
std::optional<std::string> directive(const std::string& line, const std::string& keyword) {
    std::size_t i = line.find_first_not_of(" \t");
    if (i == std::string::npos || line[i] != '#') return std::nullopt;
    i = line.find_first_not_of(" \t", i + 1);
    if (i == std::string::npos || line.compare(i, keyword.size(), keyword) != 0) return std::nullopt;
    i = line.find_first_not_of(" \t", i + keyword.size());
    return i == std::string::npos ? "" : line.substr(i);
}

// What stands in <> or "" of an include line.
std::optional<std::string> included(const std::string& line) {
    const auto rest = directive(line, "include");
    if (!rest || rest->size() < 2) return std::nullopt;
    const std::size_t end = rest->find((*rest)[0] == '<' ? '>' : '"', 1);
    return end == std::string::npos ? std::nullopt : std::optional(rest->substr(1, end - 1));
}

std::string place(const Source& source, std::size_t line) { return source.name + ":" + std::to_string(line + 1); }

void check_none(const std::vector<std::string>& complaints) {
    for (const std::string& complaint : complaints) FAIL_CHECK(complaint);
    CHECK(complaints.empty());
}

}  // namespace

TEST_CASE("house/layering: a header includes its own folder and earlier ones") {
    REQUIRE(headers().size() > 10);
    std::vector<std::string> complaints;
    for (const Source& header : headers()) {
        const bool umbrella = header.folder.empty();
        const auto own = row_of(header.folder);
        if (!umbrella && !own)
            complaints.push_back(header.name + ": folder " + header.folder + " is not in the list of this test");
        for (std::size_t i = 0; i < header.lines.size(); ++i) {
            const auto name = included(header.lines[i]);
            if (!name || !starts_with(*name, "fathom/")) continue;
            const std::string target = name->substr(7);
            if (!fs::exists(include_dir / target)) {
                complaints.push_back(place(header, i) + " includes " + target + ", which does not exist");
                continue;
            }
            const std::string folder = target.substr(0, std::min(target.find('/'), target.size()));
            const auto other = row_of(folder);
            if (umbrella) continue;
            if (!own || !other || *other > *own || (folder == "seafusion" && header.folder != "seafusion")) {
                complaints.push_back(place(header, i) + " includes the later " + target);
            }
        }
    }
    check_none(complaints);
}

// A program includes these by name, so that nobody else pays for them.
TEST_CASE("house/layering: fathom.hpp reaches no opt-in header") {
    const auto opt_in = [](const std::string& name) {
        return starts_with(name, "interop/") || starts_with(name, "data/") || starts_with(name, "seafusion/") ||
               starts_with(name, "metrics/fusion") || starts_with(name, "ops/linalg") || starts_with(name, "debug") ||
               name == "seafusion.hpp" || name == "io/image_stb.hpp" || name == "io/pth.hpp";
    };
    std::vector<std::string> complaints, reached = {"fathom.hpp"};
    for (std::size_t next = 0; next < reached.size(); ++next) {
        const auto header = std::find_if(headers().begin(), headers().end(),
                                         [&](const Source& source) { return source.name == reached[next]; });
        REQUIRE(header != headers().end());
        for (std::size_t i = 0; i < header->lines.size(); ++i) {
            const auto name = included(header->lines[i]);
            if (!name || !starts_with(*name, "fathom/")) continue;
            const std::string target = name->substr(7);
            if (opt_in(target)) complaints.push_back(place(*header, i) + " includes the opt-in header " + target);
            if (!std::count(reached.begin(), reached.end(), target)) reached.push_back(target);
        }
    }
    CHECK(reached.size() > 50);
    check_none(complaints);
}

TEST_CASE("house/layering: a kernel body and a list include no header and have no guard") {
    std::vector<std::string> complaints;
    for (const Source& header : headers()) {
        if (!ends_with(header.name, ".kernel.hpp") && !ends_with(header.name, ".list.hpp")) continue;
        for (std::size_t i = 0; i < header.lines.size(); ++i) {
            const auto name = included(header.lines[i]);
            if (name && !ends_with(*name, ".list.hpp"))
                complaints.push_back(place(header, i) + " includes a header inside a region or a declaration");
            if (directive(header.lines[i], "pragma once"))
                complaints.push_back(place(header, i) + " is guarded, but must be read several times");
        }
    }
    check_none(complaints);
}

TEST_CASE("house/layering: headers open with a comment, are guarded, and define FATHOM_ macros only") {
    std::vector<std::string> complaints;
    for (const Source& header : headers()) {
        if (header.lines.empty() || !starts_with(header.lines[0], "//"))
            complaints.push_back(header.name + " does not open with a comment that says what it is");
        const bool body = ends_with(header.name, ".kernel.hpp") || ends_with(header.name, ".inl.hpp") ||
                          ends_with(header.name, ".list.hpp") || starts_with(header.name, "kernels/foreach_");
        bool guarded = false;
        for (std::size_t i = 0; i < header.lines.size(); ++i) {
            guarded = guarded || directive(header.lines[i], "pragma once");
            const auto macro = directive(header.lines[i], "define ");
            if (!macro || starts_with(*macro, "FATHOM_")) continue;
            const std::string name = macro->substr(0, macro->find_first_of(" ("));
            const bool undefined = std::any_of(header.lines.begin(), header.lines.end(), [&](const std::string& line) {
                return directive(line, "undef") == name;
            });
            if (!undefined) complaints.push_back(place(header, i) + " leaks the macro " + name);
        }
        if (!body && !guarded) complaints.push_back(header.name + " lacks #pragma once");
    }
    check_none(complaints);
}

TEST_CASE("house/layering: the standard headers that cost most stay out of core to optim") {
    const std::vector<std::string> heavy = {"iostream",      "future",  "random",  "filesystem", "regex", "map",
                                            "unordered_map", "fstream", "sstream", "iomanip",    "set"};
    const std::size_t last = *row_of("optim");
    std::vector<std::string> complaints;
    for (const Source& header : headers()) {
        if (const auto row = row_of(header.folder); !row || *row > last) continue;
        for (std::size_t i = 0; i < header.lines.size(); ++i)
            if (const auto name = included(header.lines[i]); name && std::count(heavy.begin(), heavy.end(), *name))
                complaints.push_back(place(header, i) + " includes <" + *name + ">");
    }
    check_none(complaints);
}

TEST_CASE("house/layering: OpenMP stands in one place") {
    std::vector<std::string> places;
    auto sources = read_tree(source_dir / "src", source_dir, {".cpp", ".hpp"});
    sources.insert(sources.end(), headers().begin(), headers().end());
    for (const Source& source : sources)
        for (std::size_t i = 0; i < source.lines.size(); ++i)
            if (directive(source.lines[i], "pragma omp") || source.lines[i].find("_Pragma(\"omp") != std::string::npos)
                places.push_back(place(source, i));
    std::string found;
    for (const std::string& p : places) found += " " + p;
    CAPTURE(found);
    CHECK(places.size() <= 1);
}

TEST_CASE("house/layering: files stay under 400 lines") {
    std::vector<std::string> complaints;
    for (const char* folder : {"include", "src", "tests", "examples", "exercises", "bench", "cuda"})
        for (const Source& source : read_tree(source_dir / folder, source_dir, {".hpp", ".cpp", ".cu", ".cuh"}))
            if (source.lines.size() >= 400)
                complaints.push_back(source.name + " has " + std::to_string(source.lines.size()) + " lines");
    check_none(complaints);
}

TEST_CASE("house/layering: a lesson is read at one go, and examples/README.md has it") {
    std::string guide;
    for (const Source& source : read_tree(source_dir / "examples", source_dir, {".md"}))
        for (const std::string& line : source.lines) guide += line + "\n";
    const auto lessons = read_tree(source_dir / "examples" / "lessons", source_dir, {".cpp", ".cu"});
    CHECK(lessons.size() >= 12);
    std::vector<std::string> complaints;
    for (const Source& lesson : lessons) {
        if (lesson.lines.size() > 120)
            complaints.push_back(lesson.name + " has " + std::to_string(lesson.lines.size()) + " lines");
        if (guide.find("(" + lesson.name.substr(9) + ")") == std::string::npos)
            complaints.push_back("examples/README.md lacks " + lesson.name);
    }
    check_none(complaints);
}
