// Times whole pieces of work: one frame through either net, one training step. With --serve it does one repeat per
// line of standard input, so that a driver can alternate it with other programs on a noisy machine.
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/e2e/layers.hpp"
#include "bench/support/report.hpp"
#include "support/program.hpp"
#include "fathom/seafusion.hpp"

namespace ft = fathom;
using json = nlohmann::json;

namespace {

struct Options {
    std::string work, dtype = "f32";
    std::int64_t height = 480, width = 640, batch = 1, strip_rows = 0;
    int threads = 2, repeats = 7;
    bool serve = false, layers = false;
    std::string json_file;
};

double resident_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1e3;
}

ft::Precision precision_of(const Options& o) { return o.dtype == "bf16" ? ft::Precision::bf16 : ft::Precision::fast; }

// One forward of the fusion net without gradients.
std::function<void()> fusion_frame(const Options& o) {
    auto gen = std::make_shared<ft::Generator>(0);
    auto net = std::make_shared<ft::seafusion::FusionNet<float>>(*gen);
    net->precision = precision_of(o);
    const auto y = ft::rand<float>({o.batch, 1, o.height, o.width}, *gen),
               ir = ft::rand<float>({o.batch, 1, o.height, o.width}, *gen);
    return [=] {
        const ft::NoGrad off;
        net->forward(y, ir);
    };
}

// Forward, content loss, backward, Adam.
std::function<void()> fusion_step(const Options& o) {
    auto gen = std::make_shared<ft::Generator>(0);
    auto net = std::make_shared<ft::seafusion::FusionNet<float>>(*gen);
    net->strip_rows = o.strip_rows;
    net->precision = precision_of(o);
    auto adam = std::make_shared<ft::optim::Adam>(net->parameters(), ft::optim::AdamOptions{.lr = 1e-4});
    const auto y = ft::rand<float>({o.batch, 1, o.height, o.width}, *gen),
               ir = ft::rand<float>({o.batch, 1, o.height, o.width}, *gen);
    return [=] {
        adam->zero_grad();
        ft::seafusion::content_loss(net->forward(y, ir), y, ir).total.backward();
        adam->step();
    };
}

// One forward of the segmentation net in eval() without gradients.
std::function<void()> segmentation_frame(const Options& o) {
    auto gen = std::make_shared<ft::Generator>(0);
    auto net = std::make_shared<ft::seafusion::SegmentationNet<float>>(*gen);
    net->eval();
    net->precision = precision_of(o);
    const auto x = ft::rand<float>({o.batch, 3, o.height, o.width}, *gen);
    return [=] {
        const ft::NoGrad off;
        net->forward(x);
    };
}

// Classes 0 to 8 at random; a sixteenth of the rows is left out.
ft::Tensor<std::int64_t> random_label(const Options& o, ft::Generator& gen) {
    auto label = (ft::rand<float>({o.batch, o.height, o.width}, gen) * 9.0f).to<std::int64_t>();
    auto unsure = label.slice(1, 0, o.height / 16);
    unsure.fill_(ft::ignored_label);
    return label;
}

// Forward in training, OHEM loss of both heads, backward, SGD.
std::function<void()> segmentation_step(const Options& o) {
    auto gen = std::make_shared<ft::Generator>(0);
    auto net = std::make_shared<ft::seafusion::SegmentationNet<float>>(*gen);
    net->precision = precision_of(o);
    auto trainer = std::make_shared<ft::seafusion::SegmentationTrainer<float>>(
        *net, ft::seafusion::SegmentationTrainerOptions{.lr = 1e-4});
    const auto x = ft::rand<float>({o.batch, 3, o.height, o.width}, *gen);
    const auto label = random_label(o, *gen);
    return [=] {
        static_cast<void>(net);  // the trainer refers to it
        trainer->step(x, label);
    };
}

