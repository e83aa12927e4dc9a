// Fuses infrared and visible images, files or folders of pairs, with saved weights.
#include "support/fuser.hpp"
#include "support/images.hpp"
#include "support/infrared_range.hpp"
#include "support/program.hpp"

namespace ft = fathom;
namespace fs = std::filesystem;

namespace {

struct Options : program::ImageOptions {
    std::string weights, vis, ir, normalize = "minmax";
    std::string visible_suffix, infrared_suffix, precision = "fp32";
    program::InfraredRange infrared_range;
};

struct Job {
    ft::data::ImagePair pair;
    std::string out;
};

// "_vis:_ir".
void set_suffixes(Options& o, const std::string& text) {
    const std::size_t colon = text.find(':');
    o.visible_suffix = text.substr(0, colon);
    if (colon != std::string::npos) o.infrared_suffix = text.substr(colon + 1);
    if (o.visible_suffix == o.infrared_suffix || o.infrared_suffix.find(':') != std::string::npos)
        throw CLI::ValidationError("--suffix", "expected VISIBLE:INFRARED, such as _vis:_ir, got " + text);
}

class Fuse {
public:
    explicit Fuse(const Options& o) : o_(o), progress_(o.quiet), skipped_(o.skip_bad, progress_) {}

    // Everything that can be known to be wrong is found before the first image is fused.
    int run() {
        const ft::Device device = program::device_of(o_.device);
        for (const std::string& path : {o_.vis, o_.ir}) program::check_exists(path);
        if (fs::is_directory(o_.vis) != fs::is_directory(o_.ir))
            throw ft::Error(o_.vis + ", " + o_.ir + ": expected two files or two folders, got one of each");
        program::FileList files;
        files.reads(o_.weights);
        o_.list_outputs(files);
        fs::is_directory(o_.vis) ? find_pairs(files) : take_files(files);
        files.check();
        files.try_out();
        const std::string leftover = fuser_.load(o_.weights);
        files.prepare();
        if (!leftover.empty()) progress_.keep(leftover);
        fuser_.run_on(device, o_.precision, progress_);
        work();
        return 0;
    }

private:
    void take_files(program::FileList& files) {
        o_.refuse_for_files();
        if (!o_.visible_suffix.empty()) throw ft::Error("--suffix: expected folders, got files");
        const std::string name = fs::path(o_.vis).stem().string(), out = program::picture_file(o_.out, name);
        files.reads(o_.vis), files.reads(o_.ir), files.writes_picture(out, "--out");
        jobs_.push_back({{name, o_.vis, o_.ir}, out});
    }

    void find_pairs(program::FileList& files) {
        ft::data::PairFolder folder(o_.vis, o_.ir, {o_.visible_suffix, o_.infrared_suffix, o_.recursive, o_.skip_bad});
        o_.skip_bad ? folder.drop_bad() : static_cast<void>(folder.check());
        for (const std::string& line : folder.skipped()) skipped_.add(line);
        for (const std::string& path : {o_.vis, o_.ir}) files.reads_folder(path, o_.recursive);
        for (const ft::data::ImagePair& pair : folder) {
            files.reads(pair.visible), files.reads(pair.infrared);
            jobs_.push_back({pair, program::picture_in(o_.out, pair.name, "--out", files)});
        }
    }

    // The range that is stretched: of all pictures, or none yet.
    std::optional<ft::seafusion::PictureRange> common_range() {
        if (o_.normalize == "none") return ft::seafusion::PictureRange{};
        if (o_.normalize == "minmax") return std::nullopt;
        std::optional<ft::seafusion::PictureRange> range;
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            try {
                const auto own = ft::seafusion::range_of(fuser_.planes(load(jobs_[i])));
                if (!range) range = own;
                range = {std::min(range->low, own.low), std::max(range->high, own.high)};
            } catch (const ft::Error&) {
                if (!o_.skip_bad) throw;  // said when its picture is due
            }
            progress_.tick("range", program::format("looking for the range, %zu/%zu", i + 1, jobs_.size()));
        }
        return range;
    }

