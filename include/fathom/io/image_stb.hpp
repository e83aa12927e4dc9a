// Opt-in: defines what image.hpp declares, on stb_image and stb_image_write (Debian: libstb-dev), which stay inside
// this library: their names are in a namespace, their macros undefined again. One unit of a program needs it, several
// may have it. With fathom::compiled it does nothing, since the library contains the definitions.
#pragma once

#include "fathom/io/image.hpp"

#ifndef FATHOM_COMPILED
#include "fathom/io/image_stb.inl.hpp"
#endif
