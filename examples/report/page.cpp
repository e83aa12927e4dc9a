#include "report/page.hpp"

#include <filesystem>

#include "report/assets.hpp"
#include "report/html.hpp"
#include "support/file_list.hpp"
#include "support/files.hpp"

namespace report {

void Page::add(const std::string& title, std::string html) {
    if (!html.empty()) sections_.emplace_back(title, std::move(html));
}

std::string Page::html() const {
    const std::string title = escaped(title_);
    std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
    out.append(page_sign).append("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    out.append(title).append("</title>\n<style>\n").append(page_style).append("</style></head>\n<body>\n");
    out += "<a class=\"skip\" href=\"#main\">To the content</a>\n<header><h1>";
    out.append(title).append("</h1><nav aria-label=\"Sections\">");
    for (std::size_t i = 0; i < sections_.size(); ++i)
        out.append("<a href=\"#s")
            .append(std::to_string(i))
            .append("\">")
            .append(escaped(sections_[i].first))
            .append("</a>");
    out += "</nav><button type=\"button\" id=\"theme\" hidden>Theme</button></header>\n<main id=\"main\">\n";
    for (const std::string& note : notes_) out.append("<p class=\"note\">").append(escaped(note)).append("</p>\n");
    for (std::size_t i = 0; i < sections_.size(); ++i) {
        const std::string id = "s" + std::to_string(i);
        out.append("<section id=\"").append(id).append("\" aria-labelledby=\"").append(id).append("h\"><h2 id=\"");
        out.append(id).append("h\">").append(escaped(sections_[i].first)).append("</h2>\n");
        out.append(sections_[i].second).append("</section>\n");
    }
    out += "</main>\n<script>\n";
    out.append(page_script).append("</script>\n").append(data_);
    if (!data_.empty()) out.append("<script>\n").append(viewer_script).append("</script>\n");
    return out.append("</body></html>\n");
}

void check_page(const std::string& folder, const std::string& option) {
    const std::string path = folder + "/index.html";
    std::error_code none;
    if (!std::filesystem::exists(path, none)) return;
    const fathom::io::MappedFile file(path);
    if (file.bytes().substr(0, 400).find(page_sign) == std::string_view::npos)
        throw fathom::Error(path + ": is no report, expected another " + option);
}

void write_page(const std::string& folder, const std::string& html, const std::string& option) {
    program::make_folder(folder);
    check_page(folder, option);
    program::write_text(folder + "/index.html", html);
}

}  // namespace report
