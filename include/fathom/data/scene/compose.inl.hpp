// Part of synthetic.inl.hpp: who stands where. Everything on the street is planned first, then painted from far to
// near.
#pragma once

namespace fathom::inline v0::data::scene {

struct Item {
    enum class Kind { tree, hedge, lamp, sign, rail, car_stop, cone, parked_car, driven_car, bicycle, rider, person };
    Kind kind;
    Vec3 foot;
    std::uint64_t seed = 0;
    float turns = 0;  // where it faces
    int variant = 0;  // a barrier's kind, a rail's number
};

class Composer {
public:
    Composer(Canvas& canvas, World& world) : canvas_(canvas), world_(world), random_(world.random.bits()) {}

    void paint_street() {
        plants_and_lamps();
        rails();
        barriers();
        cones();
        cars();
        bicycles();
        people();
        std::vector<float> depths;
        for (const Item& item : items_) depths.push_back(item.foot.z);
        for (const std::size_t i : far_to_near(depths)) paint(items_[i]);
    }

private:
    using Kind = Item::Kind;

    void add(const Item& item) {
        if (item.foot.z > near_plane) items_.push_back(item);
    }
    void paint(const Item& i) {
        switch (i.kind) {
            case Kind::tree:
                return paint_tree(canvas_, world_, i.foot, i.seed);
            case Kind::hedge:
                return paint_hedge(canvas_, world_, i.foot, 2.6f, i.seed);
            case Kind::lamp:
                return paint_lamp(canvas_, world_, i.foot, i.seed);
            case Kind::sign:
                return paint_sign(canvas_, world_, i.foot, i.seed);
            case Kind::rail:
                return paint_rail(canvas_, world_, rails_[static_cast<std::size_t>(i.variant)], i.foot.z - 1);
            case Kind::car_stop:
                return paint_car_stop(canvas_, world_, i.foot, i.turns, i.variant, i.seed);
            case Kind::cone:
                return paint_cone(canvas_, world_, i.foot, i.seed);
            case Kind::parked_car:
                return CarPainter(canvas_, world_, i.foot, i.turns, false, i.seed).paint();
            case Kind::driven_car:
                return CarPainter(canvas_, world_, i.foot, i.turns, true, i.seed).paint();
            case Kind::bicycle:
                return paint_bicycle(canvas_, world_, make_frame(i.foot, i.turns), i.seed);
            case Kind::rider:
                return paint_rider(canvas_, world_, i.foot, i.seed);
            case Kind::person:
                return paint_person(canvas_, world_, i.foot, i.seed);
        }
    }
    // Beside the road on one side, `offset` metres beyond the kerb.
    float beside(float side, float offset) const { return side * (world_.half_width + world_.kerb_width + offset); }
    Vec3 on_ground(float across, float z) const { return {world_.road_x(across, z), 0, z}; }
    std::uint64_t seed() {
        const std::uint64_t high = random_.bits();
        return high << 32 | random_.bits();
    }
    // Distances near the camera are more likely than a uniform choice would make them.
    float distance(float nearest, float farthest) {
        const float u = random_.unit();
        return nearest + (farthest - nearest) * u * (0.3f + 0.7f * u);
    }
    // Whether nothing else stands within the radius (and takes the place), and the place is in the picture.
    bool take(Vec3 p, float radius) {
        const float x = canvas_.camera.project(p).x, margin = radius * canvas_.camera.scale(p.z);
        if (x < -0.6f * margin || x > static_cast<float>(canvas_.width) + 0.6f * margin) return false;
        for (const Vec3& other : places_) {
            const float dx = other.x - p.x, dz = other.z - p.z, r = other.y + radius;
            if (dx * dx + dz * dz < r * r) return false;
        }
        places_.push_back({p.x, radius, p.z});
        return true;
    }
    // Tries some places drawn by `draw` until one is free.
    template <class Draw>
    bool find(Vec3& p, float radius, const Draw& draw) {
        for (int i = 0; i < 8; ++i)
            if (p = draw(); take(p, radius)) return true;
        return false;
    }

