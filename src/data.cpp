// Contact sheets, pictures, folders of images, boxes, datasets and their loader, for fathom::compiled. The scenes have
// a unit of their own.
#include "fathom/data/boxes.hpp"
#include "fathom/data/contact_sheet.hpp"
#include "fathom/data/loader.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/data/pictures.hpp"

// Definitions, each after those it uses.
#include "fathom/data/pictures.inl.hpp"
#include "fathom/data/contact_sheet.inl.hpp"
#include "fathom/data/pixel_plane.inl.hpp"
#include "fathom/data/file_names.inl.hpp"
#include "fathom/data/pairs.inl.hpp"
#include "fathom/data/dataset.inl.hpp"
#include "fathom/data/boxes.inl.hpp"
#include "fathom/data/transforms.inl.hpp"
#include "fathom/data/loader.inl.hpp"
