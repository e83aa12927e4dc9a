// How long the nets take on the device: frames, training steps with the most memory they hold, and each layer that the
// fusion net consists of, forward, gradient of the data, gradient of the weights. A time is the median of single calls,
// each waited for; "in a row" is per call when several are sent before the wait. Inputs take turns, so that none is
// found in the cache.
//
//   gpu_times [--device cuda|emulator] [--height 480] [--width 640] [--repeats 20] [--rotate-mb 128] [--json FILE]
#include <chrono>
#include <functional>

#include "device.hpp"
#include "fathom/backend/stream.hpp"
#include "fathom/seafusion.hpp"

namespace ft = fathom;

namespace {

using Image = ft::Tensor<float>;

class Timer {
public:
    Timer(const bench::Options& options, ft::Device device)
        : options_(options), device_(device), report_("gpu_times", bench::name_of(device), options.json_file) {}

    ft::Device device() const { return device_; }
    long height() const { return options_.height; }
    long width() const { return options_.width; }

    // How many inputs of `channels` planes each take turns.
    std::size_t turns(long channels) const {
        const double mb = 4e-6 * static_cast<double>(channels * options_.height * options_.width);
        return std::clamp<std::size_t>(static_cast<std::size_t>(static_cast<double>(options_.rotate_mb) / mb) + 1, 2,
                                       64);
    }
    std::vector<Image> images(long channels, std::size_t count, std::uint64_t seed, long batch = 1) const {
        ft::Generator gen(seed);
        std::vector<Image> list;
        for (std::size_t i = 0; i < count; ++i)
            list.push_back(ft::rand<float>({batch, channels, options_.height, options_.width}, gen, -1, 1)
                               .contiguous(ft::MemoryFormat::channels_last)
                               .to(device_));
        return list;
    }

    // Classes of every pixel; the first rows are not labelled.
    std::vector<ft::Tensor<std::int64_t>> labels(std::size_t count, std::uint64_t seed, long batch) const {
        ft::Generator gen(seed);
        std::vector<ft::Tensor<std::int64_t>> list;
        for (std::size_t i = 0; i < count; ++i) {
            auto label = ft::rand<float>({batch, options_.height, options_.width}, gen, 0, 9).to<std::int64_t>();
            label.slice(1, 0, options_.height / 16).fill_(ft::ignored_label);
            list.push_back(label.to(device_));
        }
        return list;
    }

