// Definitions of fft.hpp.
#pragma once

#include <algorithm>

#include "fathom/core/allocator.hpp"
#include "fathom/core/lock.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/dft.inl.hpp"
#include "fathom/kernels/fft.hpp"
#include "fathom/kernels/transpose.hpp"
#include "fathom/kernels/tuning.hpp"

#define FATHOM_KERNEL "fathom/kernels/fft.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// Sines and cosines take longer than the transform of one line, so the plans of the last lengths are kept.
FATHOM_INLINE std::shared_ptr<const DftPlan> plan_of_lines(std::int64_t length, bool halves) {
    struct Kept {
        v0::detail::Mutex mutex;
        std::shared_ptr<const DftPlan> plans[tuning::fft_plans];
        int next = 0;
    };
    static Kept& kept = *new Kept;  // never destroyed: other static objects may transform in their destructors
    {
        const v0::detail::Lock lock(kept.mutex);
        for (const auto& plan : kept.plans)
            if (plan && plan->length == length && plan->half_roots.empty() != halves) return plan;
    }
    auto plan = std::make_shared<const DftPlan>(length, halves);
    if (length <= tuning::fft_kept_length) {
        const v0::detail::Lock lock(kept.mutex);
        kept.plans[kept.next] = plan;
        kept.next = (kept.next + 1) % tuning::fft_plans;
    }
    return plan;
}

}  // namespace detail

template <class T>
void fft(const FftJob& job, const T* x, T* y) {
    const std::int64_t count = job.lines.numel();
    if (count == 0) return;
    const bool halves = (job.x.part == 0 || job.y.part == 0) && job.n % 2 == 0;
    const auto plan = detail::plan_of_lines(halves ? job.n / 2 : job.n, halves);
    // Whole vectors of lines, unless a line is long: then it is one task, and its own elements fill vectors.
    std::int64_t grain = 1;
    while (grain < tuning::fft_lines && 2 * grain * job.n <= tuning::fft_elements) grain *= 2;
    parallel_for(0, count, grain, [&](std::int64_t first, std::int64_t last) {
        FATHOM_DISPATCH(fft::lines<T>(job, *plan, first, last, x, y));
    });
}

}  // namespace fathom::inline v0::kernels
