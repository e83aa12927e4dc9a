// The windows of images and their pixels as modules, for Sequential: Unfold, Fold, PixelShuffle, PixelUnshuffle.
#pragma once

#include "fathom/nn/module.hpp"
#include "fathom/ops/pixel_shuffle.hpp"
#include "fathom/ops/unfold.hpp"

namespace fathom::inline v0::nn {

class Unfold : public Module {
public:
    UnfoldOptions options;

    explicit Unfold(const UnfoldOptions& o) : options(o) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "Unfold"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return unfold(x, options, site);
    }
};

class Fold : public Module {
public:
    Pair output_size;
    UnfoldOptions options;

    Fold(Pair size, const UnfoldOptions& o) : output_size(size), options(o) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "Fold"; }
    template <FloatElement T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return fold(x, output_size, options, site);
    }
};

class PixelShuffle : public Module {
public:
    std::int64_t upscale_factor;

    explicit PixelShuffle(std::int64_t factor) : upscale_factor(factor) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "PixelShuffle"; }
    template <Element T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return pixel_shuffle(x, upscale_factor, site);
    }
};

class PixelUnshuffle : public Module {
public:
    std::int64_t downscale_factor;

    explicit PixelUnshuffle(std::int64_t factor) : downscale_factor(factor) {}
    void visit(Visitor&) override {}
    const char* kind() const override { return "PixelUnshuffle"; }
    template <Element T>
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const {
        return pixel_unshuffle(x, downscale_factor, site);
    }
};

}  // namespace fathom::inline v0::nn
