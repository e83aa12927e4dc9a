// Bands: a few rows of an image, for fused operations that pass over their images several times. Band after band, what
// lies between two passes stays in the cache and never becomes an image of its own. On the CPU chunks of bands run on
// all threads; a device sees all images as one band, since its kernels want to be large.
#pragma once

#include <algorithm>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/tuning.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/images.hpp"

namespace fathom::inline v0::detail {

// Rows [top, top + rows) of images [image, image + images).
struct Band {
    std::int64_t image, images, top, rows;
    std::int64_t chunk;
    bool first;  // of its chunk

    // [N, C, H, W] -> [images, C, rows, W] and [images, C, H, W], without history.
    AnyTensor of(const AnyTensor& x) const;
    AnyTensor images_of(const AnyTensor& x) const;
    Shape shape(std::int64_t channels, std::int64_t width) const { return {images, channels, rows, width}; }
};

class Bands {
public:
    // Of images like x [N, C, H, W], of which a band touches `channels` channels again and again. How they are cut
    // depends on the shape alone.
    Bands(const AnyTensor& x, std::int64_t channels);
    std::int64_t chunks() const { return chunks_; }
    // Calls f(band) for every band: the bands of a chunk in their order, on one thread.
    template <class F>
    void for_each(F f) const {
        parallel_for(0, chunks_, 1, [&](std::int64_t chunk, std::int64_t end) {
            for (; chunk < end; ++chunk)
                for (std::int64_t i = chunk * per_chunk_; i < std::min(bands_, (chunk + 1) * per_chunk_); ++i)
                    f(band(i, chunk));
        });
    }

private:
    Band band(std::int64_t index, std::int64_t chunk) const;

    std::int64_t images_, height_, rows_;  // of a band
    std::int64_t per_image_, bands_, per_chunk_, chunks_;
};

// A sum over bands: apart for each chunk, then added up in the order of the chunks, so that it does not depend on the
// number of threads. Nothing where the total is not wanted.
class BandSum {
public:
    BandSum(const Target& total, const Bands& bands, const char* name, Where site);
    Target of(const Band& band) const;
    // After the last band. copy: the kernel of the sum's dtype.
    void finish(const ElementwiseKernel& copy, const char* name, Where site) const;

private:
    AnyTensor part(std::int64_t chunk) const;

    Target total_;
    std::int64_t chunks_;
    AnyTensor parts_;  // [chunks, elements], undefined where there is only one chunk
};

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/ops/bands.inl.hpp"
#endif
