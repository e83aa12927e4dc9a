#include "fathom/core/parallel_for.hpp"

#include "fathom/core/parallel_for.inl.hpp"
