// SeAFusion: both nets, their losses, trainers and runs on whole images, with the data that they train on. Not in it,
// since few programs need them: the synthetic scenes in data/scene/.
#pragma once

#include "fathom/fathom.hpp"
#include "fathom/data/classes.hpp"
#include "fathom/data/contact_sheet.hpp"
#include "fathom/data/pair_loader.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/data/pictures.hpp"
#include "fathom/io/pth.hpp"
#include "fathom/kernels/conv_tiles.hpp"
#include "fathom/seafusion/content_loss.hpp"
#include "fathom/seafusion/fuse.hpp"
#include "fathom/seafusion/fusion_trainer.hpp"
#include "fathom/seafusion/segment.hpp"
#include "fathom/seafusion/segmentation_trainer.hpp"
#include "fathom/seafusion/semantic_loss.hpp"
