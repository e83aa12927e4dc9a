// Batches of samples of any kind: a tensor becomes one with a new first dimension, a number a tensor [N], all else a
// std::vector. A sample is one of these, a tuple, a pair or a struct of them. Used by data_loader.hpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::data {

// Tensors of one shape, [N] of them, as one; on the CPU, without history. indices: the samples' numbers, for messages;
// part: which of their parts they are.
AnyTensor stack_parts(const std::vector<AnyTensor>& parts, const std::vector<std::int64_t>& indices, std::size_t part,
                      Where site);
// Rows indices[0], indices[1], ... of x, which is row-major on the CPU.
AnyTensor take_rows(const AnyTensor& x, const std::vector<std::int64_t>& indices, Where site);

namespace collating {

// Stands for a field of any type where a struct's fields are counted.
struct AnyField {
    template <class T>
    operator T() const;
};
template <class S, std::size_t... i>
constexpr bool has_fields(std::index_sequence<i...>) {
    return requires { S{(static_cast<void>(i), AnyField{})...}; };
}
// How many fields a struct has, up to 8.
template <class S, std::size_t n = 8>
constexpr std::size_t field_count() {
    if constexpr (n == 0 || has_fields<S>(std::make_index_sequence<n>{}))
        return n;
    else
        return field_count<S, n - 1>();
}

template <class T>
inline constexpr bool is_tuple = requires {
    std::tuple_size<T>::value;
};

// References to a sample's parts.
template <class S>
auto parts_of(S& s) {
    if constexpr (is_tuple<S>) {
        return std::apply([](auto&... parts) { return std::tie(parts...); }, s);
    } else {
        constexpr std::size_t n = field_count<S>();
        static_assert(n > 0, "a sample is a tensor, a number, a tuple or a struct of at most 8 fields");
        if constexpr (n == 1) {
            auto& [a] = s;
            return std::tie(a);
        } else if constexpr (n == 2) {
            auto& [a, b] = s;
            return std::tie(a, b);
        } else if constexpr (n == 3) {
            auto& [a, b, c] = s;
            return std::tie(a, b, c);
        } else if constexpr (n == 4) {
            auto& [a, b, c, d] = s;
            return std::tie(a, b, c, d);
        } else if constexpr (n == 5) {
            auto& [a, b, c, d, e] = s;
            return std::tie(a, b, c, d, e);
        } else if constexpr (n == 6) {
            auto& [a, b, c, d, e, f] = s;
            return std::tie(a, b, c, d, e, f);
        } else if constexpr (n == 7) {
            auto& [a, b, c, d, e, f, g] = s;
            return std::tie(a, b, c, d, e, f, g);
        } else {
            auto& [a, b, c, d, e, f, g, h] = s;
            return std::tie(a, b, c, d, e, f, g, h);
        }
    }
}

// What a part becomes in a batch.
template <class T>
struct Part {
    using Batch = std::vector<T>;
};
template <Element T>
struct Part<T> {
    using Batch = Tensor<T>;
};
template <Element T>
struct Part<Tensor<T>> {
    using Batch = Tensor<T>;
};
template <class T>
inline constexpr bool is_part = !std::is_same_v<typename Part<T>::Batch, std::vector<T>> || !std::is_aggregate_v<T>;

// `values`: the same part of every sample.
template <class T>
typename Part<T>::Batch collate_part(std::vector<T> values, const std::vector<std::int64_t>& indices, std::size_t part,
                                     Where site) {
    if constexpr (Element<T>) {
        Tensor<T> out = Tensor<T>::adopt(detail::new_row_major<T>({values.size()}, "data loader", site));
        for (std::size_t i = 0; i < values.size(); ++i) out.mutable_data()[i] = values[i];
        return out;
    } else if constexpr (std::is_same_v<typename Part<T>::Batch, std::vector<T>>) {
        return values;
    } else {
        return Part<T>::Batch::adopt(stack_parts({values.begin(), values.end()}, indices, part, site));
    }
}

// Tuples stay tuples; a struct that is the same with batches in its fields stays that struct.
template <class Sample, class... Parts>
auto collate_samples(std::vector<Sample>& samples, const std::vector<std::int64_t>& indices, std::tuple<Parts&...>*,
                     Where site) {
    return [&]<std::size_t... k>(std::index_sequence<k...>) {
        const auto part = [&]<std::size_t i, class T>(Type<T>) {
            std::vector<T> values;
            for (Sample& sample : samples) values.push_back(std::move(std::get<i>(parts_of(sample))));
            return collate_part<T>(std::move(values), indices, i, site);
        };
        if constexpr (!is_tuple<Sample> && (std::is_same_v<typename Part<Parts>::Batch, Parts> && ...))
            return Sample{part.template operator()<k>(Type<Parts>{})...};
        else
            return std::tuple<typename Part<Parts>::Batch...>{part.template operator()<k>(Type<Parts>{})...};
    }
    (std::index_sequence_for<Parts...>{});
}

}  // namespace collating

// The batch of these samples.
template <class Sample>
auto collate(std::vector<Sample> samples, const std::vector<std::int64_t>& indices, Where site = Where::here()) {
    if constexpr (collating::is_tuple<Sample> || !collating::is_part<Sample>) {
        using Parts = decltype(collating::parts_of(std::declval<Sample&>()));
        return collating::collate_samples(samples, indices, static_cast<Parts*>(nullptr), site);
    } else {
        return collating::collate_part<Sample>(std::move(samples), indices, 0, site);
    }
}

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/collate.inl.hpp"
#endif
