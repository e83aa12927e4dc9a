// Definitions of npy.hpp.
#include <algorithm>
#include <cstring>

#include "fathom/core/order.hpp"
#include "fathom/io/tensor_bytes.hpp"
#include "fathom/io/text.hpp"
#include "fathom/io/zip_writer.hpp"
#include "fathom/tensor/runs.hpp"

namespace fathom::inline v0::io {

// NumPy's letter and size of a dtype; bfloat16 has none.
FATHOM_INLINE std::string npy_type(DType dtype) {
    if (dtype == DType::bfloat16) return {};
    const char kind = dtype == DType::boolean ? 'b' : dtype == DType::uint8 ? 'u' : is_floating(dtype) ? 'f' : 'i';
    return join({std::string(1, kind), size_of(dtype)});
}

struct NpyHeader {
    DType dtype = DType::float32;
    Shape shape;
    bool big_endian = false, column_major = false;
    std::size_t data_offset = 0;
};

// The dict of Python's that describes an array: {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }.
class NpyDict {
public:
    NpyDict(const std::string& file, std::string_view text, std::size_t offset)
        : file_(file), text_(text), offset_(offset) {}

    NpyHeader read() {
        NpyHeader header;
        bool descr = false, order = false, shape = false;
        expect('{');
        while (!take('}')) {
            const std::string_view key = string();
            expect(':');
            if (key == "descr") {
                read_type(header), descr = true;
            } else if (key == "fortran_order") {
                header.column_major = boolean(), order = true;
            } else if (key == "shape") {
                read_shape(header.shape), shape = true;
            } else {
                refuse({"the unknown key ", io::quoted(key)});
            }
            if (!take(',') && next() != '}') refuse({"expected , or }"});
        }
        if (next() != '\0' || at_ != text_.size()) refuse({"expected nothing behind the dict"});
        if (!descr || !order || !shape)
            refuse({"the dict has no ", !descr ? "descr" : !order ? "fortran_order" : "shape"});
        return header;
    }

private:
    [[noreturn]] void refuse(Parts parts) const {
        fail_file(file_, {"npy: header: ", join(parts), " at byte ", offset_ + at_});
    }
    // The next byte that is no space; 0 at the end.
    char next() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    bool take(char c) {
        if (next() != c || at_ == text_.size()) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!take(c)) refuse({"expected ", std::string(1, c)});
    }
    std::string_view string() {
        const char quote = next();
        if (quote != '\'' && quote != '"') refuse({"expected a string"});
        const std::size_t begin = ++at_, end = text_.find(quote, begin);
        if (end == std::string_view::npos) refuse({"a string without its end"});
        at_ = end + 1;
        return text_.substr(begin, end - begin);
    }
    bool boolean() {
        next();
        for (const std::string_view word : {"True", "False"})
            if (text_.substr(at_).starts_with(word)) {
                at_ += word.size();
                return word.size() == 4;
            }
        refuse({"expected True or False"});
    }
    void read_type(NpyHeader& header) {
        if (next() == '[') refuse({"an array of structures, expected one of numbers"});
        const std::string_view type = string();
        std::string expected;
        for (const DTypeNames& d : dtype_names) {
            const std::string name = npy_type(d.dtype);
            if (name.empty()) continue;
            expected += " " + name;
            const char order = type.empty() ? ' ' : type[0];
            const bool ordered = order == '<' || order == '>' || order == '|' || order == '=';
            if (type.substr(ordered ? 1 : 0) != name) continue;
            header.dtype = d.dtype, header.big_endian = order == '>';
            return;
        }
        refuse({"dtype ", io::quoted(type), ", expected one of", expected});
    }
    void read_shape(Shape& shape) {
        expect('(');
        while (!take(')')) {
            if (shape.rank() == max_rank) refuse({"more than ", max_rank, " dimensions"});
            std::int64_t size = 0;
            const std::size_t begin = (next(), at_);
            for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
                if (__builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, text_[at_] - '0', &size))
                    refuse({"a size beyond 2^63 - 1"});
            if (at_ == begin) refuse({"expected a size"});
            take('L');  // Python 2's
            shape.push_back(size);
            if (!take(',') && next() != ')') refuse({"expected , or )"});
        }
    }

    const std::string& file_;
    std::string_view text_;
    std::size_t offset_, at_ = 0;
};

FATHOM_INLINE NpyHeader read_npy_header(const std::string& file, std::string_view bytes) {
    constexpr std::string_view magic("\x93NUMPY", 6);
    if (bytes.size() < 10 || !bytes.starts_with(magic))
        fail_file(file, {"npy: no array: the first bytes are not \\x93NUMPY and a version"});
    const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(bytes[i])}; };
    const std::size_t version = byte(6);
    if (version < 1 || version > 3) fail_file(file, {"npy: version ", version, ", expected 1, 2 or 3"});
    const std::size_t start = version == 1 ? 10 : 12;
    if (bytes.size() < start) fail_file(file, {"npy: the file ends in its header"});
    std::size_t length = byte(8) | byte(9) << 8;
    if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
    if (length > bytes.size() - start)
        fail_file(file,
                  {"npy: header of ", length, " bytes at byte ", start, ", but ", bytes.size() - start, " follow"});
    NpyHeader header = NpyDict(file, bytes.substr(start, length), start).read();
    header.data_offset = start + length;
    return header;
}

// Each element's bytes the other way round.
FATHOM_INLINE void swap_bytes(std::string& data, std::size_t width) {
    for (std::size_t i = 0; i + width <= data.size(); i += width)
        std::reverse(data.data() + i, data.data() + i + width);
}

