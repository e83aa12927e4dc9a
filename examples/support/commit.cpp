// Alone in its unit: the commit changes with each one, the programs need not be compiled again for that.
#include "support/commit.hpp"

namespace program {

const char* commit() { return FATHOM_COMMIT; }

}  // namespace program
