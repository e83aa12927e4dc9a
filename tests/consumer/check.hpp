// What the consumer programs share: a check that prints what failed, and the exit code. They use neither doctest nor
// anything of tests/.
#pragma once

#include <cmath>
#include <cstdio>

inline int failures = 0;

inline void check(bool ok, const char* what) {
    if (ok) return;
    std::fprintf(stderr, "failed: %s\n", what);
    ++failures;
}

inline bool near(double a, double b, double tolerance) { return std::fabs(a - b) <= tolerance; }

// The exception's text has to say what happened: f() must throw an E whose message contains `part`.
template <class E, class F>
void check_throws(F&& f, const char* part, const char* what) {
    try {
        f();
    } catch (const E& error) {
        for (const char* s = error.what(); *s; ++s) {
            int i = 0;
            while (part[i] && s[i] == part[i]) ++i;
            if (!part[i]) return;
        }
        std::fprintf(stderr, "failed: %s: the message is \"%s\", without \"%s\"\n", what, error.what(), part);
        ++failures;
        return;
    }
    check(false, what);
}

inline int finish() { return failures ? 1 : 0; }