    void plants_and_lamps() {
        Draws& r = random_;
        const bool avenue = r.chance(0.35f);
        for (const float side : {-1.0f, 1.0f}) {
            const int trees = avenue ? 4 + r.below(4) : r.below(4);
            const float start = r.range(3, 12), spacing = r.range(5, 9), offset = r.range(0.8f, 3.5f);
            for (int i = 0; i < trees; ++i) {
                const float z = avenue ? start + spacing * static_cast<float>(i) : r.range(6, 50);
                const Vec3 foot = on_ground(beside(side, offset + r.range(0, 1.5f)), z);
                add({Kind::tree, foot, seed()});
            }
            if (r.chance(0.35f)) {
                const float begin = r.range(3, 15), aside = beside(side, r.range(0.8f, 2.5f));
                const int pieces = 2 + r.below(8);
                for (int i = 0; i < pieces; ++i) {
                    const float z = begin + 2.2f * static_cast<float>(i);
                    add({Kind::hedge, on_ground(aside, z), seed()});
                }
            }
            const int lamps = r.below(3);
            for (int i = 0; i < lamps; ++i) {
                const float z = r.range(7, 45);
                add({Kind::lamp, on_ground(beside(side, 0.4f), z), seed()});
            }
            if (r.chance(0.4f)) {
                const float z = r.range(6, 25);
                add({Kind::sign, on_ground(beside(side, 0.3f), z), seed()});
            }
        }
        if (world_.night && r.chance(0.6f)) {
            const float power = r.range(0.3f, 1.2f);
            world_.lights.push_back({{0, 0.7f, 0}, Rgb{1, 0.98f, 0.85f} * power, 0, true});
        }
    }

    void rails() {
        Draws& r = random_;
        for (const float side : {-1.0f, 1.0f}) {
            if (!r.chance(0.24f)) continue;
            Rail rail{};
            rail.kind = r.below(3);
            rail.across = beside(side, r.range(0.1f, 0.4f));
            rail.begin = r.range(2.5f, 12);
            rail.end = rail.begin + r.range(6, 28);
            rail.height = r.range(0.7f, 1);
            rail.color = r.tint(r.chance(0.75f) ? grey(0.55f) : Rgb{0.2f, 0.3f, 0.22f}, 0.25f);
            rail.heat = world_.ambient_heat * r.range(1.2f, 2);
            for (float z = rail.begin; z < rail.end; z += 2) {
                add({Kind::rail, on_ground(rail.across, z + 1), 0, 0, static_cast<int>(rails_.size())});
                places_.push_back({world_.road_x(rail.across, z + 1), 0.6f, z + 1});
            }
            rails_.push_back(rail);
        }
    }

    void barriers() {
        Draws& r = random_;
        if (!r.chance(0.36f)) return;
        const int kind = r.below(4), count = 1 + r.below(4);
        const float z = distance(4, 22), side = r.sign(), step = kind >= 2 ? 1.3f : 2.3f;
        const bool across = r.chance(0.5f);
        const float start = across ? r.range(-1, 0.6f) * world_.half_width : beside(side, r.range(-0.6f, 0.8f)),
                    turn = r.range(-0.04f, 0.04f);
        for (int i = 0; i < count; ++i) {
            const float shift = step * static_cast<float>(i), zi = across ? z : z + shift;
            const Vec3 foot = on_ground(across ? start + shift : start, zi);
            if (!take(foot, 0.5f * step)) continue;
            const bool frontal = across || r.chance(0.5f);
            add({Kind::car_stop, foot, seed(), turn + (frontal ? 0 : 0.2f), kind});
        }
    }

