// One self-contained page: sections, a style, scripts; nothing is fetched from anywhere. html.hpp, plot.hpp and
// pictures.hpp make what is in it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace report {

class Page {
public:
    explicit Page(std::string title) : title_(std::move(title)) {}

    // A section with a heading, by which it is found from the top; none where `html` is empty.
    void add(const std::string& title, std::string html);
    // Something that readers must know, above all sections.
    void note(const std::string& text) { notes_.push_back(text); }
    // Data for scripts, behind everything that is seen.
    void add_data(std::string html) { data_ += html; }

    std::string html() const;

private:
    std::string title_, data_;
    std::vector<std::string> notes_;
    std::vector<std::pair<std::string, std::string>> sections_;
};

// What a page says it was made by: a file without it is not replaced.
inline constexpr const char* page_sign = "<meta name=\"generator\" content=\"fathom report\">";

// Writes FOLDER/index.html, and the folder where it is missing. Throws Error where such a file is somebody else's;
// `option` is what the user changes then.
void write_page(const std::string& folder, const std::string& html, const std::string& option = "--out");
// Throws the same, before any work.
void check_page(const std::string& folder, const std::string& option = "--out");

}  // namespace report
