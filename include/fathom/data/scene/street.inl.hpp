// Part of synthetic.inl.hpp: the street itself: its plan, the sky, and the ground with road, kerbs, markings and bumps.
#pragma once

namespace fathom::inline v0::data::scene {

struct Light {
    Vec3 at;
    Rgb power;          // a white surface at one metre
    float halo = 0;     // strength of the glare around it
    bool beam = false;  // headlights of the camera's own car: ahead only
};

// What every part of a scene needs to know. Lengths in metres; z is ahead, x to the right of the camera, y up.
struct World {
    Draws random;
    bool night;
    std::uint32_t salt;
    float center = 0, bend = 0;             // the road's middle is at x = center + bend z^2
    float half_width = 3.5f;                // of the road
    float kerb_width = 0.35f, walk = 2.5f;  // beside the road: kerb, then pavement
    bool kerb_left = true, kerb_right = true;
    Vec2 sun{0.8f, 0.6f};  // where shadows fall on the ground, unit vector (x, z)
    float sunlight = 0;    // 0 overcast .. 1 clear
    float end = 60;        // distance of what closes the view
    float ambient_heat = 0.06f;
    std::vector<Light> lights = {};

    float road_x(float across, float z) const { return center + bend * z * z + across; }
    // The direction of the street at a distance, unit vector (x, z).
    Vec2 heading(float z) const {
        const float slope = 2 * bend * z, scale = 1 / std::sqrt(1 + slope * slope);
        return {slope * scale, scale};
    }
};

// The plan of the street.
inline World plan_world(std::uint64_t seed, bool night) {
    Draws r(seed);
    World w{.random = r, .night = night, .salt = r.bits()};
    w.half_width = r.range(2.4f, 5.2f);
    w.center = w.half_width * r.range(-0.55f, 0.55f);
    w.bend = r.chance(0.5f) ? r.range(-0.0035f, 0.0035f) : 0;
    w.kerb_width = r.range(0.3f, 0.55f);
    w.walk = r.range(1.5f, 4);
    w.kerb_left = r.chance(0.8f);
    w.kerb_right = r.chance(0.8f);
    const float turn = r.unit();
    w.sun = {cosine(turn), sine(turn)};
    w.sunlight = r.chance(0.5f) ? r.range(0.5f, 1) : r.range(0, 0.25f);
    w.end = r.range(24, 90);
    w.ambient_heat = r.range(0.035f, 0.065f);
    w.random = r;
    return w;
}

inline void paint_sky(Canvas& canvas, World& w) {
    Draws& r = w.random;
    const float cloud = r.range(0.2f, 1), drift = r.range(0, 50);
    const Rgb zenith =
        w.night ? r.tint({0.006f, 0.008f, 0.012f}, 0.6f) : mix(Rgb{0.28f, 0.45f, 0.8f}, grey(0.85f), cloud);
    const float bright = w.night ? 1 : r.range(0.9f, 2.4f);  // against the light the sky is the first to clip
    const Rgb low = w.night ? r.tint({0.02f, 0.018f, 0.015f}, 0.7f) : mix(Rgb{0.75f, 0.83f, 0.95f}, grey(1.1f), cloud);
    const float cold = w.night ? 0.012f : 0.008f;
    const int last = floor_of(clamp(canvas.camera.horizon + 1, 0, static_cast<float>(canvas.height)));
    for (int y = 0; y < last; ++y)
        for (int x = 0; x < canvas.width; ++x) {
            const Vec3 ray = canvas.camera.ray(static_cast<float>(x), static_cast<float>(y));
            const float up = unit(ray.y * 1.6f), distance = 1 / (ray.y + 0.12f);
            const float veil =
                cloud * smooth(0.4f, 0.75f, fractal(ray.x * distance * 1.3f + drift, distance * 1.3f, w.salt + 11, 4));
            Pixel& p = canvas.at(x, y);
            const Rgb clear = mix(low, zenith, std::sqrt(up));
            p.glow = (w.night ? clear * (1 + veil) : mix(clear, grey(0.95f), 0.7f * veil)) * bright;
            p.heat = cold + 0.02f * (1 - up) * (1 - up) + 0.02f * veil;
        }
}

// Markings and bumps across or along the road; kinds that a scene has are drawn once.
struct RoadPaint {
    float edge_offset = 0.2f, edge_width = 0;  // line inside each kerb
    Rgb edge_color = grey(0.6f);
    float dash_period = 0;  // centre line
    float crossing_at = -1, crossing_depth = 3;
    float bump_at = -1, bump_depth = 0.6f;
    int bump_kind = 0;                      // 0 yellow and black rubber, 1 cobbles, 2 painted
    float patch_at = -1, patch_across = 0;  // a repaired patch or manhole
    float leaves = 0;
    Rgb leaf_color{0.55f, 0.4f, 0.1f};
    Rgb asphalt = grey(0.12f), kerbstone = grey(0.35f), pavement = grey(0.28f), verge{0.1f, 0.16f, 0.05f};
};

inline RoadPaint plan_road(World& w) {
    Draws& r = w.random;
    RoadPaint p;
    p.asphalt = r.tint(grey(r.range(0.1f, 0.22f)), 0.1f);
    p.kerbstone = r.tint(grey(r.range(0.3f, 0.5f)), 0.1f);
    p.pavement = r.chance(0.6f) ? r.tint(grey(0.26f), 0.25f) : r.tint({0.34f, 0.22f, 0.16f}, 0.25f);
    p.verge = r.tint(r.chance(0.7f) ? Rgb{0.09f, 0.15f, 0.045f} : Rgb{0.2f, 0.15f, 0.09f}, 0.3f);
    if (r.chance(0.6f)) p.edge_width = r.range(0.1f, 0.2f);
    p.edge_offset = r.range(0.05f, 0.35f);
    p.edge_color = r.chance(0.75f) ? grey(r.range(0.5f, 0.8f)) : Rgb{0.7f, 0.5f, 0.08f};
    if (r.chance(0.45f)) p.dash_period = r.range(5, 10);
    if (r.chance(0.3f)) p.crossing_at = r.range(4, 22), p.crossing_depth = r.range(2.5f, 4);
    if (r.chance(0.4f)) {
        p.bump_at = r.range(4.2f, 13);
        p.bump_depth = r.range(0.45f, 0.7f) + 0.035f * p.bump_at;
        p.bump_kind = r.below(3);
        if (p.crossing_at > 0 && magnitude(p.crossing_at - p.bump_at) < 5) p.crossing_at = -1;
    }
    if (r.chance(0.5f)) p.patch_at = r.range(4, 14), p.patch_across = r.range(-0.6f, 0.6f) * w.half_width;
    if (r.chance(0.4f)) p.leaves = r.range(0.1f, 0.5f);
    p.leaf_color = r.tint({0.55f, 0.38f, 0.1f}, 0.4f);
    return p;
}

struct Ground {
    Rgb albedo;
    float heat;
    Label label = Label::background;

