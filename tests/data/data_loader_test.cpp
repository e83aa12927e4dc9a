#include "fathom/data.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

#include "tests/support.hpp"

using namespace fathom;
using data::DataLoader;
using data::DataLoaderOptions;
using data::random_split;
using data::Subset;
using data::TensorDataset;
using tests::message_of;
using tests::numbers;

namespace {

// What a user writes: sample i is an image full of i, its number, and a name.
struct Numbered {
    Tensor<float> image;
    std::int64_t label;
    std::string name;
};
struct Own {
    std::int64_t count = 10;
    std::int64_t broken = -1, taller = -1;
    std::int64_t size() const { return count; }
    Numbered get(std::int64_t i) const {
        if (i == broken) throw std::runtime_error("sample " + std::to_string(i) + " is broken");
        return {full<float>({2, i == taller ? 4 : 3}, static_cast<float>(i)), i, std::to_string(i)};
    }
};

struct Both {
    Tensor<float> x;
    Tensor<std::int64_t> y;
};
struct Tensors {
    std::int64_t size() const { return 7; }
    Both get(std::int64_t i) const { return {full<float>({2}, i), full<std::int64_t>({}, i)}; }
};

struct Numbers {
    std::int64_t size() const { return 5; }
    double get(std::int64_t i) const { return static_cast<double>(i) / 2; }
};
struct Tuples {
    std::int64_t size() const { return 3; }
    std::pair<Tensor<std::uint8_t>, bool> get(std::int64_t i) const {
        return {Tensor<std::uint8_t>({1, 2, 3, 4}).slice(0, 0, 4, 2), i == 1};
    }
};
struct Ready {
    std::int64_t size() const { return 6; }
    int get(std::int64_t) const { throw std::logic_error("asked one by one"); }
    std::vector<std::int64_t> get_batch(const std::vector<std::int64_t>& indices) const { return indices; }
};

template <class Loader>
std::vector<std::int64_t> labels_of_epoch(Loader& loader) {
    std::vector<std::int64_t> all;
    for (auto& batch : loader)
        for (const double v : numbers(std::get<1>(batch))) all.push_back(static_cast<std::int64_t>(v));
    return all;
}

std::vector<std::int64_t> sorted(std::vector<std::int64_t> v) {
    std::sort(v.begin(), v.end());
    return v;
}

}  // namespace

TEST_CASE("data/data_loader: batches of a class of the user's own") {
    DataLoader loader(Own{}, {.batch_size = 4});
    CHECK(loader.size() == 3);
    std::int64_t seen = 0;
    for (auto& [image, label, name] : loader) {
        const std::int64_t n = seen == 8 ? 2 : 4;
        CHECK(image.shape() == Shape({n, 2, 3}));
        CHECK(label.shape() == Shape({n}));
        CHECK(name.size() == static_cast<std::size_t>(n));
        for (std::int64_t i = 0; i < n; ++i) {
            CHECK(image(i, 1, 2) == static_cast<float>(seen + i));
            CHECK(label(i) == seen + i);
            CHECK(name[static_cast<std::size_t>(i)] == std::to_string(seen + i));
        }
        seen += n;
    }
    CHECK(seen == 10);
}

