// Definitions of checkpoint.hpp.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>

#include "fathom/io/checksum.hpp"
#include "fathom/io/tensor_bytes.hpp"

namespace fathom::inline v0::io {

inline constexpr std::int64_t checkpoint_version = 1;

// The format's name says the version again, so that a damaged digit is not taken for a later version.
FATHOM_INLINE std::string checkpoint_format(std::int64_t version) {
    return join({"fathom checkpoint, version ", version});
}

// Over everything that a checkpoint holds.
FATHOM_INLINE std::string checkpoint_checksum(const StateDict& state, const Metadata& metadata, Where site) {
    Checksum sum;
    for (const auto& [key, value] : metadata)
        if (key != "checksum") sum.add(key), sum.add(value);
    std::string buffer;
    for (const auto& [name, tensor] : state) {
        if (!tensor.defined()) continue;  // cannot be written, and the writer says so
        sum.add(name);
        sum.add(join({tensor.dtype(), " ", tensor.shape()}));
        sum.add(tensor_bytes(tensor, buffer, "save", site));
    }
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(sum.value()));
    return text;
}

FATHOM_INLINE void write_checkpoint(AtomicWriter& writer, const std::string& path, const StateDict& state,
                                    Metadata metadata, Where site) {
    const auto add = [&](const char* key, std::string text) { metadata.push_back({key, std::move(text)}); };
    add("format", checkpoint_format(checkpoint_version));
    add("version", join({checkpoint_version}));
    add("checksum", checkpoint_checksum(state, merged_metadata(state, metadata), site));
    write_safetensors(writer, path, state, metadata, site);
}

// A checkpoint, or what is wrong with it. Throws if it is of a later version.
struct ReadCheckpoint {
    StateDict state;
    std::string problem;  // "PATH: ..."; empty: none
};

FATHOM_INLINE ReadCheckpoint read_checkpoint(const std::string& path, Where site) {
    ReadCheckpoint read;
    const auto problem = [&](Parts parts) {
        read.state = {};
        read.problem = join({path, ": ", join(parts)});
    };
    try {
        read.state = load(path, site);
    } catch (const Error& error) {
        read.problem = error.what();
        return read;
    }
    const auto text_of = [&](std::string_view name) -> std::string {
        for (const auto& [key, value] : read.state.metadata)
            if (key == name) return value;
        return {};
    };
    const std::string format = text_of("format"), checksum = text_of("checksum"), text = text_of("version");
    std::int64_t version = 0;
    std::from_chars(text.data(), text.data() + text.size(), version);
    if (version < 1 || format != checkpoint_format(version)) {
        problem({"is no checkpoint, or its header is damaged: format ", io::quoted(format), ", version ",
                 io::quoted(text)});
        return read;
    }
    if (version > checkpoint_version)
        fail_file(path,
                  {"is a checkpoint of version ", version, ", this program reads versions up to ", checkpoint_version});
    const std::string actual = checkpoint_checksum(read.state, read.state.metadata, site);
    if (checksum != actual) {
        problem({"is damaged, its checksum is ", actual, ", expected ", io::quoted(checksum)});
        return read;
    }
    Metadata given;
    for (auto& pair : read.state.metadata)
        if (pair.first != "format" && pair.first != "version" && pair.first != "checksum")
            given.push_back(std::move(pair));
    read.state.metadata = std::move(given);
    return read;
}

FATHOM_INLINE StateDict load_checkpoint(const std::string& path, Where site) {
    ReadCheckpoint read = read_checkpoint(path, site);
    if (!read.problem.empty()) throw Error(read.problem);
    return std::move(read.state);
}

FATHOM_INLINE CheckpointFolder::CheckpointFolder(std::string path) : path_(std::move(path)) {
    if (::mkdir(path_.c_str(), 0777) != 0 && errno != EEXIST) fail_system(path_, "cannot create the folder", errno);
    remove_stale_temporaries(path_);
}

FATHOM_INLINE std::string CheckpointFolder::file(std::string_view name) const {
    return join({path_, "/", name, ".safetensors"});
}

FATHOM_INLINE bool CheckpointFolder::empty() const {
    return ::access(file("last").c_str(), F_OK) != 0 && ::access(file("previous").c_str(), F_OK) != 0;
}

FATHOM_INLINE void CheckpointFolder::save(const StateDict& state, const Metadata& metadata, Where site) {
    const std::string last = file("last"), previous = file("previous");
    struct stat status {};
    if (::lstat(last.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
        fail_file(last, {"is a link or no file, expected a checkpoint"});  // a renamed link would still be written to
    // A damaged `last` must not take the place of a `previous` that is whole.
    if (!last_is_whole_) last_is_whole_ = read_checkpoint(last, site).problem.empty();
    AtomicWriter writer(last);
    write_checkpoint(writer, last, state, metadata, site);
    writer.flush();
    // From here to commit() `previous` is the only one, and whole.
    const bool replaces = *last_is_whole_;
    last_is_whole_.reset();
    if (replaces && ::rename(last.c_str(), previous.c_str()) != 0 && errno != ENOENT)
        fail_system(previous, "cannot write", errno);
    writer.commit();
    last_is_whole_ = true;
}

FATHOM_INLINE LoadedCheckpoint CheckpointFolder::load(Where site) {
    const std::string last = file("last"), previous = file("previous");
    if (empty()) fail_file(path_, {"holds no checkpoint"});
    ReadCheckpoint first = read_checkpoint(last, site);
    last_is_whole_ = first.problem.empty();
    if (*last_is_whole_) return {std::move(first.state), last, {}};
    ReadCheckpoint second = read_checkpoint(previous, site);
    if (!second.problem.empty())
        fail_file(path_, {"no checkpoint can be loaded: ", first.problem, "; ", second.problem});
    return {std::move(second.state), previous, join({first.problem, "; used ", previous, " instead"})};
}

// Of a checkpoint beside `last` and `previous`.
FATHOM_INLINE std::string CheckpointFolder::own_file(const std::string& name) const {
    if (name.empty() || name.find('/') != std::string::npos || name == "last" || name == "previous")
        fail_file(path_, {"a checkpoint cannot be called ", io::quoted(name)});
    return file(name);
}

FATHOM_INLINE void CheckpointFolder::save_as(const std::string& name, const StateDict& state, const Metadata& metadata,
                                             Where site) const {
    const std::string path = own_file(name);
    AtomicWriter writer(path);
    write_checkpoint(writer, path, state, metadata, site);
    writer.commit();
}

// No checkpoint is ever written into, so that two names may stand for one.
FATHOM_INLINE bool CheckpointFolder::keep_last_as(const std::string& name) const {
    return link_file(file("last"), own_file(name));
}

FATHOM_INLINE StateDict CheckpointFolder::load_as(const std::string& name, Where site) const {
    return load_checkpoint(file(name), site);
}

}  // namespace fathom::inline v0::io
