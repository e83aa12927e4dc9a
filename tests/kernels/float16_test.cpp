// Two bytes and float, both ways: on every ISA the bits of the class (core/float16.hpp), and nothing beyond the end.
#include "fathom/kernels/float16.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/dtypes.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

template <class T>
constexpr int fraction_bits() {
    return std::numeric_limits<T>::digits - 1;
}

// Each value of T, the middle to the next one, and their neighbours; with both signs.
template <class T>
std::vector<float> floats_around() {
    std::vector<float> all;
    const auto add = [&](float x) {
        for (const float y : {x, std::nextafter(x, 0.0f), std::nextafter(x, std::numeric_limits<float>::infinity())})
            all.push_back(y), all.push_back(-y);
    };
    const int infinity = std::numeric_limits<T>::infinity().bits();
    for (int code = 0; code < infinity; ++code) {
        const float x = T::from_bits(static_cast<std::uint16_t>(code)),
                    next = T::from_bits(static_cast<std::uint16_t>(code + 1));
        add(x);
        add(code + 1 < infinity
                ? x + (next - x) / 2
                : static_cast<float>(static_cast<double>(x) + std::ldexp(1.0, std::ilogb(x) - fraction_bits<T>() - 1)));
    }
    for (const std::uint32_t bits : {0x7f800000u, 0x7f800001u, 0x7fc00000u, 0x7fffffffu, 0xff800001u, 0xffc12345u,
                                     0x00000001u, 0x807fffffu, 0x7f7fffffu})
        all.push_back(std::bit_cast<float>(bits));
    return all;
}

}  // namespace

TEST_CASE("kernels/float16: every value becomes the float that the class makes of it") {
    for_each_stored([]<class T>(Type<T>) {
        std::vector<std::uint16_t> codes(65536);
        for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint16_t>(i);
        for_each_isa([&] {
            std::vector<float> wide(codes.size());
            kernels::widen(dtype_of<T>, codes.data(), wide.data(), 65536);
            int wrong = 0;
            for (std::size_t i = 0; i < codes.size(); ++i) {
                const float expected = T::from_bits(codes[i]);
                wrong += std::bit_cast<std::uint32_t>(wide[i]) != std::bit_cast<std::uint32_t>(expected);
            }
            CHECK(wrong == 0);
        });
    });
}

TEST_CASE("kernels/float16: a float is rounded as by the class: ties to even, subnormals, infinity, NaN") {
    for_each_stored([]<class T>(Type<T>) {
        const std::vector<float> values = floats_around<T>();
        std::vector<std::uint16_t> expected;
        for (const float x : values) expected.push_back(T(x).bits());
        for_each_isa([&] {
            std::vector<std::uint16_t> codes(values.size());
            kernels::narrow(dtype_of<T>, values.data(), codes.data(), static_cast<std::int64_t>(values.size()));
            CHECK(codes == expected);
        });
    });
}

TEST_CASE("kernels/float16: any length, any address, and no element more") {
    for_each_stored([]<class T>(Type<T>) {
        for_each_isa([] {
            for (std::int64_t n = 0; n < 40; ++n) {
                std::vector<std::uint16_t> codes(static_cast<std::size_t>(n) + 2, 7), back = codes;
                std::vector<float> wide(codes.size(), -1);
                for (std::int64_t i = 0; i < n; ++i)
                    codes[static_cast<std::size_t>(i + 1)] = T(static_cast<float>(i) - 7.5f).bits();
                kernels::widen(dtype_of<T>, codes.data() + 1, wide.data() + 1, n);
                CHECK(wide.front() == -1);
                CHECK(wide.back() == -1);
                for (std::int64_t i = 0; i < n; ++i)
                    CHECK(wide[static_cast<std::size_t>(i + 1)] == static_cast<float>(i) - 7.5f);
                kernels::narrow(dtype_of<T>, wide.data() + 1, back.data() + 1, n);
                CHECK(back == codes);
            }
        });
    });
}

}  // namespace fathom::tests
