// The modules over images: they are the operations, their parameters are named and start as in PyTorch.
#include "fathom/nn/batch_norm.hpp"
#include "fathom/nn/conv1d.hpp"
#include "fathom/nn/conv_transpose.hpp"
#include "fathom/nn/group_norm.hpp"
#include "fathom/nn/padding.hpp"
#include "fathom/nn/pooling.hpp"
#include "fathom/nn/sequential.hpp"
#include "fathom/nn/unfold.hpp"
#include "fathom/nn/upsample.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

std::string names_of(const nn::Module& module) {
    std::string names;
    for (const auto& [name, tensor] : module.state_dict()) names += name + " ";
    return names;
}

// Values within +-1 / sqrt(fan_in), and near both ends.
void check_initial(const Tensor<float>& x, double fan_in) {
    double most = 0;
    for (const double v : numbers(x)) most = std::max(most, std::abs(v));
    CHECK(most <= 1 / std::sqrt(fan_in));
    CHECK(most > 0.8 / std::sqrt(fan_in));
}

}  // namespace

TEST_CASE("nn/images: pooling, padding, sizes and windows are the operations, also in Sequential") {
    Generator gen(1);
    const auto x = randn<float>({2, 4, 8, 6}, gen);
    CHECK(same_bits(nn::MaxPool2d({.kernel_size = 2, .dilation = 2})(x),
                    max_pool2d(x, {.kernel_size = 2, .dilation = 2})));
    CHECK(same_bits(nn::AvgPool2d({.kernel_size = 3, .ceil_mode = true})(x),
                    avg_pool2d(x, {.kernel_size = 3, .ceil_mode = true})));
    CHECK(same_bits(nn::AdaptiveMaxPool2d(2)(x), adaptive_max_pool2d(x, 2)));
    CHECK(same_bits(nn::MaxPool1d({2})(x[0]), max_pool1d(x[0], {2})));
    CHECK(same_bits(nn::AvgPool1d({3, 1, 1})(x[0]), avg_pool1d(x[0], {3, 1, 1})));
    CHECK(same_bits(nn::ZeroPad2d(1)(x), pad(x, {1, 1, 1, 1})));
    CHECK(same_bits(nn::ConstantPad2d({1, 2, 3, -1}, 2.5)(x), pad(x, {1, 2, 3, -1}, Pad::constant, 2.5)));
    CHECK(same_bits(nn::ReflectionPad2d({1, 2, 3, 0})(x), pad(x, {1, 2, 3, 0}, Pad::reflect)));
    CHECK(same_bits(nn::ReplicationPad2d(3)(x), pad(x, {3, 3, 3, 3}, Pad::replicate)));
    CHECK(same_bits(nn::CircularPad2d(3)(x), pad(x, {3, 3, 3, 3}, Pad::circular)));
    CHECK(same_bits(nn::Upsample({.scale_factor = 2, .mode = Interpolation::bilinear})(x),
                    interpolate(x, {16, 12}, {.mode = Interpolation::bilinear})));
    CHECK(same_bits(nn::Upsample({3, 5})(x), interpolate(x, {3, 5})));
    CHECK(same_bits(nn::PixelShuffle(2)(x), pixel_shuffle(x, 2)));
    CHECK(same_bits(nn::PixelUnshuffle(2)(x), pixel_unshuffle(x, 2)));
    const UnfoldOptions windows{.kernel_size = 2, .stride = 2};
    CHECK(same_bits(nn::Fold({8, 6}, windows)(nn::Unfold(windows)(x)), x));
    nn::Sequential<float> net{nn::Upsample({.scale_factor = 2}), nn::ReflectionPad2d(1), nn::PixelShuffle(2)};
    CHECK(net(x).shape() == Shape{2, 1, 36, 28});
    CHECK(net.parameters().empty());
}

TEST_CASE("nn/images: Conv1d and ConvTranspose2d") {
    Generator gen(2);
    nn::Conv1d<float> row(4, 6, {.kernel_size = 5, .stride = 2, .padding = 1, .groups = 2}, gen);
    CHECK(names_of(row) == "weight bias ");
    CHECK(row.weight.shape() == Shape{6, 2, 5});
    check_initial(row.weight, 10);
    const auto x = randn<float>({3, 4, 9}, gen);
    CHECK(same_bits(row(x), conv1d(x, row.weight, row.bias, {.stride = 2, .padding = 1, .groups = 2})));
    nn::Conv1d circular(4, 6, {.kernel_size = 4, .padding = Padding::same, .padding_mode = Pad::circular}, gen);
    CHECK(same_bits(circular(x), conv1d(pad(x, {1, 2}, Pad::circular), circular.weight, circular.bias)));
    CHECK(message_of([&] { nn::Conv1d<float>(4, 6, {3})(x); }).find("Conv1d: weights were never initialised") == 0);
    CHECK(message_of([&] { nn::Conv1d<float>(4, 6, {0}); }).find("Conv1d: channels, groups and kernel_size must") == 0);

    nn::ConvTranspose2d<float> up(4, 6, {.kernel_size = {3, 2}, .stride = 2, .output_padding = 1, .groups = 2}, gen);
    CHECK(names_of(up) == "weight bias ");
    CHECK(up.weight.shape() == Shape{4, 3, 3, 2});
    check_initial(up.weight, 18);
    const auto images = randn<float>({1, 4, 5, 3}, gen);
    CHECK(same_bits(up(images),
                    conv_transpose2d(images, up.weight, up.bias, {.stride = 2, .output_padding = 1, .groups = 2})));
    CHECK_FALSE(nn::ConvTranspose2d<float>(4, 6, {.kernel_size = 2, .bias = false}).bias.defined());
    CHECK(message_of([&] { nn::ConvTranspose2d<float>(4, 6, {.kernel_size = 2, .groups = 4}); }) ==
          "ConvTranspose2d: groups 4 must divide the channels, 4 and 6 at here");
}

