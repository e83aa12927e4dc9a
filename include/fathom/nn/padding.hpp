// Padding of images as modules, for Sequential: ZeroPad2d, ConstantPad2d, ReflectionPad2d, ReplicationPad2d,
// CircularPad2d.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/pad.hpp"

namespace fathom::inline v0::nn {

// What is added to an image, less than 0 cuts off: one number for all sides, or {left, right, top, bottom}.
struct PadAmounts {
    std::int64_t left, right, top, bottom;
    constexpr PadAmounts(Dim all) : PadAmounts(all, all, all, all) {}
    constexpr PadAmounts(Dim l, Dim r, Dim t, Dim b) : left(l.value), right(r.value), top(t.value), bottom(b.value) {}
    template <class Integer>
    requires std::is_integral_v<Integer>
    constexpr PadAmounts(Integer all) : PadAmounts(Dim(all)) {}
};

// What the modules below are made of.
class Pad2d : public Module {
public:
    PadAmounts padding;
    Pad mode;
    double value = 0;

    void visit(Visitor&) override {}
    template <Element T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return pad(x, {padding.left, padding.right, padding.top, padding.bottom}, mode, value, site);
    }

protected:
    Pad2d(const PadAmounts& amounts, Pad pad_mode, double constant = 0)
        : padding(amounts), mode(pad_mode), value(constant) {}
};

class ZeroPad2d : public Pad2d {
public:
    explicit ZeroPad2d(const PadAmounts& amounts) : Pad2d(amounts, Pad::constant) {}
    const char* kind() const override { return "ZeroPad2d"; }
};

class ConstantPad2d : public Pad2d {
public:
    ConstantPad2d(const PadAmounts& amounts, double constant) : Pad2d(amounts, Pad::constant, constant) {}
    const char* kind() const override { return "ConstantPad2d"; }
};

class ReflectionPad2d : public Pad2d {
public:
    explicit ReflectionPad2d(const PadAmounts& amounts) : Pad2d(amounts, Pad::reflect) {}
    const char* kind() const override { return "ReflectionPad2d"; }
};

class ReplicationPad2d : public Pad2d {
public:
    explicit ReplicationPad2d(const PadAmounts& amounts) : Pad2d(amounts, Pad::replicate) {}
    const char* kind() const override { return "ReplicationPad2d"; }
};

class CircularPad2d : public Pad2d {
public:
    explicit CircularPad2d(const PadAmounts& amounts) : Pad2d(amounts, Pad::circular) {}
    const char* kind() const override { return "CircularPad2d"; }
};

}  // namespace fathom::inline v0::nn
