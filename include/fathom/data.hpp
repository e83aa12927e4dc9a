// Data of one's own, for training: datasets of tensors or of any class, and their batches. A program that reads images
// in pairs, as those of SeAFusion, includes seafusion.hpp.
#pragma once

#include "fathom/data/data_loader.hpp"
#include "fathom/data/tensor_dataset.hpp"
#include "fathom/fathom.hpp"
