// What drawings of curves have in common, whatever they look like: axes with round ticks, and which points of a long
// curve can be seen. Used by plot.hpp.
#pragma once

#include <cstddef>
#include <vector>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::plot {

struct Axis {
    double low = 0, high = 1;
    bool log = false;

    // Where a value stands: 0 at low, 1 at high.
    double share(double value) const;
    // About `count` round numbers, no two nearer than `least`.
    std::vector<double> ticks(double count, double least = 0) const;
};

// For values of which at least one is finite; those that fall by orders of magnitude, as losses do, are shown as such.
Axis value_axis(const std::vector<double>& values);
// From the least to the largest of numbers that ascend, such as steps; wider where they are one.
Axis step_axis(double low, double high);

// The points of a curve that a drawing `columns` wide shows: of each column the first, lowest, highest and last. x
// ascends; points that are not finite are left out.
std::vector<std::size_t> visible_points(const std::vector<double>& x, const std::vector<double>& y, double from,
                                        double to, std::size_t columns);

}  // namespace fathom::inline v0::plot

#ifndef FATHOM_COMPILED
#include "fathom/io/plot_axis.inl.hpp"
#endif
