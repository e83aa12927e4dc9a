// Part of synthetic.inl.hpp: trees and hedges. Leaves are rich texture to the visible camera and nearly flat to the
// infrared one, which sees trunks and branches.
#pragma once

namespace fathom::inline v0::data::scene {

struct Blob {
    float x, y, radius;  // pixels
};

// A cloud of leaves around some blobs; `grain` is the size of a cluster in pixels.
inline void paint_leaves(Canvas& canvas, std::span<const Blob> blobs, Rgb color, float heat, float depth, float grain,
                         float gaps, std::uint32_t salt) {
    float low_x = 1e9f, high_x = -1e9f, low_y = 1e9f, high_y = -1e9f;
    for (const Blob& b : blobs) {
        low_x = least(low_x, b.x - 1.2f * b.radius), high_x = most(high_x, b.x + 1.2f * b.radius);
        low_y = least(low_y, b.y - 1.2f * b.radius), high_y = most(high_y, b.y + 1.2f * b.radius);
    }
    if (high_x <= 0 || high_y <= 0 || low_x >= static_cast<float>(canvas.width) ||
        low_y >= static_cast<float>(canvas.height))
        return;
    const int x0 = floor_of(most(low_x, 0)), x1 = floor_of(least(high_x, static_cast<float>(canvas.width) - 0.5f));
    const int y0 = floor_of(most(low_y, 0)), y1 = floor_of(least(high_y, static_cast<float>(canvas.height) - 0.5f));
    const float inverse = 1 / grain, span = most(high_y - low_y, 1);
    for (int y = y0; y <= y1; ++y)
        for (int x = x0; x <= x1; ++x) {
            const float px = static_cast<float>(x), py = static_cast<float>(y);
            float inside = -1, light = 0;
            for (const Blob& b : blobs) {
                const float dx = (px - b.x) / b.radius, dy = (py - b.y) / b.radius, field = 1 - dx * dx - dy * dy;
                if (field > inside) inside = field, light = -dy;
            }
            if (inside < -0.44f) continue;
            const float coarse = fractal(px * inverse * 0.35f, py * inverse * 0.35f, salt, 2),
                        leaf = 0.6f * noise(px * inverse, py * inverse, salt + 7) +
                               0.4f * noise(px * 2.7f * inverse, py * 2.7f * inverse, salt + 8);
            const float coverage =
                smooth(0, 0.25f, 1.2f * inside + 1.6f * (coarse - 0.5f) + 1.2f * (leaf - 0.5f) + 0.35f - gaps);
            if (coverage < 0.02f) continue;
            const float shade = (0.55f + 0.3f * light + 0.25f * (1 - (py - low_y) / span)) *
                                (0.25f + 0.8f * coarse + 1.4f * (leaf - 0.37f));
            canvas.blend(x, y, {color * most(shade, 0.06f), heat * (0.75f + 0.3f * coarse + 0.2f * leaf), {}}, coverage,
                         depth, Label::background);
        }
}

inline Rgb leaf_color(Draws& r) {
    const Rgb colors[] = {{0.1f, 0.2f, 0.05f},   {0.14f, 0.26f, 0.06f}, {0.2f, 0.3f, 0.08f},
                          {0.08f, 0.15f, 0.06f}, {0.55f, 0.4f, 0.06f},  {0.45f, 0.2f, 0.06f}};
    return r.tint(r.pick(colors), 0.3f);
}

inline void paint_tree(Canvas& canvas, const World& w, Vec3 foot, std::uint64_t seed) {
    Draws r(seed);
    const float height = r.range(4, 11), trunk = r.range(0.1f, 0.28f), scale = canvas.camera.scale(foot.z);
    const Rgb bark = r.tint({0.16f, 0.12f, 0.08f}, 0.4f);
    const float heat = w.ambient_heat * r.range(1.2f, 2.1f);
    const float lean = r.range(-0.06f, 0.06f);
    const auto along = [&](float t) { return foot + Vec3{lean * t * height, t * height, 0}; };
    const auto bough = [&](Vec3 a, float ra, Vec3 b, float rb) {
        canvas.stroke(
            canvas.camera.project(a), ra * scale, canvas.camera.project(b), rb * scale,
            [&](int x, int y, float c, float, float side) {
                const float rough = noise(static_cast<float>(x) * 0.8f, static_cast<float>(y) * 0.25f, w.salt);
                canvas.blend(x, y, {bark * ((0.65f + 0.35f * side * w.sun.x) * (0.6f + 0.8f * rough)), heat, {}}, c,
                             foot.z, Label::background);
            });
    };
    bough(along(0), trunk * 1.25f, along(0.75f), trunk * 0.5f);
    Blob blobs[9];
    const std::size_t n = static_cast<std::size_t>(5 + r.below(5));
    const float spread = r.range(0.16f, 0.32f) * height;
    for (std::size_t i = 0; i < n; ++i) {
        const float up = r.range(0.45f, 0.95f), aside = spread * r.range(-1.2f, 1.2f);
        const Vec3 tip = along(up) + Vec3{aside, 0, 0};
        bough(along(r.range(0.3f, 0.6f)), trunk * 0.4f, tip, trunk * 0.12f);
        const Vec2 p = canvas.camera.project(tip);
        blobs[i] = {p.x, p.y, spread * r.range(0.5f, 0.95f) * scale};
    }
    const Rgb leaves = leaf_color(r);
    const float gaps = r.range(-0.2f, 0.5f);
    paint_leaves(canvas, std::span<const Blob>(blobs, n), leaves, heat * 0.9f, foot.z, most(0.13f * scale, 1.3f), gaps,
                 r.bits());
}

// A hedge or bush beside the street: `extent` metres along it.
inline void paint_hedge(Canvas& canvas, const World& w, Vec3 foot, float extent, std::uint64_t seed) {
    Draws r(seed);
    const float height = r.range(0.5f, 1.4f), scale = canvas.camera.scale(foot.z);
    Blob blobs[7];
    for (std::size_t i = 0; i < 7; ++i) {
        const float z = foot.z + extent * (static_cast<float>(i) / 6 - 0.5f);
        const Vec3 at{foot.x + r.range(-0.2f, 0.2f), height * r.range(0.4f, 0.6f),
                      most(z, 1.5f)};  // braces: drawn in this order
        const Vec2 p = canvas.camera.project(at);
        blobs[i] = {p.x, p.y, 0.62f * height * canvas.camera.scale(at.z)};
    }
    const Rgb leaves = leaf_color(r);
    const float heat = w.ambient_heat * r.range(1.1f, 1.7f);
    paint_leaves(canvas, blobs, leaves, heat, foot.z, most(0.09f * scale, 1.3f), -0.25f, r.bits());
}

}  // namespace fathom::inline v0::data::scene
