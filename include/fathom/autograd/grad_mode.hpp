// Whether operations on this thread record a graph.
#pragma once

namespace fathom::inline v0 {

namespace detail {
inline bool& grad_mode() {
    thread_local constinit bool on = true;
    return on;
}
// Whether a checkpoint() runs its function again on this thread: what counts how often something ran leaves that out.
inline bool& running_again() {
    thread_local constinit bool again = false;
    return again;
}
}  // namespace detail

inline bool grad_enabled() { return detail::grad_mode(); }

// Records (or not) for as long as the scope lasts.
class GradMode {
public:
    explicit GradMode(bool on) : before_(detail::grad_mode()) { detail::grad_mode() = on; }
    GradMode(const GradMode&) = delete;
    GradMode& operator=(const GradMode&) = delete;
    ~GradMode() { detail::grad_mode() = before_; }

private:
    bool before_;
};

// { NoGrad off; w -= 0.1 * w.grad(); }
class NoGrad : GradMode {
public:
    NoGrad() : GradMode(false) {}
};

}  // namespace fathom::inline v0
