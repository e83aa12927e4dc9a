#include "fathom/io/idx.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::run(data, size,
                     [](const std::string& file, std::string_view bytes) { fathom::io::parse_idx(file, bytes, {}); });
}
