// What an exercise needs of the library to define an operation with its gradient: ft::Function, which ties forward to
// backward, ft::gradcheck, which compares backward with small steps, and operations of whole tensors (a * b, a + 1,
// ft::exp(x), ft::sigmoid(x)).
#pragma once

#include "exercises/exercise.hpp"
#include "fathom/autograd/gradcheck.hpp"
#include "fathom/autograd/own_function.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
