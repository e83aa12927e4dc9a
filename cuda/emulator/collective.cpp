// Warp collectives: the lanes of a mask meet, the last to come does the work for all and goes on; shuffles and votes.
// Lanes that have returned, or never were (a partial last warp), are not waited for. See block.hpp.
#include "cuda/emulator/block.hpp"
#include "fathom/core/error.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

namespace {

[[noreturn]] void bad_collective(Worker& w, Site site, std::string what) {
    Fault fault;
    fault.what = std::move(what);
    fault.site = site;
    raise_fault(w, std::move(fault));
}

// Whether all live lanes of `mask` wait for just these lanes.
bool complete(const Warp& warp, std::uint32_t mask) {
    const std::uint32_t lanes = mask & warp.live;
    if ((warp.waiting & lanes) != lanes) return false;
    std::uint32_t different = 0;
    for (std::uint32_t rest = lanes; rest; rest &= rest - 1) different |= warp.masks[std::countr_zero(rest)] ^ mask;
    return different == 0;
}

// Runs the collective of these lanes and ends their waiting.
void finish(Worker& w, std::uint32_t lanes, Complete f) {
    Warp& warp = w.warps[w.warp];
    if (f) f(warp.payloads, lanes);
    warp.waiting &= ~lanes;
    ++warp.epoch;
    if constexpr (checked) check_running(w);
    make_runnable(w, lanes);
}

// Lanes of a mask that do not do the same.
[[maybe_unused]] void check_partners(Worker& w, std::uint32_t mask, Site site, Complete f) {
    const Warp& warp = w.warps[w.warp];
    if (!(mask >> w.lane & 1)) bad_collective(w, site, "a warp collective whose mask leaves out the calling lane");
    for (std::uint32_t rest = warp.waiting; rest; rest &= rest - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(rest));
        const int line = w.threads[w.warp * 32 + lane].site.line;
        // Only who waits for each other: a lane with another mask may come to this one later.
        if (!(warp.masks[lane] >> w.lane & 1) || !(mask >> lane & 1)) continue;
        if (warp.masks[lane] != mask)
            bad_collective(w, site, join({"a warp collective with another mask than lane ", lane, " at line ", line}));
        if (warp.completes[lane] != f)
            bad_collective(
                w, site, join({"divergent warp: lane ", lane, " waits in another kind of collective, at line ", line}));
    }
}

struct Shuffle {
    std::uint64_t value, result;
    int source;
    bool outside;
};

void complete_shuffle(void* const* payloads, std::uint32_t lanes) {
    for (std::uint32_t rest = lanes; rest; rest &= rest - 1) {
        auto& mine = *static_cast<Shuffle*>(payloads[std::countr_zero(rest)]);
        mine.outside = !(lanes >> mine.source & 1);
        mine.result = mine.outside ? mine.value : static_cast<const Shuffle*>(payloads[mine.source])->value;
    }
}

struct Ballot {
    bool predicate;
    std::uint32_t result;
};

void complete_ballot(void* const* payloads, std::uint32_t lanes) {
    std::uint32_t result = 0;
    for (std::uint32_t rest = lanes; rest; rest &= rest - 1) {
        const int lane = std::countr_zero(rest);
        result |= static_cast<std::uint32_t>(static_cast<const Ballot*>(payloads[lane])->predicate) << lane;
    }
    for (std::uint32_t rest = lanes; rest; rest &= rest - 1)
        static_cast<Ballot*>(payloads[std::countr_zero(rest)])->result = result;
}

}  // namespace

int lane() { return static_cast<int>(worker->lane); }

void warp_collective(std::uint32_t mask, Site site, void* payload, Complete f) {
    Worker& w = *worker;
    Thread& self = *w.thread;
    Warp& warp = w.warps[w.warp];
    const unsigned lane = w.lane;
    if constexpr (checked) check_partners(w, mask, site, f);
    mask |= 1u << lane;
    warp.payloads[lane] = payload, warp.masks[lane] = mask, warp.completes[lane] = f;
    warp.waiting |= 1u << lane;
    if (complete(warp, mask)) return finish(w, mask & warp.live, f);
    self.site = site, self.wait = Wait::warp;
    suspend(w, self);
    self.wait = Wait::nothing;
}

void lane_returned(Worker& w) {
    Warp& warp = w.warps[w.warp];
    for (std::uint32_t rest = warp.waiting; rest; rest &= warp.waiting & (rest - 1)) {
        const int lane = std::countr_zero(rest);
        if (complete(warp, warp.masks[lane])) finish(w, warp.masks[lane] & warp.live, warp.completes[lane]);
    }
}

std::uint64_t shuffle(std::uint32_t mask, std::uint64_t value, int source, Site site) {
    Shuffle payload{value, value, source & 31, false};
    warp_collective(mask, site, &payload, complete_shuffle);
    if constexpr (checked)
        if (payload.outside)
            bad_collective(*worker, site,
                           join({"a shuffle reads lane ", payload.source, ", which takes no part in it"}));
    return payload.result;
}

std::uint32_t ballot(std::uint32_t mask, bool predicate, Site site) {
    Ballot payload{predicate, 0};
    warp_collective(mask, site, &payload, complete_ballot);
    return payload.result;
}

void fence(bool whole_grid) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (whole_grid) worker->checker.fenced = true;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
