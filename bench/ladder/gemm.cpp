// A matrix product, 384 x 1024 by 1024 x 1024. Read gemm.kernel.hpp first.
#include <memory>

#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/gemm.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "bench/ladder/gemm.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

using namespace fathom::bench;

namespace {

struct Data {
    std::int64_t m, n, k;
    std::vector<float> a, b, c, packed;
    std::vector<double> want;
};

Ladder make_ladder(const Options& o) {
    using namespace fathom::kernels;
    auto d = std::make_shared<Data>();
    d->m = o.quick ? 24 : 384, d->n = o.quick ? 64 : 1024, d->k = o.quick ? 300 : 1024;
    d->a = numbers(d->m * d->k), d->b = numbers(d->k * d->n), d->c = unset(d->m * d->n);
    d->packed = unset(d->k * d->n + 96 * 256);
    d->want.resize(d->c.size());
    FATHOM_DISPATCH(ladder_gemm::naive<double>(d->a.data(), d->b.data(), d->want.data(), {d->m, d->n, d->k}));

    const auto m = static_cast<double>(d->m), n = static_cast<double>(d->n), k = static_cast<double>(d->k);
    Ladder ladder;
    ladder.title = "Matrix product, " + std::to_string(d->m) + "x" + std::to_string(d->k) + " by " +
                   std::to_string(d->k) + "x" + std::to_string(d->n);
    ladder.flops = 2 * m * n * k;
    ladder.read = 4 * (m * k + k * n), ladder.written = 4 * m * n;
    ladder.forget = [d] { d->c.assign(d->c.size(), std::numeric_limits<float>::quiet_NaN()); };
    ladder.error = [d] { return relative_error(d->c, d->want); };

    const double fmas = ladder.flops / 2 / vector_lanes(), rows = vector_registers() == 32 ? 12 : 6;
    const double b_bytes = 4 * k * n, sliver = 8 * vector_lanes();  // bytes of B a row of a sliver
    const Level b_level = level_of(b_bytes);
    ladder.rungs = {
        {"1 naive",
         {scalar(ladder.flops), scalar_latency(m * n * k), bytes(b_level, 64 * m * n * k)},
         [d] {
             FATHOM_DISPATCH(ladder_gemm::naive<float>(d->a.data(), d->b.data(), d->c.data(), {d->m, d->n, d->k}));
         }},
        {"2 rows of B",
         {accesses(2 * fmas, fmas), bytes(b_level, b_bytes * m)},
         [d] {
             FATHOM_DISPATCH(ladder_gemm::rows_of_b(d->a.data(), d->b.data(), d->c.data(), {d->m, d->n, d->k}));
         }},
        {"3 sums in registers",
         {accesses(fmas * 3 / 2), latency(fmas / 2), bytes(b_level, b_bytes * m)},
         [d] {
             FATHOM_DISPATCH(ladder_gemm::tiled_1(d->a.data(), d->b.data(), d->c.data(), {d->m, d->n, d->k}));
         }},
        {"4 all registers",
         {compute(ladder.flops), accesses(fmas * (2 + rows) / (2 * rows)), bytes(b_level, b_bytes * m / rows)},
         [d] {
             FATHOM_DISPATCH(ladder_gemm::tiled_full(d->a.data(), d->b.data(), d->c.data(), {d->m, d->n, d->k}));
         }},
        {"5 packed B",
         {compute(ladder.flops), accesses(fmas * (2 + rows) / (2 * rows)),
          bytes(level_of(sliver * k), b_bytes * m / rows)},
         [d] {
             FATHOM_DISPATCH(
                 ladder_gemm::packed_b(d->a.data(), d->b.data(), d->c.data(), {d->m, d->n, d->k}, d->packed.data()));
         }},
        {"6 blocks",
         {compute(ladder.flops), accesses(fmas * (2 + rows) / (2 * rows)),
          bytes(Level::l2, b_bytes * m / 96 + 4 * m * n * k / (2 * vector_lanes()))},
         [d] {
             FATHOM_DISPATCH(
                 ladder_gemm::blocked(d->a.data(), d->b.data(), d->c.data(), {d->m, d->n, d->k}, d->packed.data()));
         }},
    };
    const auto library = [d] {
        gemm<float>(d->a.data(), d->b.data(), nullptr, d->c.data(),
                    {1, d->m, d->n, d->k, {d->k, 1, 0}, {d->n, 1, 0}, {d->n, 1, 0}, {}});
    };
    ladder.rungs.push_back({"7 library", ladder.least(), library});
    if (o.all_threads() > 1)
        ladder.rungs.push_back({"8 the same on " + std::to_string(o.all_threads()) + " threads", ladder.least(),
                                library, o.all_threads()});
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "A matrix product, from the naive loop to the library's.", make_ladder);
}
