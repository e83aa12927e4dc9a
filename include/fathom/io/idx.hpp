// The files of MNIST and its kin (yann.lecun.com/exdb/mnist: "the IDX file format"): one array, its sizes and elements
// big-endian, plain or compressed by gzip.
#pragma once

#include "fathom/io/file.hpp"
#include "fathom/tensor/any_tensor.hpp"

namespace fathom::inline v0::io {

// The array on the CPU, row-major: uint8 (images [N, 28, 28], labels [N]), int32, float or double, as the file says;
// int8 and int16, which fathom has not, are refused. Throws Error "PATH: idx: ..." or "PATH: gzip: ...".
AnyTensor load_idx(const std::string& path, Where site = Where::here());
// A file's content, already in memory; `file` names it in messages.
AnyTensor parse_idx(const std::string& file, std::string_view bytes, Where site = Where::here());

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/idx.inl.hpp"
#endif
