// Tensor<T>: the typed handle. A handle is cheap to copy and shares its storage; `clone()` copies values.
// Members such as x.sum() or loss.backward() forward to operations further down (ops/, autograd/): a program that calls
// one needs that header (or <fathom/fathom.hpp>); forgetting it is a compile error in tensor/forward.hpp at the line
// that names it.
#pragma once

#include "fathom/tensor/element.hpp"
#include "fathom/tensor/forward.hpp"
#include "fathom/tensor/index_members.hpp"
#include "fathom/tensor/operand.hpp"

namespace fathom::inline v0 {

template <Element T>
class Tensor : public detail::IndexMembers<T> {
public:
    using value_type = T;
    using Index = detail::Index;
    using Proxy = detail::ElementProxy<T>;

    Tensor() = default;
    Tensor(const Tensor&) = default;
    Tensor(Tensor&&) noexcept = default;
    // `&`-qualified: `a[0] = b` would assign to a temporary handle and does not compile.
    Tensor& operator=(const Tensor&) & = default;
    Tensor& operator=(Tensor&&) & noexcept = default;
    ~Tensor() = default;

    // Values, never a shape: Tensor<float> a({{1, 2, 3}, {4, 5, 6}}) is [2, 3]. Ragged lists throw.
    explicit Tensor(std::initializer_list<detail::Nested<T>> values, Where site = Where::here()) {
        const Shape shape = detail::shape_of(values);
        any_ = detail::new_tensor(shape, detail::row_major_strides(shape), dtype_of<T>, Device::cpu(), "tensor", site);
        T* out = static_cast<T*>(any_.raw_unchecked());
        detail::flatten(values.begin(), values.size(), shape, 0, out, site);
    }

    // The caller has checked the dtype; AnyTensor::as<T>() is the checked way.
    static Tensor adopt(AnyTensor any) {
        Tensor t;
        t.any_ = std::move(any);
        return t;
    }
    const AnyTensor& untyped() const { return any_; }
    operator const AnyTensor&() const { return any_; }

    bool defined() const { return any_.defined(); }
    const Shape& shape() const { return any_.shape(); }
    const Shape& strides() const { return any_.strides(); }
    int rank() const { return any_.rank(); }
    std::int64_t numel() const { return any_.numel(); }
    std::int64_t size(int dim, Where site = Where::here()) const { return any_.size(dim, site); }
    DType dtype() const { return dtype_of<T>; }
    Device device() const { return any_.device(); }
    bool is_contiguous(MemoryFormat format = MemoryFormat::row_major) const { return any_.is_contiguous(format); }

    // One element as a condition: `if (mask.any())`. Of more it is an error: where() chooses element by element.
    explicit operator bool() const {
        if (numel() != 1)
            fail("bool", {},
                 {"a tensor of shape ", shape(), " is no condition; choose by where(), or ask for any() or all()"});
        return item() != T{};
    }

    // The first element's address, for reading. Elements lie at strides(), which need not be dense: dense_data() is for
    // code that takes them for an array, as Eigen::Map does. CPU only.
    const T* data(Where site = Where::here()) const { return static_cast<const T*>(detail::host_data(any_, site)); }
    // The same of row-major elements one after another; throws unless they lie so: contiguous() makes such a copy.
    const T* dense_data(Where site = Where::here()) const {
        if (!is_contiguous())
            fail("dense_data", site,
                 {"shape ", shape(), " with strides ", strides(), " is not dense; take contiguous()"});
        return data(site);
    }
    // As data() for writing: counts as a write, so that a backward that needs the old values will say so.
    T* mutable_data(Where site = Where::here()) {
        T* p = static_cast<T*>(detail::host_data(any_, site));
        any_.impl().storage->bump_version();
        return p;
    }
    // The value of a tensor with one element.
    T item(Where site = Where::here()) const {
        detail::require_defined(any_, "item", site);
        if (numel() != 1) fail("item", site, {"the tensor has shape ", shape(), ", expected one element"});
        return device().is_cpu() ? *data(site) : to(Device::cpu(), site).item(site);
    }

