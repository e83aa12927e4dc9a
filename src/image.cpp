// Image files, for fathom::compiled.
#include "fathom/io/image_header.hpp"
#include "fathom/io/image_stb.hpp"

// Definitions.
#include "fathom/io/exif.inl.hpp"
#include "fathom/io/image_header.inl.hpp"
#include "fathom/io/image_stb.inl.hpp"
#include "fathom/io/jpeg_scan.inl.hpp"
#include "fathom/io/png_data.inl.hpp"
