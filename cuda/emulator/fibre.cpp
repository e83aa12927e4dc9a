// The switch and the stacks of fibre.hpp.
#include "cuda/emulator/fibre.hpp"

#include <sys/mman.h>

#include <new>

// Only what a called function must preserve: everything else the compiler has saved around the call.
// clang-format off
#if defined(__x86_64__)
__asm__(
    ".text\n.p2align 4\n"
    ".globl fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) "\n"
    ".type fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) ", @function\n"
    "fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) ":\n"
    "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
    "  movq %rsp, (%rdi)\n"
    "  movq %rsi, %rsp\n"
    "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
    "  ret\n"
    ".size fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) ", . - fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) "\n");
#elif defined(__aarch64__)
__asm__(
    ".text\n.p2align 4\n"
    ".globl fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) "\n"
    ".type fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) ", %function\n"
    "fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) ":\n"
    "  sub sp, sp, #160\n"
    "  stp x19, x20, [sp]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n  stp x25, x26, [sp, #48]\n"
    "  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
    "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
    "  mov x9, sp\n  str x9, [x0]\n"
    "  mov sp, x1\n"
    "  ldp x19, x20, [sp]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n  ldp x25, x26, [sp, #48]\n"
    "  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
    "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
    "  add sp, sp, #160\n"
    "  ret\n"
    ".size fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) ", . - fathom_switch_" FATHOM_TEXT(FATHOM_CUDA_NAMESPACE) "\n");
#else
#error "cuda/emulator/fibre.cpp: write the switch for this processor (x86-64 and AArch64 are here)"
#endif
// clang-format on

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

namespace {
constexpr std::uint64_t guard = 0x5afe5afe5afe5afeu;
}

Stacks::~Stacks() {
    if (base_) munmap(reinterpret_cast<void*>(base_ - bytes), bytes * (most + 1));
}

void* Stacks::take(void (*entry)(), int* index) {
    if (!base_) {
        void* memory = mmap(nullptr, bytes * (most + 1), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        base_ = reinterpret_cast<std::uintptr_t>(memory) + bytes;  // the first stack may overflow too
        free_.reserve(most);
    }
    if (free_.empty()) {
        auto* end = reinterpret_cast<std::uint64_t*>(low(static_cast<int>(stacks_)));
        for (std::size_t i = 0; i < guard_words; ++i) end[i] = guard;
        free_.push_back(static_cast<int>(stacks_++));
    }
    *index = free_.back();
    free_.pop_back();
    // Stacks begin at multiples of 64 KiB, whose tops would all meet in the same few lines of the cache: each begins
    // 192 bytes below its neighbour, which visits every set.
    const std::uintptr_t stagger = static_cast<std::uintptr_t>(*index % 64) * 192;
    auto* top = reinterpret_cast<std::uintptr_t*>(low(*index) + bytes - stagger);
#if defined(__x86_64__)
    *--top = 0;  // where entry's caller would be: the stack is aligned as behind a call
    *--top = reinterpret_cast<std::uintptr_t>(entry);
    for (int i = 0; i < 6; ++i) *--top = 0;
#else
    for (int i = 0; i < 20; ++i) *--top = 0;
    top[11] = reinterpret_cast<std::uintptr_t>(entry);  // x30, the return address
#endif
    return top;
}

void Stacks::give_all() {
    free_.clear();
    for (std::size_t i = stacks_; i > 0; --i) free_.push_back(static_cast<int>(i - 1));
    for (std::size_t i = 0; i < stacks_; ++i) {
        auto* end = reinterpret_cast<std::uint64_t*>(low(static_cast<int>(i)));
        for (std::size_t word = 0; word < guard_words; ++word) end[word] = guard;
    }
}

bool Stacks::intact(int index) const {
    const auto* end = reinterpret_cast<const std::uint64_t*>(low(index));
    for (std::size_t i = 0; i < guard_words; ++i)
        if (end[i] != guard) return false;
    return true;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
