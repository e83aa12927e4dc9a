#include "fathom/kernels/strided.hpp"

#include "fathom/kernels/strided.inl.hpp"