    void cones() {
        Draws& r = random_;
        if (!r.chance(0.42f)) return;
        const int count = 1 + r.below(5);
        const float z = distance(3, 14), step = r.range(1.2f, 3), side = r.sign(),
                    start = side * world_.half_width * r.range(0.2f, 1.05f);
        for (int i = 0; i < count; ++i) {
            const float zi = z + step * static_cast<float>(i) + r.range(-0.3f, 0.3f);
            const Vec3 foot = on_ground(start + r.range(-0.3f, 0.3f), zi);
            if (take(foot, 0.35f)) add({Kind::cone, foot, seed()});
        }
    }

    void cars() {
        Draws& r = random_;
        if (!r.chance(0.78f)) return;
        const int count = 1 + r.below(5);
        for (int i = 0; i < count; ++i) {
            const float kind = r.unit();
            const bool driven = kind > 0.55f;
            float turns = r.chance(0.5f) ? 0 : 0.5f;
            Vec3 foot;
            const bool found = find(foot, 1.9f, [&] {
                const float side = r.sign();
                if (!driven) {
                    const float z = distance(4.5f, 34);
                    return on_ground(side * (world_.half_width - (r.chance(0.7f) ? 0.85f : -1.6f)), z);
                }
                if (kind < 0.85f) {
                    const float z = distance(6.5f, 40);
                    return on_ground(side * world_.half_width * 0.48f, z);
                }
                const float z = distance(6.5f, 22);
                return on_ground(r.range(-6, 6), z);
            });
            if (!found) continue;
            turns += kind >= 0.85f ? 0.25f + r.range(-0.06f, 0.06f) : r.range(-0.02f, 0.02f);
            if (kind < 0.15f) turns += r.range(-0.15f, 0.15f);
            add({driven ? Kind::driven_car : Kind::parked_car, foot, seed(), turns});
        }
    }

    void bicycles() {
        Draws& r = random_;
        if (r.chance(0.46f)) {
            const float side = r.sign(), spacing = r.range(0.45f, 0.75f), start = distance(3.5f, 15),
                        aside = beside(side, r.range(0.3f, 1.2f));
            const float turn = r.chance(0.7f) ? 0.25f * side + r.range(-0.06f, 0.06f) : r.range(-0.05f, 0.05f);
            const int count = 2 + r.below(12);
            for (int i = 0; i < count; ++i) {
                const float z = start + spacing * static_cast<float>(i);
                const Vec3 foot = on_ground(aside, z);
                if (i == 0 ? !take(foot, 0.7f) : false) return;
                places_.push_back({foot.x, 0.6f, foot.z});
                const float own = turn + r.range(-0.02f, 0.02f);
                add({Kind::bicycle, foot, seed(), own});
            }
        }
        const int riders = r.chance(0.42f) ? 1 + r.below(2) : 0;
        for (int i = 0; i < riders; ++i) {
            Vec3 foot;
            if (find(foot, 0.8f, [&] {
                    const float z = distance(4, 20);
                    return on_ground(r.range(-1, 1) * world_.half_width, z);
                }))
                add({Kind::rider, foot, seed()});
        }
    }

    void people() {
        Draws& r = random_;
        if (!r.chance(0.85f)) return;
        const int count = 1 + r.below(6);
        Vec3 foot;
        for (int i = 0; i < count; ++i) {
            const bool beside_last = i > 0 && r.chance(0.35f);  // in company
            const Vec3 last = foot;
            if (find(foot, 0.22f, [&] {
                    if (beside_last) {
                        const float z = last.z + r.range(-0.4f, 0.4f);
                        const float gap = r.sign();
                        return Vec3{last.x + gap * r.range(0.45f, 0.7f), 0, most(z, 2.5f)};
                    }
                    const float z = distance(3, 26);
                    return on_ground(r.range(-1, 1) * (world_.half_width + 0.8f * world_.walk), z);
                }))
                add({Kind::person, foot, seed()});
        }
    }

    Canvas& canvas_;
    World& world_;
    Draws random_;
    std::vector<Item> items_;
    std::vector<Rail> rails_;
    std::vector<Vec3> places_;  // x, radius, z of what stands already
};

}  // namespace fathom::inline v0::data::scene
