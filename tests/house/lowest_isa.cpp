// A unit whose flags (-mavx2 -mfma) demand an instruction set: it compiles no lower one, and says so when asked for
// one, by set_isa, and by a kernel where another unit, which has the baseline, chose that.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fathom/core/runtime.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/tensor/factories.hpp"

namespace {

template <class F>
bool refuses(F f) {
    try {
        f();
    } catch (const fathom::Error& error) {
        std::printf("%s\n", error.what());
        return std::strstr(error.what(), "baseline was not compiled in") != nullptr;
    }
    return false;
}

}  // namespace

int main() {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 77;  // skipped
    const auto x = fathom::full<float>({100}, 2);
    const auto kernel = [&] { return fathom::exp(x); };
    if (fathom::lowest_isa() != fathom::Isa::avx2) return 1;
    if (!refuses([] { fathom::set_isa(fathom::Isa::baseline); })) return 2;
    kernel();
    fathom::detail::runtime.isa = static_cast<int>(fathom::Isa::baseline);
    if (!refuses(kernel)) return 3;
    setenv("FATHOM_ISA", "baseline", 1);
    fathom::detail::runtime.isa = -1;
    if (!refuses(kernel)) return 4;
    fathom::set_isa(fathom::Isa::avx2);
    return kernel()(99) > 7 ? 0 : 5;
}
