// Synthetic scenes, as tensors, samples and files, for fathom::compiled.
#include "fathom/data/scene/scene_files.hpp"
#include "fathom/data/scene/synthetic_dataset.hpp"

// Definitions.
#include "fathom/data/scene/scene_files.inl.hpp"
#include "fathom/data/scene/synthetic.inl.hpp"
#include "fathom/data/scene/synthetic_dataset.inl.hpp"