    // f(i) works on the i-th of the inputs that take turns. gflop 0: not a matter of arithmetic; mbytes: read and
    // written.
    void time(const std::string& name, std::size_t inputs, double gflop, double mbytes,
              const std::function<void(std::size_t)>& f) {
        using clock = std::chrono::steady_clock;
        std::size_t turn = 0;
        const auto ms_of = [&](long calls) {
            const auto begin = clock::now();
            for (long i = 0; i < calls; ++i) f(turn++ % inputs);
            bench::wait_for(device_);
            return std::chrono::duration<double, std::milli>(clock::now() - begin).count() / static_cast<double>(calls);
        };
        ft::trim_memory(device_);
        const long warm_up = std::min(options_.repeats, 3L), in_a_row = std::min(options_.repeats, 10L);
        std::vector<double> single, row;
        for (long i = 0; i < warm_up; ++i) ms_of(1);
        for (long i = 0; i < options_.repeats; ++i) single.push_back(ms_of(1));
        for (long i = 0; i < (options_.repeats + 9) / 10; ++i) row.push_back(ms_of(in_a_row));
        const double ms = bench::median(single), least = std::min(ms, bench::median(row));
        const double peak = static_cast<double>(ft::memory_of(device_).peak) / 1e6;
        if (gflop > 0)
            report_.add(name, {{"ms", ms},
                               {"ms in a row", bench::median(row)},
                               {"TFLOP/s", gflop / least},
                               {"GB/s", mbytes / least}});
        else
            report_.add(name, {{"ms", ms}, {"ms in a row", bench::median(row)}, {"peak MB", peak}});
    }

private:
    bench::Options options_;
    ft::Device device_;
    bench::Report report_;
};

void time_net(Timer& timer) {
    ft::Generator gen(0);
    ft::seafusion::FusionNet<float> net(gen);
    net.to(timer.device());
    const std::size_t turns = timer.turns(2);
    const auto y = timer.images(1, turns, 1), ir = timer.images(1, turns, 2);
    timer.time("fusion frame", turns, 0, 0, [&](std::size_t i) {
        const ft::NoGrad off;
        net.forward(y[i], ir[i]);
    });
    const std::pair<ft::Precision, const char*> rounded[] = {{ft::Precision::tf32, ", tf32"},
                                                             {ft::Precision::bf16, ", bf16"}};
    for (const auto& [precision, name] : rounded) {
        net.precision = precision;
        timer.time(std::string("fusion frame") + name, turns, 0, 0, [&](std::size_t i) {
            const ft::NoGrad off;
            net.forward(y[i], ir[i]);
        });
    }
    ft::optim::Adam adam(net.parameters(), {.lr = 1e-4});
    const auto time_step = [&](ft::Precision precision, const char* name) {
        net.precision = precision;
        timer.time(std::string("fusion training step") + name, turns, 0, 0, [&](std::size_t i) {
            adam.zero_grad();
            ft::seafusion::content_loss(net.forward(y[i], ir[i]), y[i], ir[i]).total.backward();
            adam.step();
        });
    };
    time_step(ft::Precision::fast, "");
    for (const auto& [precision, name] : rounded) time_step(precision, name);
    timer.time("Adam alone", 1, 0, 0, [&](std::size_t) { adam.step(); });
    timer.time("content loss with its gradient", turns, 0, 0, [&](std::size_t i) {
        Image fused = ir[(i + 1) % turns].detach();
        fused.requires_grad_();
        ft::seafusion::content_loss(fused, y[i], ir[i]).total.backward();
    });
}

void time_segmentation_net(Timer& timer) {
    ft::Generator gen(0);
    ft::seafusion::SegmentationNet<float> net(gen);
    net.to(timer.device());
    {
        net.eval();
        const std::size_t turns = timer.turns(3);
        const auto rgb = timer.images(3, turns, 1);
        timer.time("segmentation frame", turns, 0, 0, [&](std::size_t i) {
            const ft::NoGrad off;
            net.forward(rgb[i]);
        });
    }
    if (timer.device().kind == ft::DeviceKind::emulator) return;  // which takes minutes for a step
    const long batch = 2;
    const std::size_t turns = timer.turns(5 * batch);
    const auto rgb = timer.images(3, turns, 1, batch);
    const auto label = timer.labels(turns, 2, batch);
    ft::seafusion::SegmentationTrainer<float> trainer(net);
    timer.time("segmentation training step, batch 2", turns, 0, 0,
               [&](std::size_t i) { trainer.send_step(rgb[i], label[i]); });
}

// The fusion net's step where the segmentation net guides.
void time_joint_step(Timer& timer) {
    ft::Generator gen(0);
    ft::seafusion::FusionNet<float> net(gen);
    ft::seafusion::SegmentationNet<float> guide(gen);
    net.to(timer.device()), guide.to(timer.device());
    ft::seafusion::FusionTrainer<float> trainer(net, {.lr = 1e-4});
    trainer.follow(guide, 1);
    const std::size_t turns = timer.turns(6);
    const auto y = timer.images(1, turns, 1), ir = timer.images(1, turns, 2), chroma = timer.images(2, turns, 3);
    const auto label = timer.labels(turns, 4, 1);
    timer.time("joint step", turns, 0, 0, [&](std::size_t i) {
        trainer.send_step({y[i], ir[i], chroma[i], label[i]});
    });
}

struct Layer {
    long in, out, side;
};
// Each once, in the order in which the net meets them.
constexpr Layer layers[] = {{1, 16, 3},  {16, 16, 3}, {32, 16, 3}, {48, 32, 1}, {16, 32, 1}, {32, 32, 3},
                            {64, 32, 3}, {96, 48, 1}, {32, 48, 1}, {96, 64, 3}, {16, 1, 3}};

void time_layer(Timer& timer, const Layer& layer, ft::Precision precision, const char* suffix) {
    const std::size_t turns = timer.turns(layer.in + layer.out);
    const double pixels = static_cast<double>(timer.height() * timer.width());
    const double gflop = 2e-9 * pixels * static_cast<double>(layer.in * layer.out * layer.side * layer.side);
    const double mbytes = 4e-6 * pixels * static_cast<double>(layer.in + layer.out);
    const std::string side = std::to_string(layer.side);
    const std::string name =
        "conv " + side + "x" + side + " " + std::to_string(layer.in) + " to " + std::to_string(layer.out) + suffix;
    auto x = timer.images(layer.in, turns, 1);
    const auto dy = timer.images(layer.out, turns, 2);
    ft::Generator gen(3);
    auto w = ft::rand<float>({layer.out, layer.in, layer.side, layer.side}, gen, -0.1, 0.1).to(timer.device());
    auto b = ft::rand<float>({layer.out}, gen).to(timer.device());
    const auto forward = [&](std::size_t i, ft::Activation activation) {
        return ft::conv2d(x[i], w, b,
                          {.padding = layer.side / 2, .activation = activation, .slope = 0.2, .precision = precision});
    };
    timer.time(name + ", forward", turns, gflop, mbytes, [&](std::size_t i) {
        const ft::NoGrad off;
        forward(i, ft::Activation::leaky_relu);
    });
    // The graph is built once per input; a call is its backward alone.
    const auto time_backward = [&](const char* what, const std::function<void(std::size_t)>& forget) {
        std::vector<Image> results;
        for (std::size_t i = 0; i < turns; ++i) results.push_back(forward(i, ft::Activation::none));
        timer.time(name + what, turns, gflop, mbytes, [&](std::size_t i) {
            forget(i);
            ft::backward(results[i], dy[i], {.retain_graph = true});
        });
    };
    for (Image& image : x) image.requires_grad_();
    time_backward(", data", [&](std::size_t i) { x[i].zero_grad(); });
    for (Image& image : x) image.requires_grad_(false);
    w.requires_grad_(), b.requires_grad_();
    time_backward(", weights", [&](std::size_t) { w.zero_grad(), b.zero_grad(); });
}

void time_sobel(Timer& timer, long channels) {
    const std::size_t turns = timer.turns(2 * channels);
    const double mbytes = 8e-6 * static_cast<double>(channels * timer.height() * timer.width());
    const auto x = timer.images(channels, turns, 1);
    const std::string name = "Sobel magnitude of " + std::to_string(channels);
    timer.time(name + ", forward", turns, 36 * mbytes / 8e3, mbytes, [&](std::size_t i) {
        const ft::NoGrad off;
        ft::sobel_magnitude(x[i]);
    });
}

}  // namespace

int main(int argc, char** argv) {
    const bench::Options options =
        bench::parse("gpu_times", argc, argv, "--device --height --width --repeats --rotate-mb --json");
    return bench::run("gpu_times", [&] {
        Timer timer(options, bench::device_of(options));
        time_net(timer);
        time_segmentation_net(timer);
        time_joint_step(timer);
        for (const Layer& layer : layers) time_layer(timer, layer, ft::Precision::fast, "");
        for (const Layer& layer : layers)
            if (std::min(layer.in, layer.out) >= 16) time_layer(timer, layer, ft::Precision::bf16, ", bf16");
        for (const long channels : {16L, 32L}) time_sobel(timer, channels);
        return 0;
    });
}