    ft::data::LoadedPair load(const Job& job) {
        ft::data::LoadedPair pair = ft::data::load_pair(job.pair);
        for (const std::string& note : pair.notes) progress_.warn(note);
        pair.infrared = o_.infrared_range.apply(job.pair.infrared, pair.infrared, progress_);
        return pair;
    }

    void work() {
        const program::Stopwatch total;
        std::vector<ft::data::ImagePair> pairs;
        for (const Job& job : jobs_) pairs.push_back(job.pair);
        o_.infrared_range.look(pairs);
        if (const std::string text = o_.infrared_range.message(); !text.empty()) progress_.keep(text);
        if (o_.normalize == "minmax" && jobs_.size() > 1)
            progress_.keep(
                "each picture is stretched over its own range, which flickers in a sequence; --normalize "
                "folder takes one range for all");
        const auto range = common_range();
        nlohmann::json images = nlohmann::json::array();
        ft::data::ContactSheet sheet({"visible", "infrared", "fused"});
        for (const Job& job : jobs_) {
            const program::Stopwatch watch;
            const bool done = skipped_.passing([&] {
                const ft::data::LoadedPair pair = load(job);
                const auto planes = fuser_.planes(pair);
                const auto fused = range ? fuser_.picture(planes, *range) : fuser_.picture(planes);
                ft::io::write_image(job.out, fused);
                if (!o_.sheet.empty())
                    sheet.add_row(pair.name,
                                  {ft::data::image_bytes(pair.visible), ft::data::image_bytes(pair.infrared), fused});
                images.push_back({{"name", pair.name},
                                  {"height", pair.visible.size(0)},
                                  {"width", pair.visible.size(1)},
                                  {"seconds", watch.seconds()}});
            });
            if (done)
                progress_.show(
                    program::format("%zu/%zu %s %.2fs", images.size(), jobs_.size(), job.out.c_str(), watch.seconds()));
        }
        if (!o_.sheet.empty() && sheet.rows() > 0) ft::io::write_image(o_.sheet, sheet.render());
        program::finish_images(o_, o_.weights, images, skipped_, total.seconds(), progress_);
    }

    Options o_;
    program::Progress progress_;
    program::Skipped skipped_;
    program::Fuser fuser_;
    std::vector<Job> jobs_;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Fuses infrared and visible images with a trained SeAFusion net.", "fuse");
    Options o;
    app.add_option("--weights", o.weights, "weights: safetensors or PyTorch .pth (zip or legacy)")->required();
    app.add_option("--vis", o.vis, "visible image, or folder of images")->required();
    app.add_option("--ir", o.ir, "infrared image, or folder of images with the same names")->required();
    app.add_option("--out", o.out, "picture to write (.png, .jpg), or folder for them")->required();
    app.add_option_function<std::string>(
        "--suffix", [&](const std::string& text) { set_suffixes(o, text); },
        "VISIBLE:INFRARED: what names end in, such as _vis:_ir for 001_vis.png and 001_ir.png");
    app.add_option("--normalize", o.normalize,
                   "minmax: stretch over the picture's range, as the published pictures are; folder: over one range "
                   "for all pictures, for sequences (runs the net twice); none")
        ->check(CLI::IsMember({"minmax", "folder", "none"}))
        ->capture_default_str();
    app.add_option(
           "--precision", o.precision,
           "fp32; strict: fp32 with convolutions summed directly, in twice the time and more memory; bf16: products "
           "in bfloat16, several times as fast on machines with AMX")
        ->check(CLI::IsMember({"fp32", "strict", "bf16"}))
        ->capture_default_str();
    app.add_option_function<std::string>(
           "--ir-range",
           [&](const std::string& text) {
               if (!o.infrared_range.parse(text))
                   throw CLI::ValidationError(
                       "--ir-range", std::string("expected ") + program::InfraredRange::words + ", got " + text);
           },
           program::InfraredRange::help)
        ->default_str("full");
    o.add_to(app);
    return program::run(app, argc, argv, [&] {
        if (o.threads > 0) ft::set_threads(o.threads);
        return Fuse(o).run();
    });
}
