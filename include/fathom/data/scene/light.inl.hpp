// Part of synthetic.inl.hpp: from surfaces to the light that reaches the visible camera: sun and sky by day, lamps and
// headlights with their glare by night.
#pragma once

namespace fathom::inline v0::data::scene {

// What lights up a point at night. Surfaces have no normals: walls face the camera's side of the street well enough.
inline Rgb lamplight(const World& w, Vec3 p, bool ground) {
    Rgb sum;
    for (const Light& light : w.lights) {
        const Vec3 d = light.at - p;
        float strength;
        if (light.beam) {
            if (p.z < 0.5f) continue;
            const float q = p.x / (0.45f * p.z), over = most(0, (p.y - 0.9f) / (0.06f * p.z + 0.3f)),
                        wide = 1 / ((1 + q * q) * (1 + q * q));
            strength = wide / ((1 + over * over) * (1 + p.z * p.z / 90)) * (ground ? 0.3f : 1.0f);
        } else {
            const float square = dot(d, d) + 0.4f;
            strength = (ground ? 0.2f + 0.8f * magnitude(d.y) / std::sqrt(square) : 0.7f) / square;
        }
        sum = sum + light.power * strength;
    }
    return sum;
}

// Shadows of what stands outside the picture: patches of leaves' shade on a sunny street.
inline float dapple(const World& w, Vec3 p) {
    const float patch = fractal((p.x + p.y * w.sun.x) * 0.22f, (p.z + p.y * w.sun.y) * 0.22f, w.salt + 21, 3);
    return smooth(0.38f, 0.56f, patch);
}

// Light per pixel, not yet exposed.
inline std::vector<Rgb> shine(Canvas& canvas, World& w) {
    Draws& r = w.random;
    const Camera& camera = canvas.camera;
    std::vector<Rgb> light(canvas.pixels.size());
    const Rgb ambient =
        w.night ? r.tint({0.012f, 0.015f, 0.012f}, 0.5f) : mix(Rgb{0.55f, 0.6f, 0.68f}, grey(0.8f), 1 - w.sunlight);
    const Rgb sunshine = Rgb{2.0f, 1.75f, 1.4f} * w.sunlight;
    const Rgb haze = w.night ? grey(0) : grey(r.range(0.5f, 0.9f));
    const float visibility = r.range(150, 900);
    for (int y = 0; y < canvas.height; ++y)
        for (int x = 0; x < canvas.width; ++x) {
            const Pixel& p = canvas.at(x, y);
            Rgb& out = light[static_cast<std::size_t>(y) * static_cast<std::size_t>(canvas.width) +
                             static_cast<std::size_t>(x)];
            out = p.glow;
            if (p.depth > 1e5f) continue;
            const Vec3 at =
                camera.eye() + camera.ray(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f) * p.depth;
            Rgb falling = ambient;
            if (w.night)
                falling = falling + lamplight(w, at, p.ground);
            else if (w.sunlight > 0)
                falling = falling + sunshine * (0.15f + 0.85f * dapple(w, at));
            out = mix(haze, out + p.albedo * falling, visibility / (visibility + p.depth));
        }
    return light;
}

// How much of a small disc around a lamp the camera sees, 0 to 1.
inline float seen(Canvas& canvas, Vec2 p, float depth, float radius) {
    int visible = 0;
    for (int i = 0; i < 9; ++i) {
        const int x = floor_of(p.x + radius * static_cast<float>(i % 3 - 1)),
                  y = floor_of(p.y + radius * static_cast<float>(i / 3 - 1));
        if (x >= 0 && y >= 0 && x < canvas.width && y < canvas.height && canvas.at(x, y).depth >= depth - 0.8f)
            ++visible;
    }
    return static_cast<float>(visible) / 9;
}

// Adds a glow around a point: a bright core and a wide veil.
inline void add_glare(Canvas& canvas, std::vector<Rgb>& light, Vec2 center, Rgb color, float radius) {
    const float reach = 14 * radius;
    const int x0 = floor_of(most(center.x - reach, 0)),
              x1 = floor_of(least(center.x + reach, static_cast<float>(canvas.width) - 1));
    const int y0 = floor_of(most(center.y - reach, 0)),
              y1 = floor_of(least(center.y + reach, static_cast<float>(canvas.height) - 1));
    for (int y = y0; y <= y1; ++y)
        for (int x = x0; x <= x1; ++x) {
            const float dx = (static_cast<float>(x) + 0.5f - center.x) / radius,
                        dy = (static_cast<float>(y) + 0.5f - center.y) / radius;
            const float q = dx * dx + dy * dy, core = 1 / ((1 + q) * (1 + q)), veil = 0.016f / (1 + 0.04f * q),
                        edge = unit(1.2f - q / 160);
            Rgb& out = light[static_cast<std::size_t>(y) * static_cast<std::size_t>(canvas.width) +
                             static_cast<std::size_t>(x)];
            out = out + color * ((core + veil) * edge);
        }
}

inline void add_all_glare(Canvas& canvas, const World& w, std::vector<Rgb>& light) {
    const float size =
        0.009f * static_cast<float>(most(static_cast<float>(canvas.height), 0.75f * static_cast<float>(canvas.width)));
    for (const Light& source : w.lights) {
        if (source.halo <= 0 || source.at.z < 1) continue;
        const Vec2 p = canvas.camera.project(source.at);
        const float share = seen(canvas, p, source.at.z, 1 + 0.2f * size);
        if (share <= 0) continue;
        const float strongest = most(source.power.r, most(source.power.g, source.power.b)),
                    nearness = std::sqrt(unit(12 / source.at.z));
        add_glare(canvas, light, p, source.power * (source.halo * share * 2.2f / most(strongest, 0.5f)),
                  size * (0.4f + 1.1f * nearness));
    }
}

}  // namespace fathom::inline v0::data::scene
