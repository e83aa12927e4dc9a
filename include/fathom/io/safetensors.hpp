// State dicts in files. Written as safetensors (github.com/huggingface/safetensors): 8 bytes of header length, a JSON
// header, the tensors' bytes without gaps. Read from that and from PyTorch's .pth files, for which one unit of a
// header-only program includes pth.hpp.
#pragma once

#include "fathom/core/list.hpp"
#include "fathom/io/file.hpp"
#include "fathom/tensor/state_dict.hpp"

namespace fathom::inline v0::io {

using fathom::StateDict;
using Metadata = std::vector<std::pair<std::string, std::string>>;

// Reads a state dict; the content, not the name, tells the format: safetensors, or PyTorch's .pth in its zip or its
// older form. Tensors are on the CPU, in the file's order. Throws Error "PATH: ..." on anything malformed and on
// tensors that fathom cannot hold. A .pth may hold the state dict itself or a training program's checkpoint with one in
// it, among values of any kind: those are never read, and nothing is imported or called. `notes` of the result say so.
StateDict load(const std::string& path, Where site = Where::here());

// The reader of .pth files, a content already in memory. A header-only program none of whose units includes pth.hpp
// has none: then it is null, and load() says so of such a file.
namespace include_fathom_io_pth_hpp_in_one_unit {
#ifndef FATHOM_COMPILED
[[gnu::weak]]
#endif
StateDict
load_pth(const std::string& file, std::string_view bytes, Where site);
}  // namespace include_fathom_io_pth_hpp_in_one_unit

// Writes a safetensors file in one step: an old file is replaced whole or not at all. `metadata` goes beside
// state.metadata and wins over it. Names must be UTF-8 and differ. The header keeps the order; the data lie by
// descending element size, so that all are aligned. The same state gives the same bytes.
void save(const std::string& path, const StateDict& state, const Metadata& metadata = {}, Where site = Where::here());

// The same into a writer of `path`, which the caller commits.
void write_safetensors(AtomicWriter& writer, const std::string& path, const StateDict& state, const Metadata& metadata,
                       Where site = Where::here());
// What a file of this state holds: state.metadata but for what `metadata` replaces, then `metadata`.
Metadata merged_metadata(const StateDict& state, const Metadata& metadata);

// What the header says of one tensor. The bytes are [begin, end) of the data behind the header.
struct SafetensorsEntry {
    std::string name;
    DType dtype;
    Shape shape;
    std::int64_t begin, end;
};

struct SafetensorsHeader {
    detail::List<SafetensorsEntry> entries;
    Metadata metadata;
    std::size_t data_offset;  // in the file
};

// Reads and checks a file's header: every tensor's bytes lie in the file, fit its shape, and follow one another without
// gap or overlap.
SafetensorsHeader read_safetensors_header(const std::string& file, std::string_view bytes);

// A file's content, already in memory; `file` names it in messages.
StateDict load_safetensors(const std::string& file, std::string_view bytes, Where site = Where::here());

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/safetensors.inl.hpp"
#endif
