// The page's style and scripts, which CMake puts into assets.cpp: page.css, page.js, viewer.js.
#pragma once

namespace report {

extern const char* const page_style;
extern const char* const page_script;
extern const char* const viewer_script;

}  // namespace report
