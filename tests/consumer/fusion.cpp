// Fusion of an image pair with saved weights.
#include <fathom/seafusion.hpp>
#ifndef FATHOM_COMPILED
#include <fathom/io/image_stb.hpp>  // in one unit of a program; fathom::compiled contains it
#endif

#include <cstdint>
#include <cstdio>

#include "check.hpp"

namespace ft = fathom;

int main() {
    // A pair of images and weights to read back: a colored ramp, and a warm spot on a cold ground.
    const int height = 37, width = 53;
    auto color = ft::zeros<std::uint8_t>({height, width, 3});
    auto warm = ft::zeros<std::uint8_t>({height, width, 1});
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            color(y, x, 0) = static_cast<std::uint8_t>(4 * x);
            color(y, x, 1) = static_cast<std::uint8_t>(5 * y);
            color(y, x, 2) = static_cast<std::uint8_t>(60);
            warm(y, x, 0) = static_cast<std::uint8_t>((x - 20) * (x - 20) + (y - 15) * (y - 15) < 50 ? 240 : 20);
        }
    ft::io::write_image("consumer_vis.png", color);
    ft::io::write_image("consumer_ir.png", warm);
    ft::Generator gen(3);
    ft::seafusion::FusionNet<float> trained(gen);
    ft::io::save("consumer_fusion.safetensors", trained.state_dict());

    // Without a Generator: uninitialised, forward throws until weights are loaded.
    ft::seafusion::FusionNet<float> fusion;
    // uint8 [H, W, 3] and [H, W, 1].
    auto vis = ft::io::read_image("consumer_vis.png"), ir = ft::io::read_image("consumer_ir.png");
    check(vis.shape() == ft::Shape{height, width, 3} && ir.shape() == ft::Shape{height, width, 1},
          "images have height, width, channels");
    check(vis(30, 50, 0) == 200 && ir(15, 20, 0) == 240, "PNG keeps values");
    check_throws<ft::Error>([&] { ft::seafusion::fuse(fusion, vis, ir); }, "weight", "a net without weights throws");

    fusion.load_state_dict(ft::io::load("consumer_fusion.safetensors"), {.unused = ft::nn::Unused::report});
    if (std::FILE* file = std::fopen("consumer_fusion.pth", "wb")) std::fputs("PK\3\4", file), std::fclose(file);
    check_throws<ft::Error>([] { ft::io::load("consumer_fusion.pth"); }, "zip", "the reader of .pth is there");
    std::remove("consumer_fusion.pth");
    ft::io::write_image("consumer_fused.png", ft::seafusion::fuse(fusion, vis, ir));
    auto fused = ft::io::read_image("consumer_fused.png");
    check(fused.shape() == ft::Shape{height, width, 3}, "the fused image is a color image of the same size");
    int low = 255, high = 0;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            low = fused(y, x, 1) < low ? fused(y, x, 1) : low, high = fused(y, x, 1) > high ? fused(y, x, 1) : high;
    check(high - low > 100, "the fused image uses the range of grey levels");
    check_throws<ft::Error>([&] { ft::seafusion::fuse(fusion, vis, ir.slice(0, 0, 20)); }, "37",
                            "images of differing sizes throw");
    for (const char* file :
         {"consumer_vis.png", "consumer_ir.png", "consumer_fused.png", "consumer_fusion.safetensors"})
        std::remove(file);
    return finish();
}
