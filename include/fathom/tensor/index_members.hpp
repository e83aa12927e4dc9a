// Members of Tensor that read and write by index and mask, or give the same elements in another order. They forward as
// those in tensor.hpp do (forward_index.hpp names the headers).
#pragma once

#include <initializer_list>

#include "fathom/tensor/forward_index.hpp"
#include "fathom/tensor/scalar.hpp"

namespace fathom::inline v0 {

struct TensorIndex;  // ops/index_list.hpp

namespace detail {

// Indices or a mask together with the line they stand on.
struct IndexOperand {
    IndexOperand(const Tensor<std::int64_t>& x, Where w = Where::here()) : indices(&x), site(w) {}
    IndexOperand(const Tensor<bool>& x, Where w = Where::here()) : mask(&x), site(w) {}

    const Tensor<std::int64_t>* indices = nullptr;  // one of them is there; both live as long as the expression
    const Tensor<bool>* mask = nullptr;
    Where site;
};

// Tensor<T>'s base.
template <Element T>
class IndexMembers {
public:
    // Copies. What an integer alone names is a view: x[0].copy_(y) is Python's x[0] = y, and x.index_put_({i, j}, y) is
    // x[i, j] = y.
    Tensor<T> operator[](const IndexOperand& at) const { return detail::index_of(self(), at, at.site); }
    Tensor<T> index(std::initializer_list<TensorIndex> indices, Where site = Where::here()) const {
        return detail::index_of(self(), indices, site);
    }
    Tensor<T>& index_put_(std::initializer_list<TensorIndex> indices, const Tensor<T>& values, bool accumulate = false,
                          Where site = Where::here()) {
        return detail::index_put_assign_of(self(), indices, values, accumulate, site), self();
    }
    Tensor<T> masked_select(const Tensor<bool>& mask, Where site = Where::here()) const {
        return detail::masked_select_of(self(), mask, site);
    }
    template <class Value>
    Tensor<T> masked_fill(const Tensor<bool>& mask, const Value& value, Where site = Where::here()) const {
        return detail::masked_fill_of(self(), mask, value, site);
    }
    template <ScalarFor<T> S>
    Tensor<T>& masked_fill_(const Tensor<bool>& mask, S value, Where site = Where::here()) {
        return detail::masked_fill_assign_of(self(), mask, detail::scalar_as<T>(value, site), site), self();
    }
    Tensor<T> index_select(std::int64_t dim, const Tensor<std::int64_t>& indices, Where site = Where::here()) const {
        return detail::index_select_of(self(), dim, indices, site);
    }
    Tensor<T> gather(std::int64_t dim, const Tensor<std::int64_t>& indices, Where site = Where::here()) const {
        return detail::gather_of(self(), dim, indices, site);
    }
    template <class Source>
    Tensor<T> scatter(std::int64_t dim, const Tensor<std::int64_t>& indices, const Source& source,
                      Where site = Where::here()) const {
        return detail::scatter_of(self(), dim, indices, source, site);
    }
    Tensor<T>& scatter_(std::int64_t dim, const Tensor<std::int64_t>& indices, const Tensor<T>& source,
                        Where site = Where::here()) {
        return detail::scatter_assign_of(self(), dim, indices, source, site), self();
    }
    template <ScalarFor<T> S>
    Tensor<T>& scatter_(std::int64_t dim, const Tensor<std::int64_t>& indices, S value, Where site = Where::here()) {
        return detail::scatter_assign_of(self(), dim, indices, detail::scalar_as<T>(value, site), site), self();
    }
    Tensor<T> scatter_add(std::int64_t dim, const Tensor<std::int64_t>& indices, const Tensor<T>& source,
                          Where site = Where::here()) const {
        return detail::scatter_add_of(self(), dim, indices, source, site);
    }
    Tensor<T>& scatter_add_(std::int64_t dim, const Tensor<std::int64_t>& indices, const Tensor<T>& source,
                            Where site = Where::here()) {
        return detail::scatter_add_assign_of(self(), dim, indices, source, site), self();
    }
    Tensor<T> index_add(std::int64_t dim, const Tensor<std::int64_t>& indices, const Tensor<T>& source,
                        Where site = Where::here()) const {
        return detail::index_add_of(self(), dim, indices, source, site);
    }
    Tensor<T>& index_add_(std::int64_t dim, const Tensor<std::int64_t>& indices, const Tensor<T>& source,
                          Where site = Where::here()) {
        return detail::index_add_assign_of(self(), dim, indices, source, site), self();
    }
    auto nonzero(Where site = Where::here()) const { return detail::nonzero_of(self(), site); }
    // In another order (ops/sort.hpp, arrange.hpp). auto [values, indices] = x.sort();
    auto sort(std::int64_t dim = -1, bool descending = false, Where site = Where::here()) const {
        return detail::sort_of(self(), dim, descending, site);
    }
    auto argsort(std::int64_t dim = -1, bool descending = false, Where site = Where::here()) const {
        return detail::argsort_of(self(), dim, descending, site);
    }
    auto topk(std::int64_t k, std::int64_t dim = -1, bool largest = true, bool sorted = true,
              Where site = Where::here()) const {
        return detail::topk_of(self(), k, dim, largest, sorted, site);
    }
    Tensor<T> repeat(const Shape& repeats, Where site = Where::here()) const {
        return detail::repeat_of(self(), repeats, site);
    }
    Tensor<T> flip(const Shape& dims, Where site = Where::here()) const { return detail::flip_of(self(), dims, site); }
    Tensor<T> roll(std::int64_t shift, int dim, Where site = Where::here()) const {
        return detail::roll_of(self(), shift, dim, site);
    }
    Tensor<T> roll(const Shape& shifts, const Shape& dims, Where site = Where::here()) const {
        return detail::roll_of(self(), shifts, dims, site);
    }
    Tensor<T> tril(std::int64_t diagonal = 0, Where site = Where::here()) const {
        return detail::tril_of(self(), diagonal, site);
    }
    Tensor<T> triu(std::int64_t diagonal = 0, Where site = Where::here()) const {
        return detail::triu_of(self(), diagonal, site);
    }

private:
    const Tensor<T>& self() const { return static_cast<const Tensor<T>&>(*this); }
    Tensor<T>& self() { return static_cast<Tensor<T>&>(*this); }
};

}  // namespace detail
}  // namespace fathom::inline v0