    // Elements: a(i, j) is T of a const tensor or of a temporary, otherwise a proxy that counts a write only when
    // assigned. Out of range throws.
    T operator()(Index i) const& { return element({i}); }
    Proxy operator()(Index i) & { return proxy({i}); }
    T operator()(Index i, Index j) const& { return element({i, j}); }
    Proxy operator()(Index i, Index j) & { return proxy({i, j}); }
    T operator()(Index i, Index j, Index k) const& { return element({i, j, k}); }
    Proxy operator()(Index i, Index j, Index k) & { return proxy({i, j, k}); }
    T operator()(Index i, Index j, Index k, Index l) const& { return element({i, j, k, l}); }
    Proxy operator()(Index i, Index j, Index k, Index l) & { return proxy({i, j, k, l}); }
    T operator()(Index i, Index j, Index k, Index l, Index m) const& { return element({i, j, k, l, m}); }
    Proxy operator()(Index i, Index j, Index k, Index l, Index m) & { return proxy({i, j, k, l, m}); }
    T operator()(Index i, Index j, Index k, Index l, Index m, Index n) const& { return element({i, j, k, l, m, n}); }
    Proxy operator()(Index i, Index j, Index k, Index l, Index m, Index n) & { return proxy({i, j, k, l, m, n}); }
    T operator()(Index i, Index j, Index k, Index l, Index m, Index n, Index o) const& {
        return element({i, j, k, l, m, n, o});
    }
    Proxy operator()(Index i, Index j, Index k, Index l, Index m, Index n, Index o) & {
        return proxy({i, j, k, l, m, n, o});
    }
    T operator()(Index i, Index j, Index k, Index l, Index m, Index n, Index o, Index p) const& {
        return element({i, j, k, l, m, n, o, p});
    }
    Proxy operator()(Index i, Index j, Index k, Index l, Index m, Index n, Index o, Index p) & {
        return proxy({i, j, k, l, m, n, o, p});
    }
    // a[i]: the i-th slice of the first dimension, a view.
    Tensor operator[](Index i) const { return detail::select_of(*this, 0, i.value, i.site); }
    using detail::IndexMembers<T>::operator[];

    // Views and copies (ops/views.hpp).
    Tensor slice(int dim, std::int64_t begin, std::int64_t end, std::int64_t step = 1,
                 Where site = Where::here()) const {
        return detail::slice_of(*this, dim, begin, end, step, site);
    }
    Tensor narrow(int dim, std::int64_t begin, std::int64_t length, Where site = Where::here()) const {
        return detail::narrow_of(*this, dim, begin, length, site);
    }
    Tensor select(int dim, std::int64_t index, Where site = Where::here()) const {
        return detail::select_of(*this, dim, index, site);
    }
    Tensor permute(const Shape& dims, Where site = Where::here()) const {
        return detail::permute_of(*this, dims, site);
    }
    Tensor transpose(int a, int b, Where site = Where::here()) const { return detail::transpose_of(*this, a, b, site); }
    Tensor reshape(const Shape& shape, Where site = Where::here()) const {
        return detail::reshape_of(*this, shape, site);
    }
    Tensor view(const Shape& shape, Where site = Where::here()) const { return detail::view_of(*this, shape, site); }
    Tensor flatten(int start_dim = 0, int end_dim = -1, Where site = Where::here()) const {
        return detail::flatten_of(*this, start_dim, end_dim, site);
    }
    Tensor unflatten(int dim, const Shape& sizes, Where site = Where::here()) const {
        return detail::unflatten_of(*this, dim, sizes, site);
    }
    Tensor expand(const Shape& shape, Where site = Where::here()) const {
        return detail::expand_of(*this, shape, site);
    }
    Tensor squeeze(int dim, Where site = Where::here()) const { return detail::squeeze_of(*this, dim, site); }
    Tensor squeeze(Where site = Where::here()) const { return detail::squeeze_of(*this, site); }
    Tensor unsqueeze(int dim, Where site = Where::here()) const { return detail::unsqueeze_of(*this, dim, site); }
    // Parts (ops/parts.hpp).
    Tensor unfold(int dimension, std::int64_t size, std::int64_t step, Where site = Where::here()) const {
        return detail::unfold_of(*this, dimension, size, step, site);
    }
    Tensor diagonal(std::int64_t offset = 0, int dim1 = 0, int dim2 = 1, Where site = Where::here()) const {
        return detail::diagonal_of(*this, offset, dim1, dim2, site);
    }
    std::vector<Tensor> split(std::int64_t size, int dim = 0, Where site = Where::here()) const {
        return detail::split_of(*this, size, dim, site);
    }
    std::vector<Tensor> split(const std::vector<std::int64_t>& sizes, int dim = 0, Where site = Where::here()) const {
        return detail::split_of(*this, sizes, dim, site);
    }
    std::vector<Tensor> chunk(std::int64_t chunks, int dim = 0, Where site = Where::here()) const {
        return detail::chunk_of(*this, chunks, dim, site);
    }
    std::vector<Tensor> unbind(int dim = 0, Where site = Where::here()) const {
        return detail::unbind_of(*this, dim, site);
    }
    // Itself if already dense in that order, otherwise a copy.
    Tensor contiguous(MemoryFormat format = MemoryFormat::row_major, Where site = Where::here()) const {
        return detail::contiguous_of(*this, format, site);
    }
    Tensor clone(Where site = Where::here()) const { return detail::clone_of(*this, site); }
    // The same storage without history.
    Tensor detach() const { return adopt(detail::detached(any_)); }
    template <Element U>
    Tensor<U> to(Where site = Where::here()) const {
        return detail::to_of<U>(*this, site);
    }
    Tensor to(Device device, Where site = Where::here()) const { return detail::to_device_of(*this, device, site); }

