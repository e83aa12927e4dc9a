// NumPy's files: .npy, one array (numpy.lib.format, versions 1 to 3), and .npz, a zip of them by name. Read from
// row-major and column-major, little- and big-endian files, deflated archives too; what is no array of a dtype that
// fathom has is refused, and no Python object is ever made.
#pragma once

#include "fathom/io/file.hpp"
#include "fathom/tensor/state_dict.hpp"

namespace fathom::inline v0::io {

// The array on the CPU, row-major. Throws Error "PATH: npy: ...".
AnyTensor load_npy(const std::string& path, Where site = Where::here());
// A file's content, already in memory; `file` names it in messages.
AnyTensor parse_npy(const std::string& file, std::string_view bytes, Where site = Where::here());

// In one step: an old file is replaced whole or not at all. bfloat16, which NumPy has not, is refused.
void save_npy(const std::string& path, const AnyTensor& tensor, Where site = Where::here());

// The arrays by their names without ".npy", in the file's order. Other entries are left out, and `notes` says so.
StateDict load_npz(const std::string& path, Where site = Where::here());
StateDict parse_npz(const std::string& file, std::string_view bytes, Where site = Where::here());

// As numpy.savez does, not compressed. Names must be UTF-8, differ, and not be empty; metadata are not written.
void save_npz(const std::string& path, const StateDict& state, Where site = Where::here());

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/npy.inl.hpp"
#endif
