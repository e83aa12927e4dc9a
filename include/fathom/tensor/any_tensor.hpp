// AnyTensor: the untyped value handle on a shared TensorImpl. Nodes, engine, optimizers and state dicts are ordinary
// code over it. Next: tensor.hpp, the typed handle that users see.
#pragma once

#include "fathom/tensor/layout.hpp"
#include "fathom/tensor/storage.hpp"

namespace fathom::inline v0 {

template <Element T>
class Tensor;

struct TensorImpl : Refcounted {
    Ref<Storage> storage;
    Shape shape;
    Shape strides;            // in elements
    std::int64_t offset = 0;  // of the first element, in elements
    DType dtype = DType::float32;
    Ref<Refcounted> autograd;  // the autograd::Node that made it (autograd/node.hpp); null without gradients
};

class AnyTensor {
public:
    AnyTensor() = default;
    explicit AnyTensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}

    bool defined() const { return static_cast<bool>(impl_); }
    const Shape& shape() const { return impl().shape; }
    const Shape& strides() const { return impl().strides; }
    int rank() const { return impl().shape.rank(); }
    std::int64_t numel() const { return impl().shape.numel(); }
    DType dtype() const { return impl().dtype; }
    Device device() const { return impl().storage->device(); }
    // Size of a dimension; negative ones count from the end.
    std::int64_t size(int dim, Where site = Where::here()) const;
    bool is_contiguous(MemoryFormat format = MemoryFormat::row_major) const {
        return detail::is_dense(shape(), strides(), format);
    }

    // A handle of the element type that this tensor has; any other type throws.
    template <Element T>
    Tensor<T> as(Where site = Where::here()) const;

    // The first element's address; the second form is for kernels and counts no write.
    const void* raw() const { return raw_unchecked(); }
    void* raw_unchecked() const {
        return static_cast<char*>(impl().storage->data()) +
               impl().offset * static_cast<std::int64_t>(size_of(impl().dtype));
    }
    // Throws if undefined.
    TensorImpl& impl() const {
        if (!impl_) detail_undefined();
        return *impl_;
    }
    bool same_as(const AnyTensor& other) const { return impl_ == other.impl_; }
    void reset() { impl_ = {}; }

private:
    [[noreturn]] static void detail_undefined();

    Ref<TensorImpl> impl_;
};

namespace detail {

// Throws where x is a default-constructed tensor: a name before it has a value, an input that was left out.
void require_defined(const AnyTensor& x, const char* operation, Where site);
// Turns a dimension that may count from the end into 0 .. rank - 1; throws outside.
int checked_dim(std::int64_t dim, int rank, const char* operation, Where site);

// What a tensor of that shape takes; throws for a negative size or for more than 2^63 - 1 bytes.
std::int64_t checked_bytes(const Shape& shape, DType dtype, const char* operation, Where site);
// Uninitialised, with strides that are dense in some order.
AnyTensor new_tensor(const Shape& shape, const Shape& strides, DType dtype, Device device, const char* operation,
                     Where site);
// Another view of the same storage, without history.
AnyTensor new_view(const AnyTensor& base, const Shape& shape, const Shape& strides, std::int64_t offset);
// The same elements without history.
inline AnyTensor detached(const AnyTensor& x) { return new_view(x, x.shape(), x.strides(), x.impl().offset); }

// The first element's address; throws if the tensor is not on the CPU.
void* host_data(const AnyTensor& x, Where site);

[[noreturn]] void fail_dtype(DType is, DType asked, const char* operation, Where site);

}  // namespace detail
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/tensor/any_tensor.inl.hpp"
#endif
