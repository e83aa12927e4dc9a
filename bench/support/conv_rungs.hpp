// The last rungs of every ladder of a convolution: each algorithm of the library that accepts the shape, then the one
// it chooses on all threads.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bench/support/ladder.hpp"
#include "fathom/kernels/conv.hpp"

namespace fathom::bench {

inline ConvShape conv_shape(std::int64_t height, std::int64_t width, std::int64_t in, std::int64_t out,
                            std::int64_t kernel) {
    ConvShape s;
    s.height = height, s.width = width, s.in_channels = in, s.out_channels = out;
    s.kernel_h = s.kernel_w = kernel, s.padding_h = s.padding_w = kernel / 2;
    return s;
}

// Those that transform tiles need fewer operations than the direct form, which is what is counted.
inline bool is_effective(kernels::ConvAlgorithm algorithm) {
    return std::string_view(name_of(algorithm)).substr(0, 8) == "winograd";
}

inline void add_library_rungs(Ladder& ladder, kernels::ConvPass pass, const ConvShape& s, const Options& o,
                              const std::function<void(kernels::ConvAlgorithm)>& run) {
    const kernels::ConvAlgorithm chosen = kernels::chosen<float>(pass, s);
    int count = 0, chosen_at = 0;
    for (const kernels::ConvAlgorithm algorithm : kernels::conv_algorithms) {
        if (!accepts(algorithm, pass, s)) continue;
        ++count;
        if (algorithm == chosen) chosen_at = count;
        ladder.rungs.push_back({std::string("library: ") + name_of(algorithm) + (algorithm == chosen ? ", chosen" : ""),
                                ladder.least(), [=] { run(algorithm); }, 1, count, is_effective(algorithm), false,
                                algorithm == kernels::ConvAlgorithm::tiles ? 0x1p-7 : 0});
    }
    if (o.all_threads() == 1) return;
    ladder.rungs.push_back({"the same on " + std::to_string(o.all_threads()) + " threads", ladder.least(),
                            [=] { run(chosen); }, o.all_threads(), count - chosen_at + 1, is_effective(chosen)});
}

}  // namespace fathom::bench
