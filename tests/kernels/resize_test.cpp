#include "fathom/kernels/resize.hpp"

#include <cmath>
#include <limits>

#include "fathom/backend/cpu/resize.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

using kernels::Resampling;

// The matrix of a table, [outputs, inputs].
std::vector<double> dense(const Resampling& map) {
    std::vector<double> matrix(static_cast<std::size_t>(map.outputs() * map.inputs), 0);
    for (std::int64_t i = 0; i < map.outputs(); ++i)
        for (std::int64_t k = 0; k < map.count(i); ++k)
            matrix[static_cast<std::size_t>(i * map.inputs + map.first[static_cast<std::size_t>(i)] + k)] +=
                map.weights[static_cast<std::size_t>(map.begin[static_cast<std::size_t>(i)] + k)];
    return matrix;
}

std::vector<Resampling> tables(std::int64_t inputs) {
    std::vector<Resampling> all;
    for (std::int64_t outputs : {1, 2, 5, 9, 16}) {
        all.push_back(kernels::nearest(inputs, outputs));
        all.push_back(kernels::bilinear(inputs, outputs, false));
        all.push_back(kernels::bilinear(inputs, outputs, true));
        all.push_back(kernels::adaptive_averages(inputs, outputs));
    }
    all.push_back(kernels::averages({inputs, (inputs - 1) / 2 + 1, 3, 2, 1}));
    all.push_back(kernels::averages({inputs, (inputs - 1) / 3 + 1, 1, 3, 0}));
    return all;
}

template <class T>
kernels::Images<T> images_of(Array<T>& a, std::int64_t first_channel) {
    const abi::Array array = a.abi();
    kernels::Images<T> images = cpu::images<T>(array);
    images.data += first_channel;
    return images;
}

// x and y are the channels [2, 2 + channels) of wider images where `wide`.
template <class T>
void check(std::int64_t images, std::int64_t channels, const Resampling& rows, const Resampling& columns, bool wide,
           bool accumulate) {
    const std::int64_t all = channels + (wide ? 5 : 0), skip = wide ? 2 : 0;
    Array<T> x({images, all, rows.inputs, columns.inputs}, Layout::channels_last),
        y({images, all, rows.outputs(), columns.outputs()}, Layout::channels_last);
    x.random(1);
    y.fill([](std::int64_t i) { return i % 3; });
    const kernels::Images<T> from = images_of(x, skip);
    kernels::resize<T>(images, channels, rows, columns, {from.data, from.image, from.channel, from.row, from.pixel},
                       images_of(y, skip), accumulate);
    const std::vector<double> a = dense(rows), b = dense(columns);
    double worst = 0;
    for (std::int64_t i = 0; i < y.numel(); ++i) {
        const std::int64_t column = i % columns.outputs(), row = i / columns.outputs() % rows.outputs(),
                           c = i / columns.outputs() / rows.outputs() % all - skip,
                           n = i / columns.outputs() / rows.outputs() / all;
        double expected = accumulate || c < 0 || c >= channels ? static_cast<double>(i % 3) : 0;
        for (std::int64_t h = 0; h < rows.inputs && c >= 0 && c < channels; ++h)
            for (std::int64_t w = 0; w < columns.inputs; ++w)
                expected += a[static_cast<std::size_t>(row * rows.inputs + h)] *
                            b[static_cast<std::size_t>(column * columns.inputs + w)] *
                            static_cast<double>(x[((n * all + c + skip) * rows.inputs + h) * columns.inputs + w]);
        worst = std::max(worst, std::abs(static_cast<double>(y[i]) - expected));
    }
    CHECK(worst <= 100 * static_cast<double>(std::numeric_limits<T>::epsilon()));
    CHECK(y.guards_hold());
}

template <class T>
void check_resize() {
    for_each_isa([] {
        std::int64_t round = 0;
        for (std::int64_t inputs : {1, 2, 7, 12})
            for (const Resampling& map : tables(inputs)) {
                const Resampling back = transposed(map);
                for (const Resampling* rows : {&map, &back}) {
                    const std::int64_t channels[] = {1, 3, 9, 16, 21, 8};
                    ++round;
                    check<T>(2, channels[round % 6], *rows, kernels::bilinear(5, 8, false), round % 2 == 0,
                             round % 3 == 0);
                    check<T>(1, channels[(round + 3) % 6], kernels::bilinear(3, 2, true), *rows, round % 2 == 1,
                             round % 3 == 1);
                }
            }
        check<T>(1, 130, kernels::nearest(2, 3), kernels::bilinear(70, 41, false), false, false);  // several tiles
        check<T>(1, 130, kernels::nearest(2, 3), transposed(kernels::bilinear(41, 70, true)), true, true);
        check<T>(0, 3, kernels::nearest(2, 3), kernels::nearest(2, 3), false, false);
    });
}

}  // namespace

TEST_CASE("kernels/resize: a transposed table is the transposed matrix, and the weights of an output sum to 1") {
    for (std::int64_t inputs : {1, 2, 5, 8})
        for (const Resampling& map : tables(inputs)) {
            const Resampling back = transposed(map);
            const std::vector<double> a = dense(map), b = dense(back);
            REQUIRE(back.outputs() == map.inputs);
            for (std::int64_t i = 0; i < map.outputs(); ++i)
                for (std::int64_t k = 0; k < inputs; ++k)
                    CHECK(a[static_cast<std::size_t>(i * inputs + k)] ==
                          b[static_cast<std::size_t>(k * map.outputs() + i)]);
        }
    for (bool corners : {false, true}) {
        const Resampling map = kernels::bilinear(7, 12, corners);
        for (std::int64_t i = 0; i < 12; ++i) {
            double sum = 0;
            for (std::int64_t k = 0; k < map.count(i); ++k)
                sum += map.weights[static_cast<std::size_t>(map.begin[static_cast<std::size_t>(i)] + k)];
            CHECK(sum == 1);
        }
    }
}

TEST_CASE("kernels/resize: pixels that lie on the old ones come from them alone") {
    const Resampling corners = kernels::bilinear(4, 10, true), same = kernels::bilinear(6, 6, false);
    for (std::int64_t i = 0; i < 4; ++i) {
        CHECK(corners.count(3 * i) == 1);
        CHECK(corners.first[static_cast<std::size_t>(3 * i)] == i);
    }
    for (std::int64_t i = 0; i < 6; ++i) CHECK(same.count(i) == 1);
    CHECK(kernels::bilinear(5, 1, true).first[0] == 0);
    CHECK(kernels::bilinear(5, 1, false).first[0] == 2);
}

TEST_CASE("kernels/resize: weighted sums against plain loops, every ISA, table and number of channels") {
    check_resize<float>();
    check_resize<double>();
}

TEST_CASE("kernels/resize: one and two threads give the same bits") {
    Array<float> x({2, 9, 30, 41}, Layout::channels_last), one({2, 9, 61, 90}, Layout::channels_last),
        two({2, 9, 61, 90}, Layout::channels_last);
    x.random(1);
    abi::ResizeArgs args{};
    args.mode = Interpolation::bilinear;
    args.x = x.abi();
    const auto run = [&](Array<float>& y, int threads) {
        Threads scope(threads);
        args.y = y.abi();
        cpu::resize<float>(call(), args);
    };
    run(one, 1), run(two, 2);
    CHECK(one.same_bits(two));
}

}  // namespace fathom::tests
