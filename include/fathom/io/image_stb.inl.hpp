// Definitions of image.hpp.
#include <cstring>
#include <memory>

#include "fathom/io/file.hpp"
#include "fathom/io/image_header.hpp"
#include "fathom/io/stb.inl.hpp"
#include "fathom/io/tensor_bytes.hpp"

// Not inline: a unit that includes only image.hpp finds these in the unit that includes image_stb.hpp, be it used there
// or not.
#ifdef FATHOM_COMPILED
#define FATHOM_IMAGE_DEFINITION
#else
#define FATHOM_IMAGE_DEFINITION [[gnu::weak]]
#endif

namespace fathom::inline v0::io {

// Decodes an 8-bit (S = unsigned char) or 16-bit file (S = unsigned short), and gives the samples one by one to `put`,
// in row-major order.
template <class S, class F>
void decode_image(const std::string& path, std::string_view bytes, const ImageHeader& header, F&& put) {
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    const int size = static_cast<int>(bytes.size()), want = header.grey_palette ? 3 : header.channels;
    int width = 0, height = 0, channels = 0;
    S* decoded = nullptr;
    if constexpr (sizeof(S) == 1)
        decoded = stb::fathom_stbi_load_from_memory(data, size, &width, &height, &channels, want);
    else
        decoded = stb::fathom_stbi_load_16_from_memory(data, size, &width, &height, &channels, want);
    const std::unique_ptr<S, void (*)(void*)> owner(decoded, [](void* p) { stb::fathom_stbi_image_free(p); });
    if (!decoded) fail_file(path, {"cannot decode the image: ", stb::fathom_stbi_failure_reason()});
    if (width != header.width || height != header.height)
        fail_file(path,
                  {"decodes to ", height, " x ", width, " pixels, expected ", header.height, " x ", header.width});
    const std::int64_t samples = header.height * header.width * header.channels;
    const std::int64_t step = header.grey_palette ? 3 : 1;
    for (std::int64_t i = 0; i < samples; ++i) put(i, decoded[i * step]);
}

FATHOM_INLINE ImageHeader checked_image_header(const MappedFile& file) {
    const ImageHeader header = read_image_header(file.path(), file.bytes());
    if (file.bytes().size() > 0x7fffffff)
        fail_file(file.path(), {"has ", file.bytes().size(), " bytes, expected less than 2^31"});
    return header;
}

FATHOM_IMAGE_DEFINITION Tensor<std::uint8_t> read_image(const std::string& path, Where site) {
    const MappedFile file(path);
    const ImageHeader header = checked_image_header(file);
    if (header.bits != 8)
        fail_file(path, {"has ", header.bits, " bits per channel, expected 8; read_image_float reads both"});
    const Shape shape{header.height, header.width, header.channels};
    AnyTensor pixels =
        detail::new_tensor(shape, detail::row_major_strides(shape), DType::uint8, Device::cpu(), "read_image", site);
    auto* out = static_cast<std::uint8_t*>(pixels.raw_unchecked());
    decode_image<unsigned char>(path, file.bytes(), header,
                                [&](std::int64_t i, unsigned char value) { out[i] = value; });
    return Tensor<std::uint8_t>::adopt(std::move(pixels));
}

// The decoder looks colors up in the palette. Of a file that calls itself grey it gives the samples as they are, apart
// from a factor that spreads fewer than 8 bits over 0 to 255.
FATHOM_IMAGE_DEFINITION Tensor<std::uint8_t> read_image_indices(const std::string& path, Where site) {
    const MappedFile file(path);
    ImageHeader header = checked_image_header(file);
    constexpr std::size_t depth_at = 24, color_at = 25, chunks_at = 8;
    std::string bytes(file.bytes());
    const bool png = bytes.compare(0, 4, "\x89PNG") == 0, indexed = png && bytes[color_at] == 3;
    const int depth = png ? bytes[depth_at] : 0;
    if (!indexed || header.grey_palette || (depth != 1 && depth != 2 && depth != 4 && depth != 8))
        return read_image(path, site);
    bytes[color_at] = 0;
    // Transparency has another form in a grey file: renamed, it is passed over.
    const auto size_at = [&](std::size_t at) {
        std::size_t size = 0;
        for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(bytes[at + i]);
        return size;
    };
    for (std::size_t at = chunks_at; bytes.compare(at + 4, 4, "IEND") != 0; at += 12 + size_at(at))
        if (bytes.compare(at + 4, 4, "tRNS") == 0) bytes.replace(at + 4, 4, "xxXx");
    header.channels = 1;
    const int spread = 255 / ((1 << depth) - 1);
    const Shape shape{header.height, header.width, 1};
    AnyTensor indices = detail::new_tensor(shape, detail::row_major_strides(shape), DType::uint8, Device::cpu(),
                                           "read_image_indices", site);
    auto* out = static_cast<std::uint8_t*>(indices.raw_unchecked());
    decode_image<unsigned char>(path, bytes, header, [&](std::int64_t i, unsigned char value) {
        out[i] = static_cast<std::uint8_t>(value / spread);
    });
    return Tensor<std::uint8_t>::adopt(std::move(indices));
}

FATHOM_IMAGE_DEFINITION Tensor<float> read_image_float(const std::string& path, Where site) {
    const MappedFile file(path);
    const ImageHeader header = checked_image_header(file);
    const Shape shape{header.height, header.width, header.channels};
    AnyTensor pixels = detail::new_tensor(shape, detail::row_major_strides(shape), DType::float32, Device::cpu(),
                                          "read_image_float", site);
    auto* out = static_cast<float*>(pixels.raw_unchecked());
    if (header.bits == 8)
        decode_image<unsigned char>(path, file.bytes(), header, [&](std::int64_t i, unsigned char value) {
            out[i] = static_cast<float>(value) / 255.0f;
        });
    else
        decode_image<unsigned short>(path, file.bytes(), header, [&](std::int64_t i, unsigned short value) {
            out[i] = static_cast<float>(value) / 65535.0f;
        });
    return Tensor<float>::adopt(std::move(pixels));
}

// ".png" of "a.PNG"; "" without an ending.
FATHOM_INLINE std::string ending_of(const std::string& path) {
    const auto dot = path.find_last_of("./");
    std::string ending = dot == std::string::npos || path[dot] == '/' ? "" : path.substr(dot);
    for (char& c : ending)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return ending;
}

FATHOM_IMAGE_DEFINITION void check_image_ending(const std::string& path) {
    const std::string ending = ending_of(path);
    if (ending != ".png" && ending != ".jpg" && ending != ".jpeg")
        fail_file(path, {"unknown ending, expected .png, .jpg or .jpeg"});
}

FATHOM_IMAGE_DEFINITION void write_image(const std::string& path, const Tensor<std::uint8_t>& pixels, Where site) {
    check_image_ending(path);
    const bool png = ending_of(path) == ".png";
    const Shape& shape = pixels.shape();
    if (shape.rank() != 3 || (shape[2] != 1 && shape[2] != 3) || shape[0] < 1 || shape[1] < 1)
        fail("write_image", site, {path, ": pixels of shape ", shape, ", expected [height, width, 1 or 3]"});
    const std::int64_t side = png ? (1 << 24) : 65535;
    if (shape[0] > side || shape[1] > side || shape[0] * shape[1] > max_image_pixels)
        fail("write_image", site, {path, ": pixels of shape ", shape, " are too many for the format"});

    std::string buffer, encoded;
    const std::string_view raw = tensor_bytes(pixels, buffer, "write_image", site);
    const int height = static_cast<int>(shape[0]), width = static_cast<int>(shape[1]),
              channels = static_cast<int>(shape[2]);
    const auto append = [](void* to, void* data, int size) {
        static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
    };
    constexpr int quality = 95;
    const int done =
        png ? stb::fathom_stbi_write_png_to_func(append, &encoded, width, height, channels, raw.data(),
                                                 width * channels)
            : stb::fathom_stbi_write_jpg_to_func(append, &encoded, width, height, channels, raw.data(), quality);
    if (!done) fail_file(path, {"cannot encode pixels of shape ", shape, ", out of memory"});
    AtomicWriter writer(path);
    writer.write(encoded);
    writer.commit();
}

}  // namespace fathom::inline v0::io

#undef FATHOM_IMAGE_DEFINITION
