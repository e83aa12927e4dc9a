// stb_image and stb_image_write inside namespace fathom::stb, with every function static, so that they meet no other
// copy in the program. What they include is included before, outside the namespace. Macros: those that a program may
// have set for a copy of its own are put back afterwards, the others undefined, before as well, since a copy included
// earlier leaves its own.
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "fathom/core/error.hpp"

#pragma push_macro("STBI_INCLUDE_STB_IMAGE_H")
#pragma push_macro("INCLUDE_STB_IMAGE_WRITE_H")
#pragma push_macro("STB_IMAGE_IMPLEMENTATION")
#pragma push_macro("STB_IMAGE_WRITE_IMPLEMENTATION")
#pragma push_macro("STB_IMAGE_STATIC")
#pragma push_macro("STB_IMAGE_WRITE_STATIC")
#pragma push_macro("STBIDEF")
#pragma push_macro("STBIWDEF")
#pragma push_macro("STBI_MALLOC")
#pragma push_macro("STBI_REALLOC")
#pragma push_macro("STBI_FREE")
#pragma push_macro("STBI_ASSERT")
#pragma push_macro("STBIW_ASSERT")
#pragma push_macro("STBI_NO_STDIO")
#pragma push_macro("STBI_WRITE_NO_STDIO")
#pragma push_macro("STBI_NO_LINEAR")
#pragma push_macro("STBI_ONLY_PNG")
#pragma push_macro("STBI_ONLY_JPEG")
#pragma push_macro("STBI_ONLY_BMP")

#include "fathom/io/stb_undef.inl.hpp"

namespace fathom::inline v0::stb {

using ::abs;  // fathom::abs would hide it

// In place of assert(): files are hostile, and release builds check too.
[[noreturn, gnu::cold]] FATHOM_INLINE void fail_assertion(const char* text) {
    fail("image", {}, {"stb: not so: ", text});
}

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_LINEAR
#define STBI_NO_STDIO
// Zeroed: where a decoder skips what a damaged file lacks, nobody's old memory becomes a picture.
#define STBI_MALLOC(size) calloc(1, size)
#define STBI_REALLOC(p, size) realloc(p, size)
#define STBI_FREE(p) free(p)
#define STBI_ASSERT(x) ((x) ? static_cast<void>(0) : ::fathom::stb::fail_assertion(#x))
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x) STBI_ASSERT(x)

