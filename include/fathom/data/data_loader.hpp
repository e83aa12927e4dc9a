// Batches of any dataset, in a new order each epoch, made ahead by threads if wanted. A dataset is a class with size()
// and get(i); the same seed gives the same batches on any number of threads. PyTorch's torch.utils.data.DataLoader.
// Next: collate.hpp (what a batch is).
//
//   struct Digits {
//       std::int64_t size() const { return count; }
//       Digit get(std::int64_t i) const { return {image(i), i % 10}; }  // struct Digit { Tensor<float> x; std::int64_t
//       y; };
//   };
//   data::DataLoader loader(Digits{}, {.batch_size = 32, .shuffle = true}, gen);
//   for (auto& [x, y] : loader) ...  // Tensor<float> [32, ...] and Tensor<std::int64_t> [32]: one epoch
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "fathom/core/random.hpp"
#include "fathom/data/collate.hpp"
#include "fathom/data/epoch_order.hpp"
#include "fathom/data/prefetch.hpp"

namespace fathom::inline v0::data {

// In the order of PyTorch's arguments.
struct DataLoaderOptions {
    std::int64_t batch_size = 1;
    bool shuffle = false;
    int num_workers = 0;        // threads; 0: batches are made when they are asked for
    bool drop_last = false;     // leave out what fills no batch at an epoch's end
    std::int64_t prefetch = 2;  // batches made ahead, finished or under way; bounds the memory
};

// Throws on what makes no sense; `random`: whether there is a generator.
void check_options(std::int64_t samples, const DataLoaderOptions& options, bool random, Where site);

// get(i) is called from several threads at once where there are workers, and gives the same for the same i. A dataset
// that can make a batch faster, or of another form, has get_batch(indices) too.
template <class D>
class DataLoader {
public:
    // Takes its random numbers from the generator here and now. A dataset in a shared_ptr is not copied.
    DataLoader(std::shared_ptr<const D> dataset, const DataLoaderOptions& options, Generator& generator,
               Where site = Where::here())
        : DataLoader(std::move(dataset), options, &generator, site) {}
    DataLoader(D dataset, const DataLoaderOptions& options, Generator& generator, Where site = Where::here())
        : DataLoader(std::make_shared<const D>(std::move(dataset)), options, &generator, site) {}
    // Without a generator, always in order.
    explicit DataLoader(D dataset, const DataLoaderOptions& options = {}, Where site = Where::here())
        : DataLoader(std::make_shared<const D>(std::move(dataset)), options, nullptr, site) {}
    DataLoader(const DataLoader&) = delete;
    DataLoader& operator=(const DataLoader&) = delete;

    // Batches of an epoch.
    std::int64_t size() const {
        return options_.drop_last ? samples_ / options_.batch_size
                                  : (samples_ + options_.batch_size - 1) / options_.batch_size;
    }
    const D& dataset() const { return *dataset_; }

    static auto batch_of(const D& dataset, const std::vector<std::int64_t>& indices, Where site) {
        if constexpr (requires { dataset.get_batch(indices); }) {
            return dataset.get_batch(indices);
        } else {
            std::vector<std::decay_t<decltype(dataset.get(0))>> samples;
            for (const std::int64_t i : indices) samples.push_back(dataset.get(i));
            return collate(std::move(samples), indices, site);
        }
    }
    using Batch = decltype(batch_of(std::declval<const D&>(), {}, {}));

    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Batch;
        using difference_type = std::ptrdiff_t;

        explicit Iterator(DataLoader& loader) : loader_(&loader) { ++*this; }
        Batch& operator*() { return *batch_; }
        // Throws what get() threw for a sample of the next batch.
        Iterator& operator++() {
            batch_.reset();
            if (loader_->taken_ < loader_->size())
                batch_.emplace(loader_->next());
            else
                loader_->end_epoch();
            return *this;
        }
        friend bool operator==(const Iterator& it, std::default_sentinel_t) { return !it.batch_; }

    private:
        DataLoader* loader_;
        std::optional<Batch> batch_;
    };

    // Begins the next epoch; one that was left before its end is over.
    Iterator begin() {
        if (taken_ != 0) set_epoch(epoch_ + 1);
        return Iterator(*this);
    }
    std::default_sentinel_t end() const { return {}; }

    // The epoch that the next begin() has, from 0; a run that goes on sets it.
    std::int64_t epoch() const { return taken_ == 0 ? epoch_ : epoch_ + 1; }
    void set_epoch(std::int64_t epoch) {
        prefetcher_.reset();
        epoch_ = epoch, taken_ = 0;
    }

private:
    DataLoader(std::shared_ptr<const D> dataset, const DataLoaderOptions& options, Generator* generator, Where site)
        : dataset_(std::move(dataset)), options_(options), site_(site) {
        if (!dataset_) fail("data loader", site, {"no data"});
        samples_ = static_cast<std::int64_t>(dataset_->size());
        check_options(samples_, options_, generator != nullptr, site);
        orders_ = std::make_unique<EpochOrders>(samples_, options_.shuffle);
        if (generator) random_ = generator->reserve(reserved_draws);
    }

    // Batch `number` from the beginning of epoch `first`.
    Batch make(std::int64_t first, std::int64_t number) {
        const EpochOrders::Order order = orders_->get(first + number / size(), random_);
        const std::int64_t begin = number % size() * options_.batch_size;
        const std::int64_t count = std::min(options_.batch_size, samples_ - begin);
        return batch_of(*dataset_, {order->begin() + begin, order->begin() + begin + count}, site_);
    }
    Batch next() {
        if (!prefetcher_)
            prefetcher_ = std::make_unique<Prefetcher<Batch>>(
                options_.num_workers, options_.prefetch,
                [this, first = epoch_](std::int64_t number) { return make(first, number); });
        ++taken_;
        return prefetcher_->next();
    }
    void end_epoch() { ++epoch_, taken_ = 0; }

    std::shared_ptr<const D> dataset_;
    DataLoaderOptions options_;
    Where site_;
    std::int64_t samples_ = 0, epoch_ = 0, taken_ = 0;  // taken_: batches of this epoch
    RandomStream random_;
    std::unique_ptr<EpochOrders> orders_;
    std::unique_ptr<Prefetcher<Batch>> prefetcher_;  // last: its threads use the rest
};

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/data_loader.inl.hpp"
#endif
