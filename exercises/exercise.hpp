// What every exercise includes: fathom's tensors and threads, and the parts of the standard library that are of use.
// Tensor is short for ft::Tensor<double>. What an exercise needs of it:
//
//   Tensor x = ft::zeros<double>({2, 3});   // of shape [2,3]; ft::ones, ft::full({2, 3}, 0.5)
//   Tensor y({{1, 2, 3}, {4, 5, 6}});       // of these values, of shape [2,3]
//   x.size(0), x.shape(), x.numel()         // 2, [2,3], 6
//   x(1, 2) = 0.5;  x(1, 2) += y(0, 0);     // elements; an index out of range is an error that says so
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fathom/core/parallel_for.hpp"
#include "fathom/tensor/factories.hpp"

namespace ft = fathom;

using Tensor = ft::Tensor<double>;
