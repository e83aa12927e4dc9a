// The fusion net's definitions, for fathom::compiled.
#include "fathom/seafusion/bfloat16_frame.hpp"
#include "fathom/seafusion/content_loss.hpp"

// Definitions.
#include "fathom/seafusion/bfloat16_frame.inl.hpp"
#include "fathom/seafusion/content_loss.inl.hpp"
