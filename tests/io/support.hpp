// What the io tests share: a folder of their own, whole files as strings, and the two ways in which a parser may take
// damaged bytes.
#pragma once

#include <dirent.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "fathom/core/error.hpp"

namespace io_test {

// An empty folder, removed with what is in it.
struct Folder {
    std::string path;

    Folder() {
        char name[] = "/tmp/fathom_io_XXXXXX";
        REQUIRE(mkdtemp(name) != nullptr);
        path = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        for (const std::string& name : names()) std::remove((path + "/" + name).c_str());
        rmdir(path.c_str());
    }
    std::string operator/(const std::string& name) const { return path + "/" + name; }
    std::vector<std::string> names() const {
        std::vector<std::string> result;
        if (DIR* dir = opendir(path.c_str())) {
            while (const dirent* entry = readdir(dir))
                if (std::string(entry->d_name) != "." && std::string(entry->d_name) != "..")
                    result.push_back(entry->d_name);
            closedir(dir);
        }
        return result;
    }
};

inline std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE_MESSAGE(in, "cannot read " << path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline void write_file(const std::string& path, const std::string& bytes) {
    std::remove(path.c_str());  // ext4 waits for the disk when a file is truncated and written again
    std::ofstream out(path, std::ios::binary);
    out << bytes;
    REQUIRE_MESSAGE(out.flush(), "cannot write " << path);
}

inline std::string golden(const std::string& name) { return std::string(FATHOM_GOLDEN_DIR) + "/io/" + name; }

// The Error's text, or "no error".
template <class F>
std::string error_of(F&& f) {
    try {
        f();
    } catch (const fathom::Error& error) {
        return error.what();
    }
    return "no error";
}

// Calls `parse` with bytes that end where their allocation ends, so that AddressSanitizer sees every byte read too far.
// It may give a result or throw Error with one line that begins with the file's name; anything else fails. Says whether
// it gave a result.
template <class F>
bool survives(const std::string& file, const std::string& bytes, F&& parse) {
    const std::unique_ptr<char[]> exact(new char[bytes.size()]);
    std::memcpy(exact.get(), bytes.data(), bytes.size());
    try {
        parse(std::string_view(exact.get(), bytes.size()));
        return true;
    } catch (const fathom::Error& error) {
        const std::string text = error.what();
        REQUIRE(text.substr(0, file.size() + 2) == file + ": ");
        REQUIRE(text.find('\n') == std::string::npos);
        REQUIRE(text.size() < 1000);
        return false;
    }
}

// Every truncation, and at every `step`-th byte several damaged values.
template <class F>
void fuzz(const std::string& file, const std::string& bytes, std::size_t step, F&& parse) {
    for (std::size_t size = 0; size < bytes.size(); size += size < 4096 ? 1 : step)
        survives(file, bytes.substr(0, size), parse);
    for (std::size_t at = 0; at < bytes.size(); at += at < 4096 ? 1 : step) {
        for (const int damage : {0x01, 0x80, 0xff, 0x20, 0x10}) {
            std::string damaged = bytes;
            damaged[at] = static_cast<char>(damaged[at] ^ damage);
            survives(file, damaged, parse);
        }
        for (const char value : {'\0', '\x7f', '\xff', '"', '{', '.'}) {
            std::string damaged = bytes;
            damaged[at] = value;
            survives(file, damaged, parse);
        }
        std::string without = bytes;
        without.erase(at, 1);
        survives(file, without, parse);
    }
}

// The bytes of an integer, little-endian.
template <class I>
std::string le(I value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace io_test