TEST_CASE("data/data_loader: kinds of samples") {
    DataLoader structs(Tensors{}, {.batch_size = 3});
    for (Both& batch : structs) {  // a struct of tensors stays one
        CHECK(batch.x.shape()[1] == 2);
        CHECK(batch.y.rank() == 1);
    }
    DataLoader plain(Numbers{}, {.batch_size = 5});
    for (const Tensor<double>& x : plain) CHECK(numbers(x) == std::vector<double>{0, 0.5, 1, 1.5, 2});
    DataLoader tuples(Tuples{}, {.batch_size = 3});
    for (auto& [x, flag] : tuples) {
        CHECK(numbers(x) == std::vector<double>{1, 3, 1, 3, 1, 3});
        CHECK(numbers(flag) == std::vector<double>{0, 1, 0});
    }
    DataLoader ready(Ready{}, {.batch_size = 4});
    std::vector<std::int64_t> all;
    for (const auto& batch : ready) all.insert(all.end(), batch.begin(), batch.end());
    CHECK(all == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("data/data_loader: the order is the seed's, on any number of threads, and each epoch's own") {
    std::vector<std::vector<std::int64_t>> expected;
    for (const int workers : {0, 1, 2}) {
        Generator gen(5);
        DataLoader loader(Own{23}, {.batch_size = 4, .shuffle = true, .num_workers = workers}, gen);
        std::vector<std::vector<std::int64_t>> epochs;
        for (int i = 0; i < 3; ++i) {
            CHECK(loader.epoch() == i);
            epochs.push_back(labels_of_epoch(loader));
            CHECK(sorted(epochs.back()) == labels_of_epoch(*std::make_unique<DataLoader<Own>>(Own{23})));
        }
        CHECK(epochs[0] != epochs[1]);
        if (expected.empty()) expected = epochs;
        CHECK(epochs == expected);

        // One left early is over; a run that goes on sets its epoch.
        loader.set_epoch(0);
        for (auto& batch : loader) {
            CHECK(std::get<1>(batch)(0) == expected[0][0]);
            break;
        }
        CHECK(loader.epoch() == 1);
        CHECK(labels_of_epoch(loader) == expected[1]);
        loader.set_epoch(2);
        CHECK(labels_of_epoch(loader) == expected[2]);
    }
    Generator other(6);
    DataLoader different(Own{23}, {.batch_size = 4, .shuffle = true}, other);
    CHECK(labels_of_epoch(different) != expected[0]);
    Generator gen(5);
    DataLoader dropping(Own{23}, {.batch_size = 4, .shuffle = true, .drop_last = true}, gen);
    CHECK(dropping.size() == 5);
    const auto kept = labels_of_epoch(dropping);
    CHECK(kept == std::vector<std::int64_t>(expected[0].begin(), expected[0].begin() + 20));
}

TEST_CASE("data/data_loader: rows of tensors") {
    Generator gen(1);
    const auto x = randn<float>({9, 2, 3}, gen);
    const auto y = arange<std::int64_t>(9);
    TensorDataset data(x, y);
    CHECK(data.size() == 9);
    CHECK(tests::same_bits(std::get<0>(data.get(4)), x[4]));
    DataLoader loader(data, {.batch_size = 4, .shuffle = true, .num_workers = 2}, gen);
    std::set<std::int64_t> seen;
    for (auto& [images, labels] : loader)
        for (std::int64_t i = 0; i < labels.size(0); ++i) {
            const std::int64_t label = labels(i);
            seen.insert(label);
            CHECK(tests::same_bits(images[i], x[label]));
        }
    CHECK(seen.size() == 9);

    // Any strides; no history.
    const auto turned = x.permute({1, 0, 2}).requires_grad_();
    const TensorDataset other(turned);
    DataLoader rows(other, {.batch_size = 2});
    for (auto& [batch] : rows) {
        CHECK(tests::same_bits(batch, turned.detach()));
        CHECK_FALSE(batch.requires_grad());
    }
    DataLoader empty_rows(TensorDataset(zeros<float>({4, 0})), {.batch_size = 3});
    std::int64_t count = 0;
    for (auto& [batch] : empty_rows) count += batch.size(0);
    CHECK(count == 4);

    CHECK(message_of([&] {
              data::TensorDataset(x, arange<std::int64_t>(8));
          }).find("TensorDataset: tensor 1 has 8 rows (shape [8]), tensor 0 9 at ") == 0);
    CHECK(message_of([&] {
              TensorDataset(full<float>({}, 1));
          }).find("TensorDataset: tensor 0 has no dimensions, expected rows at ") == 0);
    CHECK_THROWS_AS(data.get(9), Error);
    CHECK_THROWS_AS(data.get_batch({9}), Error);
}

TEST_CASE("data/data_loader: splitting") {
    Generator gen(3), again(3);
    auto [train, val, test] = random_split(Own{11}, {0.7, 0.2, 0.1}, gen);
    CHECK(train.size() == 8);  // 7, 2 and 1, and the one that is left
    CHECK(val.size() == 2);
    CHECK(test.size() == 1);
    std::vector<std::int64_t> all = train.indices();
    all.insert(all.end(), val.indices().begin(), val.indices().end());
    all.insert(all.end(), test.indices().begin(), test.indices().end());
    std::vector<std::int64_t> counted(11);
    for (std::size_t i = 0; i < 11; ++i) counted[i] = static_cast<std::int64_t>(i);
    CHECK(all != counted);
    CHECK(sorted(all) == counted);
    auto [first, second] = random_split(Own{11}, {8, 3}, again);
    CHECK(first.indices() == train.indices());
    CHECK(second.size() == 3);
    DataLoader loader(val, {.batch_size = 2});
    CHECK(labels_of_epoch(loader) == val.indices());

    const TensorDataset rows(arange<std::int64_t>(6));
    const Subset some(rows, {5, 0, 3});
    DataLoader picked(some, {.batch_size = 3});
    for (auto& [x] : picked) CHECK(numbers(x) == std::vector<double>{5, 0, 3});
    CHECK(message_of([&] { Subset(rows, {6}); }).find("Subset: sample 6, expected 0 to 5 at ") == 0);
    CHECK(message_of([&] {
              random_split(Own{11}, {8, 2}, gen);
          }).find("random_split: lengths that sum up to 10, expected counts that sum up to the 11 samples") == 0);
    CHECK(message_of([&] {
              random_split(Own{11}, {12, -1}, gen);
          }).find("random_split: a length of -1, expected at least 0") == 0);
    CHECK_THROWS_AS(random_split(Own{11}, {10.5, 0.5}, gen), Error);
}

TEST_CASE("data/data_loader: errors come where their batch would, with the sample's number") {
    for (const int workers : {0, 2}) {
        DataLoader broken(Own{10, 5}, {.batch_size = 2, .num_workers = workers});
        std::int64_t batches = 0;
        const auto walk = [&] {
            for (auto& batch : broken) static_cast<void>(batch), ++batches;
        };
        CHECK_THROWS_WITH(walk(), "sample 5 is broken");
        CHECK(batches == 2);
        DataLoader uneven(Own{10, -1, 5}, {.batch_size = 2, .num_workers = workers});
        const std::string message = message_of([&] { labels_of_epoch(uneven); });
        CHECK(message.find("data loader: part 0 of sample 5 has shape [2,4], that of sample 4 [2,3]: those of one "
                           "batch must agree at ") == 0);
    }
    Generator gen(1);
    const auto refused = [&](const DataLoaderOptions& options, const char* what) {
        CHECK(message_of([&] { DataLoader(Own{5}, options, gen); }).find(std::string("data loader: ") + what) == 0);
    };
    refused({.batch_size = 0}, "batch_size is 0, expected at least 1");
    refused({.num_workers = -1}, "num_workers is -1, expected at least 0");
    refused({.num_workers = 1, .prefetch = 0}, "prefetch is 0, expected at least 1");
    refused({.batch_size = 6, .drop_last = true}, "a batch of 6 is never full with 5 samples");
    CHECK(message_of([] { DataLoader(Own{5}, {.shuffle = true}); }).find("data loader: shuffle needs a generator") ==
          0);
    CHECK(message_of([] { DataLoader(Own{0}); }).find("data loader: the data have 0 samples") == 0);
    CHECK(message_of([&] { DataLoader(std::shared_ptr<const Own>(), {}, gen); }).find("data loader: no data") == 0);
}
