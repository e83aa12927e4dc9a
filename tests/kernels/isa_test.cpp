#include "fathom/kernels/isa.hpp"

#include <doctest/doctest.h>

#include "fathom/core/error.hpp"

using fathom::Isa;

TEST_CASE("kernels/isa: any compiled ISA up to the machine's best can be chosen, no other") {
    const Isa before = fathom::isa();
    CHECK(before <= fathom::best_isa());
    for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
        if (isa >= fathom::lowest_isa() && isa <= fathom::best_isa()) {
            fathom::set_isa(isa);
            CHECK(fathom::isa() == isa);
        } else {
            CHECK_THROWS_AS(fathom::set_isa(isa), fathom::Error);
        }
    }
    fathom::set_isa(before);
}

TEST_CASE("kernels/isa: what multiplies bfloat16 can be chosen up to the machine's best, on AVX-512 alone") {
    const fathom::TileIsa before = fathom::tile_isa();
    const Isa isa = fathom::isa();
    CHECK(before <= fathom::best_tile_isa());
    for (fathom::TileIsa tiles : {fathom::TileIsa::avx512bf16, fathom::TileIsa::amx}) {
        if (tiles <= fathom::best_tile_isa()) {
            fathom::set_tile_isa(tiles);
            if (isa == Isa::avx512) CHECK(fathom::tile_isa() == tiles);
            if (fathom::lowest_isa() == Isa::baseline) {
                fathom::set_isa(Isa::baseline);
                CHECK(fathom::tile_isa() == fathom::TileIsa::vectors);
                fathom::set_isa(isa);
            }
        } else {
            CHECK_THROWS_AS(fathom::set_tile_isa(tiles), fathom::Error);
        }
    }
    fathom::set_tile_isa(before);
}
