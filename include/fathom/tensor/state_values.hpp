// Values out of and into state dicts: what modules, optimizers and schedules have in common. Next: nn/module.hpp and
// optim/optimizer.hpp, which use it.
#pragma once

#include "fathom/core/order.hpp"
#include "fathom/tensor/dispatch.hpp"
#include "fathom/tensor/state_dict.hpp"

namespace fathom::inline v0::detail {

// Whether values of one dtype go into a tensor of another: the same dtype, or both floating.
bool can_load(DType to, DType from);
// Writes the values of `from` (on the CPU) into `to` (on any device), which has the same shape; counts as one write.
void load_values(const AnyTensor& to, const AnyTensor& from, const char* operation, Where site);
// Element i of an array: code that is no kernel reads any dtype so, without being compiled for each.
double element_value(const void* data, DType dtype, std::int64_t i);
// A copy on the CPU. `x` is dense where it is on another device.
AnyTensor host_copy(const AnyTensor& x, const char* operation, Where site);
// Numbers in a state dict: int64 and double tensors without dimensions. Reading what was found under a name throws if
// that is nothing, or of another type.
AnyTensor scalar_value(std::int64_t value);
AnyTensor scalar_value(double value);
void read_scalar(const AnyTensor* found, const std::string& name, std::int64_t& value, Where site);
void read_scalar(const AnyTensor* found, const std::string& name, double& value, Where site);
// "a, b, c and 4 more".
std::string list_names(const std::vector<std::string>& names);

// A state dict's names in order, for looking up all of them: StateDict::find() goes through the whole dict each time.
// The dict must outlive it unchanged.
class SortedNames {
public:
    explicit SortedNames(const StateDict& dict);
    // As StateDict::find(): the first of that name, or null.
    const AnyTensor* find(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    // A name that stands there more than once, or null.
    const std::string* repeated() const;

private:
    const StateDict::Entry& entry(std::size_t i) const { return dict_.entries[order_[i]]; }
    // Of the first entry of that name, or of the first behind it.
    std::size_t place(std::string_view name) const;

    const StateDict& dict_;
    List<std::size_t> order_;
};

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/tensor/state_values.inl.hpp"
#endif
