#include "fathom/io/inflate.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::run(data, size, [](const std::string& file, std::string_view bytes) {
        constexpr std::size_t most = 1 << 20;
        const fathom::io::Inflated whole = fathom::io::inflate(file, "data", bytes, most);
        // Half of it is the first half.
        const std::size_t half = whole.data.size() / 2;
        if (fathom::io::inflate(file, "data", bytes, half).data != whole.data.substr(0, half)) std::abort();
    });
}
