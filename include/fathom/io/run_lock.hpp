// RunLock: one process at a time works in a run's folder.
#pragma once

#include "fathom/io/file.hpp"

namespace fathom::inline v0::io {

// Holds the folder's lock, an advisory one on its file run.lock, while it lives. If another holds it, throws Error
// "FOLDER: in use by process PID". However the process ends, the system lets go of it; the file stays.
class RunLock {
public:
    explicit RunLock(const std::string& folder);
    RunLock(const RunLock&) = delete;
    RunLock& operator=(const RunLock&) = delete;
    ~RunLock();

private:
    int descriptor_ = -1;
};

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/run_lock.inl.hpp"
#endif
