// Fibres: stacks, and the switch between them (a dozen instructions of assembly, 7 to 11 ns; ucontext would make a
// system call). A suspended fibre is its stack pointer. Next: block.hpp, scheduler.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cuda/namespace.hpp"

#define FATHOM_TEXT_OF(name) #name
#define FATHOM_TEXT(name) FATHOM_TEXT_OF(name)

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

// Saves the caller's registers on its stack and its stack pointer in *from, and goes on where `to` was saved.
void switch_fibre(void** from, void* to) __asm__("fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE));

// The stacks of one OS thread, made as they are needed.
class Stacks {
public:
    static constexpr std::size_t bytes = 64 * 1024;

    Stacks() = default;
    Stacks(const Stacks&) = delete;
    Stacks& operator=(const Stacks&) = delete;
    ~Stacks();

    // A stack nobody uses, prepared so that switching to the returned pointer calls entry(); `index` is its number.
    void* take(void (*entry)(), int* index);
    void give(int index) { free_.push_back(index); }
    void give_all();  // after a fault: those of the abandoned fibres too

    // False when the guard at the stack's end was written over.
    bool intact(int index) const;
    // Whether `address` is within the last bytes of the stack, or below it.
    bool overflows(int index, std::uintptr_t address) const { return address < low(index) + margin; }
    bool contains(std::uintptr_t address) const { return address - base_ < bytes * stacks_; }

private:
    static constexpr std::size_t most = 1024, guard_words = 32, margin = 2048;
    std::uintptr_t low(int index) const { return base_ + static_cast<std::size_t>(index) * bytes; }

    std::uintptr_t base_ = 0;
    std::size_t stacks_ = 0;
    std::vector<int> free_{};
};

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
