// Finds the class of every pixel of pictures, fused or others, with the weights of a segmentation net.
#include <cctype>

#include "fathom/seafusion.hpp"
#include "support/classes.hpp"
#include "support/images.hpp"
#include "support/overlay.hpp"
#include "support/program.hpp"

namespace ft = fathom;
namespace fs = std::filesystem;

namespace {

struct Options : program::ImageOptions {
    std::string weights, images, overlay, precision = "fp32";
    double opacity = 0.5;
};

struct Job {
    ft::data::ImageFile image;
    std::string labels, overlay;
};

nlohmann::json pixels_by_class(const ft::Tensor<std::uint8_t>& labels, const program::Classes& classes) {
    std::vector<std::int64_t> counts(classes.names.size());
    for (std::int64_t i = 0; i < labels.numel(); ++i) ++counts[labels.data()[i]];
    nlohmann::json found = nlohmann::json::object();
    for (std::size_t c = 0; c < counts.size(); ++c)
        if (counts[c] > 0) found[classes.names[c]] = counts[c];
    return found;
}

class Segment {
public:
    explicit Segment(const Options& o) : o_(o), progress_(o.quiet), skipped_(o.skip_bad, progress_) {}

    // Everything that can be known to be wrong is found before the first image.
    int run() {
        device_ = program::device_of(o_.device);
        program::check_exists(o_.images);
        program::FileList files;
        files.reads(o_.weights);
        o_.list_outputs(files);
        fs::is_directory(o_.images) ? find_images(files) : take_file(files);
        files.check();
        files.try_out();
        const ft::StateDict weights = ft::io::load(o_.weights);
        classes_ = program::classes_of_weights(weights, o_.weights);
        net_ = ft::seafusion::SegmentationNet<float>(classes_.size());
        const std::string leftover = program::load_weights(net_, "segmentation net", o_.weights, weights);
        files.prepare();
        if (!leftover.empty()) progress_.keep(leftover);
        if (o_.precision == "bf16") {
            net_.precision = ft::Precision::bf16;
            if (device_.is_cpu()) program::keep_bfloat16_note(progress_);
        }
        net_.to(device_);
        work();
        return 0;
    }

private:
    void take_file(program::FileList& files) {
        o_.refuse_for_files();
        const std::string name = fs::path(o_.images).stem().string();
        Job job{{name, o_.images}, program::picture_file(o_.out, name), {}};
        if (!o_.overlay.empty()) job.overlay = program::picture_file(o_.overlay, name);
        check(job);
        std::string ending = fs::path(job.labels).extension().string();
        for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (ending != ".png")
            throw ft::Error(job.labels + ": unknown ending, expected .png, which keeps labels as they are");
        files.reads(o_.images), files.writes_picture(job.labels, "--out");
        if (!o_.overlay.empty()) files.writes_picture(job.overlay, "--overlay");
        jobs_.push_back(job);
    }

    void find_images(program::FileList& files) {
        std::vector<std::string> bad;
        const auto found =
            ft::data::list_images(o_.images, {.recursive = o_.recursive, .skipped = o_.skip_bad ? &bad : nullptr});
        for (const std::string& line : bad) skipped_.add(line);
        files.reads_folder(o_.images, o_.recursive);
        for (const ft::data::ImageFile& image : found) {
            Job job{image, {}, {}};
            if (!skipped_.passing([&] { check(job); })) continue;
            files.reads(image.path);
            job.labels = program::picture_in(o_.out, image.name, "--out", files);
            if (!o_.overlay.empty()) job.overlay = program::picture_in(o_.overlay, image.name, "--overlay", files);
            jobs_.push_back(job);
        }
    }

    static void check(const Job& job) {
        if (const int bits = program::bits_of(job.image.path); bits != 8)
            throw ft::Error(job.image.path + ": has " + std::to_string(bits) + " bits per channel, expected 8");
    }

    void work() {
        const program::Stopwatch total;
        nlohmann::json images = nlohmann::json::array();
        ft::data::ContactSheet sheet({"picture", "classes", "overlay"});
        for (const Job& job : jobs_) {
            const program::Stopwatch watch;
            const bool done = skipped_.passing([&] {
                const auto picture = program::color(ft::io::read_image(job.image.path));
                const auto labels = ft::seafusion::segment(net_, picture.to(device_)).to(ft::Device::cpu());
                const auto over = program::overlaid(picture, labels, classes_.colors, o_.opacity);
                ft::io::write_image(job.labels, ft::reshape(labels, {labels.size(0), labels.size(1), 1}));
                if (!job.overlay.empty()) ft::io::write_image(job.overlay, over);
                if (!o_.sheet.empty())
                    sheet.add_row(job.image.name, {picture, ft::data::color_labels(labels, classes_.colors), over});
                images.push_back({{"name", job.image.name},
                                  {"height", picture.size(0)},
                                  {"width", picture.size(1)},
                                  {"pixels", pixels_by_class(labels, classes_)},
                                  {"seconds", watch.seconds()}});
            });
            if (done)
                progress_.show(program::format("%zu/%zu %s %.2fs", images.size(), jobs_.size(), job.labels.c_str(),
                                               watch.seconds()));
        }
        if (!o_.sheet.empty() && sheet.rows() > 0) {
            sheet.add_legend(program::names_of(classes_), classes_.colors);
            ft::io::write_image(o_.sheet, sheet.render());
        }
        program::finish_images(o_, o_.weights, images, skipped_, total.seconds(), progress_);
    }

    Options o_;
    program::Progress progress_;
    program::Skipped skipped_;
    program::Classes classes_;
    ft::Device device_;
    ft::seafusion::SegmentationNet<float> net_;
    std::vector<Job> jobs_;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Finds the class of every pixel of pictures with a trained segmentation net.", "segment");
    Options o;
    app.add_option("--weights", o.weights, "weights of the segmentation net: safetensors or PyTorch .pth")->required();
    app.add_option("--images", o.images, "picture (such as fuse writes), or folder of pictures")->required();
    app.add_option("--out", o.out, "labels to write (.png), or folder for them: a grey value is a class")->required();
    app.add_option("--overlay", o.overlay, "picture in the classes' colors to write, or folder for them");
    app.add_option("--precision", o.precision,
                   "fp32; bf16: products in bfloat16, several times as fast on machines with AMX")
        ->check(CLI::IsMember({"fp32", "bf16"}))
        ->capture_default_str();
    program::add_number(app, "--opacity", o.opacity, 0.0, 1.0, "of the colors in overlays");
    o.add_to(app);
    return program::run(app, argc, argv, [&] {
        if (o.threads > 0) ft::set_threads(o.threads);
        return Segment(o).run();
    });
}