// stb's functions are extern "C", so that their symbols ignore the namespace: a unit that holds a copy of its own would
// define them twice.
#define stbi__unpremultiply_on_load_thread fathom_stbi__unpremultiply_on_load_thread
#define stbi_convert_iphone_png_to_rgb fathom_stbi_convert_iphone_png_to_rgb
#define stbi_convert_iphone_png_to_rgb_thread fathom_stbi_convert_iphone_png_to_rgb_thread
#define stbi_convert_wchar_to_utf8 fathom_stbi_convert_wchar_to_utf8
#define stbi_failure_reason fathom_stbi_failure_reason
#define stbi_flip_vertically_on_write fathom_stbi_flip_vertically_on_write
#define stbi_hdr_to_ldr_gamma fathom_stbi_hdr_to_ldr_gamma
#define stbi_hdr_to_ldr_scale fathom_stbi_hdr_to_ldr_scale
#define stbi_image_free fathom_stbi_image_free
#define stbi_info fathom_stbi_info
#define stbi_info_from_callbacks fathom_stbi_info_from_callbacks
#define stbi_info_from_file fathom_stbi_info_from_file
#define stbi_info_from_memory fathom_stbi_info_from_memory
#define stbi_is_16_bit fathom_stbi_is_16_bit
#define stbi_is_16_bit_from_callbacks fathom_stbi_is_16_bit_from_callbacks
#define stbi_is_16_bit_from_file fathom_stbi_is_16_bit_from_file
#define stbi_is_16_bit_from_memory fathom_stbi_is_16_bit_from_memory
#define stbi_is_hdr fathom_stbi_is_hdr
#define stbi_is_hdr_from_callbacks fathom_stbi_is_hdr_from_callbacks
#define stbi_is_hdr_from_file fathom_stbi_is_hdr_from_file
#define stbi_is_hdr_from_memory fathom_stbi_is_hdr_from_memory
#define stbi_ldr_to_hdr_gamma fathom_stbi_ldr_to_hdr_gamma
#define stbi_ldr_to_hdr_scale fathom_stbi_ldr_to_hdr_scale
#define stbi_load fathom_stbi_load
#define stbi_load_16 fathom_stbi_load_16
#define stbi_load_16_from_callbacks fathom_stbi_load_16_from_callbacks
#define stbi_load_16_from_memory fathom_stbi_load_16_from_memory
#define stbi_load_from_callbacks fathom_stbi_load_from_callbacks
#define stbi_load_from_file fathom_stbi_load_from_file
#define stbi_load_from_file_16 fathom_stbi_load_from_file_16
#define stbi_load_from_memory fathom_stbi_load_from_memory
#define stbi_load_gif_from_memory fathom_stbi_load_gif_from_memory
#define stbi_loadf fathom_stbi_loadf
#define stbi_loadf_from_callbacks fathom_stbi_loadf_from_callbacks
#define stbi_loadf_from_file fathom_stbi_loadf_from_file
#define stbi_loadf_from_memory fathom_stbi_loadf_from_memory
#define stbi_set_flip_vertically_on_load fathom_stbi_set_flip_vertically_on_load
#define stbi_set_flip_vertically_on_load_thread fathom_stbi_set_flip_vertically_on_load_thread
#define stbi_set_unpremultiply_on_load fathom_stbi_set_unpremultiply_on_load
#define stbi_set_unpremultiply_on_load_thread fathom_stbi_set_unpremultiply_on_load_thread
#define stbi_write_bmp fathom_stbi_write_bmp
#define stbi_write_bmp_to_func fathom_stbi_write_bmp_to_func
#define stbi_write_hdr fathom_stbi_write_hdr
#define stbi_write_hdr_to_func fathom_stbi_write_hdr_to_func
#define stbi_write_jpg fathom_stbi_write_jpg
#define stbi_write_jpg_to_func fathom_stbi_write_jpg_to_func
#define stbi_write_png fathom_stbi_write_png
#define stbi_write_png_to_func fathom_stbi_write_png_to_func
#define stbi_write_png_to_mem fathom_stbi_write_png_to_mem
#define stbi_write_tga fathom_stbi_write_tga
#define stbi_write_tga_to_func fathom_stbi_write_tga_to_func
#define stbi_zlib_compress fathom_stbi_zlib_compress
#define stbi_zlib_decode_buffer fathom_stbi_zlib_decode_buffer
#define stbi_zlib_decode_malloc fathom_stbi_zlib_decode_malloc
#define stbi_zlib_decode_malloc_guesssize fathom_stbi_zlib_decode_malloc_guesssize
#define stbi_zlib_decode_malloc_guesssize_headerflag fathom_stbi_zlib_decode_malloc_guesssize_headerflag
#define stbi_zlib_decode_noheader_buffer fathom_stbi_zlib_decode_noheader_buffer
#define stbi_zlib_decode_noheader_malloc fathom_stbi_zlib_decode_noheader_malloc

#pragma GCC diagnostic push
#ifdef __clang__
#pragma clang diagnostic ignored "-Weverything"
#else
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wtype-limits"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wuseless-cast"
#pragma GCC diagnostic ignored "-Wduplicated-branches"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wdouble-promotion"
#pragma GCC diagnostic ignored "-Wnull-dereference"
#pragma GCC diagnostic ignored "-Wzero-as-null-pointer-constant"
#pragma GCC diagnostic ignored "-Wmissing-declarations"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"
#endif
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

}  // namespace fathom::inline v0::stb

