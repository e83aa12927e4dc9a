// Definitions of image.hpp.
#include <cstring>
#include <memory>
#include <vector>

#include "fathom/io/file.hpp"
#include "fathom/io/image_header.hpp"
#include "fathom/io/jpeg_scan.hpp"
#include "fathom/io/png_data.hpp"
#include "fathom/io/stb.inl.hpp"
#include "fathom/io/tensor_bytes.hpp"

// Not inline: a unit that includes only image.hpp finds these in the unit that includes image_stb.hpp, be it used there
// or not.
#ifdef FATHOM_COMPILED
#define FATHOM_IMAGE_DEFINITION
#define FATHOM_IMAGE_NAME(name) name
#else
#define FATHOM_IMAGE_DEFINITION [[gnu::weak]]
#define FATHOM_IMAGE_NAME(name) include_fathom_io_image_stb_hpp_in_one_unit::name
#endif

namespace fathom::inline v0::io {

// The file's samples, [height, width, channels] as stored.
template <class S>
class DecodedImage {
public:
    DecodedImage(const std::string& path, std::string_view bytes, const ImageHeader& header, int channels)
        : data_(nullptr, [](void* p) { stb::fathom_stbi_image_free(p); }) {
        const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
        const int size = static_cast<int>(bytes.size());
        int width = 0, height = 0, stored = 0;
        if constexpr (sizeof(S) == 1)
            data_.reset(stb::fathom_stbi_load_from_memory(data, size, &width, &height, &stored, channels));
        else
            data_.reset(stb::fathom_stbi_load_16_from_memory(data, size, &width, &height, &stored, channels));
        if (!data_) fail_file(path, {"cannot decode the image: ", stb::fathom_stbi_failure_reason()});
        const Orientation& expected = header.orientation;
        if (width != expected.width || height != expected.height)
            fail_file(path, {"decodes to ", height, " x ", width, " pixels, expected ", expected.height, " x ",
                             expected.width});
    }
    const S* data() const { return data_.get(); }

private:
    std::unique_ptr<S, void (*)(void*)> data_;
};

// The bytes for the decoder, which gets to see nothing that it would not check itself.
FATHOM_INLINE std::string_view decodable(const MappedFile& file, const ImageHeader& header, std::string& buffer) {
    if (header.format != ImageHeader::Format::png) return file.bytes();
    buffer = plain_png(file.path(), file.bytes(), header);
    return buffer;
}

// [height, width] as stored; each is in the palette.
FATHOM_INLINE std::vector<std::uint8_t> read_indices(const MappedFile& file, const ImageHeader& header) {
    const std::int64_t height = header.orientation.height, width = header.orientation.width;
    std::vector<std::uint8_t> indices(static_cast<std::size_t>(height * width));
    if (header.format == ImageHeader::Format::png) {
        std::string buffer;
        const DecodedImage<unsigned char> image(file.path(), decodable(file, header, buffer), header, 1);
        const int spread = 255 / ((1 << header.depth) - 1);  // the decoder spreads fewer than 8 bits over 0 to 255
        for (std::size_t i = 0; i < indices.size(); ++i)
            indices[i] = static_cast<std::uint8_t>(image.data()[i] / spread);
    } else {
        const std::size_t depth = static_cast<std::size_t>(header.depth), columns = static_cast<std::size_t>(width);
        const std::size_t row_bytes = (columns * depth + 31) / 32 * 4;
        for (std::size_t row = 0, i = 0; row < static_cast<std::size_t>(height); ++row) {
            const std::size_t begin =
                header.data + (header.top_down ? row : static_cast<std::size_t>(height) - 1 - row) * row_bytes;
            for (std::size_t column = 0; column < columns; ++column, ++i) {
                const std::size_t bit = column * depth;
                const auto byte = static_cast<unsigned char>(file.bytes()[begin + bit / 8]);
                indices[i] = static_cast<std::uint8_t>(byte >> (8 - depth - bit % 8) & ((1u << depth) - 1));
            }
        }
    }
    const std::size_t colors = header.palette.size() / 3;
    for (std::size_t i = 0; i < indices.size(); ++i)
        if (indices[i] >= colors)
            fail_file(file.path(), {"the pixel at row ", static_cast<std::int64_t>(i) / width, ", column ",
                                    static_cast<std::int64_t>(i) % width, " has color ", int{indices[i]},
                                    " of a palette of ", colors});
    return indices;
}

// Gives the samples one by one to `put`, with their places in the image as it is shown, [height, width, channels].
template <class S, class F>
void decode_image(const MappedFile& file, const ImageHeader& header, F&& put) {
    const Orientation& from = header.orientation;
    const std::int64_t channels = header.channels;
    const auto spread_out = [&](auto&& pixel) {
        for (std::int64_t row = 0, i = 0; row < from.height; ++row)
            for (std::int64_t column = 0; column < from.width; ++column, ++i) {
                const std::int64_t to = from.code == 1 ? i : from.shown(row, column);
                const auto* samples = pixel(i);
                for (std::int64_t c = 0; c < channels; ++c) put(to * channels + c, static_cast<S>(samples[c]));
            }
    };
    if (!header.palette.empty()) {
        const std::vector<std::uint8_t> indices = read_indices(file, header);
        const auto* colors = reinterpret_cast<const unsigned char*>(header.palette.data());
        return spread_out([&](std::int64_t i) { return colors + 3 * indices[static_cast<std::size_t>(i)]; });
    }
    std::string buffer;
    const DecodedImage<S> image(file.path(), decodable(file, header, buffer), header, header.channels);
    spread_out([&](std::int64_t i) { return image.data() + i * channels; });
}

FATHOM_INLINE ImageHeader checked_image_header(const MappedFile& file) {
    ImageHeader header = read_image_header(file.path(), file.bytes());
    if (file.bytes().size() > 0x7fffffff)
        fail_file(file.path(), {"has ", file.bytes().size(), " bytes, expected less than 2^31"});
    // Before anything is allocated: its data tell whether a JPEG file can be as large as it says.
    if (header.format == ImageHeader::Format::jpeg) check_jpeg_scans(file.path(), file.bytes());
    return header;
}

FATHOM_INLINE AnyTensor new_image(const ImageHeader& header, std::int64_t channels, DType dtype, const char* operation,
                                  Where site) {
    const Shape shape{header.height, header.width, channels};
    return detail::new_tensor(shape, detail::row_major_strides(shape), dtype, Device::cpu(), operation, site);
}

FATHOM_IMAGE_DEFINITION Tensor<std::uint8_t> FATHOM_IMAGE_NAME(read_image)(const std::string& path, Where site) {
    const MappedFile file(path);
    const ImageHeader header = checked_image_header(file);
    if (header.bits != 8)
        fail_file(path, {"has ", header.bits, " bits per channel, expected 8; read_image_float reads both"});
    AnyTensor pixels = new_image(header, header.channels, DType::uint8, "read_image", site);
    auto* out = static_cast<std::uint8_t*>(pixels.raw_unchecked());
    decode_image<unsigned char>(file, header, [&](std::int64_t i, unsigned char value) { out[i] = value; });
    return Tensor<std::uint8_t>::adopt(std::move(pixels));
}

FATHOM_IMAGE_DEFINITION Tensor<std::uint8_t> FATHOM_IMAGE_NAME(read_image_indices)(const std::string& path,
                                                                                   Where site) {
    const MappedFile file(path);
    const ImageHeader header = checked_image_header(file);
    const bool indexed = !header.palette.empty() && (!header.grey_palette || header.depth == 1);
    const bool shallow = header.palette.empty() && header.channels == 1 && header.depth < 8;
    if (!indexed && !shallow) return read_image(path, site);
    AnyTensor indices = new_image(header, 1, DType::uint8, "read_image_indices", site);
    auto* out = static_cast<std::uint8_t*>(indices.raw_unchecked());
    if (shallow) {
        const int spread = 255 / ((1 << header.depth) - 1);
        decode_image<unsigned char>(file, header, [&](std::int64_t i, unsigned char value) {
            out[i] = static_cast<std::uint8_t>(value / spread);
        });
    } else {
        const std::vector<std::uint8_t> stored = read_indices(file, header);
        const Orientation& from = header.orientation;
        for (std::int64_t i = 0; i < from.height * from.width; ++i)
            out[from.shown(i / from.width, i % from.width)] = stored[static_cast<std::size_t>(i)];
    }
    return Tensor<std::uint8_t>::adopt(std::move(indices));
}

FATHOM_IMAGE_DEFINITION Tensor<float> FATHOM_IMAGE_NAME(read_image_float)(const std::string& path, Where site) {
    const MappedFile file(path);
    const ImageHeader header = checked_image_header(file);
    AnyTensor pixels = new_image(header, header.channels, DType::float32, "read_image_float", site);
    auto* out = static_cast<float*>(pixels.raw_unchecked());
    if (header.bits == 8)
        decode_image<unsigned char>(
            file, header, [&](std::int64_t i, unsigned char value) { out[i] = static_cast<float>(value) / 255.0f; });
    else
        decode_image<unsigned short>(
            file, header, [&](std::int64_t i, unsigned short value) { out[i] = static_cast<float>(value) / 65535.0f; });
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

FATHOM_IMAGE_DEFINITION void FATHOM_IMAGE_NAME(check_image_ending)(const std::string& path) {
    const std::string ending = ending_of(path);
    if (ending != ".png" && ending != ".jpg" && ending != ".jpeg")
        fail_file(path, {"unknown ending, expected .png, .jpg or .jpeg"});
}

// `quality` of a JPEG file; 0: PNG. `what` begins what is said of pixels that cannot be encoded.
FATHOM_INLINE std::string encoded_image(const std::string& what, const Tensor<std::uint8_t>& pixels, int quality,
                                        const char* operation, Where site) {
    const Shape& shape = pixels.shape();
    if (shape.rank() != 3 || (shape[2] != 1 && shape[2] != 3) || shape[0] < 1 || shape[1] < 1)
        fail(operation, site, {what, "pixels of shape ", shape, ", expected [height, width, 1 or 3]"});
    const std::int64_t side = quality == 0 ? (1 << 24) : 65535;
    if (shape[0] > side || shape[1] > side || shape[0] * shape[1] > max_image_pixels)
        fail(operation, site, {what, "pixels of shape ", shape, " are too many for the format"});

    std::string buffer, encoded;
    const std::string_view raw = tensor_bytes(pixels, buffer, operation, site);
    const int height = static_cast<int>(shape[0]), width = static_cast<int>(shape[1]),
              channels = static_cast<int>(shape[2]);
    const auto append = [](void* to, void* data, int size) {
        static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
    };
    const int done = quality == 0 ? stb::fathom_stbi_write_png_to_func(append, &encoded, width, height, channels,
                                                                       raw.data(), width * channels)
                                  : stb::fathom_stbi_write_jpg_to_func(append, &encoded, width, height, channels,
                                                                       raw.data(), quality);
    if (!done) fail(operation, site, {what, "cannot encode pixels of shape ", shape, ", out of memory"});
    return encoded;
}

FATHOM_IMAGE_DEFINITION std::string FATHOM_IMAGE_NAME(encode_png)(const Tensor<std::uint8_t>& pixels, Where site) {
    return encoded_image("", pixels, 0, "encode_png", site);
}

FATHOM_IMAGE_DEFINITION std::string FATHOM_IMAGE_NAME(encode_jpeg)(const Tensor<std::uint8_t>& pixels, int quality,
                                                                   Where site) {
    if (quality < 1 || quality > 100) fail("encode_jpeg", site, {"quality ", quality, ", expected one from 1 to 100"});
    return encoded_image("", pixels, quality, "encode_jpeg", site);
}

FATHOM_IMAGE_DEFINITION void FATHOM_IMAGE_NAME(write_image)(const std::string& path, const Tensor<std::uint8_t>& pixels,
                                                            Where site) {
    FATHOM_IMAGE_NAME(check_image_ending)(path);
    const std::string encoded =
        encoded_image(path + ": ", pixels, ending_of(path) == ".png" ? 0 : 95, "write_image", site);
    AtomicWriter writer(path);
    writer.write(encoded);
    writer.commit();
}

}  // namespace fathom::inline v0::io

#undef FATHOM_IMAGE_DEFINITION
#undef FATHOM_IMAGE_NAME
