// Device memory of the emulator: host memory with a register of who allocated what. In the checked build it comes from
// one range of addresses with a cell per word (checked/range.cpp). See runtime.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cuda/namespace.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

// Null when there is none left.
void* allocate_device(std::size_t bytes, const char* operation);
// False when `memory` is not the beginning of an allocation.
bool release_device(void* memory);
// Whether [address, address + bytes) lies within one allocation.
bool on_device(const void* address, std::size_t bytes);
std::size_t allocated_bytes();

// "4 bytes behind an allocation of 4096 bytes (softmax)", "in memory that was released", ...
std::string describe_device(std::uintptr_t address);

// checked/range.cpp.
void* take_range(std::size_t bytes);
void give_range(void* memory, std::size_t bytes);
void note_written(const void* memory, std::size_t bytes);
void note_copied(const void* to, const void* from, std::size_t bytes);
void note_reused(const void* block, std::size_t block_bytes, std::size_t used);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
