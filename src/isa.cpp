#include "fathom/kernels/isa.hpp"

#include "fathom/kernels/isa.inl.hpp"
