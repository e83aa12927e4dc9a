// Part of synthetic.inl.hpp: what stands beside streets: lamps, signs, cones, barriers (MSRS calls them car stops) and
// guardrails. All are as cold as the air, so the infrared camera shows them faintly if at all.
#pragma once

namespace fathom::inline v0::data::scene {

inline void paint_lamp(Canvas& canvas, World& w, Vec3 foot, std::uint64_t seed) {
    Draws r(seed);
    const float height = r.range(3.2f, 6.5f),
                arm = r.chance(0.5f) ? r.range(0.4f, 1.4f) * (foot.x < 0 ? 1.0f : -1.0f) : 0,
                heat = w.ambient_heat * 1.5f;
    const Vec3 top = foot + Vec3{0, height, 0}, lamp = top + Vec3{arm, arm == 0 ? 0.12f : -0.05f, 0};
    const Material pole{r.tint(grey(r.chance(0.5f) ? 0.3f : 0.05f), 0.3f), heat, {}};
    canvas.stroke(foot, 0.08f, top, 0.05f, pole, Label::background);
    canvas.stroke(top, 0.04f, lamp, 0.04f, pole, Label::background);
    const bool on = w.night && r.chance(0.85f), globe = r.chance(0.4f);
    const Rgb color =
        r.chance(0.5f) ? Rgb{1, 0.86f, 0.6f} : (r.chance(0.5f) ? Rgb{0.85f, 1, 0.85f} : Rgb{1, 0.65f, 0.3f});
    const Material shade{grey(0.6f), heat + (on ? 0.15f : 0), on ? color * 8 : Rgb{}};
    const float power = r.range(6, 22);
    if (globe)
        canvas.stroke(lamp, 0.2f, lamp + Vec3{0, 0.02f, 0}, 0.2f, shade, Label::background);
    else
        canvas.stroke(lamp - Vec3{0.25f, 0, 0}, 0.07f, lamp + Vec3{0.25f, 0, 0}, 0.07f, shade, Label::background);
    if (on) w.lights.push_back({lamp - Vec3{0, 0.15f, 0.1f}, color * power, 0.6f});
}

inline void paint_sign(Canvas& canvas, World& w, Vec3 foot, std::uint64_t seed) {
    Draws r(seed);
    const float height = r.range(1.9f, 2.8f), size = r.range(0.25f, 0.4f), heat = w.ambient_heat * 1.3f;
    const int kind = r.below(3);
    const Material pole{grey(0.4f), heat, {}};
    canvas.stroke(foot, 0.04f, foot + Vec3{0, height, 0}, 0.04f, pole, Label::background);
    const Rgb colors[] = {{0.65f, 0.04f, 0.04f}, {0.04f, 0.15f, 0.55f}, {0.7f, 0.55f, 0.05f}, {0.7f, 0.7f, 0.7f}};
    const Rgb outer = r.pick(colors), inner = r.chance(0.5f) ? grey(0.75f) : outer;
    const std::size_t corners = kind == 0 ? 16 : (kind == 1 ? 3 : 4);
    for (const float k : {1.0f, 0.72f}) {
        Vec3 outline[16];
        for (std::size_t i = 0; i < corners; ++i) {
            const float turn = static_cast<float>(i) / static_cast<float>(corners) + (kind == 1 ? 0.25f : 0.125f);
            outline[i] = foot + Vec3{k * size * cosine(turn), height + k * size * sine(turn), -0.05f};
        }
        canvas.fill(std::span<const Vec3>(outline, corners), [&](int x, int y, float c) {
            canvas.blend(x, y, {k == 1.0f ? outer : inner, heat, {}}, c, foot.z, Label::background);
        });
    }
    const Material glyph{grey(r.chance(0.5f) ? 0.05f : 0.7f), heat, {}};
    canvas.stroke(foot + Vec3{-0.4f * size, height, -0.06f}, 0.05f, foot + Vec3{0.4f * size, height, -0.06f}, 0.05f,
                  glyph, Label::background);
}

inline void paint_cone(Canvas& canvas, const World& w, Vec3 foot, std::uint64_t seed) {
    Draws r(seed);
    const float height = r.range(0.55f, 0.95f), width = height * r.range(0.19f, 0.26f),
                heat = w.ambient_heat * r.range(1, 1.7f);
    const Rgb orange = r.tint({0.7f, 0.13f, 0.04f}, 0.2f), stripe = grey(r.range(0.5f, 0.8f));
    const float period = height / (r.chance(0.5f) ? 2.0f : 3.0f);
    canvas.shade_ground(foot, {1, 0}, width * 2, width * 1.6f, 0.5f);
    const Plane plane(canvas.camera, foot, {1, 0, 0}, {0, 1, 0});
    const auto surface = [&](std::span<const Vec3> outline) {
        canvas.fill(outline, [&](int x, int y, float c) {
            const auto h = plane.hit(static_cast<float>(x), static_cast<float>(y));
            const float ft = h.depth / canvas.camera.focal, round = clamp(h.s / (width + 0.02f), -1, 1);
            const float white =
                stripes(h.t - 0.4f * period, period, 0.42f * period, ft) * band(h.t, 0.1f, height - 0.05f, ft);
            const Rgb color = mix(orange, stripe, white) * (1 - 0.35f * round * round + 0.2f * round * w.sun.x);
            canvas.blend(x, y, {color, heat * (1 + 0.15f * round), {}}, c, foot.z, Label::color_cone);
        });
    };
    const float base = 1.55f * width;
    const Vec3 foundation[] = {foot + Vec3{-base, 0, -base}, foot + Vec3{base, 0, -base},
                               foot + Vec3{base, 0.04f, base}, foot + Vec3{-base, 0.04f, base}};
    const Vec3 body[] = {foot + Vec3{-width, 0.02f, 0}, foot + Vec3{width, 0.02f, 0},
                         foot + Vec3{0.16f * width, height, 0}, foot + Vec3{-0.16f * width, height, 0}};
    surface(foundation);
    surface(body);
}

// A barrier across: a frame with bars, a striped board, a hoop, or an orange block. `turns` rotates it on the ground.
inline void paint_car_stop(Canvas& canvas, const World& w, Vec3 foot, float turns, int kind, std::uint64_t seed) {
    Draws r(seed);
    const float width = kind == 2 ? r.range(0.6f, 0.9f) : (kind == 3 ? r.range(0.4f, 0.6f) : r.range(1.2f, 2.1f));
    const float height = kind == 3 ? r.range(0.8f, 1.1f) : r.range(0.7f, 1),
                heat = w.ambient_heat * r.range(1.1f, 1.8f);
    const bool yellow = r.chance(0.5f);
    const Rgb frame = kind == 3 ? Rgb{0.75f, 0.4f, 0.04f} : (yellow ? Rgb{0.7f, 0.5f, 0.04f} : grey(0.7f));
    const Rgb dark = yellow ? grey(0.03f) : Rgb{0.55f, 0.06f, 0.05f};
    const Vec3 u{cosine(turns), 0, sine(turns)};
    canvas.shade_ground(foot, {u.x, u.z}, width * 0.6f, 0.3f, 0.4f);
    const Plane plane(canvas.camera, foot - u * (width / 2), u, {0, 1, 0});
    const Vec3 outline[] = {plane.point(0, 0), plane.point(width, 0), plane.point(width, height),
                            plane.point(0, height)};
    canvas.fill(std::span<const Vec3>(outline), [&](int x, int y, float c) {
        const auto h = plane.hit(static_cast<float>(x), static_cast<float>(y)),
                   next = plane.hit(static_cast<float>(x + 1), static_cast<float>(y));
        const float ft = h.depth / canvas.camera.focal, fs = most(magnitude(next.s - h.s), ft);
        const float posts = most(band(h.s, 0, 0.07f, fs), band(h.s, width - 0.07f, width, fs));
        float solid = 1;
        Rgb color = frame;
        if (kind == 0) {
            const float rails = most(band(h.t, height - 0.08f, height, ft), band(h.t, 0.22f, 0.3f, ft));
            const float bars = stripes(h.s, 0.22f, 0.045f, fs) * band(h.t, 0.22f, height, ft);
            solid = most(most(posts, rails), bars);
            color = mix(frame, dark, yellow ? stripes(h.s + h.t, 0.3f, 0.15f, fs + ft) : 0.0f);
        } else if (kind == 1) {
            const float board = band(h.t, height - 0.3f, height - 0.03f, ft), lower = band(h.t, 0.25f, 0.38f, ft);
            solid = most(posts, most(board, lower));
            color = mix(grey(0.7f), dark, stripes(h.s + h.t, 0.4f, 0.2f, fs + ft) * most(board, lower));
        } else if (kind == 2) {
            solid = most(posts, band(h.t, height - 0.08f, height, ft));
            color = mix(frame, dark, yellow ? stripes(h.t, 0.3f, 0.15f, ft) : 0.0f);
        } else {
            color = color * (0.8f + 0.25f * stripes(h.t, 0.3f, 0.27f, ft));
        }
        const float round = 0.85f + 0.2f * unit(h.t / height);
        canvas.blend(x, y, {color * round, heat * (0.9f + 0.2f * unit(h.t / height)), {}}, c * solid, h.depth,
                     Label::car_stop);
    });
    canvas.mark(outline, foot.z, Label::car_stop);
}

struct Rail {
    int kind;  // 0 beam of steel, 1 pipes, 2 pickets
    float across, begin, end, height;
    Rgb color;
    float heat;
};

// Two metres of a guardrail from this distance on, following the street.
inline void paint_rail(Canvas& canvas, const World& w, const Rail& rail, float z0) {
    const float z1 = least(z0 + 2, rail.end);
    const Vec3 a{w.road_x(rail.across, z0), 0, z0}, d = Vec3{w.road_x(rail.across, z1), 0, z1} - a;
    const float extent = length(d);
    const Plane plane(canvas.camera, a, d * (1 / extent), {0, 1, 0});
    const float top = rail.height;
    const Vec3 outline[] = {plane.point(0, 0), plane.point(extent, 0), plane.point(extent, top), plane.point(0, top)};
    canvas.fill(std::span<const Vec3>(outline), [&](int x, int y, float c) {
        const auto h = plane.hit(static_cast<float>(x), static_cast<float>(y)),
                   next = plane.hit(static_cast<float>(x + 1), static_cast<float>(y));
        const float ft = h.depth / canvas.camera.focal, fs = most(magnitude(next.s - h.s), ft), along = z0 + h.s;
        const float posts = stripes(along, 2, 0.13f, fs) * band(h.t, -1, top, ft);
        float solid = posts, level = 0.55f;
        if (rail.kind == 0) {
            const float beam = band(h.t, top - 0.34f, top, ft), wave = (h.t - top + 0.17f) / 0.17f;
            if (beam > posts)
                solid = beam, level = 1.05f - 0.5f * wave * wave * (wave < 0 ? 1.6f : 0.5f) -
                                      0.35f * band(wave, -0.12f, 0.12f, ft * 6);
        } else if (rail.kind == 1) {
            const float pipes =
                most(most(band(h.t, top - 0.09f, top, ft), band(h.t, 0.55f * top, 0.55f * top + 0.07f, ft)),
                     band(h.t, 0.2f * top, 0.2f * top + 0.07f, ft));
            if (pipes > posts) solid = pipes, level = 1;
        } else {
            const float pickets = stripes(along, 0.16f, 0.05f, fs) * band(h.t, 0.1f, top, ft),
                        frame = most(band(h.t, top - 0.07f, top, ft), band(h.t, 0.1f, 0.16f, ft));
            if (most(pickets, frame) > posts) solid = most(pickets, frame), level = 0.9f;
        }
        canvas.blend(x, y, {rail.color * level, rail.heat * (0.8f + 0.25f * level), {}}, c * solid, h.depth,
                     Label::guardrail);
    });
    canvas.mark(outline, 0.5f * (z0 + z1), Label::guardrail);
}

}  // namespace fathom::inline v0::data::scene
