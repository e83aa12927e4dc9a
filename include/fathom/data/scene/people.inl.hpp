// Part of synthetic.inl.hpp: people and bicycles, as jointed figures of strokes in space. Skin and thin clothes are
// what an infrared camera sees best; at night the visible one often shows neither.
#pragma once

namespace fathom::inline v0::data::scene {

// A vertical frame of reference: `ahead` is where the figure faces, `aside` its left, both unit vectors on the ground.
struct BodyFrame {
    Vec3 foot, ahead, aside;

    Vec3 at(float forward, float left, float up) const {
        return foot + ahead * forward + aside * left + Vec3{0, up, 0};
    }
};

// `turns` 0 faces away from the camera, a half turn towards it.
inline BodyFrame make_frame(Vec3 foot, float turns) {
    const float s = sine(turns), c = cosine(turns);
    return {foot, {s, 0, c}, {-c, 0, s}};
}

struct Look {
    Rgb shirt, trousers, skin, hair, shoes, bag;
    float face_heat, shirt_heat, trouser_heat, hair_heat;
    bool coat, skirt, backpack, handbag;
    std::uint32_t salt;
};

inline Look plan_look(Draws& r) {
    const Rgb clothes[] = {{0.02f, 0.02f, 0.025f}, {0.05f, 0.06f, 0.1f}, {0.1f, 0.1f, 0.1f},    {0.3f, 0.3f, 0.3f},
                           {0.65f, 0.65f, 0.62f},  {0.4f, 0.04f, 0.04f}, {0.05f, 0.12f, 0.35f}, {0.08f, 0.2f, 0.1f},
                           {0.35f, 0.25f, 0.12f},  {0.55f, 0.4f, 0.1f}};
    const Rgb trousers[] = {
        {0.02f, 0.02f, 0.025f}, {0.04f, 0.06f, 0.13f}, {0.08f, 0.08f, 0.09f}, {0.25f, 0.22f, 0.16f}};
    const Rgb hair[] = {{0.015f, 0.012f, 0.01f}, {0.06f, 0.035f, 0.02f}, {0.3f, 0.3f, 0.3f}};
    Look look;
    look.shirt = r.tint(r.pick(clothes), 0.3f);
    look.trousers = r.tint(r.pick(trousers), 0.3f);
    look.skin = r.tint({0.5f, 0.32f, 0.24f}, 0.35f);
    look.hair = r.pick(hair);
    look.shoes = r.chance(0.3f) ? grey(0.5f) : grey(0.03f);
    look.bag = r.tint(r.pick(clothes), 0.4f);
    const float warmth = r.range(0.75f, 1.1f);
    look.face_heat = r.range(0.75f, 0.95f) * warmth;
    look.shirt_heat = r.range(0.3f, 0.68f) * warmth;
    look.trouser_heat = r.range(0.35f, 0.7f) * warmth;
    look.hair_heat = r.range(0.4f, 0.7f) * warmth;
    look.coat = r.chance(0.3f);
    look.skirt = r.chance(0.2f);
    look.backpack = r.chance(0.3f);
    look.handbag = r.chance(0.2f);
    look.salt = r.bits();
    return look;
}

// Joints; [0] left, [1] right.
struct Skeleton {
    Vec3 hip[2], knee[2], ankle[2], toe[2], shoulder[2], elbow[2], hand[2], neck, head;
    float height;
};

inline Skeleton walking(const BodyFrame& f, float h, float phase, float stride) {
    Skeleton s;
    s.height = h;
    for (int i = 0; i < 2; ++i) {
        const float left = i == 0 ? 1.0f : -1.0f, swing = left * stride * sine(phase),
                    lift = most(0, left * cosine(phase)) * stride;
        s.hip[i] = f.at(0, left * 0.055f * h, 0.52f * h);
        s.knee[i] = f.at((0.16f * swing + 0.05f * lift) * h, left * 0.055f * h, 0.28f * h);
        s.ankle[i] = f.at((0.24f * swing - 0.06f * lift) * h, left * 0.05f * h, (0.045f + 0.06f * lift) * h);
        s.toe[i] = s.ankle[i] + f.ahead * (0.09f * h) - Vec3{0, 0.02f * h, 0};
        s.shoulder[i] = f.at(0, left * 0.1f * h, 0.795f * h);
        s.elbow[i] = f.at(-0.1f * swing * h, left * 0.14f * h, 0.64f * h);
        s.hand[i] = f.at((-0.16f * swing + 0.05f) * h, left * 0.13f * h, 0.49f * h);
    }
    s.neck = f.at(0, 0, 0.85f * h);
    s.head = f.at(0.015f * h, 0, 0.925f * h);
    return s;
}

// On a bicycle whose frame this is: feet on the pedals, hands on the bar.
inline Skeleton riding(const BodyFrame& f, float h, float phase) {
    Skeleton s;
    s.height = h;
    for (int i = 0; i < 2; ++i) {
        const float left = i == 0 ? 1.0f : -1.0f, c = left * 0.17f * cosine(phase), v = left * 0.17f * sine(phase);
        s.hip[i] = f.at(-0.2f, left * 0.09f, 0.92f);
        s.ankle[i] = f.at(0.02f + c, left * 0.12f, 0.38f + v);
        s.toe[i] = f.at(0.16f + c, left * 0.12f, 0.34f + v);
        s.knee[i] = f.at(0.2f + 0.6f * c, left * 0.13f, 0.72f + 0.6f * v);
        s.shoulder[i] = f.at(0.08f, left * 0.1f * h, 0.845f * h);
        s.elbow[i] = f.at(0.25f, left * 0.26f, 0.7f * h);
        s.hand[i] = f.at(0.42f, left * 0.24f, 1.02f);
    }
    s.neck = f.at(0.1f, 0, 0.9f * h);
    s.head = f.at(0.16f, 0, 0.97f * h);
    return s;
}

class FigurePainter {
public:
    FigurePainter(Canvas& canvas, const World& w, const Look& look, const BodyFrame& frame)
        : canvas_(canvas), world_(w), look_(look), frame_(frame) {}

