// Both forms, behind the choice that load() makes.
#include "fathom/io/pth.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

// The sum of all elements' bytes, so that each is read.
unsigned bytes_of(const fathom::StateDict& state) {
    unsigned sum = 0;
    std::string buffer;
    for (const auto& [name, tensor] : state)
        for (const char c : fathom::io::tensor_bytes(tensor, buffer, "fuzz", {})) sum += static_cast<unsigned char>(c);
    return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile memory({reinterpret_cast<const char*>(data), size});
    return fuzz::run(
        data, size, [](const std::string& file, std::string_view) { static_cast<void>(bytes_of(fathom::io::load(file, {}))); },
        memory.path());
}
