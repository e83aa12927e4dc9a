// Mistakes of a first program, one per value of CASE: none compiles, and the compiler's text has the line that helps
// (CMakeLists.txt).
#if CASE == 1
#include <fathom/nn/conv.hpp>
void mistake(fathom::Generator& gen) { fathom::nn::Conv2d<float>(1, 8, 3, gen); }
#elif CASE == 2
#include <fathom/optim/adam.hpp>
void mistake(const std::vector<fathom::AnyTensor>& params) { fathom::optim::Adam(params, 1e-3); }
#elif CASE == 3
#include <fathom/ops/reduce.hpp>
void mistake(const fathom::Tensor<int>& x) { x.mean(); }
#elif CASE == 4
#include <fathom/ops/arithmetic.hpp>
void mistake(const fathom::Tensor<bool>& x) { x + x; }
#elif CASE == 5
#include <fathom/ops/reduce.hpp>
void mistake(const fathom::Tensor<float>& x) { x.sum(true); }
#elif CASE == 6
#include <fathom/tensor/tensor.hpp>
void mistake(const fathom::Tensor<float>& x) { x.sum(); }
#else
#include <fathom/fathom.hpp>  // with -std=c++17
#endif