    void paint(const Skeleton& s) const {
        const float h = s.height;
        const bool towards = frame_.ahead.z < 0;
        const int far_side = frame_.aside.z > 0 ? 0 : 1, near_side = 1 - far_side;
        if (look_.backpack && towards) bag(s);
        arm(s, far_side);
        leg(s, far_side);
        leg(s, near_side);
        if (look_.skirt) {
            limb(mix(s.hip[0], s.hip[1], 0.5f), 0.075f * h, mix(s.knee[0], s.knee[1], 0.5f), 0.105f * h, look_.trousers,
                 look_.trouser_heat * 0.8f);
        }
        const Vec3 hips = mix(s.hip[0], s.hip[1], 0.5f), waist = look_.coat ? hips - Vec3{0, 0.13f * h, 0} : hips;
        for (int i = 0; i < 2; ++i) {
            limb(s.shoulder[i], 0.038f * h, mix(s.hip[i], waist, 0.4f), 0.05f * h, look_.shirt, look_.shirt_heat);
            limb(s.neck - Vec3{0, 0.015f * h, 0}, 0.034f * h, s.shoulder[i], 0.036f * h, look_.shirt, look_.shirt_heat);
        }
        limb(s.neck - Vec3{0, 0.07f * h, 0}, 0.075f * h, waist, (look_.coat ? 0.085f : 0.075f) * h, look_.shirt,
             look_.shirt_heat);
        limb(s.neck - Vec3{0, 0.01f * h, 0}, 0.03f * h, s.head, 0.03f * h, look_.skin, look_.face_heat);
        if (look_.backpack && !towards) bag(s);
        arm(s, near_side);
        head(s, towards);
        if (look_.handbag) {
            limb(s.hand[near_side] - Vec3{0, 0.05f * h, 0}, 0.04f * h, s.hand[near_side] - Vec3{0, 0.14f * h, 0},
                 0.05f * h, look_.bag, 0.12f);
        }
    }

private:
    void limb(Vec3 a, float ra, Vec3 b, float rb, Rgb color, float heat) const {
        if (a.z < near_plane || b.z < near_plane) return;
        const float depth = frame_.foot.z, fold = 9 / canvas_.camera.scale(depth);
        canvas_.stroke(canvas_.camera.project(a), ra * canvas_.camera.scale(a.z), canvas_.camera.project(b),
                       rb * canvas_.camera.scale(b.z), [&](int x, int y, float coverage, float, float side) {
                           const float folds =
                               noise(static_cast<float>(x) * fold, static_cast<float>(y) * fold, look_.salt);
                           const float round = 1 - 0.35f * side * side + 0.25f * side * world_.sun.x;
                           const Material m{color * (round * (0.7f + 0.5f * folds)),
                                            heat * (0.78f + 0.4f * folds) * (1 - 0.15f * side * side),
                                            {}};
                           canvas_.blend(x, y, m, coverage, depth, Label::person);
                       });
    }
    void leg(const Skeleton& s, int i) const {
        const float h = s.height;
        const Rgb calf = look_.skirt ? look_.skin : look_.trousers;
        const float warm = look_.skirt ? look_.face_heat * 0.85f : look_.trouser_heat;
        limb(s.ankle[i], 0.026f * h, s.toe[i], 0.022f * h, look_.shoes, 0.25f);
        limb(s.knee[i], 0.037f * h, s.ankle[i], 0.027f * h, calf, warm * 0.9f);
        limb(s.hip[i], 0.052f * h, s.knee[i], 0.04f * h, look_.trousers, look_.trouser_heat);
    }
    void arm(const Skeleton& s, int i) const {
        const float h = s.height;
        limb(s.hand[i], 0.02f * h, s.hand[i], 0.02f * h, look_.skin, look_.face_heat * 0.85f);
        limb(s.elbow[i], 0.028f * h, s.hand[i], 0.022f * h, look_.shirt, look_.shirt_heat * 0.9f);
        limb(s.shoulder[i], 0.036f * h, s.elbow[i], 0.029f * h, look_.shirt, look_.shirt_heat);
    }
    void head(const Skeleton& s, bool towards) const {
        const float h = s.height, r = 0.056f * h;
        const Vec3 top = s.head + Vec3{0, 0.022f * h, 0};
        limb(top - frame_.ahead * (0.012f * h), r * 1.08f, s.head - frame_.ahead * (0.02f * h), r, look_.hair,
             look_.hair_heat);
        const float turned =
            towards ? 0.016f : 0.05f;  // from behind only a rim of the face shows when the head is in profile
        if (!towards && magnitude(frame_.ahead.x) < 0.5f) return;
        limb(s.head + frame_.ahead * (turned * h), r * (towards ? 0.86f : 0.55f),
             s.head + frame_.ahead * (turned * h) - Vec3{0, 0.025f * h, 0}, r * (towards ? 0.7f : 0.4f), look_.skin,
             look_.face_heat);
    }
    void bag(const Skeleton& s) const {
        const float h = s.height;
        const Vec3 back = frame_.ahead * (-0.085f * h);
        limb(s.neck + back - Vec3{0, 0.1f * h, 0}, 0.075f * h, s.neck + back - Vec3{0, 0.24f * h, 0}, 0.08f * h,
             look_.bag, 0.16f);
    }

