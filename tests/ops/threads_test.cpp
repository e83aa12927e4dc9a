// Every entry of the list of operation cases (case.hpp) with one thread and with two.
#include "tests/kernels/for_each_isa.hpp"
#include "tests/ops/for_each_case.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/threads: one and two threads give the same bits, on every ISA") {
    for_each_case([](const OpCase& op) {
        for (const Shapes& shapes : op.shapes) {
            INFO("shapes " << text_of(shapes));
            const auto in = to_inputs<float>(op, make_inputs(op, shapes));
            for_each_isa([&] {
                const auto run = [&](int threads) {
                    const Threads scope(threads);
                    return run_case(op, in);
                };
                const Result<float> two = run(2);
                if (sanitized) return;  // which watches the threads; their bits are compared without it
                const Result<float> one = run(1);
                CHECK(same_bits(one.y, two.y));
                for (std::size_t i = 0; i < one.gradients.size(); ++i)
                    if (one.gradients[i].defined()) CHECK(same_bits(one.gradients[i], two.gradients[i]));
            });
        }
    });
}
