// Files that several programs read and write: weights of the fusion net, JSON.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/fusion_net.hpp"

namespace program {

// Batch-norm state of the decoder, which the released files hold and the net never uses: decode4.bn.weight, ...
inline bool is_released_leftover(const std::string& name) {
    return name.size() > 11 && name.compare(0, 6, "decode") == 0 && name[6] >= '1' && name[6] <= '4' &&
           name.compare(7, 4, ".bn.") == 0;
}

// Loads the weights; errors name the file. Gives the names that the released files have too many; any other is an
// error.
inline std::vector<std::string> load_weights(fathom::seafusion::FusionNet<float>& net, const std::string& path) {
    const fathom::StateDict dict = fathom::io::load(path);
    try {
        auto [missing, unused, prefix] = net.load_state_dict(dict, {.unused = fathom::nn::Unused::report}, {});
        for (const std::string& note : dict.notes)
            std::fprintf(stderr, "warning: %s: %s\n", path.c_str(), note.c_str());
        if (!prefix.empty())
            std::fprintf(stderr, "warning: %s: the prefix %s of all names is left out\n", path.c_str(), prefix.c_str());
        for (const std::string& name : unused)
            if (!is_released_leftover(name.starts_with(prefix) ? name.substr(prefix.size()) : name))
                throw fathom::Error("the fusion net has no " + name + ", expected its " +
                                    std::to_string(net.state_dict().size()) + " tensors");
        return unused;
    } catch (const fathom::Error& e) {
        throw fathom::Error(path + ": " + e.what());
    }
}

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
