#include "fathom/nn/generator_state.hpp"

#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

namespace fathom {

TEST_CASE("nn/generator_state: a restored generator continues where the saved one stood") {
    Generator a(0xfedcba9876543210), b(1);
    rand<float>({17}, a);
    load_state_dict(b, state_dict(a));
    CHECK(b.seed() == 0xfedcba9876543210);
    CHECK(b.offset() == 17);
    CHECK(tests::same_bits(rand<float>({5}, b), rand<float>({5}, a)));
    StateDict dict = state_dict(a);
    dict.entries.pop_back();
    CHECK(tests::message_of([&] { load_state_dict(b, dict); }) == "load_state_dict: the state lacks offset at here");
    CHECK(b.offset() == 22);
}

}  // namespace fathom
