// Programs that a test needs and that need not be there.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <unistd.h>

namespace programs_test {

// The path of the first of these programs that is installed; "" where none is.
inline std::string on_path(const std::vector<std::string>& names) {
    const char* path = std::getenv("PATH");
    const std::string folders = path ? path : "";
    for (const std::string& name : names)
        for (std::size_t at = 0; at < folders.size();) {
            const std::size_t end = std::min(folders.find(':', at), folders.size());
            const std::string file = folders.substr(at, end - at) + "/" + name;
            if (access(file.c_str(), X_OK) == 0) return file;
            at = end + 1;
        }
    return {};
}

}  // namespace programs_test
