// More arrangements of elements: diagonals (diag_embed, diag, block_diag, trace), turns (rot90, movedim), copies (tile,
// repeat_interleave), stacks (hstack, vstack, dstack), parts (tensor_split), pairs (cartesian_prod, combinations),
// differences (diff).
#pragma once

#include <algorithm>
#include <vector>

#include "fathom/ops/arrange.hpp"
#include "fathom/ops/index_copy.hpp"
#include "fathom/ops/parts.hpp"

namespace fathom::inline v0 {

// Matrices with the last dimension of x as their diagonal, above (offset > 0) or below the main one, zeros elsewhere;
// their dimensions become dim1 and dim2 of the result.
template <Element T>
Tensor<T> diag_embed(const Tensor<T>& x, std::int64_t offset = 0, int dim1 = -2, int dim2 = -1,
                     Where site = Where::here()) {
    const char* name = "diag_embed";
    detail::require_defined(x, name, site);
    if (x.rank() == 0) fail(name, site, {"input has shape [], expected [...,n]"});
    const int rank = x.rank() + 1, a = detail::checked_dim(dim1, rank, name, site),
              b = detail::checked_dim(dim2, rank, name, site);
    if (a == b) fail(name, site, {"dimensions ", dim1, " and ", dim2, " are one"});
    const std::int64_t size = x.size(-1) + (offset < 0 ? -offset : offset);
    Shape shape = x.shape();
    shape[-1] = size * size;
    const auto zero = expand(detail::scalar_tensor(T{}, x.device(), site), shape, site);
    const auto at = detail::places(offset < 0 ? -offset * size : offset, x.size(-1), size + 1, x, name, site);
    const Tensor<T> flat = detail::with_copies(zero, x.rank() - 1, at, x, name, site);
    shape[-1] = size, shape.push_back(size);
    Shape order;  // the two last dimensions to their places
    for (int d = 0, next = 0; d < rank; ++d) order.push_back(d == a ? rank - 2 : d == b ? rank - 1 : next++);
    return permute(reshape(flat, shape, site), order, site);
}
// Of a vector the matrix with it as its diagonal; of a matrix its diagonal.
template <Element T>
Tensor<T> diag(const Tensor<T>& x, std::int64_t offset = 0, Where site = Where::here()) {
    detail::require_defined(x, "diag", site);
    if (x.rank() != 1 && x.rank() != 2)
        fail("diag", site, {"input has shape ", x.shape(), ", expected a vector or a matrix"});
    return x.rank() == 1 ? diag_embed(x, offset, 0, 1, site) : clone(diagonal(x, offset, 0, 1, site), site);
}
// The matrix with all elements of x as its diagonal.
template <Element T>
Tensor<T> diagflat(const Tensor<T>& x, std::int64_t offset = 0, Where site = Where::here()) {
    detail::require_defined(x, "diagflat", site);
    return diag_embed(reshape(x, {x.numel()}, site), offset, 0, 1, site);
}
// The sum of a matrix's diagonal.
template <Element T>
Tensor<SumOf<T>> trace(const Tensor<T>& x, Where site = Where::here()) {
    detail::require_defined(x, "trace", site);
    if (x.rank() != 2) fail("trace", site, {"input has shape ", x.shape(), ", expected a matrix"});
    return sum(diagonal(x, 0, 0, 1, site), site);
}
// One matrix with all of them along its diagonal, zeros elsewhere; a vector is a matrix of one row.
template <Element T>
Tensor<T> block_diag(const std::vector<Tensor<T>>& matrices, Where site = Where::here()) {
    std::vector<Tensor<T>> rows;
    std::int64_t columns = 0, before = 0;
    const auto as_matrix = [&](const Tensor<T>& x) {
        detail::require_defined(x, "block_diag", site);
        if (x.rank() > 2) fail("block_diag", site, {"input has shape ", x.shape(), ", expected at most 2 dimensions"});
        return x.rank() == 2 ? x : reshape(x, {1, x.numel()}, site);
    };
    for (const Tensor<T>& x : matrices) columns += as_matrix(x).size(1);
    for (const Tensor<T>& x : matrices) {
        const Tensor<T> m = as_matrix(x);
        const auto zeros_of = [&](std::int64_t n) {
            return expand(detail::scalar_tensor(T{}, m.device(), site), {m.size(0), n}, site);
        };
        rows.push_back(cat<T>({zeros_of(before), m, zeros_of(columns - before - m.size(1))}, 1, site));
        before += m.size(1);
    }
    return cat(rows, 0, site);
}

// Turned k times by 90 degrees from the first towards the second of two dimensions.
template <Element T>
Tensor<T> rot90(const Tensor<T>& x, std::int64_t k = 1, const Shape& dims = {0, 1}, Where site = Where::here()) {
    const char* name = "rot90";
    detail::require_defined(x, name, site);
    if (dims.rank() != 2) fail(name, site, {"dims ", dims, ", expected two of them"});
    const int a = detail::checked_dim(dims[0], x.rank(), name, site),
              b = detail::checked_dim(dims[1], x.rank(), name, site);
    if (a == b) fail(name, site, {"dims ", dims, ", expected two that differ"});
    switch ((k % 4 + 4) % 4) {
        case 1:
            return transpose(flip(x, {b}, site), a, b, site);
        case 2:
            return flip(x, {a, b}, site);
        case 3:
            return transpose(flip(x, {a}, site), a, b, site);
        default:
            return clone(x, site);
    }
}
// Dimensions from[i] moved to to[i], the others in their order.
template <Element T>
Tensor<T> movedim(const Tensor<T>& x, const Shape& from, const Shape& to, Where site = Where::here()) {
    const char* name = "movedim";
    detail::require_defined(x, name, site);
    if (from.rank() != to.rank()) fail(name, site, {"from ", from, " and to ", to, " have different lengths"});
    const int rank = x.rank();
    Shape order = Shape::filled(rank, -1);
    unsigned taken = 0;
    for (int i = 0; i < from.rank(); ++i) {
        const int source = detail::checked_dim(from[i], rank, name, site),
                  target = detail::checked_dim(to[i], rank, name, site);
        if (taken >> source & 1 || order[target] != -1)
            fail(name, site, {"from ", from, " to ", to, " names one dimension twice"});
        taken |= 1u << source, order[target] = source;
    }
    for (int d = 0, next = 0; d < rank; ++d) {
        if (order[d] != -1) continue;
        while (taken >> next & 1) ++next;
        order[d] = next++;
    }
    return permute(x, order, site);
}

// x so many times along the last dimensions, as repeat; missing numbers are 1.
template <Element T>
Tensor<T> tile(const Tensor<T>& x, const Shape& repeats, Where site = Where::here()) {
    detail::require_defined(x, "tile", site);
    Shape all = repeats;
    while (all.rank() < x.rank()) all.insert(0, 1);
    return repeat(x, all, site);
}
// Each slice along dim as often as `repeats` says, one after the other.
template <Element T>
Tensor<T> repeat_interleave(const Tensor<T>& x, const Tensor<std::int64_t>& repeats, int dim,
                            Where site = Where::here()) {
    const char* name = "repeat_interleave";
    detail::require_defined(x, name, site), detail::require_defined(repeats, name, site);
    const Tensor<T> list = detail::list_of(x, site);
    const int d = detail::checked_dim(dim, list.rank(), name, site);
    const std::int64_t size = list.shape()[d];
    if (repeats.numel() != size && repeats.numel() != 1)
        fail(name, site, {"repeats has shape ", repeats.shape(), ", expected ", size, " numbers"});
    const auto counts = contiguous(reshape(repeats, {repeats.numel()}, site).to(Device::cpu(), site));
    const std::int64_t* n = counts.data(site);
    std::vector<std::int64_t> index;
    for (std::int64_t i = 0; i < size; ++i) {
        const std::int64_t count = n[repeats.numel() == 1 ? 0 : i];
        if (count < 0) fail(name, site, {"repeats ", count, ", expected at least 0"});
        index.insert(index.end(), static_cast<std::size_t>(count), i);
    }
    const auto at = from_data(index.data(), {static_cast<std::int64_t>(index.size())}, site).to(x.device(), site);
    return index_select(list, d, at, site);
}
template <Element T>
Tensor<T> repeat_interleave(const Tensor<T>& x, std::int64_t repeats, int dim, Where site = Where::here()) {
    return repeat_interleave(x, Tensor<std::int64_t>({repeats}), dim, site);
}
// Of all elements in row-major order.
template <Element T>
Tensor<T> repeat_interleave(const Tensor<T>& x, std::int64_t repeats, Where site = Where::here()) {
    detail::require_defined(x, "repeat_interleave", site);
    return repeat_interleave(reshape(x, {x.numel()}, site), repeats, 0, site);
}

// Beside one another (vectors end to end), above one another, behind one another.
template <Element T>
Tensor<T> hstack(const std::vector<Tensor<T>>& tensors, Where site = Where::here()) {
    std::vector<Tensor<T>> all;
    for (const Tensor<T>& x : tensors) all.push_back(detail::list_of(x, site));
    return cat(all, !all.empty() && all[0].defined() && all[0].rank() == 1 ? 0 : 1, site);
}
template <Element T>
Tensor<T> vstack(const std::vector<Tensor<T>>& tensors, Where site = Where::here()) {
    std::vector<Tensor<T>> all;
    for (const Tensor<T>& x : tensors)
        all.push_back(x.defined() && x.rank() < 2 ? reshape(x, {1, x.numel()}, site) : x);
    return cat(all, 0, site);
}
template <Element T>
Tensor<T> dstack(const std::vector<Tensor<T>>& tensors, Where site = Where::here()) {
    std::vector<Tensor<T>> all;
    for (const Tensor<T>& x : tensors)
        all.push_back(!x.defined() || x.rank() > 2 ? x
                      : x.rank() == 2              ? unsqueeze(x, 2, site)
                                                   : reshape(x, {1, x.numel(), 1}, site));
    return cat(all, 2, site);
}

// Parts along dim that begin at the given places, the first one at 0.
template <Element T>
std::vector<Tensor<T>> tensor_split(const Tensor<T>& x, const std::vector<std::int64_t>& begins, int dim = 0,
                                    Where site = Where::here()) {
    std::vector<Tensor<T>> parts;
    std::int64_t begin = 0;
    for (const std::int64_t end : begins) parts.push_back(slice(x, dim, begin, end, 1, site)), begin = end;
    parts.push_back(slice(x, dim, begin, x.size(dim, site), 1, site));
    return parts;
}
// So many parts whose sizes differ by one at most, the larger ones first.
template <Element T>
std::vector<Tensor<T>> tensor_split(const Tensor<T>& x, std::int64_t sections, int dim = 0,
                                    Where site = Where::here()) {
    const char* name = "tensor_split";
    detail::require_defined(x, name, site);
    if (sections < 1) fail(name, site, {"sections ", sections, ", expected at least 1"});
    const std::int64_t size = x.size(dim, site);
    std::vector<std::int64_t> begins;
    for (std::int64_t i = 1; i < sections; ++i) begins.push_back(i * (size / sections) + std::min(i, size % sections));
    return tensor_split(x, begins, dim, site);
}

// All tuples with one element of each vector, the last one changing fastest: [n, vectors]; of one vector itself.
template <Element T>
Tensor<T> cartesian_prod(const std::vector<Tensor<T>>& vectors, Where site = Where::here()) {
    if (vectors.size() == 1) return vectors[0];
    std::vector<Tensor<T>> columns = meshgrid(vectors, Indexing::ij, site);
    for (Tensor<T>& x : columns) x = reshape(x, {x.numel()}, site);
    return stack(columns, 1, site);
}
// All choices of r elements of a vector, in its order: [n, r]; each more than once with_replacement.
template <Element T>
Tensor<T> combinations(const Tensor<T>& x, std::int64_t r = 2, bool with_replacement = false,
                       Where site = Where::here()) {
    const char* name = "combinations";
    detail::require_defined(x, name, site);
    if (x.rank() != 1 || r < 0) fail(name, site, {"of shape ", x.shape(), ", r ", r, ", expected a vector and r >= 0"});
    const std::int64_t n = x.size(0), apart = with_replacement ? 0 : 1;
    std::vector<std::int64_t> chosen, all;
    // Depth first: the next element from `from` on, until r of them are chosen.
    const auto choose = [&](auto& self, std::int64_t from) -> void {
        if (static_cast<std::int64_t>(chosen.size()) == r)
            return static_cast<void>(all.insert(all.end(), chosen.begin(), chosen.end()));
        for (std::int64_t i = from; i < n; ++i) {
            chosen.push_back(i);
            self(self, i + apart);
            chosen.pop_back();
        }
    };
    if (r > 0) choose(choose, 0);
    const auto count = static_cast<std::int64_t>(all.size());
    const auto at = from_data(all.data(), {count}, site).to(x.device(), site);
    return reshape(index_select(x, 0, at, site), {r == 0 ? 0 : count / r, r}, site);
}

// Differences of neighbours along dim, n times; `prepend` and `append` come before and behind x first.
template <Element T>
Tensor<T> diff(const Tensor<T>& x, std::int64_t n = 1, int dim = -1,
               const std::type_identity_t<Tensor<T>>& prepend = {}, const std::type_identity_t<Tensor<T>>& append = {},
               Where site = Where::here()) {
    const char* name = "diff";
    detail::require_defined(x, name, site);
    const int d = detail::checked_dim(dim, x.rank(), name, site);
    if (n < 0) fail(name, site, {"n ", n, ", expected at least 0"});
    std::vector<Tensor<T>> parts;
    for (const Tensor<T>* part : {&prepend, &x, &append})
        if (part->defined()) parts.push_back(*part);
    Tensor<T> y = parts.size() == 1 ? x : cat(parts, d, site);
    for (; n > 0 && y.size(d) > 0; --n) {
        const std::int64_t left = y.size(d) - 1;
        const Tensor<T> next = narrow(y, d, 1, left, site), own = narrow(y, d, 0, left, site);
        y = sub(Operand<T>(next, site), Operand<T>(own, site));
    }
    return y;
}

}  // namespace fathom::inline v0
