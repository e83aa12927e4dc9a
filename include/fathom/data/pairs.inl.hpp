// Definitions of pairs.hpp.
#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "fathom/core/luminance.hpp"
#include "fathom/data/file_names.hpp"
#include "fathom/io/file.hpp"
#include "fathom/io/image.hpp"
#include "fathom/io/image_header.hpp"

namespace fathom::inline v0::data {
namespace pairing {

struct NamedFile {
    std::string name, path, key;  // name: without extension; key: what names are compared by

    friend bool operator<(const NamedFile& a, const NamedFile& b) {
        return a.key != b.key ? a.key < b.key : a.path < b.path;
    }
};

FATHOM_INLINE NamedFile named_file(const std::string& name, const std::string& path) {
    return {name, path, decomposed(name)};
}

FATHOM_INLINE bool is_folder(const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

FATHOM_INLINE std::vector<NamedFile> list_images(const std::string& folder) {
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), [](DIR* d) { return ::closedir(d); });
    if (!entries) io::fail_system(folder, "cannot open the folder", errno);
    std::vector<NamedFile> files;
    while (true) {
        errno = 0;
        const dirent* entry = ::readdir(entries.get());
        if (!entry && errno != 0) io::fail_system(folder, "cannot list the folder", errno);
        if (!entry) break;
        const std::string file = entry->d_name, path = folder + (folder.back() == '/' ? "" : "/") + file;
        if (file.front() == '.' || file == "Thumbs.db" || file == "desktop.ini" || is_folder(path)) continue;
        const std::size_t dot = file.rfind('.');
        std::string extension = dot == std::string::npos ? "" : file.substr(dot);
        for (char& c : extension)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (extension != ".png" && extension != ".jpg" && extension != ".jpeg" && extension != ".bmp")
            io::fail_file(path,
                          {"is not an image by its name, expected .png, .jpg, .jpeg or .bmp in a folder of pairs"});
        files.push_back(named_file(file.substr(0, dot), path));
    }
    if (files.empty()) io::fail_file(folder, {"the folder has no images, expected .png, .jpg, .jpeg or .bmp files"});
    std::sort(files.begin(), files.end());
    for (std::size_t i = 1; i < files.size(); ++i)
        if (files[i].key == files[i - 1].key)
            io::fail_file(files[i].path, {"has the name of ", files[i - 1].path, ", expected one image of a name"});
    return files;
}

// The images of `files` that have no partner among `others`; throws naming the first.
FATHOM_INLINE void check_partners(const std::vector<NamedFile>& files, const std::vector<NamedFile>& others,
                                  const char* kind, const std::string& folder) {
    std::size_t missing = 0;
    const NamedFile* first = nullptr;
    for (const NamedFile& file : files) {
        const auto at = std::lower_bound(others.begin(), others.end(), NamedFile{{}, {}, file.key});
        if (at != others.end() && at->key == file.key) continue;
        if (missing++ == 0) first = &file;
    }
    if (missing == 0) return;
    const std::string more = missing > 1 ? " (" + std::to_string(missing - 1) + " more have none either)" : "";
    io::fail_file(first->path, {"has no ", kind, " partner: no image named ", first->name, " in ", folder, more});
}

// `path` has another size than the visible image.
[[noreturn]] FATHOM_INLINE void fail_sizes(const std::string& path, std::int64_t height, std::int64_t width,
                                           const std::string& visible, std::int64_t visible_height,
                                           std::int64_t visible_width) {
    io::fail_file(path, {"has ", height, " x ", width, " pixels, expected the ", visible_height, " x ", visible_width,
                         " of ", visible});
}

FATHOM_INLINE io::ImageHeader header_of(const std::string& path) {
    const io::MappedFile file(path);
    return io::read_image_header(path, file.bytes());
}

// Of an image that is turned or mirrored as it is read.
FATHOM_INLINE void note_orientation(std::vector<std::string>& notes, const std::string& path,
                                    const io::ImageHeader& header) {
    constexpr const char* what[] = {"mirrored",
                                    "turned by 180 degrees",
                                    "flipped",
                                    "mirrored and turned by 90 degrees to the left",
                                    "turned by 90 degrees to the right",
                                    "mirrored and turned by 90 degrees to the right",
                                    "turned by 90 degrees to the left"};
    if (const int code = header.orientation.code; code > 1)
        notes.push_back(join({path, ": ", what[code - 2], ", as its EXIF orientation, ", code, ", says"}));
}

// rgb [pixels, 3] into grey [pixels]; exactly R where all three are equal.
FATHOM_INLINE void mix_grey(const float* rgb, std::int64_t pixels, float* grey) {
    for (std::int64_t i = 0; i < pixels; ++i) {
        const float r = rgb[3 * i], g = rgb[3 * i + 1], b = rgb[3 * i + 2];
        grey[i] = r == g && g == b ? r : luminance(r, g, b);
    }
}

}  // namespace pairing

