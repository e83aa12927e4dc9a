#include "fathom/data/synthetic.hpp"

#include "fathom/data/synthetic.inl.hpp"
