// What the tests of `evaluate fusion` share: small pairs with pictures of two methods, and the table read back.
#pragma once

#include <cmath>
#include <map>
#include <sstream>

#include "tests/programs/pairs.hpp"
#include "tests/programs/training.hpp"

namespace programs_test {

// A picture with structure of several scales; `share` blends it with another one, `seed` moves it.
inline void write_scene(const std::string& path, std::int64_t channels, int seed, double share = 0, int other = 0,
                        std::int64_t height = 48, std::int64_t width = 64) {
    const auto value = [](std::int64_t y, std::int64_t x, std::int64_t c, int s) {
        const auto v = static_cast<double>(y), h = static_cast<double>(x);
        return 128 + 50 * std::sin(0.21 * v + 0.13 * s) + 40 * std::cos(0.17 * h * (1 + 0.1 * s)) +
               20 * std::sin(0.9 * h + 0.7 * v + s) + 8 * static_cast<double>(c);
    };
    std::vector<std::uint8_t> pixels;
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
            for (std::int64_t c = 0; c < channels; ++c)
                pixels.push_back(
                    static_cast<std::uint8_t>((1 - share) * value(y, x, c, seed) + share * value(y, x, c, other)));
    io::write_image(path, from_data(pixels.data(), {height, width, channels}));
}

inline void write_constant(const std::string& path, std::uint8_t level) {
    const std::vector<std::uint8_t> pixels(48 * 64, level);
    io::write_image(path, from_data(pixels.data(), {48, 64, 1}));
}

// Three pairs and two methods: "near" is a blend of both sources, "far" one with a third picture.
struct Scenes {
    Folder folder;
    std::string vis = folder.make("vi"), ir = folder.make("ir"), near = folder.make("near"), far = folder.make("far"),
                csv = folder / "table.csv", json = folder / "table.json";
    std::vector<std::string> names = {"a.png", "b.png", "c.png"};

    Scenes() {
        for (int i = 0; i < 3; ++i) {
            const std::string& name = names[static_cast<std::size_t>(i)];
            write_scene(vis + "/" + name, 3, 2 * i), write_scene(ir + "/" + name, 1, 2 * i + 1);
            write_scene(near + "/" + name, 3, 2 * i, 0.5, 2 * i + 1);
            write_scene(far + "/" + name, 3, 2 * i, 0.6, 9 + i);
        }
    }
    // The options of one value each, so that operator+ can replace them.
    Arguments sources() const { return {"--vis", vis, "--ir", ir, "--csv", csv}; }
    Outcome evaluate(const Arguments& fused, const Arguments& more = {}) const {
        return run(evaluate_program, Arguments{"fusion", "--fused"} + fused + sources() + more);
    }
    Outcome both(const Arguments& more = {}) const { return evaluate({near, far}, more); }
    // An error that is found before anything is written.
    void check_refused(const Arguments& fused, const Arguments& more, const std::vector<std::string>& parts,
                       int code = 1) const {
        const auto before = contents(folder.path);
        check_error(evaluate(fused, more + Arguments{"--quiet"}), code, parts);
        CHECK(contents(folder.path) == before);
    }
};

// CSV as its rows: the fields by the names of the header.
struct Csv {
    std::vector<std::string> header;
    std::vector<std::map<std::string, std::string>> rows;

    explicit Csv(const std::string& path) {
        const auto fields = [](const std::string& line) {
            std::vector<std::string> list;
            std::istringstream in(line + ",");
            for (std::string field; std::getline(in, field, ',');) list.push_back(field);
            return list;
        };
        for (std::string line : lines_of(path)) {
            if (line.ends_with('\r')) line.pop_back();
            if (header.empty()) {
                header = fields(line);
                continue;
            }
            const auto list = fields(line);
            REQUIRE(list.size() == header.size());
            auto& row = rows.emplace_back();
            for (std::size_t i = 0; i < list.size(); ++i) row[header[i]] = list[i];
        }
    }
    std::string at(const std::string& method, const std::string& image, const std::string& convention,
                   const std::string& column) const {
        for (const auto& row : rows)
            if (row.at("method") == method && row.at("image") == image && row.at("convention") == convention)
                return row.at(column);
        FAIL_CHECK("no row " << method << "," << image << "," << convention);
        return "";
    }
    double number(const std::string& method, const std::string& image, const std::string& convention,
                  const std::string& column) const {
        return std::strtod(at(method, image, convention, column).c_str(), nullptr);
    }
};

}  // namespace programs_test