FATHOM_INLINE LoadedPair load_pair(const ImagePair& pair, Where site) {
    const Tensor<float> visible = io::read_image_float(pair.visible, site),
                        infrared = io::read_image_float(pair.infrared, site);
    const std::int64_t height = visible.shape()[0], width = visible.shape()[1];
    if (infrared.shape()[0] != height || infrared.shape()[1] != width)
        pairing::fail_sizes(pair.infrared, infrared.shape()[0], infrared.shape()[1], pair.visible, height, width);
    std::vector<std::string> notes;
    for (const std::string& path : {pair.visible, pair.infrared})
        pairing::note_orientation(notes, path, pairing::header_of(path));
    if (infrared.shape()[2] == 1) return {pair.name, visible, infrared, std::move(notes)};
    auto grey = detail::new_row_major<float>({height, width, 1}, "load_pair", site);
    pairing::mix_grey(infrared.data(site), grey.numel(), grey.mutable_data(site));
    return {pair.name, visible, grey, std::move(notes)};
}

FATHOM_INLINE PairFolder::PairFolder(const std::string& visible_folder, const std::string& infrared_folder) {
    const auto visible = pairing::list_images(visible_folder), infrared = pairing::list_images(infrared_folder);
    pairing::check_partners(visible, infrared, "infrared", infrared_folder);
    pairing::check_partners(infrared, visible, "visible", visible_folder);
    for (std::size_t i = 0; i < visible.size(); ++i)
        pairs_.push_back({visible[i].name, visible[i].path, infrared[i].path});
}

FATHOM_INLINE PairFolder PairFolder::msrs(const std::string& folder) {
    const std::string base = folder + (folder.empty() || folder.back() == '/' ? "" : "/");
    for (const char* part : {"vi", "ir"})
        if (!pairing::is_folder(base + part))
            io::fail_file(folder, {"has no folder ", part, ", expected vi and ir (the layout of MSRS)"});
    return PairFolder(base + "vi", base + "ir");
}

FATHOM_INLINE LoadedPair PairFolder::load(std::int64_t i, Where site) const {
    if (i < 0 || i >= size()) fail("load", site, {"pair ", i, " of ", size()});
    return load_pair((*this)[i], site);
}

FATHOM_INLINE PairFolder::Extent PairFolder::check() const {
    Extent smallest;
    for (const ImagePair& pair : pairs_) {
        const io::ImageHeader visible = pairing::header_of(pair.visible), infrared = pairing::header_of(pair.infrared);
        if (visible.height != infrared.height || visible.width != infrared.width)
            pairing::fail_sizes(pair.infrared, infrared.height, infrared.width, pair.visible, visible.height,
                                visible.width);
        pairing::note_orientation(smallest.notes, pair.visible, visible);
        pairing::note_orientation(smallest.notes, pair.infrared, infrared);
        if (smallest.height == 0 || visible.height < smallest.height) smallest.height = visible.height;
        if (smallest.width == 0 || visible.width < smallest.width) smallest.width = visible.width;
    }
    return smallest;
}

}  // namespace fathom::inline v0::data