    void cover(const Rgb& color, float warmth, float coverage) {
        albedo = mix(albedo, color, coverage);
        heat = mix(heat, warmth, coverage);
    }
};

inline void paint_bump(Ground& g, const RoadPaint& road, float base, float across, float z, float half_width, float fx,
                       float fz) {
    const float on = band(z, road.bump_at, road.bump_at + road.bump_depth, fz) *
                     band(across, -half_width + 0.15f, half_width - 0.15f, fx);
    if (on <= 0) return;
    const float height = (z - road.bump_at) / road.bump_depth,
                slope = 1.15f - 0.5f * height;  // the near side is lit, the far side not
    Rgb color = road.asphalt * 0.5f;
    if (road.bump_kind == 0) color = mix(grey(0.045f), Rgb{0.75f, 0.5f, 0.05f}, stripes(across, 1, 0.5f, fx));
    if (road.bump_kind == 1)
        color = mix(grey(0.38f), grey(0.1f), most(stripes(across, 0.18f, 0.04f, fx), stripes(z, 0.16f, 0.04f, fz)));
    if (road.bump_kind == 2) color = mix(grey(0.65f), road.asphalt, stripes(across + z, 0.9f, 0.4f, fx + fz));
    g.cover(color * slope, base + (road.bump_kind == 0 ? 0.02f : 0.012f) * slope, on);
    if (on > 0.5f) g.label = Label::bump;
}

// One ground pixel. `across` is the distance from the road's middle, fx and fz the pixel's size on the ground.
inline Ground ground_at(const World& w, const RoadPaint& road, float across, float x, float z, float fx, float fz) {
    const float side = across < 0 ? -across : across,
                kerb = across < 0 ? (w.kerb_left ? w.kerb_width : 0) : (w.kerb_right ? w.kerb_width : 0);
    const float blotch = fractal(x * 0.35f, z * 0.35f, w.salt, 3);
    // Gravel of 2 cm up close, of 6 cm further away; where a pixel holds many stones they average out.
    const float fine =
        fz < 0.06f ? (lattice(floor_of(x * 50), floor_of(z * 50), w.salt + 5) - 0.5f) * (1 - fz / 0.06f) : 0;
    const float coarse =
        fz < 0.25f ? (lattice(floor_of(x * 17), floor_of(z * 17), w.salt + 6) - 0.5f) * (1 - fz / 0.25f) : 0;
    const float grain =
        0.7f * (noise(x * 3, z * 3, w.salt + 3) - 0.5f) * unit(1.2f - 2 * fz) + 1.1f * fine + 0.9f * coarse;
    const float base = w.ambient_heat * (0.8f + 0.25f * blotch);
    Ground g{road.asphalt * (0.8f + 0.4f * blotch + 0.25f * grain), base + 0.003f * grain};
    const float wear = band(magnitude(side - 0.5f * w.half_width), 0, 0.35f, fx);
    g.cover(g.albedo * 0.85f, base * 1.04f, wear);

    if (road.dash_period > 0)
        g.cover(grey(0.6f), base * 0.95f,
                band(across, -0.07f, 0.07f, fx) * stripes(z, road.dash_period, 0.45f * road.dash_period, fz));
    if (road.crossing_at > 0)
        g.cover(grey(0.65f * (0.8f + 0.4f * blotch)), base * 0.92f,
                band(z, road.crossing_at, road.crossing_at + road.crossing_depth, fz) *
                    stripes(across + 40, 0.95f, 0.48f, fx) * band(side, -1, w.half_width - 0.3f, fx));
    if (road.patch_at > 0) {
        const float u = (across - road.patch_across) / 0.9f, v = (z - road.patch_at) / 0.45f, d = u * u + v * v;
        g.cover(road.asphalt * 0.5f, base * 0.8f, unit((1 - d) * 4) * unit(1.5f - fz * 3));
    }
    if (road.bump_at > 0) paint_bump(g, road, base, across, z, w.half_width, fx, fz);

    const float inner = w.half_width, outer = inner + kerb;
    if (kerb > 0) {
        const float line = road.edge_width > 0
                               ? band(side, inner - road.edge_offset - road.edge_width, inner - road.edge_offset, fx)
                               : 0;
        g.cover(road.edge_color * (0.75f + 0.5f * blotch), base * 0.95f, line);
        const float gutter = band(side, inner - 0.05f, inner + 0.06f, fx), stone = band(side, inner + 0.06f, outer, fx);
        const float joint = stripes(z, 0.8f, 0.03f, fz);
        g.cover(road.kerbstone * (0.85f + 0.3f * grain) * (1 - 0.4f * joint), base * 1.35f + 0.012f, stone);
        g.cover(road.asphalt * 0.35f, base * 0.75f, gutter);
        const float begin = road.edge_width > 0 ? inner - road.edge_offset - road.edge_width : inner - 0.05f;
        if (band(side, begin, outer, fx) > 0.5f) g.label = Label::curve;
    }
    const float walk = band(side, outer, outer + w.walk, fx), far_side = unit((side - outer - w.walk) / fx + 0.5f);
    const float joints = most(stripes(side, 0.6f, 0.03f, fx), stripes(z, 0.6f, 0.03f, fz));
    g.cover(road.pavement * (0.85f + 0.2f * blotch + 0.3f * grain) * (1 - 0.35f * joints),
            base * 1.12f + 0.002f * grain, walk);
    g.cover(road.verge * most(0.5f + blotch + 0.8f * grain, 0.1f), base * 1.25f + 0.01f * grain, far_side);
    if (road.leaves > 0 && fz < 0.25f) {
        const float here = road.leaves * smooth(0.2f, 1, side / w.half_width) + 0.02f;
        const int i = floor_of(x * 14), j = floor_of(z * 14);
        // At most one leaf per cell of 7 cm: a small ellipse somewhere in it.
        const float u = x * 14 - static_cast<float>(i) - 0.3f - 0.4f * lattice(i, j, w.salt + 12);
        const float v = z * 14 - static_cast<float>(j) - 0.3f - 0.4f * lattice(i, j, w.salt + 13);
        const float leaf = lattice(i, j, w.salt + 9) < 0.5f * here ? unit(3 - 26 * (u * u + v * v)) * (1 - 4 * fz) : 0;
        g.cover(road.leaf_color * (0.5f + lattice(i, j, w.salt + 10)), base * 1.1f, leaf);
    }
    return g;
}

inline void paint_ground(Canvas& canvas, World& w, const RoadPaint& road) {
    const Camera& camera = canvas.camera;
    for (int y = floor_of(most(camera.horizon, 0)); y < canvas.height; ++y) {
        const float below = most(static_cast<float>(y) + 0.5f - camera.horizon, 0.25f);
        const float z = camera.focal * camera.height / below, fx = z / camera.focal, fz = z / below;
        for (int x = 0; x < canvas.width; ++x) {
            const float px = (static_cast<float>(x) + 0.5f - camera.center_x) * fx,
                        bent = px - w.center - w.bend * z * z;
            // Across a bend the footprint also grows with the road's slope in the picture.
            const float slant = magnitude(px / z - 2 * w.bend * z) * fz;
            const Ground g = ground_at(w, road, bent, px, z, fx + 0.5f * least(slant, 4 * fx), fz);
            Pixel& p = canvas.at(x, y);
            p = {g.albedo, {}, g.heat, z, g.label, true};
        }
    }
}

}  // namespace fathom::inline v0::data::scene
