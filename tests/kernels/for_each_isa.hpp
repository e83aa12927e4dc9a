// for_each_isa(f) calls f once per ISA of this machine that was compiled in, with that ISA in use, and names it in
// doctest's messages; for_each_tile_isa(f), for kernels on tiles of bfloat16.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/isa.hpp"

namespace fathom::tests {

template <class F>
void for_each_isa(F&& f) {
    const Isa before = isa();
    for (Isa candidate : {Isa::baseline, Isa::avx2, Isa::avx512}) {
        if (candidate < lowest_isa() || candidate > best_isa()) continue;
        set_isa(candidate);
        const std::string name = name_of(candidate);
        CAPTURE(name);
        f();
    }
    set_isa(before);
}

// The same for what multiplies tiles of bfloat16: the vectors of each ISA, and what else this machine has. Under
// ThreadSanitizer what this machine has, alone: vectors take minutes there, and threads meet in the same places.
template <class F>
void for_each_tile_isa(F&& f) {
    const TileIsa before = tile_isa();
#if defined(__SANITIZE_THREAD__)
    const TileIsa least = best_tile_isa();
#else
    const TileIsa least = TileIsa::vectors;
#endif
    if (least == TileIsa::vectors) {
        if (best_tile_isa() != TileIsa::vectors) set_tile_isa(TileIsa::vectors);
        for_each_isa(f);
    }
    for (TileIsa candidate : {TileIsa::avx512bf16, TileIsa::amx}) {
        if (candidate < least || candidate > best_tile_isa() || isa() != Isa::avx512) continue;
        set_tile_isa(candidate);
        const std::string name = name_of(candidate);
        CAPTURE(name);
        f();
    }
    if (isa() == Isa::avx512) set_tile_isa(before);
}

// Sets the number of threads for a scope.
class Threads {
public:
    explicit Threads(int n) : before_(threads()) { set_threads(n); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;
    ~Threads() { set_threads(before_); }

private:
    int before_;
};

}  // namespace fathom::tests
