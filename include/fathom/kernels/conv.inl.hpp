// Definitions of conv.hpp: a pass goes to the algorithm that is chosen or named.
#pragma once

#include "fathom/core/error.hpp"
#include "fathom/kernels/conv_depthwise.inl.hpp"
#include "fathom/kernels/conv_direct.inl.hpp"
#include "fathom/kernels/conv_few_channels.inl.hpp"
#include "fathom/kernels/conv_few_outputs.inl.hpp"
#include "fathom/kernels/conv_product.inl.hpp"
#include "fathom/kernels/conv_unpacked.inl.hpp"
#include "fathom/kernels/conv_winograd_weight.inl.hpp"

namespace fathom::inline v0::kernels {

namespace detail {

inline void check_accepts(ConvAlgorithm algorithm, ConvPass pass, const ConvShape& shape) {
    if (!accepts(algorithm, pass, shape))
        fail("convolution", {}, {name_of(algorithm), " does not accept this shape in the ", name_of(pass), " pass"});
}

template <template <class> class Pass, class T>
void run_tiles_of(const Pass<T>& pass) {
    if constexpr (std::is_same_v<T, float>) {
        if (!tile_convolution.forward)
            fail("convolution", {}, {"precision bf16 needs #include <fathom/kernels/conv_tiles.hpp>"});
        tile_convolution.run(pass);
    } else {
        fail("convolution", {}, {"tiles of bfloat16 take tensors of float"});
    }
}

// Forward and data.
template <class Pass>
void run_images(ConvAlgorithm algorithm, const Pass& pass) {
    switch (algorithm) {
        case ConvAlgorithm::depthwise:
            return run_depthwise(pass);
        case ConvAlgorithm::product:
            return run_product(pass);
        case ConvAlgorithm::few_outputs:
            return run_few_outputs(pass);
        case ConvAlgorithm::few_channels:
            return run_few_channels(pass);
        case ConvAlgorithm::unpacked:
            return;  // accepts no such pass
        case ConvAlgorithm::winograd:
            return run_winograd(pass);
        case ConvAlgorithm::direct:
            return run_direct(pass);
        case ConvAlgorithm::tiles:
            return run_tiles_of(pass);
    }
}

}  // namespace detail

template <class T>
void run(ConvAlgorithm algorithm, const ConvForward<T>& pass) {
    detail::check_accepts(algorithm, ConvPass::forward, pass.shape);
    detail::run_images(algorithm, pass);
}

template <class T>
void run(ConvAlgorithm algorithm, const ConvData<T>& pass) {
    detail::check_accepts(algorithm, ConvPass::data, pass.shape);
    detail::run_images(algorithm, pass);
}

template <class T>
void run(ConvAlgorithm algorithm, const ConvWeight<T>& pass) {
    detail::check_accepts(algorithm, ConvPass::weight, pass.shape);
    switch (algorithm) {
        case ConvAlgorithm::depthwise:
            return detail::run_depthwise(pass);
        case ConvAlgorithm::product:
            return;  // accepts no such pass
        case ConvAlgorithm::few_outputs:
            return detail::run_few_outputs(pass);
        case ConvAlgorithm::few_channels:
            return detail::run_few_channels(pass);
        case ConvAlgorithm::unpacked:
            return detail::run_unpacked(pass);
        case ConvAlgorithm::winograd:
            return detail::run_winograd(pass);
        case ConvAlgorithm::direct:
            return detail::run_direct(pass);
        case ConvAlgorithm::tiles:
            return detail::run_tiles_of(pass);
    }
}

template <class T>
void conv_forward(const T* x,     // [N, H, W, C]
                  const T* w,     // [K, C / groups, kh, kw]
                  const T* bias,  // [K] or null
                  T* y,           // [N, OH, OW, K]
                  const ConvShape& shape, const Epilogue<T>& epilogue, Precision precision) {
    run<T>(chosen<T>(ConvPass::forward, shape, precision), ConvForward<T>{x, w, bias, y, shape, epilogue});
}

template <class T>
void conv_data(const T* dy,  // [N, OH, OW, K]
               const T* w,   // [K, C / groups, kh, kw]
               T* dx,        // [N, H, W, C]
               const ConvShape& shape, const Epilogue<T>& epilogue, Precision precision) {
    run<T>(chosen<T>(ConvPass::data, shape, precision), ConvData<T>{dy, w, dx, shape, epilogue});
}

template <class T>
void conv_weight(const T* x,   // [N, H, W, C]
                 const T* dy,  // [N, OH, OW, K]
                 T* dw,        // [K, C / groups, kh, kw] or null
                 T* dbias,     // [K] or null
                 const ConvShape& shape, bool add_dw, bool add_dbias, Precision precision) {
    run<T>(chosen<T>(ConvPass::weight, shape, precision), ConvWeight<T>{x, dy, dw, dbias, shape, add_dw, add_dbias});
}

template <class T>
ConvAlgorithm chosen(ConvPass pass, const ConvShape& shape, Precision precision) {
    const bool wide = sizeof(T) == 8 && precision == Precision::fast;
    if (sizeof(T) == 8 && precision == Precision::bf16)
        fail("convolution", {}, {"precision bf16 is for tensors of float"});
    return choose(pass, shape, FATHOM_DISPATCH(conv::lane_count<T>()), wide ? Precision::strict : precision);
}

}  // namespace fathom::inline v0::kernels
