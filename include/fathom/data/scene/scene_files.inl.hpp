// Definitions of scene_files.hpp.
#include <sys/stat.h>

#include <cerrno>

#include "fathom/io/file.hpp"
#include "fathom/io/image.hpp"

namespace fathom::inline v0::data {
namespace scene_files {

// With the folders above it; one that exists is left alone.
FATHOM_INLINE void make_folders(const std::string& folder) {
    for (std::size_t slash = folder.find('/', 1);; slash = folder.find('/', slash + 1)) {
        const std::string part = folder.substr(0, slash);
        if (::mkdir(part.c_str(), 0777) != 0 && errno != EEXIST) io::fail_system(part, "cannot make the folder", errno);
        if (slash == std::string::npos) return;
    }
}

// [H, W] as [H, W, 1], which is what write_image takes.
FATHOM_INLINE Tensor<std::uint8_t> with_channel(const Tensor<std::uint8_t>& grey) {
    const Shape shape{grey.shape()[0], grey.shape()[1], 1};
    return Tensor<std::uint8_t>::adopt(detail::new_view(grey, shape, detail::row_major_strides(shape), 0));
}

}  // namespace scene_files

FATHOM_INLINE void write_scenes(const std::string& folder, std::uint64_t first_seed, std::int64_t count,
                                const SceneOptions& options, Where site) {
    if (count < 1) fail("write_scenes", site, {count, " scenes, expected at least one"});
    for (const char* part : {"/vi", "/ir", "/Segmentation_labels"}) scene_files::make_folders(folder + part);
    for (std::int64_t i = 0; i < count; ++i) {
        const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(i);
        const SyntheticScene scene = make_scene(seed, options, site);
        std::string name = std::to_string(seed);
        if (name.size() < 5) name.insert(0, 5 - name.size(), '0');
        name = "/" + name + (scene.night ? "N.png" : "D.png");
        io::write_image(folder + "/vi" + name, scene.visible, site);
        io::write_image(folder + "/ir" + name, scene_files::with_channel(scene.infrared), site);
        io::write_image(folder + "/Segmentation_labels" + name, scene_files::with_channel(scene.label), site);
    }
}

}  // namespace fathom::inline v0::data
