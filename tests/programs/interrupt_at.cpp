// Loaded into a program by LD_PRELOAD: raises SIGINT when the program reads the clock for the FATHOM_INTERRUPT_AT-th
// time.
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

extern "C" __attribute__((visibility("default"))) int clock_gettime(clockid_t clock, timespec* time) noexcept {
    static std::atomic<long> calls{0};
    static const long at = std::getenv("FATHOM_INTERRUPT_AT") ? std::atol(std::getenv("FATHOM_INTERRUPT_AT")) : 0;
    if (++calls == at) raise(SIGINT);
    return static_cast<int>(syscall(SYS_clock_gettime, clock, time));
}
