// Where the time of a work goes: its operations, each beside the least time that the machine allows it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace fathom::bench {

// The operations of `job`, which does the same each time, on float.
class Layers {
public:
    Layers(const std::function<void()>& job, int repeats, int threads);

    // A line for each operation of half a percent or more, and one for the rest.
    std::string text() const;
    nlohmann::json json() const;

private:
    struct Layer {
        std::string name, where, shapes;
        double flops, bytes;
        double seconds;              // the least of all repeats
        double arithmetic, traffic;  // seconds on the machine's ceilings
        double floor() const;
        bool winograd = false;
    };
    void add_floors(int threads);

    std::vector<Layer> layers_;
    double others_ = 0;  // the share of the machine that others took meanwhile
};

}  // namespace fathom::bench
