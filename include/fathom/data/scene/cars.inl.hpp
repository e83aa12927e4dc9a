// Part of synthetic.inl.hpp: cars, as boxes with a side profile in true perspective. A car that has been driven is warm
// at bonnet, grille and wheels; a parked one is as cold as the street, its roof and bonnet colder, for they face the
// sky.
#pragma once

namespace fathom::inline v0::data::scene {

struct CarShape {
    float length, width, height, belt, bonnet;  // belt: lower edge of the windows; bonnet: its height at the front
    float screen_low, screen_high, rear_high, rear_low,
        deck;  // along the car, 0 in the middle: ends of windscreen and rear window; height of the tail
};

inline CarShape plan_car(Draws& r) {
    const CarShape shapes[] = {
        {4.5f, 1.75f, 1.43f, 0.93f, 0.74f, 0.95f, 0.25f, -0.95f, -1.6f, 0.95f},  // saloon
        {3.9f, 1.68f, 1.5f, 0.95f, 0.78f, 1.0f, 0.35f, -1.55f, -1.85f, 0.92f},   // hatchback
        {4.4f, 1.7f, 1.92f, 1.02f, 0.9f, 1.95f, 1.3f, -2.05f, -2.15f, 0.98f},    // van
        {4.6f, 1.84f, 1.7f, 1.05f, 0.92f, 1.15f, 0.5f, -1.85f, -2.2f, 1.0f},     // off-roader
        {3.4f, 1.48f, 1.72f, 0.95f, 0.86f, 1.3f, 0.8f, -1.58f, -1.66f, 0.92f},   // small box
        {5.6f, 2.0f, 2.4f, 1.25f, 1.1f, 2.6f, 2.0f, -2.7f, -2.76f, 1.2f},        // delivery van
    };
    const float odds = r.unit();
    CarShape s = shapes[odds < 0.3f    ? 0
                        : odds < 0.52f ? 1
                        : odds < 0.68f ? 2
                        : odds < 0.82f ? 3
                        : odds < 0.94f ? 4
                                       : 5];
    const float k = r.range(0.95f, 1.05f);
    for (float* x : {&s.length, &s.screen_low, &s.screen_high, &s.rear_high, &s.rear_low}) *x *= k;
    s.height *= r.range(0.96f, 1.04f);
    return s;
}

class CarPainter {
public:
    CarPainter(Canvas& canvas, World& w, Vec3 foot, float turns, bool driven, std::uint64_t seed)
        : canvas_(canvas),
          world_(w),
          frame_(make_frame(foot, turns)),
          driven_(driven),
          random_(seed),
          shape_(plan_car(random_)) {
        Draws& r = random_;
        const Rgb paints[] = {{0.75f, 0.75f, 0.75f},  {0.5f, 0.51f, 0.53f}, {0.2f, 0.2f, 0.21f},
                              {0.03f, 0.03f, 0.035f}, {0.4f, 0.04f, 0.04f}, {0.05f, 0.1f, 0.3f},
                              {0.65f, 0.62f, 0.55f},  {0.1f, 0.22f, 0.18f}, {0.7f, 0.7f, 0.7f},
                              {0.55f, 0.35f, 0.08f}};
        paint_ = r.tint(r.pick(paints), 0.15f);
        body_ = w.ambient_heat * r.range(1.3f, 2.4f);
        hot_ = driven ? r.range(0.2f, 0.55f) : (r.chance(0.25f) ? r.range(0.05f, 0.2f) : 0);
        salt_ = r.bits();
    }

    void paint() {
        const CarShape& s = shape_;
        const float half = s.length / 2;
        canvas_.shade_ground(frame_.foot, {frame_.ahead.x, frame_.ahead.z}, half * 1.12f, s.width * 0.62f,
                             world_.night ? 0.6f : 0.75f, 0.25f * hot_);
        add_faces();
        std::vector<float> depths;
        for (const Face& face : faces_) depths.push_back(face.depth);
        for (const std::size_t i : far_to_near(depths)) {
            const Face& face = faces_[i];
            if (!visible(face)) continue;
            draw(face);
            details(face.part);
        }
        lamps();
    }

private:
    enum class Part {
        front,
        bonnet,
        screen,
        roof,
        rear_window,
        deck,
        tail,
        left,
        right,
        left_cabin,
        right_cabin,
        tyres
    };
    struct Face {
        Part part;
        std::array<Vec3, 6> points;
        std::size_t count;
        float depth;
        Rgb albedo;
        float heat;
        bool glass;
    };

