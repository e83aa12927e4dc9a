// What the lessons share: expect(holds, claim) prints a claim with its outcome, and finish() is what main() returns, 1
// where a claim did not hold.
#pragma once

#include <iostream>

inline int broken_claims = 0;

inline void expect(bool holds, const char* claim) {
    std::cout << (holds ? "  [yes] " : "  [NO]  ") << claim << '\n';
    if (!holds) ++broken_claims;
}

inline int finish() { return broken_claims == 0 ? 0 : 1; }
