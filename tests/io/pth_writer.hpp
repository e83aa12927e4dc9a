// A tiny writer of .pth files, byte by byte, so that the tests can write wrong ones too.
#pragma once

#include "fathom/io/zip.hpp"
#include "tests/io/support.hpp"

namespace io_test {

inline const std::string k0("K\0", 2);  // the number 0, pickled

inline std::string pickled(const std::string& text) { return "X" + le(static_cast<std::uint32_t>(text.size())) + text; }
inline std::string pickled(std::int64_t value) { return "\x8a\x08" + le(value); }
inline std::string pickled(const std::vector<std::int64_t>& values) {
    std::string items;
    for (const std::int64_t value : values) items += pickled(value);
    return "(" + items + "t";
}

struct PthTensor {
    std::string name, type, key;
    std::int64_t numel = 0, offset = 0;  // numel: of the storage
    std::vector<std::int64_t> shape, strides;
};

inline std::string pickled_tensor(const PthTensor& t, bool legacy) {
    const std::string storage = "(" + pickled("storage") + "ctorch\n" + t.type + "\n" + pickled(t.key) +
                                pickled("cpu") + pickled(t.numel) + (legacy ? "N" : "") + "tQ";
    return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + pickled(t.offset) + pickled(t.shape) +
           pickled(t.strides) + "\x89" + "ccollections\nOrderedDict\n)RtR";
}

// The items of a dict: name, tensor, ...
inline std::string pickled_items(const std::vector<PthTensor>& tensors, bool legacy = false) {
    std::string items;
    for (const PthTensor& t : tensors) items += pickled(t.name) + pickled_tensor(t, legacy);
    return items;
}

// A pickle of an OrderedDict with these items.
inline std::string pickled_dict(const std::string& items) {
    return "\x80\x02"
           "ccollections\nOrderedDict\n)R(" +
           items + "u.";
}

struct ZipFile {
    std::string name, content;
    std::uint16_t method = 0, flags = 0;
    bool zip64 = false;
    std::uint32_t crc_error = 0;
    std::string unpacked = {};  // what a compressed content stands for
};

// Offsets of the fields are those of PKWARE's APPNOTE.TXT.
inline std::string make_zip(const std::vector<ZipFile>& files, bool zip64_end = false,
                            const std::string& comment = "") {
    std::string out, directory;
    const auto u16 = [](std::size_t v) { return le(static_cast<std::uint16_t>(v)); };
    const auto u32 = [](std::size_t v) { return le(static_cast<std::uint32_t>(v)); };
    for (const ZipFile& f : files) {
        const std::size_t header = out.size(), size = f.content.size();
        const std::string& plain = f.unpacked.empty() ? f.content : f.unpacked;
        const std::string crc = le(fathom::io::crc32(plain) ^ f.crc_error);
        const std::string sizes = f.zip64 ? std::string(8, '\xff') : u32(size) + u32(plain.size());
        out += "PK\3\4" + u16(20) + u16(f.flags) + u16(f.method) + u32(0) + crc + sizes + u16(f.name.size()) + u16(7) +
               f.name + std::string("FB\3\0ZZZ", 7) + f.content;
        const std::string extra = f.zip64 ? "xx" + u16(1) + "y" + u16(1) + u16(24) + le<std::uint64_t>(size) +
                                                le<std::uint64_t>(size) + le<std::uint64_t>(header)
                                          : "";
        directory += "PK\1\2" + u16(20) + u16(20) + u16(f.flags) + u16(f.method) + u32(0) + crc + sizes +
                     u16(f.name.size()) + u16(extra.size()) + u16(0) + u16(0) + u16(0) + u32(0) +
                     (f.zip64 ? std::string(4, '\xff') : u32(header)) + f.name + extra;
    }
    const std::size_t at = out.size();
    out += directory;
    if (zip64_end) {
        const std::size_t end = out.size();
        out += "PK\6\6" + le<std::uint64_t>(44) + u16(45) + u16(45) + u32(0) + u32(0) +
               le<std::uint64_t>(files.size()) + le<std::uint64_t>(files.size()) + le<std::uint64_t>(directory.size()) +
               le<std::uint64_t>(at);
        out += "PK\6\7" + u32(0) + le<std::uint64_t>(end) + u32(1);
        out += "PK\5\6" + u16(0) + u16(0) + std::string(4, '\xff') + std::string(8, '\xff') + u16(comment.size()) +
               comment;
    } else {
        out += "PK\5\6" + u16(0) + u16(0) + u16(files.size()) + u16(files.size()) + u32(directory.size()) + u32(at) +
               u16(comment.size()) + comment;
    }
    return out;
}

struct PthData {
    std::string key, bytes;
};

inline std::string make_pth_zip(const std::string& pickle, const std::vector<PthData>& data) {
    std::vector<ZipFile> files = {{"net/data.pkl", pickle}, {"net/byteorder", "little"}};
    for (const PthData& d : data) files.push_back({"net/data/" + d.key, d.bytes});
    files.push_back({"net/version", "3\n"});
    return make_zip(files);
}

inline std::string make_pth_legacy(const std::string& pickle, const std::vector<PthData>& data, std::size_t width) {
    std::string out = std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.") + "\x80\x02M\xe9\x03." +
                      "\x80\x02}(" + pickled("protocol_version") + "M\xe9\x03" + pickled("little_endian") + "\x88u." +
                      pickle + "\x80\x02](";
    for (const PthData& d : data) out += pickled(d.key);
    out += "e.";
    for (const PthData& d : data) out += le<std::int64_t>(static_cast<std::int64_t>(d.bytes.size() / width)) + d.bytes;
    return out;
}

inline std::string floats(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

// The storage "0" of six floats.
inline const std::vector<PthData> six = {{"0", floats({1, 2, 3, 4, 5, 6})}};

}  // namespace io_test