#undef STB_IMAGE_IMPLEMENTATION
#undef STB_IMAGE_STATIC
#undef STBI_ONLY_PNG
#undef STBI_ONLY_JPEG
#undef STBI_ONLY_BMP
#undef STBI_NO_LINEAR
#undef STBI_NO_STDIO
#undef STBI_MALLOC
#undef STBI_REALLOC
#undef STBI_FREE
#undef STBI_ASSERT
#undef STB_IMAGE_WRITE_IMPLEMENTATION
#undef STB_IMAGE_WRITE_STATIC
#undef STBI_WRITE_NO_STDIO
#undef STBIW_ASSERT
#undef stbi__unpremultiply_on_load_thread
#undef stbi_convert_iphone_png_to_rgb
#undef stbi_convert_iphone_png_to_rgb_thread
#undef stbi_convert_wchar_to_utf8
#undef stbi_failure_reason
#undef stbi_flip_vertically_on_write
#undef stbi_hdr_to_ldr_gamma
#undef stbi_hdr_to_ldr_scale
#undef stbi_image_free
#undef stbi_info
#undef stbi_info_from_callbacks
#undef stbi_info_from_file
#undef stbi_info_from_memory
#undef stbi_is_16_bit
#undef stbi_is_16_bit_from_callbacks
#undef stbi_is_16_bit_from_file
#undef stbi_is_16_bit_from_memory
#undef stbi_is_hdr
#undef stbi_is_hdr_from_callbacks
#undef stbi_is_hdr_from_file
#undef stbi_is_hdr_from_memory
#undef stbi_ldr_to_hdr_gamma
#undef stbi_ldr_to_hdr_scale
#undef stbi_load
#undef stbi_load_16
#undef stbi_load_16_from_callbacks
#undef stbi_load_16_from_memory
#undef stbi_load_from_callbacks
#undef stbi_load_from_file
#undef stbi_load_from_file_16
#undef stbi_load_from_memory
#undef stbi_load_gif_from_memory
#undef stbi_loadf
#undef stbi_loadf_from_callbacks
#undef stbi_loadf_from_file
#undef stbi_loadf_from_memory
#undef stbi_set_flip_vertically_on_load
#undef stbi_set_flip_vertically_on_load_thread
#undef stbi_set_unpremultiply_on_load
#undef stbi_set_unpremultiply_on_load_thread
#undef stbi_write_bmp
#undef stbi_write_bmp_to_func
#undef stbi_write_hdr
#undef stbi_write_hdr_to_func
#undef stbi_write_jpg
#undef stbi_write_jpg_to_func
#undef stbi_write_png
#undef stbi_write_png_to_func
#undef stbi_write_png_to_mem
#undef stbi_write_tga
#undef stbi_write_tga_to_func
#undef stbi_zlib_compress
#undef stbi_zlib_decode_buffer
#undef stbi_zlib_decode_malloc
#undef stbi_zlib_decode_malloc_guesssize
#undef stbi_zlib_decode_malloc_guesssize_headerflag
#undef stbi_zlib_decode_noheader_buffer
#undef stbi_zlib_decode_noheader_malloc
#include "fathom/io/stb_undef.inl.hpp"

#pragma pop_macro("STBI_INCLUDE_STB_IMAGE_H")
#pragma pop_macro("INCLUDE_STB_IMAGE_WRITE_H")
#pragma pop_macro("STB_IMAGE_IMPLEMENTATION")
#pragma pop_macro("STB_IMAGE_WRITE_IMPLEMENTATION")
#pragma pop_macro("STB_IMAGE_STATIC")
#pragma pop_macro("STB_IMAGE_WRITE_STATIC")
#pragma pop_macro("STBIDEF")
#pragma pop_macro("STBIWDEF")
#pragma pop_macro("STBI_MALLOC")
#pragma pop_macro("STBI_REALLOC")
#pragma pop_macro("STBI_FREE")
#pragma pop_macro("STBI_ASSERT")
#pragma pop_macro("STBIW_ASSERT")
#pragma pop_macro("STBI_NO_STDIO")
#pragma pop_macro("STBI_WRITE_NO_STDIO")
#pragma pop_macro("STBI_NO_LINEAR")
#pragma pop_macro("STBI_ONLY_PNG")
#pragma pop_macro("STBI_ONLY_JPEG")
#pragma pop_macro("STBI_ONLY_BMP")
