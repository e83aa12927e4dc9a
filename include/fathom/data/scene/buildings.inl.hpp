// Part of synthetic.inl.hpp: facades. Bricks, tiles, window frames and signs are painted for the visible camera only;
// the infrared one sees a wall of nearly one temperature with panes a little warmer or colder.
#pragma once

namespace fathom::inline v0::data::scene {

struct Facade {
    int kind = 0;  // 0 brick, 1 plaster, 2 tiles, 3 corrugated metal
    Rgb wall, trim, lamp_color;
    float heat = 0.07f;
    float cell_width = 3, cell_height = 3.2f, pane_width = 1.5f, pane_height = 1.5f;
    float lit = 0;  // share of windows with light
    bool night = false, shop = false, stripes = false;
    float shading = 1;  // by the side's orientation
    float top = 10;     // metres
    Rgb sign{0.7f, 0.1f, 0.1f};
    std::uint32_t salt = 0;
};

inline Facade plan_facade(World& w) {
    Draws& r = w.random;
    Facade f;
    f.kind = r.below(4);
    const Rgb walls[] = {{0.32f, 0.15f, 0.1f}, {0.42f, 0.25f, 0.16f}, {0.55f, 0.5f, 0.42f},
                         {0.6f, 0.6f, 0.6f},   {0.3f, 0.32f, 0.35f},  {0.5f, 0.4f, 0.28f}};
    f.wall = f.kind == 0 ? r.tint(walls[r.below(2)], 0.3f) : r.tint(r.pick(walls), 0.25f);
    f.trim = r.tint(grey(r.chance(0.5f) ? 0.6f : 0.15f), 0.2f);
    f.heat = w.ambient_heat * r.range(1, 2.1f);
    f.heat += r.range(0, 0.025f);
    f.cell_width = r.range(2, 4.5f);
    f.cell_height = r.range(2.8f, 3.8f);
    f.pane_width = f.cell_width * r.range(0.35f, 0.8f);
    f.pane_height = f.cell_height * r.range(0.35f, 0.7f);
    f.night = w.night;
    f.lit = w.night ? r.range(0, 0.45f) : r.range(0, 0.1f);
    f.lamp_color = r.chance(0.6f) ? Rgb{1, 0.75f, 0.4f} : Rgb{0.8f, 0.95f, 1};
    f.shop = r.chance(0.4f);
    f.stripes = r.chance(0.4f);
    f.top = r.chance(0.6f) ? r.range(4, 12) : r.range(12, 30);
    const Rgb signs[] = {
        {0.7f, 0.08f, 0.06f}, {0.06f, 0.2f, 0.6f}, {0.08f, 0.4f, 0.15f}, {0.75f, 0.6f, 0.1f}, {0.7f, 0.7f, 0.7f}};
    f.sign = r.pick(signs);
    f.salt = r.bits();
    return f;
}

inline Rgb wall_texture(const Facade& f, float s, float t, float fs, float ft) {
    const float stain = fractal(s * 0.4f, t * 0.4f, f.salt, 3);
    float level = 0.75f + 0.5f * stain;
    Rgb color = f.wall;
    if (f.kind == 0) {
        const int row = floor_of(t / 0.12f);
        const float shifted = s + ((row & 1) != 0 ? 0.18f : 0), fade = unit(1.4f - most(fs / 0.3f, ft / 0.1f));
        const float mortar = most(stripes(t, 0.12f, 0.025f, ft), stripes(shifted, 0.36f, 0.025f, fs));
        level *= 1 + fade * (lattice(floor_of(shifted / 0.36f), row, f.salt + 1) - 0.5f) * 0.7f;
        color = mix(color, grey(0.45f), 0.7f * mortar);
    } else if (f.kind == 2) {
        const float joint = most(stripes(t, 0.9f, 0.03f, ft), stripes(s, 1.3f, 0.03f, fs));
        const float fade = unit(1.4f - most(fs, ft));
        level *= (1 - 0.5f * joint) *
                 (1 + fade * 0.25f * (lattice(floor_of(s / 1.3f), floor_of(t / 0.9f), f.salt + 1) - 0.5f));
    } else if (f.kind == 3) {
        level *= 0.75f + 0.5f * stripes(s, 0.3f, 0.15f, fs);
    } else {
        level *= 1 + 0.2f * unit(1 - 5 * fs) * (noise(s * 9, t * 9, f.salt + 2) - 0.5f);
    }
    return color * level;
}

// What the facade shows at s metres along and t metres up; fs and ft are the pixel's size there.
inline Material facade_at(const Facade& f, float s, float t, float fs, float ft) {
    const float drift = fractal(s * 0.15f, t * 0.15f, f.salt + 4, 2), storey = stripes(t, f.cell_height, 0.25f, ft);
    Material m{wall_texture(f, s, t, fs, ft), f.heat * (0.85f + 0.3f * drift), {}};
    m.albedo = mix(m.albedo, f.trim, (f.stripes ? 0.8f : 0.25f) * storey);
    m.heat += 0.012f * storey;

    const bool ground_floor = f.shop && t < f.cell_height;
    const float pane_width = ground_floor ? 0.88f * f.cell_width : f.pane_width,
                pane_height = ground_floor ? 0.72f * f.cell_height : f.pane_height;
    const float sill = ground_floor ? 0.1f : 0.3f * f.cell_height;
    const float along = stripes(s - 0.5f * (f.cell_width - pane_width), f.cell_width, pane_width, fs);
    const float up = stripes(t - sill, f.cell_height, pane_height, ft), glass = along * up;
    if (glass > 0) {
        const int i = floor_of(s / f.cell_width), j = floor_of(t / f.cell_height);
        const float chance = lattice(i, j, f.salt + 6), tone = lattice(i, j, f.salt + 7);
        const float in_cell = t - sill - static_cast<float>(j) * f.cell_height, height = unit(in_cell / pane_height);
        const bool lit = chance < (ground_floor ? 2 * f.lit : f.lit);
        Rgb pane =
            f.night ? grey(0.03f) : mix(grey(0.04f), Rgb{0.5f, 0.6f, 0.7f}, tone * tone * (0.3f + 0.7f * height));
        if (tone > 0.6f) pane = mix(pane, grey(0.4f), 0.5f * stripes(t, 0.12f, 0.06f, ft));  // blinds
        const float bars = most(stripes(s - 0.5f * (f.cell_width - pane_width) + 0.05f, pane_width / 2, 0.07f, fs),
                                stripes(in_cell, pane_height, 0.07f, ft));
        m.albedo = mix(m.albedo, mix(pane, f.trim, 0.9f * bars), glass);
        m.heat = mix(m.heat, f.heat * (0.6f + 0.9f * tone) + (lit ? 0.03f : 0), 0.8f * glass);
        if (lit)
            m.glow =
                f.lamp_color * (glass * (1 - bars) *
                                (f.night ? 0.25f + 0.9f * tone * (0.5f + 0.5f * noise(s * 2, t * 2, f.salt)) : 0.25f));
    }
    if (ground_floor) {
        const float board = band(t, 0.82f * f.cell_height, 1.0f * f.cell_height, ft);
        if (board > 0 && lattice(floor_of(s / (2 * f.cell_width)), 3, f.salt + 8) < 0.6f) {
            const float letters = stripes(s, 0.5f, 0.3f, fs) *
                                  band(t, 0.86f * f.cell_height, 0.96f * f.cell_height, ft) *
                                  (lattice(floor_of(s / 0.125f), floor_of(t / 0.12f), f.salt + 9) < 0.6f ? 1.0f : 0.2f);
            const Rgb face = mix(f.sign, grey(0.8f), letters);
            m.albedo = mix(m.albedo, face, board);
            m.heat = mix(m.heat, f.heat * 1.05f, board);
            if (f.night && f.lit > 0.15f) m.glow = m.glow + face * (0.5f * board);
        }
    }
    m.albedo = m.albedo * (f.shading * (0.8f + 0.2f * unit(t / 3)));
    return m;
}

// A rectangle of wall from `origin` along the unit vector u, `extent` metres long.
inline void paint_wall(Canvas& canvas, const Facade& f, Vec3 origin, Vec3 u, float extent) {
    const Plane plane(canvas.camera, origin, u, {0, 1, 0});
    const Vec3 corners[] = {plane.point(0, -0.05f), plane.point(extent, -0.05f), plane.point(extent, f.top),
                            plane.point(0, f.top)};
    canvas.fill(std::span<const Vec3>(corners), [&](int x, int y, float coverage) {
        const auto h = plane.hit(static_cast<float>(x), static_cast<float>(y)),
                   next = plane.hit(static_cast<float>(x + 1), static_cast<float>(y));
        const float ft = h.depth / canvas.camera.focal, fs = most(magnitude(next.s - h.s), ft);
        canvas.blend(x, y, facade_at(f, h.s, h.t, fs, ft), coverage, h.depth, Label::background);
    });
}

// One row of houses beside the street, and what closes its far end.
inline void paint_buildings(Canvas& canvas, World& w) {
    Draws& r = w.random;
    if (r.chance(0.75f)) {
        Facade f = plan_facade(w);
        f.shading = r.range(0.6f, 1);
        f.top = most(f.top, 0.12f * w.end);
        const float left = -r.range(10, 60), right = r.range(10, 60);
        paint_wall(canvas, f, {w.road_x(left, w.end), 0, w.end}, {1, 0, 0}, right - left);
    }
    struct House {
        float x, begin, end;
        Facade facade;
    };
    std::vector<House> houses;
    for (const float side : {-1.0f, 1.0f}) {
        if (r.chance(0.15f)) continue;
        const float setback = r.range(0.5f, 7);
        for (float z = r.range(-4, 16); z < w.end && houses.size() < 12;) {
            House h;
            h.begin = z;
            h.end = least(z + r.range(6, 25), w.end);
            h.x = w.road_x(side * (w.half_width + w.walk + setback + r.range(0, 1.5f)),
                           0.5f * (most(h.begin, 0) + h.end));
            h.facade = plan_facade(w);
            h.facade.shading = (side < 0) == (w.sun.x < 0) ? 0.95f : 0.6f;
            z = h.end + (r.chance(0.4f) ? r.range(2, 10) : 0);
            houses.push_back(h);
        }
    }
    std::vector<float> depths;
    for (const House& h : houses) depths.push_back(h.begin);
    for (const std::size_t i : far_to_near(depths)) {
        const House& h = houses[i];
        if (h.begin > near_plane) {
            Facade front = h.facade;
            front.shading = 1.5f - h.facade.shading;
            front.shop = false;
            const float depth = 18;
            paint_wall(canvas, front, {h.x < 0 ? h.x - depth : h.x, 0, h.begin}, {1, 0, 0}, depth);
        }
        if (h.end > near_plane) paint_wall(canvas, h.facade, {h.x, 0, h.begin}, {0, 0, 1}, h.end - h.begin);
        if (w.night && h.facade.shop && h.facade.lit > 0.15f)
            w.lights.push_back(
                {{h.x * 0.9f, 1.8f, most(0.5f * (h.begin + h.end), 3)}, h.facade.lamp_color * r.range(0.5f, 2), 0});
    }
}

}  // namespace fathom::inline v0::data::scene
