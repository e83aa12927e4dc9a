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
