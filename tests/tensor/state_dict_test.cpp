#include "fathom/tensor/state_dict.hpp"

#include "fathom/tensor/tensor.hpp"
#include "tests/support.hpp"

namespace fathom {

TEST_CASE("tensor/state_dict: several states in one, and out again") {
    const Tensor<float> a({1}), b({2}), c({3});
    StateDict net, optimizer, all;
    net.add("weight", a), net.add("bias", b);
    net.metadata = {{"note", "stays out"}};
    optimizer.add("lr", c);
    all.add_prefixed("net.", net);
    all.add_prefixed("net2.", optimizer);
    all.add_prefixed("optimizer.", {});
    REQUIRE(all.size() == 3);
    CHECK(all.entries[1].first == "net.bias");
    CHECK(all.metadata.empty());
    CHECK(all.find("net2.lr")->same_as(c.untyped()));

    const StateDict out = all.take_prefix("net.");
    REQUIRE(out.size() == 2);
    CHECK(out.entries[0].first == "weight");
    CHECK(out.entries[1].second.same_as(b.untyped()));
    CHECK(all.take_prefix("net2.").entries[0].first == "lr");
    CHECK(all.take_prefix("optimizer.").empty());
    CHECK(all.take_prefix("").size() == 3);
    CHECK(all.take_prefix("net.weight").entries[0].first.empty());
}

}  // namespace fathom
