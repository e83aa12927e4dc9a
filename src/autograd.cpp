// The engine's definitions, for fathom::compiled.
#include "fathom/autograd/checkpoint.hpp"
#include "fathom/autograd/composite.hpp"
#include "fathom/autograd/hook.hpp"
#include "fathom/autograd/own_function.hpp"

// Definitions, each after those it uses.
#include "fathom/autograd/node.inl.hpp"
#include "fathom/autograd/function.inl.hpp"
#include "fathom/autograd/gradients.inl.hpp"
#include "fathom/autograd/backward.inl.hpp"
#include "fathom/autograd/composite.inl.hpp"
#include "fathom/autograd/hook.inl.hpp"
#include "fathom/autograd/own_function.inl.hpp"
#include "fathom/autograd/checkpoint.inl.hpp"
