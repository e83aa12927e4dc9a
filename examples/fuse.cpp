// Fuses infrared and visible images, files or folders of pairs, with saved weights.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "fathom/fathom.hpp"
#include "support/files.hpp"
#include "support/program.hpp"

namespace ft = fathom;
namespace fs = std::filesystem;

namespace {

struct Options {
    std::string weights, vis, ir, out, normalize = "minmax", sheet, json_file;
    int threads = 0;
    bool quiet = false;
};

struct Job {
    ft::data::ImagePair pair;
    std::string out;
};

// A picture must not take the place of an image that it is made of.
void check_output(const Job& job) {
    for (const std::string& input : {job.pair.visible, job.pair.infrared}) {
        std::error_code error;  // what cannot be compared is not the same
        if (fs::equivalent(job.out, input, error)) throw ft::Error(job.out + ": is an input, expected another --out");
    }
}

// Everything that can be known to be wrong is found before the first image is fused.
std::vector<Job> jobs(const Options& o) {
    for (const std::string& path : {o.vis, o.ir})
        if (!fs::exists(path)) throw ft::Error(path + ": no such file or folder");
    if (fs::is_directory(o.vis) != fs::is_directory(o.ir))
        throw ft::Error(o.vis + ", " + o.ir + ": expected two files or two folders, got one of each");
    std::vector<Job> jobs;
    if (!fs::is_directory(o.vis)) {
        const std::string name = fs::path(o.vis).stem().string();
        jobs.push_back(
            {{name, o.vis, o.ir}, fs::is_directory(o.out) ? (fs::path(o.out) / (name + ".png")).string() : o.out});
        check_output(jobs.back());
        return jobs;
    }
    const ft::data::PairFolder folder(o.vis, o.ir);
    folder.check();
    for (const ft::data::ImagePair& pair : folder)
        jobs.push_back({pair, (fs::path(o.out) / (pair.name + ".png")).string()});
    for (const Job& job : jobs) check_output(job);
    std::error_code error;
    fs::create_directories(o.out, error);
    if (error) throw ft::Error(o.out + ": cannot be made, " + error.message());
    return jobs;
}

int fuse(const Options& o) {
    if (o.threads > 0) ft::set_threads(o.threads);
    ft::seafusion::FusionNet<float> net;
    const std::vector<std::string> unused = program::load_weights(net, o.weights);
    const std::vector<Job> work = jobs(o);
    program::Progress progress(o.quiet);
    if (!unused.empty())
        progress.keep(program::format("%s: %zu unused entries (%s, ...)", o.weights.c_str(), unused.size(),
                                      unused.front().c_str()));
    const auto normalize = o.normalize == "none" ? ft::seafusion::Normalize::none : ft::seafusion::Normalize::minmax;
    nlohmann::json images = nlohmann::json::array();
    ft::data::ContactSheet sheet({"visible", "infrared", "fused"});
    const program::Stopwatch total;
    for (std::size_t i = 0; i < work.size(); ++i) {
        const program::Stopwatch watch;
        const ft::data::LoadedPair pair = ft::data::load_pair(work[i].pair);
        for (const std::string& note : pair.notes) progress.warn(note);
        const auto fused = ft::seafusion::fuse(net, pair.visible, pair.infrared, normalize);
        ft::io::write_image(work[i].out, fused);
        if (!o.sheet.empty())
            sheet.add_row(pair.name,
                          {ft::data::image_bytes(pair.visible), ft::data::image_bytes(pair.infrared), fused});
        images.push_back({{"name", pair.name},
                          {"height", pair.visible.size(0)},
                          {"width", pair.visible.size(1)},
                          {"seconds", watch.seconds()}});
        progress.show(program::format("%zu/%zu %s %.2fs", i + 1, work.size(), work[i].out.c_str(), watch.seconds()));
    }
    progress.keep(program::format("%zu images in %s: %s", work.size(), program::duration_text(total.seconds()).c_str(),
                                  o.out.c_str()));
    if (!o.sheet.empty()) ft::io::write_image(o.sheet, sheet.render());
    if (!o.json_file.empty()) {
        const nlohmann::json summary = {
            {"weights", o.weights}, {"isa", ft::name_of(ft::isa())}, {"threads", ft::threads()}, {"images", images}};
        program::write_json(o.json_file, summary);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Fuses infrared and visible images with a trained SeAFusion net.");
    Options o;
    app.add_option("--weights", o.weights, "weights: safetensors or PyTorch .pth (zip or legacy)")->required();
    app.add_option("--vis", o.vis, "visible image, or folder of images")->required();
    app.add_option("--ir", o.ir, "infrared image, or folder of images with the same names")->required();
    app.add_option("--out", o.out, "picture to write (.png, .jpg), or folder for them")->required();
    app.add_option("--normalize", o.normalize,
                   "minmax: stretch over the picture's range, as the published pictures are; none")
        ->check(CLI::IsMember({"minmax", "none"}))
        ->capture_default_str();
    app.add_option("--threads", o.threads, "threads; 0: all")->check(CLI::NonNegativeNumber)->capture_default_str();
    app.add_flag("--quiet", o.quiet, "no progress");
    app.add_option("--sheet", o.sheet, "write a contact sheet to this file");
    app.add_option("--json", o.json_file, "write times to this file");
    return program::run(app, argc, argv, [&] { return fuse(o); });
}
