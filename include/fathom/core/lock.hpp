// A mutex held for a scope. POSIX's own: <mutex> takes longer to parse than all of tensor.hpp's arithmetic, and has no
// promise that a static mutex needs no destructor.
#pragma once

#include <pthread.h>

namespace fathom::inline v0::detail {

struct Mutex {
    pthread_mutex_t handle = PTHREAD_MUTEX_INITIALIZER;
};

class Lock {
public:
    explicit Lock(Mutex& mutex) : mutex_(mutex) { pthread_mutex_lock(&mutex_.handle); }
    ~Lock() { pthread_mutex_unlock(&mutex_.handle); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    Mutex& mutex_;
};

}  // namespace fathom::inline v0::detail
