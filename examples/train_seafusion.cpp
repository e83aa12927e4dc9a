// Trains SeAFusion's fusion net with its content loss, on synthetic scenes or on a folder of real pairs.
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fathom/fathom.hpp"
#include "support/files.hpp"
#include "support/program.hpp"

namespace ft = fathom;
namespace fs = std::filesystem;
using json = nlohmann::json;

namespace {

struct Options {
    std::string data, out, reference, json_file;
    std::int64_t steps = 300, batch = 8, crop = 96, scenes = 48;
    double lr = 1e-3, alpha = 10;
    std::uint64_t seed = 1;
    int threads = 0;
    bool trainable_sobel = false, quiet = false;
};

// What the net is trained on, and what it is measured on and shown with.
struct Images {
    std::shared_ptr<ft::data::PairStore> train, test;
};

Images open_images(const Options& o) {
    if (o.data.empty()) {
        const ft::data::SceneOptions size{.height = 240, .width = 320};
        if (o.crop > size.height)
            throw ft::Error("--crop: synthetic scenes have 240 x 320 pixels, expected at most 240, got " +
                            std::to_string(o.crop));
        return {std::make_shared<ft::data::PairStore>(o.seed * 1000003, o.scenes, size),
                std::make_shared<ft::data::PairStore>(o.seed * 1000003 + 500000, 8, size)};
    }
    if (!fs::is_directory(o.data)) throw ft::Error(o.data + ": no such folder");
    const bool split = fs::is_directory(fs::path(o.data) / "train");
    const std::string train = split ? (fs::path(o.data) / "train").string() : o.data;
    ft::data::PairFolder pairs = ft::data::PairFolder::msrs(train);
    const auto smallest = pairs.check();
    if (smallest.height < o.crop || smallest.width < o.crop)
        throw ft::Error(train + ": the smallest images are " + std::to_string(smallest.height) + "x" +
                        std::to_string(smallest.width) + ", expected at least the crop's " + std::to_string(o.crop));
    ft::data::PairFolder test = split && fs::is_directory(fs::path(o.data) / "test")
                                    ? ft::data::PairFolder::msrs((fs::path(o.data) / "test").string())
                                    : pairs;
    test.check();
    return {std::make_shared<ft::data::PairStore>(std::move(pairs)),
            std::make_shared<ft::data::PairStore>(std::move(test))};
}

// One pair as images in [0, 1].
struct View {
    std::string name;
    ft::Tensor<float> visible, infrared;  // [H, W, 3], [H, W, 1]
    ft::seafusion::FusionInput<float> input;
};

View view_of(ft::data::PairStore& store, std::int64_t i) {
    const auto pair = store.get(i);
    View view{pair->name,
              ft::empty<float>({pair->height, pair->width, 3}),
              ft::empty<float>({pair->height, pair->width, 1}),
              {}};
    float *rgb = view.visible.mutable_data(), *ir = view.infrared.mutable_data();
    for (std::int64_t p = 0; p < pair->height * pair->width; ++p) {
        for (std::int64_t c = 0; c < 3; ++c)
            rgb[3 * p + c] = pair->visible[p * pair->pixel_step + c * pair->channel_step];
        ir[p] = pair->infrared[p];
    }
    view.input = ft::seafusion::fusion_input(view.visible, view.infrared);
    return view;
}

ft::Tensor<std::uint8_t> bytes_of(const ft::Tensor<float>& image) { return (image * 255.0f + 0.5f).to<std::uint8_t>(); }

// Mean content loss over the test pairs, whole images: the net's, and that of fusing by a rule.
std::vector<std::pair<std::string, double>> measure(ft::seafusion::FusionNet<float>& net,
                                                    ft::seafusion::FusionNet<float>& reference, const Options& o,
                                                    ft::data::PairStore& test) {
    const ft::NoGrad off;
    std::vector<std::pair<std::string, double>> rows = {
        {"this net", 0}, {"pixelwise maximum", 0}, {"visible", 0}, {"mean", 0}, {"infrared", 0}};
    if (!o.reference.empty()) rows.emplace_back("reference weights", 0);
    for (std::int64_t i = 0; i < test.size() && !program::Interrupt::requested(); ++i) {
        const View view = view_of(test, i);
        const auto &y = view.input.y, &ir = view.input.ir;
        const auto loss = [&](const ft::Tensor<float>& fused) {
            return static_cast<double>(ft::seafusion::content_loss(fused, y, ir, o.alpha).total.item()) /
                   static_cast<double>(test.size());
        };
        rows[0].second += loss(net.forward(y, ir));
        rows[1].second += loss(ft::maximum(y, ir));
        rows[2].second += loss(y);
        rows[3].second += loss((y + ir) / 2.0f);
        rows[4].second += loss(ir);
        if (!o.reference.empty()) rows[5].second += loss(reference.forward(y, ir));
    }
    return rows;
}

void write_sheet(const std::string& path, ft::seafusion::FusionNet<float>& net, ft::data::PairStore& test) {
    ft::data::ContactSheet sheet({"visible", "infrared", "fused"});
    for (std::int64_t i = 0; i < std::min<std::int64_t>(test.size(), 6); ++i) {
        const View view = view_of(test, i * test.size() / std::min<std::int64_t>(test.size(), 6));
        sheet.add_row(view.name, {bytes_of(view.visible), bytes_of(view.infrared),
                                  ft::seafusion::fuse(net, view.visible, view.infrared)});
    }
    ft::io::write_image(path, sheet.render());
}

std::string default_folder() {
    const std::time_t now = std::time(nullptr);
    char text[64];
    std::strftime(text, sizeof text, "runs/%Y%m%d-%H%M%S", std::localtime(&now));
    return text;
}

void save(const fs::path& folder, const ft::seafusion::FusionNet<float>& net, std::int64_t steps) {
    ft::io::save((folder / "fusion.safetensors").string(), net.state_dict(), {{"steps", std::to_string(steps)}});
}

int train(Options o, const std::string& command) {
    if (o.threads > 0) ft::set_threads(o.threads);
    program::Progress progress(o.quiet);
    const Images images = open_images(o);
    const fs::path folder = o.out.empty() ? default_folder() : o.out;
    for (const char* file : {"record.json", "fusion.safetensors"})
        if (fs::exists(folder / file))
            throw ft::Error(folder.string() + ": holds a run already (" + file + "), expected another --out");
    ft::seafusion::FusionNet<float> reference;
    if (!o.reference.empty()) program::load_weights(reference, o.reference);
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw ft::Error(folder.string() + ": cannot be made, " + error.message());

    ft::Generator gen(o.seed);
    ft::seafusion::FusionNet<float> net(
        gen, o.trainable_sobel ? ft::seafusion::Sobel::trainable : ft::seafusion::Sobel::fixed);
    ft::seafusion::FusionTrainer<float> trainer(net, {.lr = o.lr, .alpha = o.alpha});
    ft::data::CropSampler sampler(images.train, {.batch = o.batch, .height = o.crop, .width = o.crop});
    const json record = {{"command", command},
                         {"data", o.data.empty() ? "synthetic" : o.data},
                         {"train_pairs", images.train->size()},
                         {"steps", o.steps},
                         {"batch", o.batch},
                         {"crop", o.crop},
                         {"lr", o.lr},
                         {"alpha", o.alpha},
                         {"seed", o.seed},
                         {"trainable_sobel", o.trainable_sobel},
                         {"threads", ft::threads()},
                         {"isa", ft::name_of(ft::isa())}};
    program::write_json((folder / "record.json").string(), record);
    std::ofstream log(folder / "log.jsonl", std::ios::app);
    progress.keep("training on " + std::to_string(images.train->size()) +
                  (o.data.empty() ? " synthetic scenes" : " pairs of " + o.data) + ", run folder " + folder.string());

    const program::Interrupt interrupt;
    const program::Stopwatch watch;
    double mean = 0;
    std::int64_t step = 0;
    for (; step < o.steps && !interrupt.requested(); ++step) {
        // As in the released training, where each of ten epochs has three quarters of the rate before it.
        trainer.optimizer().groups()[0].lr = o.lr * std::pow(0.75, static_cast<double>(step * 10 / o.steps));
        const ft::data::CropBatch batch = sampler.next(gen);
        const ft::seafusion::StepLosses losses = trainer.step(batch.luminance, batch.infrared);
        mean = step == 0 ? losses.total : 0.95 * mean + 0.05 * losses.total;
        const double rate = trainer.optimizer().groups()[0].lr, seconds = watch.seconds();
        log << json{{"step", step + 1},          {"loss", losses.total}, {"intensity", losses.intensity},
                    {"texture", losses.texture}, {"lr", rate},           {"seconds", seconds}}
                   .dump()
            << '\n'
            << std::flush;
        if (!log) throw ft::Error((folder / "log.jsonl").string() + ": cannot be written");
        const double left = seconds / static_cast<double>(step + 1) * static_cast<double>(o.steps - step - 1);
        if (progress.on_terminal() || (step + 1) % 50 == 0 || step == 0)
            progress.show(program::format(
                "step %lld/%lld  loss %.4f (mean %.4f, intensity %.4f, texture %.4f)  lr %.2e  %.2f steps/s  %s left",
                static_cast<long long>(step + 1), static_cast<long long>(o.steps), losses.total, mean, losses.intensity,
                losses.texture, rate, static_cast<double>(step + 1) / seconds, program::duration_text(left).c_str()));
        if ((step + 1) % 500 == 0) save(folder, net, step + 1);
    }
    save(folder, net, step);
    const auto rows = measure(net, reference, o, *images.test);
    if (interrupt.requested()) {
        progress.keep(program::format("stopped after %lld steps; weights saved in %s", static_cast<long long>(step),
                                      folder.c_str()));
        return 0;
    }
    write_sheet((folder / "sheet.png").string(), net, *images.test);
    json summary = {
        {"run", folder.string()}, {"steps", step}, {"seconds", watch.seconds()}, {"test_pairs", images.test->size()}};
    for (const auto& [name, loss] : rows) summary["content_loss"][name] = loss;
    program::write_json((folder / "summary.json").string(), summary);
    if (!o.json_file.empty()) program::write_json(o.json_file, summary);
    if (o.quiet) return 0;
    std::printf("content loss, mean of %lld %s (alpha = %g, whole images)\n",
                static_cast<long long>(images.test->size()), o.data.empty() ? "unseen scenes" : "test pairs", o.alpha);
    for (const auto& [name, loss] : rows) std::printf("  %-20s %.4f\n", name.c_str(), loss);
    std::printf("weights        %s\ncontact sheet  %s\n", (folder / "fusion.safetensors").c_str(),
                (folder / "sheet.png").c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Trains SeAFusion's fusion net with the content loss; without --data on synthetic scenes.");
    Options o;
    app.add_option("--data", o.data, "folder with vi/ and ir/, or with train/ and test/ that hold them (MSRS layout)");
    app.add_option("--out", o.out, "run folder (default: runs/DATE-TIME)");
    app.add_option("--steps", o.steps, "updates")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--batch", o.batch)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--crop", o.crop, "height and width of the random crops")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--scenes", o.scenes, "number of synthetic scenes")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--lr", o.lr, "first learning rate; falls to 0.75 of it ten times")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--alpha", o.alpha, "weight of the texture loss")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--seed", o.seed)->capture_default_str();
    app.add_option("--threads", o.threads, "threads; 0: all")->check(CLI::NonNegativeNumber)->capture_default_str();
    app.add_option("--reference", o.reference, "weights to measure beside the trained ones");
    app.add_flag("--trainable-sobel", o.trainable_sobel, "train the Sobel filters too, as the released net did");
    app.add_flag("--quiet", o.quiet, "no progress");
    app.add_option("--json", o.json_file, "write the summary to this file");
    std::string command;
    for (int i = 0; i < argc; ++i) command.append(i ? " " : "").append(argv[i]);
    return program::run(app, argc, argv, [&] { return train(o, command); });
}
