// Dense buffers: channels-last images whose channel slices are filled one after another by fused operations, so that a
// concatenation needs no copy. Filling what nobody has read is no write.
#pragma once

#include "fathom/ops/images.hpp"

namespace fathom::inline v0::detail {

// Channels [begin, begin + count), without history.
AnyTensor channels_of(const AnyTensor& x, std::int64_t begin, std::int64_t count);
// The whole buffer with the history of its parts, which are its channel slices in order.
AnyTensor join_channels(const AnyTensor& buffer, const std::vector<AnyTensor>& parts, Where site);

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/ops/dense.inl.hpp"
#endif
