// launch("softmax", softmax_rows, {rows, 128, shared_bytes}, stream, x, y, columns): the one way to start a kernel. The
// arguments convert to the kernel's parameter types. What the launch itself finds wrong comes back at once and names
// the operation; what goes wrong while the kernel runs comes with a later call (runtime.hpp), or at once when the
// environment has FATHOM_CUDA_SYNC=1.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include "cuda/runtime.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

namespace detail {

template <class... Parameters>
struct Closure {
    void (*kernel)(Parameters...);
    std::tuple<Parameters...> arguments;

    static void run(const void* closure) {
        const auto& self = *static_cast<const Closure*>(closure);
        self.call(std::index_sequence_for<Parameters...>{});
    }

private:
    template <std::size_t... I>
    void call(std::index_sequence<I...>) const {
        kernel(std::get<I>(arguments)...);
    }
};

}  // namespace detail

template <class... Parameters>
Result launch(const char* operation, void (*kernel)(Parameters...), const LaunchShape& shape, Stream stream,
              std::type_identity_t<Parameters>... arguments) {
    static_assert((std::is_trivially_copyable_v<Parameters> && ...), "kernels take plain values, not references");
    Kernel call{reinterpret_cast<const void*>(kernel), nullptr, nullptr, nullptr, 0};
    if constexpr (emulated) {
        using Call = detail::Closure<Parameters...>;
        const Call closure{kernel, {arguments...}};
        call.run = Call::run, call.closure = &closure, call.closure_bytes = sizeof closure;
        return launch_kernel(operation, shape, stream, call);
    } else {
        void* pointers[] = {const_cast<void*>(static_cast<const void*>(&arguments))..., nullptr};
        call.arguments = pointers;
        return launch_kernel(operation, shape, stream, call);
    }
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
