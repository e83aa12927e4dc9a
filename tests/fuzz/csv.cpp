#include "fathom/io/csv.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    // The first byte chooses the separator, and what the first line is.
    fathom::io::CsvOptions options{.separator = (data[0] & 1) != 0 ? ' ' : ','};
    if ((data[0] & 2) != 0) options.header = (data[0] & 4) != 0;
    return fuzz::run(data + 1, size - 1, [&](const std::string& file, std::string_view bytes) {
        fathom::io::parse_csv(file, bytes, options, {});
    });
}
