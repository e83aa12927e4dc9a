// A browser without a window, for pages that the programs make.
#pragma once

#include "tests/programs/on_path.hpp"
#include "tests/programs/program.hpp"

namespace programs_test {

// Chromium's or Chrome's path; "" where none is installed.
inline std::string browser() { return on_path({"chromium", "chromium-browser", "google-chrome"}); }

// True, and says so, where no browser is installed: the test is skipped.
inline bool no_browser(const char* what) {
    if (!browser().empty()) return false;
    MESSAGE("skipped: " << what << ", no chromium here");
    return true;
}

// Its time runs as fast as the page has nothing to do, until the page has had 30 s.
inline Outcome browse(const std::string& page, const std::vector<std::string>& more) {
    const Folder profile;
    std::vector<std::string> arguments = {"--headless",
                                          "--no-sandbox",
                                          "--disable-gpu",
                                          "--hide-scrollbars",
                                          "--window-size=1280,1600",
                                          "--virtual-time-budget=30000",
                                          "--user-data-dir=" + profile.path.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back("file://" + page);
    return run(browser(), arguments);
}

// Of <pre id="result">, which the page's script has filled with lines "name: value".
inline std::string browser_result(const std::string& dom, const std::string& name) {
    const std::size_t begin = dom.find("<pre id=\"result\">"), at = dom.find("\n" + name + ": ", begin);
    if (begin == std::string::npos || at == std::string::npos) return "none";
    const std::size_t from = at + name.size() + 3;
    return dom.substr(from, dom.find('\n', from) - from);
}

}  // namespace programs_test
