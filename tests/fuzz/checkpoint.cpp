#include "fathom/io/checkpoint.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile memory({reinterpret_cast<const char*>(data), size});
    return fuzz::run(
        data, size,
        [](const std::string& file, std::string_view) {
            const fathom::io::ReadCheckpoint read = fathom::io::read_checkpoint(file, {});
            if (!read.problem.empty()) throw fathom::Error(read.problem);
        },
        memory.path());
}