// The fusion step guided by a frozen segmentation net.
std::function<void()> joint_step(const Options& o) {
    auto gen = std::make_shared<ft::Generator>(0);
    auto net = std::make_shared<ft::seafusion::FusionNet<float>>(*gen);
    net->strip_rows = o.strip_rows;
    net->precision = precision_of(o);
    auto guide = std::make_shared<ft::seafusion::SegmentationNet<float>>(*gen);
    auto trainer =
        std::make_shared<ft::seafusion::FusionTrainer<float>>(*net, ft::seafusion::FusionTrainerOptions{.lr = 1e-4});
    guide->precision = precision_of(o);
    trainer->follow(*guide, 1);
    const auto visible = ft::rand<float>({o.batch, 3, o.height, o.width}, *gen),
               ir = ft::rand<float>({o.batch, 1, o.height, o.width}, *gen);
    const auto batch = ft::seafusion::fusion_batch(visible, ir, random_label(o, *gen));
    return [=] {
        static_cast<void>(net), static_cast<void>(guide);  // the trainer refers to them
        trainer->step(batch);
    };
}

const std::map<std::string, std::function<void()> (*)(const Options&)> works = {
    {"fusion-frame", &fusion_frame},
    {"fusion-step", &fusion_step},
    {"joint-step", &joint_step},
    {"segmentation-frame", &segmentation_frame},
    {"segmentation-step", &segmentation_step}};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Times whole pieces of work of fathom.");
    Options o;
    app.add_option("work", o.work, "what to time")->required()->check(CLI::IsMember(works));
    app.add_option("--dtype", o.dtype, "f32; bf16: convolutions multiply bfloat16")
        ->check(CLI::IsMember({"f32", "bf16"}))
        ->capture_default_str();
    app.add_option("--height", o.height)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--width", o.width)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--batch", o.batch)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--strip-rows", o.strip_rows, "of fusion-step and joint-step: rows in memory at once (0: all)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--threads", o.threads)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--repeats", o.repeats)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_flag("--serve", o.serve, "one repeat per line of standard input; an empty line ends");
    app.add_flag("--layers", o.layers, "where the time goes, operation by operation, beside what the machine allows")
        ->excludes("--serve", "--dtype");
    app.add_option("--json", o.json_file, "write the summary to this file");
    return program::run(app, argc, argv, [&] {
        ft::set_threads(o.threads);
        const double base = resident_mb();
        const auto job = works.at(o.work)(o);
        for (int i = 0; i < 2; ++i) job();
        if (o.layers) {
            const ft::bench::Layers layers(job, o.repeats, o.threads);
            std::cout << layers.text();
            ft::bench::write_json(layers.json(), o.json_file);
            return 0;
        }
        std::vector<double> seconds;
        const auto once = [&] {
            const program::Stopwatch watch;
            job();
            seconds.push_back(watch.seconds());
            return seconds.back();
        };
        if (o.serve) {
            std::cout << json{{"ready", true}}.dump() << std::endl;
            for (std::string line; std::getline(std::cin, line) && !line.empty();)
                std::cout << json{{"seconds", once()}}.dump() << std::endl;
        } else {
            for (int i = 0; i < o.repeats; ++i) once();
        }
        std::vector<double> sorted = seconds;
        std::sort(sorted.begin(), sorted.end());
        const ft::MemoryReport memory = ft::memory_report();
        json summary = {{"engine", "fathom"},
                        {"work", o.work},
                        {"shape", {o.batch, o.height, o.width}},
                        {"threads", o.threads},
                        {"dtype", o.dtype},
                        {"strip_rows", o.strip_rows},
                        {"isa", ft::name_of(ft::isa())},
                        {"tiles", ft::name_of(ft::tile_isa())},
                        {"seconds", seconds},
                        {"peak_mb", resident_mb()},
                        {"base_mb", base},
                        {"tensor_peak_mb", static_cast<double>(memory.peak) / 1e6}};
        if (!sorted.empty()) summary["median"] = sorted[sorted.size() / 2];
        std::cout << summary.dump() << std::endl;
        if (!o.json_file.empty() && !(std::ofstream(o.json_file) << summary.dump(1) << '\n'))
            throw std::runtime_error(o.json_file + ": cannot be written");
        return 0;
    });
}
