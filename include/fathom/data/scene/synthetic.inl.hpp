// Definitions of synthetic.hpp. The other parts include nothing, so that what they need from elsewhere is compiled
// outside the region below, in which no multiply and add may be contracted into one rounding: that would change bytes
// from machine to machine.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "fathom/core/error.hpp"
#include "fathom/core/random.hpp"
#include "fathom/data/scene/synthetic.hpp"

#if defined(__clang__)
#pragma float_control(push)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off")
#endif

// In this order: each builds on those before it.
// clang-format off
#include "fathom/data/scene/basics.inl.hpp"
#include "fathom/data/scene/canvas.inl.hpp"
#include "fathom/data/scene/street.inl.hpp"
#include "fathom/data/scene/buildings.inl.hpp"
#include "fathom/data/scene/plants.inl.hpp"
#include "fathom/data/scene/people.inl.hpp"
#include "fathom/data/scene/cars.inl.hpp"
#include "fathom/data/scene/objects.inl.hpp"
#include "fathom/data/scene/compose.inl.hpp"
#include "fathom/data/scene/light.inl.hpp"
#include "fathom/data/scene/sensors.inl.hpp"
// clang-format on

namespace fathom::inline v0::data {
namespace scene {

struct SceneBytes {
    std::vector<std::uint8_t> visible, infrared, label;
    bool night;
};

FATHOM_INLINE SceneBytes make_images(std::uint64_t seed, int height, int width, TimeOfDay time) {
    Draws r(seed ^ 0x5CE9E5EEDull);
    const bool drawn = r.chance(0.5f);
    const bool night = time == TimeOfDay::automatic ? drawn : time == TimeOfDay::night;
    // The view is scaled by the size, so that a seed shows about the same street at any size of one aspect.
    const float side = most(static_cast<float>(width), static_cast<float>(height) * (4.0f / 3));
    const float focal = side * r.range(0.8f, 1.15f), center = static_cast<float>(width) * r.range(0.38f, 0.62f);
    const float horizon = static_cast<float>(height) * r.range(0.34f, 0.5f);
    Canvas canvas(height, width, Camera{focal, center, horizon, r.range(1.1f, 1.7f)});
    World world = plan_world((std::uint64_t{r.bits()} << 32) + 7, night);
    paint_sky(canvas, world);
    const RoadPaint road = plan_road(world);
    paint_ground(canvas, world, road);
    paint_buildings(canvas, world);
    Composer(canvas, world).paint_street();

    std::vector<Rgb> light = shine(canvas, world);
    Draws lens((std::uint64_t{r.bits()} << 32) + 8);
    const float exposure = expose(light, night ? lens.range(0.06f, 0.19f) : lens.range(0.24f, 0.5f));
    for (Rgb& c : light) c = c * exposure;
    if (night) add_all_glare(canvas, world, light);

    SceneBytes images{photograph(world, light, lens), thermograph(canvas, world, lens), {}, night};
    images.label.reserve(canvas.pixels.size());
    for (const Pixel& p : canvas.pixels) images.label.push_back(static_cast<std::uint8_t>(p.label));
    return images;
}

}  // namespace scene
}  // namespace fathom::inline v0::data

#if defined(__clang__)
#pragma float_control(pop)
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

namespace fathom::inline v0::data {

FATHOM_INLINE SyntheticScene make_scene(std::uint64_t seed, const SceneOptions& options, Where site) {
    constexpr std::int64_t most_pixels = std::int64_t{1} << 24;
    const std::int64_t height = options.height, width = options.width;
    if (height < 32 || width < 32 || height > most_pixels / 32 || width > most_pixels / height)
        fail("make_scene", site,
             {"a scene has at least 32 x 32 and at most 2^24 pixels, asked for ", height, " x ", width});
    const scene::SceneBytes images =
        scene::make_images(seed, static_cast<int>(height), static_cast<int>(width), options.time);
    const auto tensor = [&](const std::vector<std::uint8_t>& bytes, const Shape& shape) {
        auto t = detail::new_row_major<std::uint8_t>(shape, "make_scene", site);
        std::uint8_t* out = t.mutable_data(site);
        for (std::size_t i = 0; i < bytes.size(); ++i) out[i] = bytes[i];
        return t;
    };
    return {tensor(images.visible, {height, width, 3}), tensor(images.infrared, {height, width}),
            tensor(images.label, {height, width}), images.night};
}

}  // namespace fathom::inline v0::data
