// A pickle in an archive that is in order, with checksums that are right: what a mutated archive seldom reaches.
#include "fathom/io/pth.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

template <class I>
std::string le(I value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

struct Entry {
    std::string name, content;
};

// Layout: PKWARE's APPNOTE.TXT, as tests/io/pth_writer.hpp has it.
std::string zip_of(const Entry (&entries)[2]) {
    std::string out, directory;
    for (const Entry& e : entries) {
        const auto size = le(static_cast<std::uint32_t>(e.content.size()));
        const std::string common = std::string(8, '\0') + le(fathom::io::crc32(e.content)) + size + size +
                                   le(static_cast<std::uint16_t>(e.name.size())) + std::string(2, '\0');
        directory += "PK\1\2" + le(std::uint16_t{20}) + le(std::uint16_t{20}) + common + std::string(10, '\0') +
                     le(static_cast<std::uint32_t>(out.size())) + e.name;
        out += "PK\3\4" + le(std::uint16_t{20}) + common + e.name + e.content;
    }
    const auto at = static_cast<std::uint32_t>(out.size());
    return out + directory + "PK\5\6" + std::string(4, '\0') + le(std::uint16_t{2}) + le(std::uint16_t{2}) +
           le(static_cast<std::uint32_t>(directory.size())) + le(at) + std::string(2, '\0');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string storage(64, '\1');
    const std::string pickle(reinterpret_cast<const char*>(data), size);
    return fuzz::run(data, size, [&](const std::string& file, std::string_view) {
        fathom::io::load_pth_zip(file, zip_of({{"a/data.pkl", pickle}, {"a/data/0", storage}}), {});
    });
}
