// The tensors' definitions, for fathom::compiled.
#include "fathom/backend/stream.hpp"
#include "fathom/tensor/dispatch.hpp"
#include "fathom/tensor/print.hpp"
#include "fathom/tensor/state_values.hpp"

// Definitions, each after those it uses.
#include "fathom/backend/registry.inl.hpp"
#include "fathom/backend/stream.inl.hpp"
#include "fathom/tensor/layout.inl.hpp"
#include "fathom/tensor/storage.inl.hpp"
#include "fathom/tensor/any_tensor.inl.hpp"
#include "fathom/tensor/element.inl.hpp"
#include "fathom/tensor/scalar.inl.hpp"
#include "fathom/tensor/dispatch.inl.hpp"
#include "fathom/tensor/print.inl.hpp"
#include "fathom/tensor/state_values.inl.hpp"

#ifdef FATHOM_CUDA_BUILT
extern "C" bool fathom_cuda_was_built() { return true; }
#else
extern "C" bool fathom_cuda_was_built() { return false; }
#endif