// Elements of `width` bytes that lie column by column, row by row.
FATHOM_INLINE std::string row_major_bytes(std::string_view data, const Shape& shape, std::size_t width) {
    Shape strides;
    std::int64_t step = 1;
    for (const std::int64_t size : shape) strides.push_back(step), step *= size;
    std::string out(data.size(), '\0');
    char* to = out.data();
    detail::for_each_run<1>(shape, {&strides}, [&](const auto& offsets, const auto& steps, std::int64_t n) {
        for (std::int64_t i = 0; i < n; ++i, to += width)
            std::memcpy(to, data.data() + static_cast<std::size_t>(offsets[0] + i * steps[0]) * width, width);
    });
    return out;
}

FATHOM_INLINE AnyTensor parse_npy(const std::string& file, std::string_view bytes, Where site) {
    const NpyHeader header = read_npy_header(file, bytes);
    std::string_view data = bytes.substr(header.data_offset);
    const std::int64_t expected = dense_bytes(header.shape, header.dtype);
    if (expected < 0 || static_cast<std::size_t>(expected) != data.size())
        fail_file(file, {"npy: ", data.size(), " bytes of data at byte ", header.data_offset, ", which are not the ",
                         header.dtype, " ", header.shape, " of the header"});
    const std::size_t width = size_of(header.dtype);
    std::string turned;
    if (header.column_major && header.shape.rank() > 1 && !data.empty())
        data = turned = row_major_bytes(data, header.shape, width);
    if (header.big_endian && width > 1) {
        if (turned.empty()) turned = data;
        swap_bytes(turned, width);
        data = turned;
    }
    return tensor_from_bytes(data.data(), header.shape, header.dtype, "load_npy", site);
}

FATHOM_INLINE AnyTensor load_npy(const std::string& path, Where site) {
    const MappedFile file(path);
    return parse_npy(path, file.bytes(), site);
}

// Version 1, padded so that the data are aligned as NumPy has them.
FATHOM_INLINE std::string npy_header(const AnyTensor& tensor, const std::string& path, const char* operation,
                                     Where site) {
    if (!tensor.defined()) fail(operation, site, {path, ": an undefined tensor"});
    const std::string type = npy_type(tensor.dtype());
    if (type.empty())
        fail(operation, site, {path, ": NumPy has no ", tensor.dtype(), "; convert the tensor first, to<float>()"});
    std::string sizes;
    for (const std::int64_t size : tensor.shape()) sizes += join({size, ", "});
    if (tensor.rank() > 1) sizes.resize(sizes.size() - 2);
    if (tensor.rank() == 1) sizes.resize(sizes.size() - 1);
    std::string dict = join({"{'descr': '", size_of(tensor.dtype()) == 1 ? "|" : "<", type,
                             "', 'fortran_order': False, 'shape': (", sizes, "), }"});
    constexpr std::size_t alignment = 64, before = 10;
    dict.append(alignment - 1 - (before + dict.size()) % alignment, ' ').append("\n");
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(dict.size() & 255), out += static_cast<char>(dict.size() >> 8);
    return out += dict;
}

FATHOM_INLINE void save_npy(const std::string& path, const AnyTensor& tensor, Where site) {
    std::string buffer;
    const std::string header = npy_header(tensor, path, "save_npy", site);
    AtomicWriter writer(path);
    writer.write(header);
    writer.write(tensor_bytes(tensor, buffer, "save_npy", site));
    writer.commit();
}

FATHOM_INLINE StateDict parse_npz(const std::string& file, std::string_view bytes, Where site) {
    constexpr std::string_view ending = ".npy";
    const detail::List<ZipEntry> entries = read_zip(file, bytes);
    StateDict state;
    for (const std::size_t i : detail::sorted_order(
             entries.size(), [&](std::size_t a, std::size_t b) { return entries[a].offset < entries[b].offset; })) {
        const std::string name(entries[i].name);
        if (!name.ends_with(ending)) {
            state.notes.push_back(join({io::quoted(name), " is no array and was left out"}));
            continue;
        }
        std::string buffer;
        const std::string_view content = unpacked(file, entries[i], buffer);
        state.add(name.substr(0, name.size() - ending.size()),
                  parse_npy(file + ": " + io::quoted(name), content, site));
    }
    return state;
}

FATHOM_INLINE StateDict load_npz(const std::string& path, Where site) {
    const MappedFile file(path);
    return parse_npz(path, file.bytes(), site);
}

FATHOM_INLINE void save_npz(const std::string& path, const StateDict& state, Where site) {
    constexpr const char* operation = "save_npz";
    detail::List<std::string> headers;
    for (const auto& [name, tensor] : state) {
        if (name.empty() || name.size() > 60000 || !is_utf8(name))
            fail(operation, site, {path, ": the name ", io::quoted(name), ", expected UTF-8 of 1 to 60000 bytes"});
        headers.push_back(npy_header(tensor, path, operation, site));
    }
    const auto order = detail::sorted_order(
        state.size(), [&](std::size_t a, std::size_t b) { return state.entries[a].first < state.entries[b].first; });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (const std::string& name = state.entries[order[i]].first; name == state.entries[order[i - 1]].first)
            fail(operation, site, {path, ": two tensors are called ", io::quoted(name)});
    AtomicWriter writer(path);
    ZipWriter zip(writer);
    std::string buffer;
    for (std::size_t i = 0; i < state.size(); ++i) {
        const auto& [name, tensor] = state.entries[i];
        zip.add(name + ".npy", headers[i], tensor_bytes(tensor, buffer, operation, site));
    }
    zip.finish();
    writer.commit();
}

}  // namespace fathom::inline v0::io
