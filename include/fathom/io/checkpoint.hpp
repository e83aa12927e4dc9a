// Checkpoints of a long run in a folder: last.safetensors, and previous.safetensors, which was the last one before. At
// any instant, even when the process is killed or the disk is full, one of them is complete. Two processes must not
// write to the same folder: run_lock.hpp.
#pragma once

#include <optional>

#include "fathom/io/safetensors.hpp"

namespace fathom::inline v0::io {

// One checkpoint file, whatever its name and folder, with the metadata it was saved with. Throws Error if it is
// damaged, no checkpoint, or of a later version of fathom.
StateDict load_checkpoint(const std::string& path, Where site = Where::here());

struct LoadedCheckpoint {
    StateDict state;  // with the metadata it was saved with
    std::string file;
    std::string warning;  // why `last` could not be used, and that `previous` was; empty otherwise
};

class CheckpointFolder {
public:
    // Makes the folder if there is none (its parent must exist), and removes what killed processes left half written.
    explicit CheckpointFolder(std::string path);

    const std::string& path() const { return path_; }
    // Whether there is no checkpoint, damaged or not.
    bool empty() const;

    // Writes `last`; what it was becomes `previous`, unless it is damaged. Throws Error where that is not possible, for
    // instance on a full disk; what was there can still be loaded. Contiguous tensors on the CPU are not copied.
    void save(const StateDict& state, const Metadata& metadata = {}, Where site = Where::here());
    // `last`, or `previous` if that is damaged or missing. Throws Error if neither can be loaded, naming both reasons,
    // and if one was written by a later version of fathom: that is no damage.
    LoadedCheckpoint load(Where site = Where::here());

    // A checkpoint of another name beside them, e.g. "best", replaced whole or not at all.
    void save_as(const std::string& name, const StateDict& state, const Metadata& metadata = {},
                 Where site = Where::here()) const;
    // `last` under another name too, without writing it again. False on a file system that has no two names for a file.
    bool keep_last_as(const std::string& name) const;
    StateDict load_as(const std::string& name, Where site = Where::here()) const;

private:
    std::string file(std::string_view name) const;
    std::string own_file(const std::string& name) const;

    std::string path_;
    std::optional<bool> last_is_whole_;  // none: not known yet
};

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/checkpoint.inl.hpp"
#endif
