// Puts a fault into words: kernel, block, thread, source line. Places are looked up by addr2line, where it is
// installed; otherwise they are addresses in the program.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "cuda/emulator/block.hpp"
#include "fathom/core/error.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail {

namespace {

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

// What addr2line says about an address of the program: function and "file:line". Empty strings when it says nothing.
struct Place {
    std::string function, line, address;
};
Place find_place(const void* pc) {
    Place place;
    Dl_info info{};
    if (!dladdr(pc, &info) || !info.dli_fname) return place;
    // Programs that are not position-independent have their addresses as they are.
    const auto* header = static_cast<const unsigned char*>(info.dli_fbase);
    const bool movable = header[16] == 3;  // e_type ET_DYN
    const auto offset = reinterpret_cast<std::uintptr_t>(pc) - (movable ? reinterpret_cast<std::uintptr_t>(header) : 0);
    char number[32];
    std::snprintf(number, sizeof number, "%#zx", static_cast<std::size_t>(offset));
    place.address = join({file_name(info.dli_fname), "+", number});
    std::string path = info.dli_fname;
    if (path.find('/') == std::string::npos || path.find('\'') != std::string::npos) path = "/proc/self/exe";
    // popen's shell is another process: its /proc/self would be itself.
    if (path == "/proc/self/exe") {
        char buffer[4096];
        const auto length = readlink("/proc/self/exe", buffer, sizeof buffer);
        if (length > 0) path.assign(buffer, static_cast<std::size_t>(length));
    }
    FILE* tool = popen(join({"addr2line -C -f -i -e '", path, "' ", number, " 2>/dev/null"}).c_str(), "r");
    if (!tool) return place;
    std::string text;
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, tool)) text += buffer;
    pclose(tool);
    // Function and place by turns, the innermost inlined function first. What the emulator inlines is not the kernel's.
    for (std::size_t at = 0; at < text.size();) {
        const auto middle = text.find('\n', at), end = text.find('\n', middle + 1);
        if (middle == std::string::npos || end == std::string::npos) break;
        const std::string path_and_line = text.substr(middle + 1, end - middle - 1);
        place.function = text.substr(at, middle - at);
        place.line = file_name(path_and_line.substr(0, path_and_line.find(" (")));
        if (path_and_line.find("/cuda/emulator/") == std::string::npos) break;
        at = end + 1;
    }
    if (place.function.find("??") == 0) place.function.clear();
    const auto number_at = place.line.find_last_of(':') + 1;
    if (number_at == 0 || place.line.find_first_not_of('0', number_at) == std::string::npos ||
        place.line[number_at] == '?')
        place.line.clear();
    return place;
}

std::string line_of(const void* return_address) {
    const Place place = find_place(static_cast<const char*>(return_address) - 1);
    if (!place.line.empty()) return place.line;
    if (place.address.empty()) return "an unknown place";
    return place.function.empty() ? place.address : join({place.function, " (", place.address, ")"});
}

// "fathom::v0::emulator::softmax(float const*, int)" to "softmax".
std::string plain_name(const std::string& function) {
    std::string name = function;
    const std::string unnamed = "(anonymous namespace)::";
    for (std::size_t at; (at = name.find(unnamed)) != std::string::npos;) name.erase(at, unnamed.size());
    name = name.substr(0, name.find('('));
    name = name.substr(0, name.find('<'));
    if (const auto space = name.find_last_of(' '); space != std::string::npos) name = name.substr(space + 1);
    if (const auto colon = name.find_last_of(':'); colon != std::string::npos) name = name.substr(colon + 1);
    return name;
}

}  // namespace

std::string index_text(uint3 index) { return join({"(", index.x, ",", index.y, ",", index.z, ")"}); }

std::string describe(const Worker& w, const Launch& launch, uint3 block) {
    const Fault& fault = w.fault;
    const Place kernel = find_place(launch.kernel.function);
    std::string text = launch.operation;
    text += ": ";
    if (const std::string name = plain_name(kernel.function); !name.empty()) text += join({"kernel ", name, ", "});
    text += join({"block ", index_text(block), ", thread ", index_text(w.thread->index), ", "});
    if (fault.pc)
        text += join({"at ", line_of(fault.pc), ": "});
    else if (fault.site.line)
        text += join({"at ", fault.site.file ? file_name(fault.site.file) : "line", ":", fault.site.line, ": "});
    text += fault.what;
    if (!fault.other.empty()) {
        std::string other = fault.other;
        if (const auto at = other.find("%s"); at != std::string::npos)
            other.replace(at, 2, fault.other_pc ? line_of(fault.other_pc) : "an unknown place");
        text += join({"; ", other});
    }
    return text;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::detail
