// One nullable hook that sees every operation's result: how a run finds the operation that made the first non-finite
// value; and the module that the operations belong to, for such messages.
#pragma once

#include <string>

#include "fathom/core/where.hpp"

namespace fathom::inline v0 {

class AnyTensor;

namespace detail {
// Called on the thread that runs the operation, after it; of backward with each gradient that it gave, under the name
// "conv2d (backward)". Null: nobody looks.
using Observer = void (*)(void* state, const char* operation, Where site, const AnyTensor& output);
struct ObserverSlot {
    Observer observer = nullptr;
    void* state = nullptr;
};
inline ObserverSlot& observer_slot() {
    thread_local constinit ObserverSlot slot;
    return slot;
}
// The path of the innermost module whose forward runs on this thread; null outside of all.
inline const std::string*& current_module() {
    thread_local constinit const std::string* path = nullptr;
    return path;
}
}  // namespace detail

// Names a module as the one that runs, for as long as the scope lasts. The path must live that long.
class ModuleScope {
public:
    explicit ModuleScope(const std::string& path) : before_(detail::current_module()) {
        detail::current_module() = &path;
    }
    ModuleScope(const ModuleScope&) = delete;
    ModuleScope& operator=(const ModuleScope&) = delete;
    ~ModuleScope() { detail::current_module() = before_; }

private:
    const std::string* before_;
};

// Observes the operations of this thread for as long as the scope lasts.
class ObserveScope {
public:
    ObserveScope(detail::Observer observer, void* state) : before_(detail::observer_slot()) {
        detail::observer_slot() = {observer, state};
    }
    ObserveScope(const ObserveScope&) = delete;
    ObserveScope& operator=(const ObserveScope&) = delete;
    ~ObserveScope() { detail::observer_slot() = before_; }

private:
    detail::ObserverSlot before_;
};

}  // namespace fathom::inline v0
