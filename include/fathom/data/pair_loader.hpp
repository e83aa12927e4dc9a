// Batches of pairs for training: samples in a random order, transformed and stacked by threads that work ahead of the
// training. The same seed gives the same batches, bit for bit, on any number of threads. data_loader.hpp is for data of
// any kind.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fathom/core/random.hpp"
#include "fathom/data/dataset.hpp"
#include "fathom/data/epoch_order.hpp"
#include "fathom/data/prefetch.hpp"
#include "fathom/data/transforms.hpp"

namespace fathom::inline v0::data {

// Which tensors a batch has.
struct BatchParts {
    bool visible = false, luminance = false, chroma = false, infrared = false, label = false;
};

struct LoaderOptions {
    std::int64_t batch = 8;
    std::int64_t height = 96, width = 96;  // of a crop; both 0: whole images
    TransformOptions transforms = {};
    BatchParts parts = {};      // at least one
    bool shuffle = true;        // a new order in each epoch
    bool drop_last = false;     // leave out what fills no batch at an epoch's end
    int threads = 1;            // 0: batches are made when they are asked for
    std::int64_t prefetch = 2;  // batches made ahead, finished or under way; bounds the memory
};

// Row-major; those that were not asked for are undefined.
struct Batch {
    Tensor<float> visible;              // [N, 3, h, w], RGB in [0, 1]
    Tensor<float> luminance;            // [N, 1, h, w], of the visible image: core/luminance.hpp
    Tensor<float> chroma;               // [N, 2, h, w], its Cr and Cb
    Tensor<float> infrared;             // [N, 1, h, w], in [0, 1]
    Tensor<std::int64_t> label;         // [N, h, w]; ignored_label: to be left out
    std::vector<std::int64_t> indices;  // the samples they come from
};

// A sample as it is, as a batch of one (without an index).
Batch whole_image(const Sample& sample, const BatchParts& parts, Where site = Where::here());

// Goes through the samples without end, in a new random order each epoch. Unless drop_last says otherwise a batch may
// run from one epoch into the next, so that a batch may also be larger than the data.
class PairLoader {
public:
    // Takes its random numbers from the generator here and now; what is drawn from it later is no concern of the
    // loader. Throws Error on options that make no sense.
    PairLoader(std::shared_ptr<const Dataset> dataset, const LoaderOptions& options, Generator& generator,
               Where site = Where::here());
    PairLoader(const PairLoader&) = delete;
    PairLoader& operator=(const PairLoader&) = delete;

    // The next batch; threads start with the first. Throws what reading a sample of this batch threw, naming its file;
    // also if a sample is smaller than the crop and not scaled, and if whole images of one batch differ in size. The
    // call after an error gives the batch behind it.
    Batch next();

    // What it takes to continue a run exactly, together with the same data and options: batches that are made but not
    // given out do not count.
    struct State {
        std::int64_t position = 0;  // samples given out since the beginning
        RandomStream random;        // of the order and the transforms
    };
    State state() const { return state_; }
    void restore(const State& state, Where site = Where::here());

    // The epoch that the next batch begins in, from 0.
    std::int64_t epoch() const { return state_.position / samples_per_epoch_; }
    // Rounded up without drop_last, where the last one holds samples of the next epoch.
    std::int64_t batches_per_epoch() const { return (samples_per_epoch_ + options_.batch - 1) / options_.batch; }

private:
    Batch make(std::int64_t position, RandomStream random);

    std::shared_ptr<const Dataset> dataset_;
    LoaderOptions options_;
    Where site_;
    std::int64_t samples_per_epoch_ = 0;
    State state_;

    std::unique_ptr<EpochOrders> orders_;

    std::unique_ptr<Prefetcher<Batch>> prefetcher_;  // last: its threads use the rest
};

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/pair_loader.inl.hpp"
#endif
