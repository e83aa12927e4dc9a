// Folders on the command line that are called something in a table: NAME=DIR.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace program {

struct NamedFolder {
    std::string name, path;
};

// "NAME=DIR", or a folder alone, which then gives its own name. What has a slash before its = is a folder.
inline NamedFolder named_folder(const std::string& text, const std::string& option) {
    const std::size_t equals = text.find('=');
    NamedFolder folder{{}, text};
    if (equals != std::string::npos && text.find('/') > equals)
        folder = {text.substr(0, equals), text.substr(equals + 1)};
    else {
        const auto path = std::filesystem::absolute(text).lexically_normal();
        folder.name = (path.has_filename() ? path : path.parent_path()).filename().string();
    }
    const bool printable =
        std::none_of(folder.name.begin(), folder.name.end(), [](unsigned char c) { return c < 32 || c == 127; });
    if (folder.name.empty() || folder.path.empty() || !printable)
        throw CLI::ValidationError(option, "expected NAME=FOLDER or a folder, got " + text);
    return folder;
}

// An option that takes one or more of them, each of another name.
inline CLI::Option* add_named_folders(CLI::App& app, const std::string& option, std::vector<NamedFolder>& folders,
                                      const std::string& text) {
    const auto read = [&folders, option](const std::vector<std::string>& words) {
        for (const std::string& word : words) {
            const NamedFolder folder = named_folder(word, option);
            for (const NamedFolder& other : folders)
                if (other.name == folder.name)
                    throw CLI::ValidationError(option, "two folders are called " + folder.name +
                                                           ", expected NAME=FOLDER with names that differ");
            folders.push_back(folder);
        }
    };
    return app.add_option_function<std::vector<std::string>>(option, read, text)->type_name("[NAME=]DIR");
}

}  // namespace program
