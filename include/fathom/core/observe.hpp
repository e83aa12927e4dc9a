// One nullable hook that sees every operation's result: how a run finds the operation that made the first non-finite
// value.
#pragma once

#include "fathom/core/where.hpp"

namespace fathom::inline v0 {

class AnyTensor;

namespace detail {
// Called on the thread that runs the operation, after it. Null: nobody looks.
using Observer = void (*)(void* state, const char* operation, Where where, const AnyTensor& output);
struct ObserverSlot {
    Observer observer = nullptr;
    void* state = nullptr;
};
inline ObserverSlot& observer_slot() {
    thread_local constinit ObserverSlot slot;
    return slot;
}
}  // namespace detail

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