    // Reductions (ops/reduce.hpp). Integers and masks are summed in int64; a mask's sum counts.
    Tensor<SumOf<T>> sum(Where site = Where::here()) const { return detail::sum_of(*this, site); }
    Tensor<SumOf<T>> sum(const Shape& dims, bool keepdim = false, Where site = Where::here()) const {
        return detail::sum_of(*this, dims, keepdim, site);
    }
    Tensor<SumOf<T>> sum(int dim, bool keepdim = false, Where site = Where::here()) const {
        return sum(Shape{dim}, keepdim, site);
    }
    Tensor<SumOf<T>> sum(std::same_as<bool> auto) const = delete;  // keepdim stands behind the dimensions
    Tensor mean(Where site = Where::here()) const { return detail::mean_of(*this, site); }
    Tensor mean(const Shape& dims, bool keepdim = false, Where site = Where::here()) const {
        return detail::mean_of(*this, dims, keepdim, site);
    }
    Tensor mean(int dim, bool keepdim = false, Where site = Where::here()) const {
        return mean(Shape{dim}, keepdim, site);
    }
    Tensor mean(std::same_as<bool> auto) const = delete;
    auto max(Where site = Where::here()) const { return detail::max_of(*this, site); }
    // auto [values, indices] = x.max(1);
    auto max(int dim, bool keepdim = false, Where site = Where::here()) const {
        return detail::max_of(*this, dim, keepdim, site);
    }
    auto min(Where site = Where::here()) const { return detail::min_of(*this, site); }
    auto min(int dim, bool keepdim = false, Where site = Where::here()) const {
        return detail::min_of(*this, dim, keepdim, site);
    }
    Tensor<std::int64_t> argmax(Where site = Where::here()) const { return detail::argmax_of(*this, site); }
    Tensor<std::int64_t> argmax(int dim, bool keepdim = false, Where site = Where::here()) const {
        return detail::argmax_of(*this, dim, keepdim, site);
    }
    Tensor<std::int64_t> argmin(Where site = Where::here()) const { return detail::argmin_of(*this, site); }
    Tensor<std::int64_t> argmin(int dim, bool keepdim = false, Where site = Where::here()) const {
        return detail::argmin_of(*this, dim, keepdim, site);
    }
    Tensor var(const Shape& dims = {}, double correction = 1, bool keepdim = false, Where site = Where::here()) const {
        return detail::var_of(*this, dims, correction, keepdim, site);
    }
    Tensor var(int dim, double correction = 1, bool keepdim = false, Where site = Where::here()) const {
        return var(Shape{dim}, correction, keepdim, site);
    }
    // More of them (ops/norm.hpp, ops/cumulative.hpp).
    Tensor std(const Shape& dims = {}, double correction = 1, bool keepdim = false, Where site = Where::here()) const {
        return detail::std_of(*this, dims, correction, keepdim, site);
    }
    Tensor std(int dim, double correction = 1, bool keepdim = false, Where site = Where::here()) const {
        return std(Shape{dim}, correction, keepdim, site);
    }
    Tensor norm(double p = 2, const Shape& dims = {}, bool keepdim = false, Where site = Where::here()) const {
        return detail::norm_of(*this, p, dims, keepdim, site);
    }
    Tensor<SumOf<T>> prod(Where site = Where::here()) const { return detail::prod_of(*this, site); }
    Tensor<SumOf<T>> prod(int dim, bool keepdim = false, Where site = Where::here()) const {
        return detail::prod_of(*this, dim, keepdim, site);
    }
    Tensor<SumOf<T>> cumsum(int dim, Where site = Where::here()) const { return detail::cumsum_of(*this, dim, site); }

