// Classes, contact sheets, pairs and crops, for fathom::compiled. The scenes have a unit of their own.
#include "fathom/data/classes.hpp"
#include "fathom/data/contact_sheet.hpp"
#include "fathom/data/crops.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/data/scene_files.hpp"

// Definitions.
#include "fathom/data/classes.inl.hpp"
#include "fathom/data/contact_sheet.inl.hpp"
#include "fathom/data/crops.inl.hpp"
#include "fathom/data/pairs.inl.hpp"
#include "fathom/data/scene_files.inl.hpp"
