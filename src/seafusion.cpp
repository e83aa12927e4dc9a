// The fusion net's definitions, for fathom::compiled.
#include "fathom/seafusion/frame.hpp"
#include "fathom/seafusion/content_loss.hpp"

// Definitions.
#include "fathom/seafusion/frame.inl.hpp"
#include "fathom/seafusion/content_loss.inl.hpp"