    // Elementwise (ops/math.hpp).
    Tensor abs(Where site = Where::here()) const { return detail::abs_of(*this, site); }
    Tensor exp(Where site = Where::here()) const { return detail::exp_of(*this, site); }
    Tensor log(Where site = Where::here()) const { return detail::log_of(*this, site); }
    Tensor sqrt(Where site = Where::here()) const { return detail::sqrt_of(*this, site); }
    Tensor pow(double exponent, Where site = Where::here()) const { return detail::pow_of(*this, exponent, site); }
    Tensor pow(const Tensor& exponent, Where site = Where::here()) const {
        return detail::pow_of(*this, exponent, site);
    }
    template <ScalarFor<T> Min, ScalarFor<T> Max>
    Tensor clamp(Min min, Max max, Where site = Where::here()) const {
        return detail::clamp_of(*this, detail::scalar_as<T>(min, site), detail::scalar_as<T>(max, site), site);
    }

    // Of masks, and of numbers that are not 0 (ops/mask.hpp).
    Tensor<bool> any(Where site = Where::here()) const { return detail::any_of(*this, {}, false, site); }
    Tensor<bool> any(const Shape& dims, bool keepdim = false, Where site = Where::here()) const {
        return detail::any_of(*this, dims, keepdim, site);
    }
    Tensor<bool> all(Where site = Where::here()) const { return detail::all_of(*this, {}, false, site); }
    Tensor<bool> all(const Shape& dims, bool keepdim = false, Where site = Where::here()) const {
        return detail::all_of(*this, dims, keepdim, site);
    }

    // Gradients (autograd/).
    Tensor& requires_grad_(bool on = true, Where site = Where::here()) & {
        detail::require_grad_of(*this, on, site);
        return *this;
    }
    Tensor requires_grad_(bool on = true, Where site = Where::here()) && {
        detail::require_grad_of(*this, on, site);
        return std::move(*this);
    }
    bool requires_grad() const { return detail::requires_grad_of(*this); }
    // The accumulated gradient of a leaf; undefined if there is none.
    Tensor grad() const { return detail::grad_of(*this); }
    void zero_grad() { detail::zero_grad_of(*this); }
    // f(gradient) is called while a gradient passes, and may give another (autograd/hook.hpp).
    template <class F>
    auto register_hook(F f, Where site = Where::here()) const {
        return detail::register_hook_of(*this, std::move(f), site);
    }
    void backward(BackwardOptions options = {}, Where site = Where::here()) const {
        detail::backward_of(*this, options, site);
    }

    // In place (ops/inplace.hpp): each counts as a write. Of a temporary view too: a[0] += 1 writes a.
    Tensor& operator+=(Operand<T> b) & { return detail::add_assign_of(*this, b, "+="), *this; }
    Tensor operator+=(Operand<T> b) && { return *this += b; }
    Tensor& operator-=(Operand<T> b) & { return detail::sub_assign_of(*this, b, "-="), *this; }
    Tensor operator-=(Operand<T> b) && { return *this -= b; }
    Tensor& operator*=(Operand<T> b) & { return detail::mul_assign_of(*this, b, "*="), *this; }
    Tensor operator*=(Operand<T> b) && { return *this *= b; }
    Tensor& operator/=(Operand<T> b) & { return detail::div_assign_of(*this, b, "/="), *this; }
    Tensor operator/=(Operand<T> b) && { return *this /= b; }
    // As PyTorch spells them; they give a handle on the same tensor.
    Tensor add_(Operand<T> b) { return detail::add_assign_of(*this, b, "add_"), *this; }
    Tensor sub_(Operand<T> b) { return detail::sub_assign_of(*this, b, "sub_"), *this; }
    Tensor mul_(Operand<T> b) { return detail::mul_assign_of(*this, b, "mul_"), *this; }
    Tensor div_(Operand<T> b) { return detail::div_assign_of(*this, b, "div_"), *this; }
    template <ScalarFor<T> Min, ScalarFor<T> Max>
    Tensor clamp_(Min min, Max max, Where site = Where::here()) {
        detail::clamp_assign_of(*this, detail::scalar_as<T>(min, site), detail::scalar_as<T>(max, site), site);
        return *this;
    }
    template <ScalarFor<T> S>
    Tensor clamp_min_(S min, Where site = Where::here()) {
        return detail::clamp_min_assign_of(*this, detail::scalar_as<T>(min, site), site), *this;
    }
    template <ScalarFor<T> S>
    Tensor clamp_max_(S max, Where site = Where::here()) {
        return detail::clamp_max_assign_of(*this, detail::scalar_as<T>(max, site), site), *this;
    }
    Tensor relu_(Where site = Where::here()) { return detail::relu_assign_of(*this, site), *this; }
    Tensor& copy_(const Tensor& from, Where site = Where::here()) & {
        return detail::copy_assign_of(*this, from, site), *this;
    }
    Tensor copy_(const Tensor& from, Where site = Where::here()) && { return copy_(from, site); }
    template <ScalarFor<T> S>
    Tensor& fill_(S value, Where site = Where::here()) & {
        return detail::fill_assign_of(*this, detail::scalar_as<T>(value, site), site), *this;
    }
    template <ScalarFor<T> S>
    Tensor fill_(S value, Where site = Where::here()) && {
        return fill_(value, site);
    }
    Tensor& zero_(Where site = Where::here()) & { return fill_(ScalarOf<T>{}, site); }
    Tensor zero_(Where site = Where::here()) && { return zero_(site); }

