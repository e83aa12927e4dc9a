// TensorDataset: samples that are the rows of tensors; Subset: some samples of a dataset; random_split. PyTorch's
// torch.utils.data. Next: data_loader.hpp (batches).
#pragma once

#include <array>
#include <memory>
#include <tuple>
#include <vector>

#include "fathom/core/random.hpp"
#include "fathom/data/collate.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/views.hpp"

namespace fathom::inline v0::data {

// Sample i is the tuple of row i of every tensor: TensorDataset data(images, labels); they are on the CPU and have
// equally many rows. Holds row-major ones as they are, without a copy, and others as copies.
template <Element... T>
class TensorDataset {
public:
    explicit TensorDataset(const Tensor<T>&... tensors, Where site = Where::here())
        : tensors_(contiguous(tensors.detach(), MemoryFormat::row_major, site)...) {
        std::apply([&](const auto&... x) { check({x...}, site); }, tensors_);
    }

    std::int64_t size() const { return std::get<0>(tensors_).size(0); }
    std::tuple<Tensor<T>...> get(std::int64_t i) const {
        return std::apply([&](const auto&... x) { return std::tuple(select(x, 0, i)...); }, tensors_);
    }
    // The batch of these samples, without going through them one by one.
    std::tuple<Tensor<T>...> get_batch(const std::vector<std::int64_t>& indices) const {
        return std::apply(
            [&](const auto&... x) { return std::tuple<Tensor<T>...>(Tensor<T>::adopt(take_rows(x, indices, {}))...); },
            tensors_);
    }

private:
    static void check(const std::vector<AnyTensor>& tensors, Where site) {
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            if (tensors[i].rank() == 0)
                fail("TensorDataset", site, {"tensor ", i, " has no dimensions, expected rows"});
            if (tensors[i].shape()[0] != tensors[0].shape()[0])
                fail("TensorDataset", site,
                     {"tensor ", i, " has ", tensors[i].shape()[0], " rows (shape ", tensors[i].shape(), "), tensor 0 ",
                      tensors[0].shape()[0]});
            static_cast<void>(detail::host_data(tensors[i], site));
        }
    }

    std::tuple<Tensor<T>...> tensors_;
};

template <Element... T>
TensorDataset(const Tensor<T>&...) -> TensorDataset<T...>;

// Samples indices[0], indices[1], ... of a dataset.
template <class D>
class Subset {
public:
    Subset(std::shared_ptr<const D> dataset, std::vector<std::int64_t> indices, Where site = Where::here())
        : dataset_(std::move(dataset)), indices_(std::move(indices)) {
        const auto count = static_cast<std::int64_t>(dataset_->size());
        for (const std::int64_t i : indices_)
            if (i < 0 || i >= count) fail("Subset", site, {"sample ", i, ", expected 0 to ", count - 1});
    }
    Subset(D dataset, std::vector<std::int64_t> indices, Where site = Where::here())
        : Subset(std::make_shared<const D>(std::move(dataset)), std::move(indices), site) {}

    std::int64_t size() const { return static_cast<std::int64_t>(indices_.size()); }
    auto get(std::int64_t i) const { return dataset_->get(indices_.at(static_cast<std::size_t>(i))); }
    auto get_batch(const std::vector<std::int64_t>& indices) const requires requires(const D& d) {
        d.get_batch(indices);
    }
    {
        std::vector<std::int64_t> own;
        for (const std::int64_t i : indices) own.push_back(indices_.at(static_cast<std::size_t>(i)));
        return dataset_->get_batch(own);
    }
    const std::vector<std::int64_t>& indices() const { return indices_; }

private:
    std::shared_ptr<const D> dataset_;
    std::vector<std::int64_t> indices_;
};

// How `size` samples are shared out: by counts that sum up to it, or by parts that sum up to 1 (rounded down, and what
// is left goes to the first ones, one each, as PyTorch has it); in a random order.
std::vector<std::vector<std::int64_t>> random_shares(std::int64_t size, const std::vector<double>& lengths,
                                                     Generator& generator, Where site);

// auto [train, val] = random_split(data, {0.9, 0.1}, gen);
template <class D, std::size_t n>
std::array<Subset<D>, n> random_split(D dataset, const double (&lengths)[n], Generator& generator,
                                      Where site = Where::here()) {
    const auto shared = std::make_shared<const D>(std::move(dataset));
    auto shares = random_shares(shared->size(), {lengths, lengths + n}, generator, site);
    return [&]<std::size_t... k>(std::index_sequence<k...>) {
        return std::array<Subset<D>, n>{Subset<D>(shared, std::move(shares[k]), site)...};
    }
    (std::make_index_sequence<n>{});
}

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/tensor_dataset.inl.hpp"
#endif