    Vec3 at(float along, float aside, float up) const { return frame_.at(along, aside, up); }
    bool visible(const Face& f) const {
        if (f.part == Part::tyres) return true;
        const Vec3 normal = cross(f.points[1] - f.points[0], f.points[2] - f.points[1]);
        return dot(normal, f.points[0] - canvas_.camera.eye()) < 0;
    }
    // Points run so that the cross product of two edges in order points outwards; the first three must not lie in a
    // line.
    void add(Part part, std::initializer_list<Vec3> points, Rgb albedo, float heat, bool glass) {
        Face f{part, {}, 0, 0, albedo, heat, glass};
        for (Vec3 p : points) f.points[f.count++] = p, f.depth += length(p - canvas_.camera.eye());
        f.depth /= static_cast<float>(f.count);
        if (part == Part::tyres) f.depth += 50;  // below everything else
        faces_.push_back(f);
    }
    // A strip across the car between two points of the profile.
    void strip(Part part, float za, float ya, float wa, float zb, float yb, float wb, Rgb albedo, float heat,
               bool glass) {
        add(part, {at(za, wa, ya), at(za, -wa, ya), at(zb, -wb, yb), at(zb, wb, yb)}, albedo, heat, glass);
    }

    void add_faces() {
        const CarShape& s = shape_;
        const float half = s.length / 2, w = s.width / 2, sill = 0.22f, top = w * 0.8f, shoulder = w * 0.97f;
        const float sky = body_ * 0.6f, warm = body_ + 0.5f * hot_;
        const Rgb glass = world_.night ? grey(0.03f) : grey(0.09f);
        strip(Part::front, half, sill, w, half - 0.05f, s.bonnet, shoulder, paint_ * 0.8f, body_ + 0.6f * hot_, false);
        strip(Part::bonnet, half - 0.05f, s.bonnet, shoulder, s.screen_low, s.belt, shoulder, paint_ * 1.1f,
              sky + 0.6f * hot_, false);
        strip(Part::screen, s.screen_low, s.belt, shoulder, s.screen_high, s.height, top, glass,
              sky + 0.2f * hot_ + 0.01f, true);
        strip(Part::roof, s.screen_high, s.height, top, s.rear_high, s.height, top, paint_ * 1.15f, sky, false);
        strip(Part::rear_window, s.rear_high, s.height, top, s.rear_low, s.belt, shoulder, glass, sky + 0.12f * hot_,
              true);
        strip(Part::deck, s.rear_low, s.belt, shoulder, -half + 0.04f, s.deck, shoulder, paint_ * 1.05f, sky, false);
        strip(Part::tail, -half + 0.04f, s.deck, shoulder, -half, sill, w, paint_ * 0.75f, body_ + 0.15f * hot_, false);
        for (const float side : {1.0f, -1.0f}) {
            const float lit = 0.78f + 0.2f * side * frame_.aside.x * world_.sun.x;
            const Vec3 lower[] = {at(-half, side * w, sill),
                                  at(half, side * w, sill),
                                  at(half - 0.05f, side * shoulder, s.bonnet),
                                  at(s.screen_low, side * shoulder, s.belt),
                                  at(s.rear_low, side * shoulder, s.belt),
                                  at(-half + 0.04f, side * shoulder, s.deck)};
            const Vec3 upper[] = {at(s.rear_low, side * shoulder, s.belt), at(s.screen_low, side * shoulder, s.belt),
                                  at(s.screen_high, side * top, s.height), at(s.rear_high, side * top, s.height)};
            if (side > 0) {
                add(Part::left, {lower[0], lower[1], lower[2], lower[3], lower[4], lower[5]}, paint_ * lit,
                    body_ + 0.1f * hot_, false);
                add(Part::left_cabin, {upper[0], upper[1], upper[2], upper[3]}, paint_ * (lit * 0.95f), body_, false);
            } else {
                add(Part::right, {lower[1], lower[0], lower[5], lower[4], lower[3], lower[2]}, paint_ * lit,
                    body_ + 0.1f * hot_, false);
                add(Part::right_cabin, {upper[1], upper[0], upper[3], upper[2]}, paint_ * (lit * 0.95f), body_, false);
            }
            for (const float z : {half - 0.8f, -half + 0.75f})
                add(Part::tyres,
                    {at(z, side * w * 0.98f, 0), at(z, side * w * 0.72f, 0), at(z, side * w * 0.72f, 0.4f),
                     at(z, side * w * 0.98f, 0.4f)},
                    grey(0.015f), warm, false);
        }
    }