    friend Tensor operator+(Operand<T> a, Operand<T> b) { return detail::add_of(a, b); }
    friend Tensor operator-(Operand<T> a, Operand<T> b) { return detail::sub_of(a, b); }
    friend Tensor operator*(Operand<T> a, Operand<T> b) { return detail::mul_of(a, b); }
    friend Tensor operator/(Operand<T> a, Operand<T> b) { return detail::div_of(a, b); }
    friend Tensor operator-(Operand<T> a) { return detail::neg_of(a); }
    // Of masks (ops/mask.hpp).
    friend Tensor operator&(Operand<T> a, Operand<T> b) requires std::is_same_v<T, bool> {
        return detail::logical_and_of(a, b);
    }
    friend Tensor operator|(Operand<T> a, Operand<T> b) requires std::is_same_v<T, bool> {
        return detail::logical_or_of(a, b);
    }
    friend Tensor operator^(Operand<T> a, Operand<T> b) requires std::is_same_v<T, bool> {
        return detail::logical_xor_of(a, b);
    }
    friend Tensor operator!(const Tensor& a) requires std::is_same_v<T, bool> {
        return detail::logical_not_of(Operand<T>(a, {}));
    }
    friend Tensor<bool> operator==(Operand<T> a, Operand<T> b) { return detail::equal_of(a, b); }
    friend Tensor<bool> operator!=(Operand<T> a, Operand<T> b) { return detail::not_equal_of(a, b); }
    friend Tensor<bool> operator<(Operand<T> a, Operand<T> b) { return detail::less_of(a, b); }
    friend Tensor<bool> operator<=(Operand<T> a, Operand<T> b) { return detail::less_equal_of(a, b); }
    friend Tensor<bool> operator>(Operand<T> a, Operand<T> b) { return detail::less_of(b, a); }
    friend Tensor<bool> operator>=(Operand<T> a, Operand<T> b) { return detail::less_equal_of(b, a); }

private:
    T element(std::initializer_list<Index> indices) const {
        const std::int64_t offset = detail::element_offset(any_, indices);
        return static_cast<const T*>(any_.raw())[offset];
    }
    Proxy proxy(std::initializer_list<Index> indices) {
        return {any_, detail::element_offset(any_, indices), indices.begin()->site};
    }

    AnyTensor any_;
};

namespace detail {
// The handle of a tensor whose dtype is known to be T's.
template <Element T>
Tensor<T> typed(const AnyTensor& x) {
    return Tensor<T>::adopt(x);
}
}  // namespace detail

template <Element T>
Tensor<T> AnyTensor::as(Where site) const {
    if (dtype() != dtype_of<T>) detail::fail_dtype(dtype(), dtype_of<T>, "as", site);
    return Tensor<T>::adopt(*this);
}

namespace detail {
// new_tensor() of T's dtype.
template <Element T>
Tensor<T> new_tensor(const Shape& shape, const Shape& strides, Device device, const char* operation, Where site) {
    return Tensor<T>::adopt(new_tensor(shape, strides, dtype_of<T>, device, operation, site));
}
// Uninitialised, row-major, on the CPU.
template <Element T>
Tensor<T> new_row_major(const Shape& shape, const char* operation, Where site) {
    return new_tensor<T>(shape, row_major_strides(shape), Device::cpu(), operation, site);
}
}  // namespace detail
}  // namespace fathom::inline v0
