// Opt-in: reads PyTorch's .pth files, in the zip form (torch 1.6 and later) and the older one. What load() in
// safetensors.hpp calls; see there what is accepted. Tensors that share a storage in the file share it here. One unit
// of a header-only program needs it, several may have it; fathom::compiled contains it.
#pragma once

#include "fathom/io/pickle.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/io/zip.hpp"

namespace fathom::inline v0::io {

bool is_legacy_pth(std::string_view bytes);

// A file's content, already in memory; `file` names it in messages.
StateDict load_pth_zip(const std::string& file, std::string_view bytes, Where site = Where::here());
StateDict load_pth_legacy(const std::string& file, std::string_view bytes, Where site = Where::here());

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/pth.inl.hpp"
#endif
