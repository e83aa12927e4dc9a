// Definitions of boxes.hpp.
#include <charconv>
#include <cmath>

#include "fathom/io/file.hpp"
#include "fathom/io/text.hpp"

namespace fathom::inline v0::data {
namespace box_lines {

using Words = std::vector<std::string_view>;

// What a line says: the class, and the numbers behind it.
struct Line {
    std::int64_t category;
    double numbers[5];
};

struct Reader {
    const std::string& file;
    const BoxOptions& options;
    bool scored;

    // The words of a line in the order of their meaning: `class`, four numbers, the score.
    const char* form() const {
        if (options.format == BoxFormat::yolo) return scored ? "class cx cy w h score" : "class cx cy w h";
        return scored ? "class score x1 y1 x2 y2" : "class x1 y1 x2 y2";
    }
    template <class T>
    static bool parse(std::string_view word, T& value) {
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        return error == std::errc() && end == word.data() + word.size();
    }
    [[noreturn]] void fail(std::size_t number, Parts parts) const {
        io::fail_file(file, {"line ", number, ": ", join(parts)});
    }

    Line read(const Words& words, std::size_t number) const {
        const std::size_t count = scored ? 6 : 5;
        if (words.size() != count) fail(number, {"expected ", count, " numbers, ", form(), ", got ", words.size()});
        Line line{};
        if (!parse(words[0], line.category))
            fail(number, {"expected the number of a class, got ", io::quoted(words[0])});
        if (line.category < 0 || line.category >= options.classes)
            fail(number, {"the class is ", line.category, ", expected 0 to ", options.classes - 1});
        for (std::size_t i = 1; i < count; ++i)
            if (!parse(words[i], line.numbers[i - 1]) || !std::isfinite(line.numbers[i - 1]))
                fail(number, {"expected a finite number, got ", io::quoted(words[i])});
        return line;
    }

    // Of the four numbers at `v`.
    metrics::Box box(const double* v, std::size_t number) const {
        if (options.format == BoxFormat::pixels) {
            if (v[2] < v[0] || v[3] < v[1])
                fail(number, {"expected the upper left corner first, got (", v[0], ", ", v[1], ") and (", v[2], ", ",
                              v[3], ")"});
            return {v[0], v[1], v[2], v[3]};
        }
        for (int i = 0; i < 4; ++i)
            if (v[i] < -1 || v[i] > 2) fail(number, {"expected shares of the picture, from 0 to 1, got ", v[i]});
        if (v[2] < 0 || v[3] < 0) fail(number, {"expected a size, got ", v[2], " x ", v[3]});
        const auto width = static_cast<double>(options.width), height = static_cast<double>(options.height);
        return {(v[0] - v[2] / 2) * width, (v[1] - v[3] / 2) * height, (v[0] + v[2] / 2) * width,
                (v[1] + v[3] / 2) * height};
    }

    // Calls f(line, number) for each line that is not blank.
    template <class F>
    void for_each(std::string_view bytes, F&& f) const {
        constexpr std::string_view blanks = " \t\r";
        std::size_t number = 0;
        Words words;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
            const std::string_view text = bytes.substr(at, end - at);
            words.clear();
            for (std::size_t i = 0; (i = text.find_first_not_of(blanks, i)) != std::string_view::npos;) {
                const std::size_t stop = std::min(text.find_first_of(blanks, i), text.size());
                words.push_back(text.substr(i, stop - i));
                i = stop;
            }
            ++number;
            if (!words.empty()) f(read(words, number), number);
            at = end + 1;
        }
    }
};

FATHOM_INLINE void check(const BoxOptions& options, Where site) {
    if (options.classes < 1) fail("boxes", site, {options.classes, " classes, expected at least 1"});
    if (options.format == BoxFormat::yolo && (options.height < 1 || options.width < 1))
        fail("boxes", site,
             {"the picture has ", options.height, " x ", options.width,
              " pixels, expected its size: the boxes are shares of it"});
}

}  // namespace box_lines

FATHOM_INLINE std::vector<metrics::LabelledBox> parse_boxes(const std::string& file, std::string_view bytes,
                                                            const BoxOptions& options, Where site) {
    box_lines::check(options, site);
    const box_lines::Reader reader{file, options, false};
    std::vector<metrics::LabelledBox> boxes;
    reader.for_each(bytes, [&](const box_lines::Line& line, std::size_t number) {
        boxes.push_back({line.category, reader.box(line.numbers, number)});
    });
    return boxes;
}

FATHOM_INLINE std::vector<metrics::PredictedBox> parse_detections(const std::string& file, std::string_view bytes,
                                                                  const BoxOptions& options, Where site) {
    box_lines::check(options, site);
    const box_lines::Reader reader{file, options, true};
    const bool first = options.format == BoxFormat::pixels;  // the score
    std::vector<metrics::PredictedBox> boxes;
    reader.for_each(bytes, [&](const box_lines::Line& line, std::size_t number) {
        boxes.push_back(
            {line.category, line.numbers[first ? 0 : 4], reader.box(line.numbers + (first ? 1 : 0), number)});
    });
    return boxes;
}

FATHOM_INLINE std::vector<metrics::LabelledBox> read_boxes(const std::string& path, const BoxOptions& options,
                                                           Where site) {
    return parse_boxes(path, io::MappedFile(path).bytes(), options, site);
}
FATHOM_INLINE std::vector<metrics::PredictedBox> read_detections(const std::string& path, const BoxOptions& options,
                                                                 Where site) {
    return parse_detections(path, io::MappedFile(path).bytes(), options, site);
}

}  // namespace fathom::inline v0::data
