// Synthetic scenes as files, in the layout of MSRS, for programs that take folders. Writing needs the definitions of
// io/image_stb.hpp. Included by name: fathom.hpp leaves this folder out.
#pragma once

#include <string>

#include "fathom/data/scene/synthetic.hpp"

namespace fathom::inline v0::data {

// Writes the scenes of the seeds first_seed, first_seed + 1, ... as PNG files into folder/vi, folder/ir and
// folder/Segmentation_labels, which are made if they are missing. A file's name is its seed, with at least five digits,
// and D or N for day or night: 00042N.png.
void write_scenes(const std::string& folder, std::uint64_t first_seed, std::int64_t count,
                  const SceneOptions& options = {}, Where site = Where::here());

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/scene/scene_files.inl.hpp"
#endif
