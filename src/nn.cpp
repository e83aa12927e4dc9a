// The modules' and optimizers' definitions, for fathom::compiled.
#include "fathom/nn/conv.hpp"
#include "fathom/nn/linear.hpp"
#include "fathom/nn/sequential.hpp"
#include "fathom/optim/clip.hpp"
#include "fathom/optim/schedule.hpp"

// Definitions, each after those it uses.
#include "fathom/nn/parameter.inl.hpp"
#include "fathom/nn/module.inl.hpp"
#include "fathom/nn/init.inl.hpp"
#include "fathom/nn/conv.inl.hpp"
#include "fathom/nn/linear.inl.hpp"
#include "fathom/nn/sequential.inl.hpp"
#include "fathom/optim/optimizer.inl.hpp"
#include "fathom/optim/clip.inl.hpp"
#include "fathom/optim/schedule.inl.hpp"
