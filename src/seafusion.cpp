// The fusion net's definitions, for fathom::compiled.
#include "fathom/seafusion/content_loss.hpp"
#include "fathom/seafusion/grdb.hpp"

// Definitions.
#include "fathom/seafusion/content_loss.inl.hpp"
#include "fathom/seafusion/grdb.inl.hpp"
