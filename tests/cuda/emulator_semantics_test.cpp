// Kernels on the emulator against what a GPU computes: blocks, grids, shared memory, warps, atomics.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>

#include "tests/cuda/kernels.hpp"
#include "tests/cuda/support.hpp"

namespace test = device::test;

TEST_CASE("cuda/emulator: every thread of grids and blocks of one to three dimensions runs once") {
    const std::pair<device::Dim3, device::Dim3> shapes[] = {
        {1, 1}, {3, 33}, {{2, 3}, {5, 7}}, {{2, 3, 4}, {4, 3, 2}}, {{1, 1, 5}, {1, 1, 64}}, {2, 1024}};
    for (const auto& [grid, block] : shapes) {
        const auto count = static_cast<std::size_t>(grid.x * grid.y * grid.z * block.x * block.y * block.z);
        DeviceArray<int> out(count);
        succeed(test::fill_indices(out.data(), grid, block));
        std::vector<int> expected(count);
        std::iota(expected.begin(), expected.end(), 0);
        CHECK(out.values() == expected);
    }
}

TEST_CASE("cuda/emulator: a block's sum by shuffles and shared memory") {
    for (int block : {32, 64, 256, 1024})
        for (int n : {1, block - 1, block, block + 1, 5 * block + 3}) {
            std::vector<float> in(static_cast<std::size_t>(n));
            for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i % 17) - 3;
            const int blocks = (n + block - 1) / block;
            DeviceArray<float> device_in(in), out(static_cast<std::size_t>(blocks));
            succeed(test::block_sum(device_in.data(), out.data(), n, block));
            const auto sums = out.values();
            for (int b = 0; b < blocks; ++b) {
                float sum = 0;
                for (int i = b * block; i < std::min(n, (b + 1) * block); ++i) sum += in[static_cast<std::size_t>(i)];
                CHECK(sums[static_cast<std::size_t>(b)] == sum);
            }
        }
}

TEST_CASE("cuda/emulator: static and dynamic shared memory") {
    for (int columns : {1, 31, 33, 1000}) {
        std::vector<int> in(static_cast<std::size_t>(columns) * 3), expected;
        std::iota(in.begin(), in.end(), 5);
        for (auto row = in.begin(); row != in.end(); row += columns)
            expected.insert(expected.end(), std::reverse_iterator(row + columns), std::reverse_iterator(row));
        DeviceArray<int> device_in(in), out(in.size());
        succeed(test::reverse_rows(device_in.data(), out.data(), 3, columns));
        CHECK(out.values() == expected);
    }
    const int rows = 37, columns = 50;
    std::vector<float> in(rows * columns), expected(in.size());
    std::iota(in.begin(), in.end(), 0.5f);
    for (int y = 0; y < rows; ++y)
        for (int x = 0; x < columns; ++x)
            expected[static_cast<std::size_t>(x * rows + y)] = in[static_cast<std::size_t>(y * columns + x)];
    DeviceArray<float> device_in(in), out(in.size());
    succeed(test::transpose(device_in.data(), out.data(), rows, columns));
    CHECK(out.values() == expected);

    DeviceArray<int> ones(64);
    succeed(test::big_shared(227 * 1024, ones.data()));
    CHECK(ones.values() == std::vector<int>(64, 1));
}

TEST_CASE("cuda/emulator: barriers that count, and threads that return early") {
    for (int ones : {0, 1, 70}) {
        std::vector<int> in(70, 0);
        std::fill_n(in.begin(), ones, 1);
        DeviceArray<int> device_in(in), out(3);
        succeed(test::count_votes(device_in.data(), out.data(), 70));
        CHECK(out.values() == std::vector<int>{ones, ones > 0, ones == 70});
    }
    DeviceArray<int> out(77);
    succeed(test::early_return(out.data(), 77, 32));
    CHECK(out.values()[76] == 76 * 76);
}

TEST_CASE("cuda/emulator: shuffles, also in partial warps") {
    for (int block : {32, 48, 72, 8}) {
        DeviceArray<int> out(static_cast<std::size_t>(block) * 6);
        succeed(test::shuffles(out.data(), block));
        const auto values = out.values();
        for (int i = 0; i < block; ++i) {
            const int lane = i % 32, warp = i - lane, lanes = std::min(32, block - warp);
            const int* mine = values.data() + i * 6;
            CAPTURE(block);
            CAPTURE(i);
            const auto of = [&](int source) { return 100 + warp + source; };
            CHECK(mine[0] == of(lanes - 1));
            CHECK(mine[1] == of(lane ? lane - 1 : 0));
            CHECK(mine[2] == of(lane % 8 < 6 ? lane + 2 : lane));
            CHECK(mine[3] == of(lane ^ 1));
            CHECK(mine[4] == of(lane / 4 * 4 + 1));
            int sum = 0;
            for (int k = 0; k < 50; ++k) sum += of(k % lanes) + k;
            CHECK(mine[5] == sum);
        }
    }
    DeviceArray<double> wide(32);
    succeed(test::wide_shuffles(wide.data()));
    CHECK(wide.values()[3] == 1.0 / 29.0);
}