    void draw(const Face& f) {
        const float scale = 2.5f / canvas_.camera.scale(most(frame_.foot.z, 1)), low = canvas_.camera.horizon;
        canvas_.fill(std::span<const Vec3>(f.points.data(), f.count), [&](int x, int y, float coverage) {
            const float px = static_cast<float>(x), py = static_cast<float>(y),
                        gloss = noise(px * scale * 0.6f, py * scale, salt_);
            Material m{f.albedo * (0.88f + 0.24f * gloss), f.heat * (0.85f + 0.3f * gloss), {}};
            if (f.glass && !world_.night) {
                // The sky and the houses behind the camera, mirrored.
                const float mirrored = smooth(0.35f, 0.6f, gloss + (low - py) * 0.2f * scale);
                m.albedo = mix(m.albedo, grey(0.42f), 0.75f * mirrored);
            }
            // A little more than covered, so that nothing shines through where two faces meet.
            canvas_.blend(x, y, m, least(1, 1.6f * coverage), frame_.foot.z, Label::car);
        });
    }

    void panel(std::initializer_list<Vec3> points, const Material& m) {
        canvas_.fill(std::span<const Vec3>(points.begin(), points.size()),
                     [&](int x, int y, float c) { canvas_.blend(x, y, m, c, frame_.foot.z, Label::car); });
    }
    void box(float z, float left, float right, float low, float high, const Material& m) {
        panel({at(z, left, low), at(z, right, low), at(z, right, high), at(z, left, high)}, m);
    }

    void details(Part part) {
        const CarShape& s = shape_;
        const float half = s.length / 2, w = s.width / 2, warm = body_ + hot_;
        const Rgb plate = (salt_ & 3u) == 0 ? Rgb{0.75f, 0.6f, 0.05f} : grey(0.75f);
        if (part == Part::front) {
            box(half + 0.01f, 0.6f * w, -0.6f * w, 0.5f * s.bonnet, 0.78f * s.bonnet, {grey(0.02f), warm, {}});
            box(half + 0.01f, 0.8f * w, -0.8f * w, 0.26f, 0.4f * s.bonnet, {grey(0.025f), warm * 0.9f, {}});
            box(half + 0.02f, 0.17f, -0.17f, 0.42f, 0.53f, {plate, body_, {}});
            for (const float side : {1.0f, -1.0f})
                box(half + 0.01f, side * 0.94f * w, side * 0.62f * w, 0.7f * s.bonnet, 0.93f * s.bonnet,
                    {grey(0.55f), body_ + 0.3f * hot_, driven_ && world_.night ? Rgb{6, 5.6f, 4.8f} : Rgb{}});
        } else if (part == Part::tail) {
            const Rgb lit = driven_ && world_.night ? Rgb{1.8f, 0.08f, 0.05f} : Rgb{};
            for (const float side : {1.0f, -1.0f})
                box(-half - 0.01f, side * 0.96f * w, side * 0.68f * w, 0.68f * s.deck, 0.94f * s.deck,
                    {{0.4f, 0.02f, 0.02f}, body_, lit});
            box(-half - 0.01f, 0.2f, -0.2f, 0.6f * s.deck, 0.72f * s.deck,
                {plate, body_, world_.night && driven_ ? plate * 0.25f : Rgb{}});
            box(-half - 0.01f, 0.95f * w, -0.95f * w, 0.24f, 0.42f, {grey(0.05f), body_ + 0.2f * hot_, {}});
            if (hot_ > 0) box(-half - 0.02f, 0.6f * w, 0.48f * w, 0.2f, 0.27f, {grey(0.1f), most(0.7f, warm), {}});
        } else if (part == Part::left || part == Part::right) {
            const float side = part == Part::left ? 1.01f * w : -1.01f * w;
            for (const float door : {s.screen_low - 0.15f, 0.5f * (s.screen_low + s.rear_low), s.rear_low + 0.25f})
                panel({at(door, side, 0.28f), at(door + 0.02f, side, 0.28f), at(door + 0.02f, side, s.belt),
                       at(door, side, s.belt)},
                      {paint_ * 0.3f, body_ * 0.9f, {}});
            wheel(half - 0.8f, side);
            wheel(-half + 0.75f, side);
        } else if (part == Part::left_cabin || part == Part::right_cabin) {
            const float side = part == Part::left_cabin ? 1.0f : -1.0f, low = s.belt + 0.03f, high = s.height - 0.09f;
            const float t0 = 0.03f / (s.height - s.belt), t1 = 1 - 0.09f / (s.height - s.belt),
                        wl = side * mix(0.98f * w, 0.8f * w, t0) * 1.01f,
                        wh = side * mix(0.98f * w, 0.8f * w, t1) * 1.01f;
            const float back_low = mix(s.rear_low, s.rear_high, t0) + 0.1f,
                        back_high = mix(s.rear_low, s.rear_high, t1) + 0.1f;
            const float front_low = mix(s.screen_low, s.screen_high, t0) - 0.1f,
                        front_high = mix(s.screen_low, s.screen_high, t1) - 0.1f;
            const Rgb glass =
                world_.night ? grey(0.025f) : grey(0.1f + 0.15f * static_cast<float>(salt_ >> 8 & 3u) / 3);
            const float middle = 0.5f * (back_low + front_low), glass_heat = body_ * 0.9f + 0.1f * hot_;
            panel({at(back_low, wl, low), at(middle - 0.05f, wl, low), at(middle - 0.05f, wh, high),
                   at(back_high, wh, high)},
                  {glass, glass_heat, {}});
            panel({at(middle + 0.05f, wl, low), at(front_low, wl, low), at(front_high, wh, high),
                   at(middle + 0.05f, wh, high)},
                  {glass * 0.8f, glass_heat, {}});
        }
    }

