// Observers see what the operations of a thread do: how a run finds the operation that made the first value that is not
// finite, and what a trace is made from. Also the module that the operations belong to, for such messages.
#pragma once

#include <cstdint>
#include <string>

#include "fathom/core/where.hpp"

namespace fathom::inline v0 {

class AnyTensor;
class InputList;

namespace detail {
// An operation with its result.
struct Observation {
    const char* operation;    // of backward "conv2d (backward)"
    Where site;               // of backward the line of the operation itself
    const AnyTensor& output;  // of backward the gradient of one input
    const InputList& inputs;  // as far as the operation names them; of backward the gradient of its result
    bool backward;
    std::uint64_t sequence;  // the number of its node in the graph; 0: it was not recorded
};
// Called on the thread that runs the operation.
class Observer {
public:
    // After an operation; of backward once for each gradient that it gave. What it throws ends the operation.
    virtual void sees(const Observation& observation) = 0;
    // An operation of this thread is about to run a kernel.
    virtual void kernel_begins() {}
    // Around a node's backward and what is seen of it.
    virtual void backward_begins() {}
    virtual void backward_ends() {}

protected:
    ~Observer() = default;
};
// The path of the innermost module whose forward runs on this thread, or ran when what is now walked backward was
// recorded; null outside of all.
inline const std::string*& current_module() {
    thread_local constinit const std::string* path = nullptr;
    return path;
}
}  // namespace detail

// Names a module as the one that runs, for as long as the scope lasts. The path must outlive what is recorded in it.
class ModuleScope {
public:
    explicit ModuleScope(const std::string& path) : ModuleScope(&path) {}
    explicit ModuleScope(const std::string* path) : before_(detail::current_module()) {
        detail::current_module() = path;
    }
    ModuleScope(const ModuleScope&) = delete;
    ModuleScope& operator=(const ModuleScope&) = delete;
    ~ModuleScope() { detail::current_module() = before_; }

private:
    const std::string* before_;
};

// Lets an observer see the operations of this thread for as long as the scope lasts, beside those of outer scopes.
class ObserveScope {
public:
    explicit ObserveScope(detail::Observer& observer) : observer_(observer), outer_(innermost()) { innermost() = this; }
    ObserveScope(const ObserveScope&) = delete;
    ObserveScope& operator=(const ObserveScope&) = delete;
    ~ObserveScope() { innermost() = outer_; }

    static bool any() { return innermost() != nullptr; }
    template <class F>
    static void each(F f) {
        for (const ObserveScope* scope = innermost(); scope; scope = scope->outer_) f(scope->observer_);
    }

private:
    static const ObserveScope*& innermost() {
        thread_local constinit const ObserveScope* scope = nullptr;
        return scope;
    }

    detail::Observer& observer_;
    const ObserveScope* outer_;
};

namespace detail {
// Out of line: every operation passes the question whether anybody looks.
[[gnu::cold, gnu::noinline]] inline void announce_kernel() {
    ObserveScope::each([](Observer& observer) { observer.kernel_begins(); });
}
}  // namespace detail
}  // namespace fathom::inline v0
