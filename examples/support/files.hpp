// Files that several programs read and write: weights of a net, images, JSON.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "fathom/io/image_header.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/ops/finite.hpp"
#include "fathom/nn/module.hpp"
#include "support/progress.hpp"

namespace program {

// Batch-norm state of the decoder, which the released files hold and the net never uses: decode4.bn.weight, ...
inline bool is_released_leftover(const std::string& name) {
    return name.size() > 11 && name.compare(0, 6, "decode") == 0 && name[6] >= '1' && name[6] <= '4' &&
           name.compare(7, 4, ".bn.") == 0;
}

// Loads the weights of the net that `what` names ("fusion net"), `dict` being what the file holds; errors name it.
// Gives a line about what the released files have too many, or ""; any other name is an error, and so is a value that
// is not finite.
inline std::string load_weights(fathom::nn::Module& net, const char* what, const std::string& path,
                                const fathom::StateDict& dict) {
    try {
        auto [missing, unused, prefix] = net.load_state_dict(dict, {.unused = fathom::nn::Unused::report}, {});
        for (const std::string& note : dict.notes)
            std::fprintf(stderr, "warning: %s: %s\n", path.c_str(), note.c_str());
        if (!prefix.empty())
            std::fprintf(stderr, "warning: %s: the prefix %s of all names is left out\n", path.c_str(), prefix.c_str());
        for (const std::string& name : unused)
            if (!is_released_leftover(name.starts_with(prefix) ? name.substr(prefix.size()) : name))
                throw fathom::Error(std::string("the ") + what + " has no " + name + ", expected its " +
                                    std::to_string(net.state_dict().size()) + " tensors");
        if (const std::string name = fathom::first_not_finite(net.state_dict()); !name.empty())
            throw fathom::Error(name + " holds values that are not finite");
        if (unused.empty()) return {};
        return path + ": complete; " + std::to_string(unused.size()) + " unused entries (" + unused.front() +
               ", ...) are those of the released files, batch norms that the net does not run";
    } catch (const fathom::Error& e) {
        throw fathom::Error(path + ": " + e.what());
    }
}

inline std::string load_weights(fathom::nn::Module& net, const char* what, const std::string& path) {
    return load_weights(net, what, path, fathom::io::load(path));
}

inline fathom::io::ImageHeader header_of(const std::string& path) {
    const fathom::io::MappedFile file(path);
    return fathom::io::read_image_header(path, file.bytes());
}
// Bits per channel of an image: 8 or 16.
inline int bits_of(const std::string& path) { return header_of(path).bits; }

// An old file is replaced whole or not at all.
inline void write_text(const std::string& path, const std::string& text) {
    fathom::io::AtomicWriter writer(path);
    writer.write(text);
    writer.commit();
}
// Bytes of a path that are no UTF-8 become U+FFFD.
inline void write_json(const std::string& path, const nlohmann::json& value) {
    write_text(path, value.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace program
