// The core's definitions, for fathom::compiled.
#include "fathom/core/allocator.hpp"
#include "fathom/core/error.hpp"
#include "fathom/core/order.hpp"
#include "fathom/core/pointer_set.hpp"
#include "fathom/core/random.hpp"

// Definitions.
#include "fathom/core/allocator.inl.hpp"
#include "fathom/core/error.inl.hpp"
#include "fathom/core/order.inl.hpp"
#include "fathom/core/pointer_set.inl.hpp"
#include "fathom/core/random.inl.hpp"
