// Definitions of file.hpp.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace fathom::inline v0::io {

static_assert(std::endian::native == std::endian::little,
              "fathom's file formats are little-endian, and read without conversion");

[[gnu::cold]] FATHOM_INLINE void fail_file(const std::string& file, Parts parts) {
    fail(file.empty() ? "\"\"" : file.c_str(), {}, parts);
}

[[gnu::cold]] FATHOM_INLINE void fail_system(const std::string& file, const char* what, int error) {
    fail_file(file, {what, ", ", std::generic_category().message(error)});
}

FATHOM_INLINE MappedFile::MappedFile(std::string path) : path_(std::move(path)) {
    const int descriptor =
        ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO would wait for its writer
    if (descriptor < 0) fail_system(path_, "cannot open", errno);
    struct stat status {};
    const char* failure = nullptr;
    int error = 0;
    if (::fstat(descriptor, &status) != 0) {
        failure = "cannot open", error = errno;
    } else if (S_ISREG(status.st_mode) && status.st_size > 0) {
        size_ = static_cast<std::size_t>(status.st_size);
        data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (data_ == MAP_FAILED) failure = "cannot map", error = errno;
    }
    ::close(descriptor);
    if (failure) fail_system(path_, failure, error);
    if (!S_ISREG(status.st_mode))
        fail_file(path_, {"is ", S_ISDIR(status.st_mode) ? "a folder" : "no regular file", ", expected a file"});
}

FATHOM_INLINE MappedFile::~MappedFile() {
    if (data_) ::munmap(data_, size_);
}

FATHOM_INLINE AtomicWriter::AtomicWriter(std::string path) : path_(std::move(path)), target_(path_) {
    struct stat status {};
    mode_t mode = 0;
    if (::stat(path_.c_str(), &status) == 0) {
        if (!S_ISREG(status.st_mode))
            fail_file(path_, {"is ", S_ISDIR(status.st_mode) ? "a folder" : "no regular file", ", cannot write it"});
        mode = status.st_mode & 07777;
        if (char* real = ::realpath(path_.c_str(), nullptr)) {
            target_ = real;
            std::free(real);
        }
    }
    const auto slash = target_.find_last_of('/');
    folder_ = slash == std::string::npos ? "." : target_.substr(0, slash + 1);
    static constinit std::atomic<unsigned> counter{0};
    for (int attempt = 0; attempt < 100 && descriptor_ < 0; ++attempt) {
        temporary_ = join({slash == std::string::npos ? "" : folder_, ".fathom-", static_cast<std::int64_t>(::getpid()),
                           "-", counter.fetch_add(1, std::memory_order_relaxed), ".tmp"});
        descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor_ < 0 && errno != EEXIST) break;
        // The lock says that somebody writes it, and goes with the process. One that lost its name before it was locked
        // was taken for stale.
        if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) == 0 && ::fstat(descriptor_, &status) == 0 &&
            status.st_nlink == 0)
            ::close(std::exchange(descriptor_, -1));
    }
    if (descriptor_ < 0) fail_system(path_, "cannot create", errno);
    if (mode && ::fchmod(descriptor_, mode) != 0) fail_write("cannot keep the file's mode", errno);
}

FATHOM_INLINE AtomicWriter::~AtomicWriter() { close_and_remove(); }

FATHOM_INLINE void AtomicWriter::close_and_remove() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    descriptor_ = -1;
    ::unlink(temporary_.c_str());
}

FATHOM_INLINE void AtomicWriter::fail_write(const char* what, int error) {
    close_and_remove();
    fail_system(path_, what, error);
}

FATHOM_INLINE void AtomicWriter::write(const void* data, std::size_t bytes) {
    if (descriptor_ < 0) fail_file(path_, {"written to after it was committed or had failed"});
    flushed_ = false;
    const char* next = static_cast<const char*>(data);
    while (bytes > 0) {
        const ssize_t written = ::write(descriptor_, next, bytes < (1u << 30) ? bytes : (1u << 30));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_write("cannot write", errno);
        next += written;
        bytes -= static_cast<std::size_t>(written);
    }
}

FATHOM_INLINE void AtomicWriter::flush() {
    if (descriptor_ < 0) fail_file(path_, {"flushed after it was committed or had failed"});
    if (!flushed_ && ::fsync(descriptor_) != 0) fail_write("cannot write", errno);
    flushed_ = true;
}

FATHOM_INLINE void AtomicWriter::commit() {
    if (descriptor_ < 0) fail_file(path_, {"committed twice, or after it had failed"});
    flush();
    const int descriptor = std::exchange(descriptor_, -1);
    const bool closed = ::close(descriptor) == 0;
    if (!closed || ::rename(temporary_.c_str(), target_.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary_.c_str());
        fail_system(path_, "cannot write", error);
    }
    // The new name is on the disk once its folder is. Some file systems cannot flush a folder; the file is in place
    // either way.
    if (const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
}

FATHOM_INLINE bool link_file(const std::string& existing, const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) return false;
    const std::string folder = path.substr(0, path.rfind('/') + 1),  // "" or with its slash
        temporary = join({folder, ".fathom-", static_cast<std::int64_t>(::getpid()), "-link.tmp"});
    if (::link(existing.c_str(), temporary.c_str()) != 0) {
        for (const int impossible : {EPERM, EOPNOTSUPP, EMLINK, ENOSYS, EXDEV})
            if (errno == impossible) return false;
        fail_system(path, "cannot create", errno);
    }
    const bool renamed = ::rename(temporary.c_str(), path.c_str()) == 0;
    const int error = errno;
    ::unlink(temporary.c_str());  // a rename between two names of one file does nothing
    if (!renamed) fail_system(path, "cannot write", error);
    return true;
}

FATHOM_INLINE void remove_stale_temporaries(const std::string& folder) {
    const struct Open {
        DIR* const entries;
        ~Open() {
            if (entries) ::closedir(entries);
        }
    } open{::opendir(folder.c_str())};
    if (!open.entries) fail_system(folder, "cannot read the folder", errno);
    while (const dirent* entry = ::readdir(open.entries)) {
        const std::string_view name = entry->d_name;
        if (!name.starts_with(".fathom-") || !name.ends_with(".tmp")) continue;
        const std::string path = join({folder, "/", name});
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (descriptor < 0) continue;
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
        ::close(descriptor);
    }
}

}  // namespace fathom::inline v0::io
