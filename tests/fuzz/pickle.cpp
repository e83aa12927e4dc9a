#include "fathom/io/pickle.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::run(data, size, [](const std::string& file, std::string_view bytes) {
        const fathom::io::Pickle pickle = fathom::io::read_pickle(file, bytes);
        for (const fathom::io::Pickle::Value& value : pickle.values) {
            fathom::io::describe(value);
            for (const fathom::io::Pickle::Handle item : value.items)
                if (item >= pickle.values.size()) std::abort();
        }
    });
}