TEST_CASE("nn/images: Conv2d pads with other things than zeros, with a batch norm folded into it too") {
    Generator gen(3);
    const auto x = randn<double>({2, 3, 6, 5}, gen);
    for (const Pad mode : {Pad::reflect, Pad::replicate, Pad::circular}) {
        nn::Conv2d<double> conv(3, 4, {.kernel_size = 3, .padding = {1, 2}, .padding_mode = mode}, gen);
        CHECK(same_bits(conv(x), conv2d(pad(x, {2, 2, 1, 1}, mode), conv.weight, conv.bias)));
        nn::Conv2d<double> same(3, 4, {.kernel_size = 2, .padding = Padding::same, .padding_mode = mode}, gen);
        CHECK(same_bits(same(x), conv2d(pad(x, {0, 1, 0, 1}, mode), same.weight, same.bias)));
        nn::ConvBatchNorm<double> block(3, 4, {.kernel_size = 3, .padding = 1, .padding_mode = mode});
        nn::init::kaiming_normal_(block.conv.weight, gen);
        block.eval();
        CHECK(max(abs(block(x) - block.bn(block.conv(x)))).item() < 1e-13);
    }
    CHECK(message_of([&] {
              nn::Conv2d<float>(
                  3, 4, {.kernel_size = 3, .stride = 2, .padding = Padding::same, .padding_mode = Pad::reflect});
          }) == "Conv2d: padding same needs stride 1, got [2,2] at here");
}

TEST_CASE("nn/images: GroupNorm and InstanceNorm2d") {
    Generator gen(4);
    const auto x = randn<double>({3, 4, 5, 2}, gen);
    nn::GroupNorm<double> group(2, 4);
    CHECK(names_of(group) == "weight bias ");
    nn::init::uniform_(group.weight, gen);
    CHECK(same_bits(group(x), group_norm(x, 2, group.weight, group.bias)));
    CHECK(names_of(nn::GroupNorm<double>(2, 4, {.affine = false})).empty());
    CHECK(message_of([] { nn::GroupNorm<float>(3, 4); }) ==
          "GroupNorm: num_groups 3 must divide the channels, 4 at here");

    nn::InstanceNorm2d<double> plain(4);
    CHECK(names_of(plain).empty());
    CHECK(same_bits(plain(x), instance_norm(x)));
    plain.eval();
    CHECK(same_bits(plain(x), instance_norm(x)));
    nn::InstanceNorm2d<double> tracking(4, {.affine = true, .track_running_stats = true});
    CHECK(names_of(tracking) == "weight bias running_mean running_var num_batches_tracked ");
    tracking(x);
    CHECK(max(abs(tracking.running_mean - mean(x, {0, 2, 3}) * 0.1)).item() < 1e-15);
    tracking.eval();
    CHECK(same_bits(tracking(x),
                    batch_norm(x, tracking.running_mean, tracking.running_var, tracking.weight, tracking.bias)));
    CHECK(message_of([&] { tracking(x[0]); }) == "InstanceNorm2d: input has shape [4,5,2], expected [N,4,H,W] at here");
}

TEST_CASE("nn/images: batch norm without weights, without running statistics, and with their mean over all batches") {
    Generator gen(5);
    const auto x = randn<double>({3, 2, 4}, gen), more = randn<double>({3, 2, 4}, gen);
    nn::BatchNorm1d<double> bare(2, {.affine = false, .track_running_stats = false});
    CHECK(names_of(bare).empty());
    const auto y = bare(x);
    CHECK(max(abs(mean(y, {0, 2}))).item() < 1e-15);
    bare.eval();
    CHECK(same_bits(bare(x), y));
    nn::BatchNorm1d<double> cumulative(2, {.momentum = std::nullopt});
    cumulative(x);
    cumulative(more);
    CHECK(cumulative.num_batches_tracked.item() == 2);
    CHECK(max(abs(cumulative.running_mean - (mean(x, {0, 2}) + mean(more, {0, 2})) / 2.0)).item() < 1e-15);
    CHECK(max(abs(cumulative.running_var - (var(x, {0, 2}) + var(more, {0, 2})) / 2.0)).item() < 1e-15);
    CHECK(message_of([] { nn::BatchNorm1d<float>(0); }) == "BatchNorm1d: channels must be at least 1, got 0 at here");
}
