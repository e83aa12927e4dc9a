// The engine's definitions, for fathom::compiled.
#include "fathom/autograd/composite.hpp"

// Definitions, each after those it uses.
#include "fathom/autograd/node.inl.hpp"
#include "fathom/autograd/function.inl.hpp"
#include "fathom/autograd/gradients.inl.hpp"
#include "fathom/autograd/backward.inl.hpp"
#include "fathom/autograd/composite.inl.hpp"