TEST_CASE("cuda/emulator: votes, masks, and order within a warp") {
    for (int block : {32, 40}) {
        DeviceArray<unsigned> out(static_cast<std::size_t>(block) * 3);
        succeed(test::votes(out.data(), block));
        const auto values = out.values();
        CHECK(values[0] == 0xaaaaaaaau);
        CHECK(values[1] == 1);
        CHECK(values[2] == 1);
        if (block == 40) CHECK(std::vector(values.end() - 3, values.end()) == std::vector<unsigned>{0xaau, 1, 0});
    }
    DeviceArray<int> halves(32);
    succeed(test::half_warps(halves.data()));
    for (int i = 0; i < 32; ++i)
        CHECK(halves.values()[static_cast<std::size_t>(i)] == (i < 16 ? i / 4 * 16 + 6 : 47 - i));
    DeviceArray<int> line(64);
    succeed(test::warp_neighbours(line.data()));
    for (int i = 0; i < 64; ++i) CHECK(line.values()[static_cast<std::size_t>(i)] == i * 3);
}

TEST_CASE("cuda/emulator: the matrix instruction multiplies") {
    std::vector<std::uint16_t> a(16 * 16), b(16 * 8);
    std::vector<float> fa(a.size()), fb(b.size()), c(16 * 8);
    const auto fill = [](std::vector<std::uint16_t>& bits, std::vector<float>& values, int step) {
        for (std::size_t i = 0; i < bits.size(); ++i) {
            values[i] = static_cast<float>(static_cast<int>(i) * step % 31 - 15) / 4;
            bits[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(values[i]) >> 16);
        }
    };
    fill(a, fa, 7);
    fill(b, fb, 11);
    std::iota(c.begin(), c.end(), -20.0f);
    DeviceArray<std::uint16_t> da(a), db(b);
    DeviceArray<float> dc(c), d(c.size());
    succeed(test::mma(da.data(), db.data(), dc.data(), d.data()));
    const auto result = d.values();
    for (std::size_t row = 0; row < 16; ++row)
        for (std::size_t column = 0; column < 8; ++column) {
            float sum = c[row * 8 + column];
            for (std::size_t k = 0; k < 16; ++k) sum += fa[row * 16 + k] * fb[k * 8 + column];
            CHECK(result[row * 8 + column] == sum);
        }
}

TEST_CASE("cuda/emulator: atomics") {
    DeviceArray<test::AtomicResults> out(1);
    out.zero();
    const int n = 40 * 96;
    succeed(test::atomics(out.data(), 40, 96));
    const auto r = out.values()[0];
    CHECK(r.sum == n * (n - 1) / 2);
    CHECK(r.wrapped == static_cast<unsigned>(n) * 0x80000001u);
    CHECK(r.wide == (static_cast<unsigned long long>(n) << 33));
    CHECK(r.real == static_cast<float>(n) / 2);
    CHECK(r.precise == n * 0.25);
    CHECK(r.largest == n - 1);
    CHECK(r.smallest == 1 - n);
    CHECK(r.swapped == -1);

    std::vector<float> in(50);
    std::iota(in.begin(), in.end(), 0.0f);
    DeviceArray<float> device_in(in), partial(50), sum(1);
    DeviceArray<unsigned> ticket(1);
    ticket.zero();
    succeed(test::last_block_sum(device_in.data(), partial.data(), ticket.data(), sum.data(), 50));
    CHECK(sum.values()[0] == 49.0f * 50.0f);
}

TEST_CASE("cuda/emulator: cp.async lands when it is waited for") {
    for (int tiles : {1, 2, 3, 9}) {
        std::vector<float> in(static_cast<std::size_t>(tiles) * 32);
        std::iota(in.begin(), in.end(), 1.0f);
        DeviceArray<float> device_in(in), out(in.size());
        succeed(test::pipeline(device_in.data(), out.data(), tiles));
        const auto values = out.values();
        for (std::size_t i = 0; i < in.size(); ++i) CHECK(values[i] == in[i / 32 * 32 + 31 - i % 32]);
    }
    DeviceArray<float> in(std::vector<float>{1, 2, 3, 4}), out(4);
    succeed(test::zero_filled(in.data(), out.data()));
    CHECK(out.values() == std::vector<float>{1, 2, 0, 0});
}