    void wheel(float z, float side) {
        constexpr std::size_t corners = 20;
        const float tyre_heat = body_ + 0.7f * hot_;
        const struct {
            float radius;
            Material material;
        } rings[] = {{0.38f, {grey(0.015f), body_ * 0.8f, {}}},
                     {0.32f, {grey(0.025f), tyre_heat, {}}},
                     {0.21f, {grey(0.4f), tyre_heat * 0.9f, {}}},
                     {0.06f, {grey(0.1f), tyre_heat * 1.2f, {}}}};
        for (const auto& ring : rings) {
            Vec3 outline[corners];
            for (std::size_t i = 0; i < corners; ++i) {
                const float turn = static_cast<float>(i) / corners;
                outline[i] = at(z + ring.radius * cosine(turn), side, 0.32f + ring.radius * sine(turn));
                if (ring.radius > 0.35f && outline[i].y < 0.2f) outline[i].y = 0.2f;
            }
            canvas_.fill(std::span<const Vec3>(outline), [&](int x, int y, float c) {
                canvas_.blend(x, y, ring.material, c, frame_.foot.z, Label::car);
            });
        }
    }

    // What the car's lamps light at night.
    void lamps() {
        if (!driven_ || !world_.night) return;
        const float half = shape_.length / 2;
        const bool towards = frame_.ahead.z < 0;
        for (const float side : {0.38f, -0.38f}) {
            const Vec3 front = at(half + 0.1f, side * shape_.width, 0.83f * shape_.bonnet),
                       rear = at(-half - 0.1f, side * shape_.width, 0.8f * shape_.deck);
            if (towards && front.z > 1) world_.lights.push_back({front, {1.3f, 1.25f, 1.1f}, 0.9f, false});
            if (!towards && rear.z > 1) world_.lights.push_back({rear, {0.16f, 0.01f, 0.008f}, 0.12f, false});
        }
    }

    Canvas& canvas_;
    World& world_;
    BodyFrame frame_;
    bool driven_;
    Draws random_;
    CarShape shape_;
    Rgb paint_;
    float body_ = 0, hot_ = 0;
    std::uint32_t salt_ = 0;
    std::vector<Face> faces_;
};

}  // namespace fathom::inline v0::data::scene
