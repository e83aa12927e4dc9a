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
#include "fathom/ops/copy.hpp"

namespace fathom::inline v0::data {

FATHOM_INLINE ImageFile image_file(const std::string& name, const std::string& path) {
    return {name, path, decomposed(name)};
}

namespace pairing {

FATHOM_INLINE bool is_folder(const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// In small letters.
FATHOM_INLINE std::string ending_of(const std::string& file) {
    const std::size_t dot = file.rfind('.');
    std::string ending = dot == std::string::npos ? "" : file.substr(dot);
    for (char& c : ending)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return ending;
}

// What a folder holds, and how messages call it.
struct Kind {
    const char *one, *many, *endings;
    bool (*takes)(const std::string& ending);
};
inline constexpr Kind image_kind = {"an image", "images", ".png, .jpg, .jpeg or .bmp", [](const std::string& e) {
                                        return e == ".png" || e == ".jpg" || e == ".jpeg" || e == ".bmp";
                                    }};
inline constexpr Kind text_kind = {"a text", "texts", ".txt", [](const std::string& e) { return e == ".txt"; }};

// Runs f; what it throws is noted where there is a list for that. Whether it came to its end.
template <class F>
bool noting(std::vector<std::string>* skipped, F&& f) {
    try {
        f();
        return true;
    } catch (const Error& error) {
        if (!skipped) throw;
        skipped->push_back(error.what());
        return false;
    }
}

struct FolderId {
    dev_t device;
    ino_t number;
    bool operator==(const FolderId&) const = default;
};

// Appends the files of `folder`, whose names begin with `prefix`. `above` are the folders that led here: a link to one
// of them is not followed again.
FATHOM_INLINE void list_into(std::vector<ImageFile>& files, const std::string& folder, const std::string& prefix,
                             const Kind& kind, const ListOptions& options, std::vector<FolderId>& above) {
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), [](DIR* d) { return ::closedir(d); });
    if (!entries) io::fail_system(folder, "cannot open the folder", errno);
    struct stat status {};
    if (::fstat(::dirfd(entries.get()), &status) != 0) io::fail_system(folder, "cannot open the folder", errno);
    const FolderId id{status.st_dev, status.st_ino};
    for (const FolderId& known : above)
        if (known == id) return;
    above.push_back(id);
    while (true) {
        errno = 0;
        const dirent* entry = ::readdir(entries.get());
        if (!entry && errno != 0) io::fail_system(folder, "cannot list the folder", errno);
        if (!entry) break;
        const std::string file = entry->d_name, path = folder + (folder.back() == '/' ? "" : "/") + file;
        if (file.front() == '.' || file == "Thumbs.db" || file == "desktop.ini") continue;
        if (is_folder(path)) {
            if (options.recursive) list_into(files, path, prefix + file + "/", kind, options, above);
            continue;
        }
        noting(options.skipped, [&] {
            if (!kind.takes(ending_of(file)))
                io::fail_file(path, {"is not ", kind.one, " by its name, expected ", kind.endings, " in a folder of ",
                                     options.of});
            const std::string stem = file.substr(0, file.rfind('.'));
            if (stem.ends_with(options.suffix) && stem.size() > options.suffix.size())
                files.push_back(image_file(prefix + stem.substr(0, stem.size() - options.suffix.size()), path));
            else if (options.other_suffix.empty() || !stem.ends_with(options.other_suffix))
                io::fail_file(path, {"has a name that does not end in ", options.suffix});
        });
    }
    above.pop_back();
}

// All of them, sorted; throws where there are none, or two of one name.
FATHOM_INLINE std::vector<ImageFile> list(const std::string& folder, const Kind& kind, const ListOptions& options) {
    std::vector<ImageFile> files;
    std::vector<FolderId> above;
    list_into(files, folder, {}, kind, options, above);
    if (files.empty()) io::fail_file(folder, {"the folder has no ", kind.many, ", expected ", kind.endings, " files"});
    std::sort(files.begin(), files.end());
    for (std::size_t i = 1; i < files.size(); ++i)
        if (files[i].key == files[i - 1].key)
            io::fail_file(files[i].path, {"has the name of ", files[i - 1].path, ", expected one file of a name"});
    return files;
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

// Of the visible image; throws if the two differ in size.
FATHOM_INLINE io::ImageHeader checked_header(const ImagePair& pair) {
    const io::ImageHeader visible = header_of(pair.visible), infrared = header_of(pair.infrared);
    if (visible.height != infrared.height || visible.width != infrared.width)
        fail_sizes(pair.infrared, infrared.height, infrared.width, pair.visible, visible.height, visible.width);
    return visible;
}

}  // namespace pairing

FATHOM_INLINE void check_partners(std::vector<ImageFile>& files, const std::vector<ImageFile>& others, const char* kind,
                                  const std::string& folder, std::vector<std::string>* skipped) {
    std::vector<ImageFile> with, without;
    for (const ImageFile& file : files) {
        const auto at = std::lower_bound(others.begin(), others.end(), ImageFile{{}, {}, file.key});
        (at != others.end() && at->key == file.key ? with : without).push_back(file);
    }
    const std::string more =
        without.size() > 1 && !skipped ? " (" + std::to_string(without.size() - 1) + " more have none either)" : "";
    for (const ImageFile& file : without)
        pairing::noting(skipped, [&] {
            io::fail_file(file.path, {"has no ", kind, " partner: no file named ", file.name, " in ", folder, more});
        });
    files = std::move(with);
}

FATHOM_INLINE Tensor<float> InfraredCounts::stretched(const Tensor<float>& infrared, Where site) const {
    if (!(low < high)) fail("infrared counts", site, {"the range is ", low, " to ", high, ", expected low below high"});
    if (all()) return infrared;
    const Tensor<float> dense = contiguous(infrared, MemoryFormat::row_major, site);
    auto out = detail::new_row_major<float>(infrared.shape(), "infrared counts", site);
    const float* in = dense.data(site);
    float* to = out.mutable_data(site);
    for (std::int64_t i = 0; i < dense.numel(); ++i) {
        const double share = (static_cast<double>(in[i]) * 65535 - low) / (high - low);
        to[i] = static_cast<float>(static_cast<std::int64_t>((share > 0 ? share < 1 ? share : 1 : 0) * 65535 + 0.5)) /
                65535;
    }
    return out;
}

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

FATHOM_INLINE std::vector<ImageFile> list_images(const std::string& folder, const ListOptions& options) {
    return pairing::list(folder, pairing::image_kind, options);
}

FATHOM_INLINE std::vector<ImageFile> list_texts(const std::string& folder, const char* of) {
    std::vector<ImageFile> files = pairing::list(folder, pairing::text_kind, {.of = of});
    std::erase_if(files, [](const ImageFile& file) { return file.name == "classes"; });
    if (files.empty()) io::fail_file(folder, {"the folder has no texts but classes.txt, expected one for each image"});
    return files;
}

FATHOM_INLINE PairFolder::PairFolder(const std::string& visible_folder, const std::string& infrared_folder,
                                     const PairOptions& options)
    : folder_(visible_folder) {
    std::vector<std::string>* const skipped = options.skip_bad ? &skipped_ : nullptr;
    const auto list = [&](const std::string& folder, const std::string& suffix, const std::string& other) {
        return list_images(folder, {suffix, other, options.recursive, "pairs", skipped});
    };
    auto visible = list(visible_folder, options.visible_suffix, options.infrared_suffix),
         infrared = list(infrared_folder, options.infrared_suffix, options.visible_suffix);
    check_partners(visible, infrared, "infrared", infrared_folder, skipped);
    check_partners(infrared, visible, "visible", visible_folder, skipped);
    for (std::size_t i = 0; i < visible.size(); ++i)
        pairs_.push_back({visible[i].name, visible[i].path, infrared[i].path});
    check_some();
}

FATHOM_INLINE void PairFolder::check_some() const {
    if (pairs_.empty()) io::fail_file(folder_, {"no pair is left, the first that was passed over: ", skipped_.front()});
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
        const io::ImageHeader visible = pairing::checked_header(pair);
        for (const std::string& path : {pair.visible, pair.infrared})
            pairing::note_orientation(smallest.notes, path, pairing::header_of(path));
        if (smallest.height == 0 || visible.height < smallest.height) smallest.height = visible.height;
        if (smallest.width == 0 || visible.width < smallest.width) smallest.width = visible.width;
    }
    return smallest;
}

FATHOM_INLINE void PairFolder::drop_bad() {
    std::erase_if(pairs_, [this](const ImagePair& pair) {
        return !pairing::noting(&skipped_, [&] { pairing::checked_header(pair); });
    });
    check_some();
}

}  // namespace fathom::inline v0::data
