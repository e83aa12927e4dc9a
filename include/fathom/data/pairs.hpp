// Pairs of images in two folders: a visible and an infrared image of one view, matched by file name.
// Reading needs the definitions of io/image_stb.hpp. Next: dataset.hpp (pairs with labels, in memory).
#pragma once

#include <string>
#include <vector>

#include "fathom/core/config.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::data {

struct ImageFile {
    std::string name;  // the file's, without extension and suffix, behind its folder below the listed one
    std::string path;
    std::string key = {};  // what names are compared by: the name with its accents written in one way

    friend bool operator<(const ImageFile& a, const ImageFile& b) {
        return a.key != b.key ? a.key < b.key : a.path < b.path;
    }
};
ImageFile image_file(const std::string& name, const std::string& path);

struct ListOptions {
    std::string suffix = {};        // "_vis": what names end in before the extension; a file without it is an error ...
    std::string other_suffix = {};  // ... unless it ends in this one: the partner's, in the same folder
    bool recursive = false;         // folders below too
    const char* of = "images";      // what the folder is one of, in messages
    // What is wrong with a file goes here, and the file is passed over, instead of throwing.
    std::vector<std::string>* skipped = nullptr;
};

// The images of a folder, sorted by name: PNG, JPEG and BMP files. Subfolders, hidden files, Thumbs.db and desktop.ini
// are passed over; any other file is an error, and so are two files of one name and a folder without images: an image
// must not be lost silently.
std::vector<ImageFile> list_images(const std::string& folder, const ListOptions& options = {});
// The same of text files (.txt), one for each image, `of` being what they hold. classes.txt is passed over too, in
// which programs that draw boxes leave the names of the classes.
std::vector<ImageFile> list_texts(const std::string& folder, const char* of);

// Throws Error naming the first of `files` that has no file of its name among `others`, the files of `folder`; `kind`
// is what that would be: "has no infrared partner". With `skipped`, what is wrong goes there, and the file is passed
// over.
void check_partners(std::vector<ImageFile>& files, const std::vector<ImageFile>& others, const char* kind,
                    const std::string& folder, std::vector<std::string>* skipped = nullptr);

struct ImagePair {
    std::string name;               // the files' name without its extension
    std::string visible, infrared;  // paths
};

struct LoadedPair {
    std::string name;
    Tensor<float> visible;   // [H, W, 3], or [H, W, 1] of a grey file; in [0, 1]
    Tensor<float> infrared;  // [H, W, 1]; a color file gives its luminance, exactly R where all three are equal
    // What was done to a file that its user may not expect, each a sentence that names it: an image turned by EXIF.
    std::vector<std::string> notes = {};
};

// Which values of 16-bit infrared images are black and white: a thermal camera's counts often fill a small part of the
// 16 bits, and would all be one grey.
struct InfraredCounts {
    double low = 0, high = 65535;

    bool all() const { return low == 0 && high == 65535; }
    // Values in [0, 1], of all 16 bits, as those of the range: 16 bits again, clamped.
    Tensor<float> stretched(const Tensor<float>& infrared, Where site = Where::here()) const;
};

// Reads both images, of 8 or 16 bits, as seafusion::fuse takes them; throws Error if one cannot be read or their sizes
// differ, naming both files.
LoadedPair load_pair(const ImagePair& pair, Where site = Where::here());

struct PairOptions {
    std::string visible_suffix = {}, infrared_suffix = {};  // 001_vis.png goes with 001_ir.png
    bool recursive = false;                                 // folders below too
    bool skip_bad = false;                                  // pass over what is an error otherwise, and say it
};

// The pairs of two folders, sorted by name, as list_images gives them. Everything is matched before anything is read; a
// name may have another extension in the other folder, and its accents may be written in another way (as macOS does); a
// missing partner on either side is an error.
class PairFolder {
public:
    PairFolder(const std::string& visible_folder, const std::string& infrared_folder, const PairOptions& options = {});

    // The layout of MSRS: `folder` holds vi/ and ir/.
    static PairFolder msrs(const std::string& folder);

    std::int64_t size() const { return static_cast<std::int64_t>(pairs_.size()); }
    const ImagePair& operator[](std::int64_t i) const { return pairs_[static_cast<std::size_t>(i)]; }
    auto begin() const { return pairs_.begin(); }
    auto end() const { return pairs_.end(); }

    LoadedPair load(std::int64_t i, Where site = Where::here()) const;

    struct Extent {
        std::int64_t height = 0, width = 0;   // the smallest of each
        std::vector<std::string> notes = {};  // as load() has them, of all pairs
    };
    // Reads the head of every file: throws like load() where a pair would not load, as far as that shows without
    // decoding.
    Extent check() const;
    // With skip_bad: passes over those pairs. Throws if none is left.
    void drop_bad();
    // What was passed over, and why, a line each; empty without skip_bad.
    const std::vector<std::string>& skipped() const { return skipped_; }

private:
    void check_some() const;

    std::vector<ImagePair> pairs_;
    std::vector<std::string> skipped_;
    std::string folder_;
};

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/pairs.inl.hpp"
#endif
