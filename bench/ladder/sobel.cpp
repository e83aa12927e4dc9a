// The Sobel magnitude of 32 channels, as in the fusion net's dense block. Read sobel.kernel.hpp first.
#include <memory>

#include "bench/support/ladder_main.hpp"
#include "bench/support/numbers.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/sobel.hpp"

#define FATHOM_KERNEL "bench/ladder/sobel.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

using namespace fathom::bench;

namespace {

constexpr float filter_x[] = {1, 0, -1, 2, 0, -2, 1, 0, -1}, filter_y[] = {1, 2, 1, 0, 0, 0, -1, -2, -1};

struct Data {
    std::int64_t height, width, channels;
    std::vector<float> x, padded, zeros, y, all_x, all_y;  // all_x, all_y: the filters, once for each channel
    std::vector<double> want;
};

std::vector<float> for_channels(const float* filter, std::int64_t channels) {
    std::vector<float> all;
    for (std::int64_t c = 0; c < channels; ++c) all.insert(all.end(), filter, filter + 9);
    return all;
}

Ladder make_ladder(const Options& o) {
    using namespace fathom::kernels;
    auto d = std::make_shared<Data>();
    d->height = o.quick ? 5 : 240, d->width = o.quick ? 12 : 320, d->channels = 32;
    const std::int64_t size = d->height * d->width * d->channels;
    d->x = numbers(size), d->y = unset(size), d->padded = unset((d->height + 2) * (d->width + 2) * d->channels);
    d->zeros.assign(static_cast<std::size_t>(d->width * d->channels), 0);
    d->all_x = for_channels(filter_x, d->channels), d->all_y = for_channels(filter_y, d->channels);
    d->want.resize(d->y.size());
    FATHOM_DISPATCH(ladder_sobel::naive<double>(d->x.data(), filter_x, filter_y, d->want.data(),
                                                {d->height, d->width, d->channels}));

    const auto elements = static_cast<double>(size);
    Ladder ladder;
    ladder.title = "Sobel magnitude, 32 channels, " + std::to_string(d->height) + "x" + std::to_string(d->width);
    ladder.read = ladder.written = 4 * elements;
    ladder.in_bytes = true;
    ladder.forget = [d] { d->y.assign(d->y.size(), std::numeric_limits<float>::quiet_NaN()); };
    ladder.error = [d] { return relative_error(d->y, d->want); };

    const Level image = ladder.level();
    const double vectors = elements / vector_lanes();
    const auto instructions = [&](double each) { return compute(2 * each * elements); };  // as many as multiply-adds
    ladder.rungs = {
        {"1 naive",
         {accesses(27 * elements, elements), scalar(2 * 18 * elements)},
         [d] {
             FATHOM_DISPATCH(ladder_sobel::naive<float>(d->x.data(), filter_x, filter_y, d->y.data(),
                                                        {d->height, d->width, d->channels}));
         }},
        {"2 known filters",
         {accesses(8 * vectors, vectors), instructions(14), bytes(image, 8 * elements, 8 * elements)},
         [d] {
             FATHOM_DISPATCH(ladder_sobel::known_filters(d->x.data(), d->y.data(), {d->height, d->width, d->channels},
                                                         d->padded.data()));
         }},
        {"3 ring of rows",
         {accesses(8 * vectors, vectors), instructions(14), bytes(image, 4 * elements, 4 * elements)},
         [d] {
             FATHOM_DISPATCH(ladder_sobel::ring_of_rows(d->x.data(), d->y.data(), {d->height, d->width, d->channels},
                                                        d->padded.data()));
         }},
        {"4 columns once",
         {accesses(3 * vectors, vectors), instructions(9), bytes(image, 4 * elements, 4 * elements)},
         [d] {
             FATHOM_DISPATCH(ladder_sobel::columns_once(d->x.data(), d->y.data(), {d->height, d->width, d->channels},
                                                        d->zeros.data()));
         }},
    };
    const auto library = [d] {
        const std::int64_t pixel = d->channels, row = d->width * pixel, image_step = d->height * row;
        sobel<float>({1, d->channels, d->height, d->width}, {d->x.data(), image_step, 1, row, pixel}, d->all_x.data(),
                     d->all_y.data(), {d->y.data(), image_step, 1, row, pixel}, 0, d->height, false);
    };
    ladder.rungs.push_back({"5 library", ladder.least(), library});
    if (o.all_threads() > 1)
        ladder.rungs.push_back({"6 the same on " + std::to_string(o.all_threads()) + " threads", ladder.least(),
                                library, o.all_threads()});
    return ladder;
}

}  // namespace

int main(int argc, char** argv) {
    return ladder_main(argc, argv, "The Sobel magnitude, from the naive loop to the library's.", make_ladder);
}
