// Definitions of run_lock.hpp.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace fathom::inline v0::io {

FATHOM_INLINE RunLock::RunLock(const std::string& folder) {
    const std::string path = join({folder, "/run.lock"});
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) fail_system(path, "cannot create", errno);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        char text[32];
        const ssize_t size = ::pread(descriptor, text, sizeof text, 0);
        ::close(descriptor);
        if (error != EWOULDBLOCK) fail_system(path, "cannot lock", error);
        std::int64_t holder = 0;
        std::from_chars(text, text + (size < 0 ? 0 : size), holder);
        if (holder < 1) fail_file(folder, {"in use by another process"});  // which has not written its number yet
        fail_file(folder, {"in use by process ", holder});
    }
    const std::string text = join({static_cast<std::int64_t>(::getpid()), "\n"});
    if (::ftruncate(descriptor, 0) != 0 ||
        ::pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        const int error = errno;
        ::close(descriptor);
        fail_system(path, "cannot write", error);
    }
    descriptor_ = descriptor;
}

FATHOM_INLINE RunLock::~RunLock() { ::close(descriptor_); }

}  // namespace fathom::inline v0::io