    Canvas& canvas_;
    const World& world_;
    const Look& look_;
    const BodyFrame& frame_;
};

// Mostly along the street, towards the camera or away from it; sometimes anywhere.
inline float facing(Draws& r, float anywhere) {
    if (r.chance(anywhere)) return r.unit();
    const float towards = r.chance(0.6f) ? 0.5f : 0;
    return towards + r.range(-0.08f, 0.08f);
}

inline void paint_person(Canvas& canvas, const World& w, Vec3 foot, std::uint64_t seed) {
    Draws r(seed);
    const Look look = plan_look(r);
    const BodyFrame frame = make_frame(foot, facing(r, 0.35f));
    const float height = r.chance(0.08f) ? r.range(1.05f, 1.4f) : r.range(1.52f, 1.88f), phase = r.unit();
    const Skeleton s = walking(frame, height, phase, r.chance(0.25f) ? 0.15f : r.range(0.6f, 1));
    canvas.shade_ground(foot, {1, 0}, 0.35f, 0.3f, w.night ? 0.35f : 0.55f, 0.01f);
    FigurePainter(canvas, w, look, frame).paint(s);
}

// The wheels' discs and the frame between them are labelled whole, as annotators do.
inline void paint_bicycle(Canvas& canvas, const World& w, const BodyFrame& f, std::uint64_t seed) {
    Draws r(seed);
    const Rgb paints[] = {{0.5f, 0.5f, 0.52f},  {0.03f, 0.03f, 0.03f}, {0.4f, 0.05f, 0.04f},
                          {0.05f, 0.1f, 0.35f}, {0.6f, 0.6f, 0.58f},   {0.06f, 0.25f, 0.15f}};
    const float cold = w.ambient_heat;
    const Material metal{r.tint(r.pick(paints), 0.3f), cold * r.range(1.5f, 2.6f), {}},
        rubber{grey(0.02f), cold * r.range(1.8f, 3), {}};
    const Material chrome{grey(0.5f), cold * 0.9f, {}};
    constexpr float wheel = 0.33f, reach = 0.53f;
    constexpr std::size_t corners = 18;
    const float depth = f.foot.z;
    if (depth < 1.2f) return;
    for (const float hub : {-reach, reach}) {
        Vec3 rim[corners];
        for (std::size_t i = 0; i < corners; ++i) {
            const float turn = static_cast<float>(i) / corners;
            rim[i] = f.at(hub + wheel * cosine(turn), 0, wheel + wheel * sine(turn));
        }
        canvas.mark(rim, depth, Label::bike);
        canvas.fill(std::span<const Vec3>(rim),
                    [&](int x, int y, float c) { canvas.blend(x, y, chrome, 0.14f * c, depth, Label::none); });
        for (std::size_t i = 0; i < corners; ++i) {
            canvas.stroke(rim[i], 0.024f, rim[(i + 1) % corners], 0.024f, rubber, Label::bike);
            if (i % 3 == 0) canvas.stroke(rim[i], 0.004f, f.at(hub, 0, wheel), 0.004f, chrome, Label::bike);
        }
    }
    const Vec3 rear = f.at(-reach, 0, wheel), front = f.at(reach, 0, wheel), crank = f.at(-0.06f, 0, 0.3f),
               seat = f.at(-0.2f, 0, 0.88f);
    const Vec3 post = f.at(-0.16f, 0, 0.72f), stem = f.at(0.36f, 0, 0.78f), bar = f.at(0.33f, 0, 1.02f);
    const Vec3 hull[] = {rear, crank, front, stem, post};
    canvas.mark(hull, depth, Label::bike);
    const auto tube = [&](Vec3 a, Vec3 b, float radius, const Material& m) {
        canvas.stroke(a, radius, b, radius, m, Label::bike);
    };
    tube(rear, crank, 0.016f, metal);
    tube(rear, post, 0.014f, metal);
    tube(crank, stem, 0.024f, metal);
    tube(crank, seat, 0.02f, metal);
    tube(post, stem, 0.022f, metal);
    tube(stem, front, 0.02f, metal);
    tube(stem, bar, 0.018f, chrome);
    tube(f.at(0.3f, 0.28f, 1.03f), f.at(0.3f, -0.28f, 1.03f), 0.018f, chrome);
    tube(seat - f.ahead * 0.1f, seat + f.ahead * 0.14f, 0.045f, {grey(0.03f), cold * 1.6f, {}});
    tube(rear + Vec3{0, wheel + 0.03f, 0}, post, 0.02f, rubber);
    if (r.chance(0.5f)) {
        const Vec3 basket[] = {f.at(0.42f, 0.14f, 0.98f), f.at(0.72f, 0.14f, 0.98f), f.at(0.66f, 0.12f, 0.7f),
                               f.at(0.45f, 0.12f, 0.7f)};
        canvas.fill(std::span<const Vec3>(basket),
                    [&](int x, int y, float c) { canvas.blend(x, y, chrome, 0.6f * c, depth, Label::bike); });
        canvas.mark(basket, depth, Label::bike);
    }
    if (w.night && r.chance(0.4f))
        tube(rear + Vec3{0, 0.35f, 0}, rear + Vec3{0, 0.36f, 0}, 0.03f, {{0.5f, 0, 0}, cold, {1.2f, 0.05f, 0.03f}});
}

inline void paint_rider(Canvas& canvas, const World& w, Vec3 foot, std::uint64_t seed) {
    Draws r(seed);
    Look look = plan_look(r);
    look.handbag = look.skirt = false;
    const BodyFrame frame = make_frame(foot, facing(r, 0.4f));
    const float height = r.range(1.55f, 1.85f), phase = r.unit();
    canvas.shade_ground(foot, {frame.ahead.x, frame.ahead.z}, 0.8f, 0.3f, w.night ? 0.3f : 0.5f);
    paint_bicycle(canvas, w, frame, r.bits());
    FigurePainter(canvas, w, look, frame).paint(riding(frame, height, phase));
}

}  // namespace fathom::inline v0::data::scene
