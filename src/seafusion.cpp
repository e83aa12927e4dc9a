// The nets' definitions, for fathom::compiled.
#include "fathom/seafusion/frame.hpp"
#include "fathom/seafusion/content_loss.hpp"
#include "fathom/seafusion/segmentation_frame.hpp"

// Definitions.
#include "fathom/seafusion/frame.inl.hpp"
#include "fathom/seafusion/content_loss.inl.hpp"
#include "fathom/seafusion/segmentation_frame.inl.hpp"
