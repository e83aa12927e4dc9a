// Contact sheets, pictures, folders of images, boxes, datasets and their loader, for fathom::compiled. The scenes have
// a unit of their own.
#include "fathom/data/boxes.hpp"
#include "fathom/data/contact_sheet.hpp"
#include "fathom/data/data_loader.hpp"
#include "fathom/data/pair_loader.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/data/pictures.hpp"
#include "fathom/data/tensor_dataset.hpp"

// Definitions, each after those it uses.
#include "fathom/data/pictures.inl.hpp"
#include "fathom/data/contact_sheet.inl.hpp"
#include "fathom/data/epoch_order.inl.hpp"
#include "fathom/data/collate.inl.hpp"
#include "fathom/data/data_loader.inl.hpp"
#include "fathom/data/tensor_dataset.inl.hpp"
#include "fathom/data/pixel_plane.inl.hpp"
#include "fathom/data/file_names.inl.hpp"
#include "fathom/data/pairs.inl.hpp"
#include "fathom/data/dataset.inl.hpp"
#include "fathom/data/boxes.inl.hpp"
#include "fathom/data/transforms.inl.hpp"
#include "fathom/data/pair_loader.inl.hpp"
