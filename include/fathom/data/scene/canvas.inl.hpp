// Part of synthetic.inl.hpp: the picture while it is painted. A pixel holds what the surface there is (color, heat,
// own light, distance, class), not how it looks: light.inl.hpp and sensors.inl.hpp turn that into the two images.
// Shapes are painted from far to near.
#pragma once

namespace fathom::inline v0::data::scene {

// The classes of MSRS, as in the label images. `none` paints without touching the label.
enum class Label : std::uint8_t {
    background,
    car,
    person,
    bike,
    curve,
    car_stop,
    guardrail,
    color_cone,
    bump,
    none = 255
};

struct Material {
    Rgb albedo;
    float heat = 0;  // what an infrared camera sees, about 0 (clear sky) to 1 (skin)
    Rgb glow;        // light of its own
};

struct Pixel {
    Rgb albedo;
    Rgb glow;
    float heat = 0;
    float depth = 1e6f;  // metres along the view
    Label label = Label::background;
    bool ground = false;  // lies on the ground plane: takes shadows
};

struct Camera {
    float focal, center_x, horizon, height;  // pixels; the last in metres above the ground

    Vec2 project(Vec3 p) const { return {center_x + focal * p.x / p.z, horizon + focal * (height - p.y) / p.z}; }
    Vec3 ray(float x, float y) const { return {(x - center_x) / focal, (horizon - y) / focal, 1}; }
    Vec3 eye() const { return {0, height, 0}; }
    // Size in pixels of a metre at this distance.
    float scale(float z) const { return focal / z; }
};

// Nothing is painted nearer than this.
inline constexpr float near_plane = 0.6f;

class Canvas {
public:
    Canvas(int rows, int columns, Camera view)
        : height(rows),
          width(columns),
          camera(view),
          pixels(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)),
          coverage_(static_cast<std::size_t>(columns) + 2) {}

    int height, width;
    Camera camera;
    std::vector<Pixel> pixels;

    Pixel& at(int x, int y) {
        return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
    }

    // Puts a material over a pixel; the majority of the area decides class and distance.
    void blend(int x, int y, const Material& m, float coverage, float depth, Label label) {
        Pixel& p = at(x, y);
        p.albedo = mix(p.albedo, m.albedo, coverage);
        p.glow = mix(p.glow, m.glow, coverage);
        p.heat = mix(p.heat, m.heat, coverage);
        if (coverage < 0.5f) return;
        p.depth = depth;
        p.ground = false;
        if (label != Label::none) p.label = label;
    }

    // Calls paint(x, y, coverage) for the pixels of a polygon (even-odd): four scanlines per pixel row, exact along
    // each.
    template <class Paint>
    void fill(std::span<const Vec2> points, const Paint& paint) {
        float low_x = 1e9f, high_x = -1e9f, low_y = 1e9f, high_y = -1e9f;
        for (Vec2 p : points) {
            low_x = least(low_x, p.x), high_x = most(high_x, p.x);
            low_y = least(low_y, p.y), high_y = most(high_y, p.y);
        }
        if (!(high_x > 0 && high_y > 0 && low_x < static_cast<float>(width) && low_y < static_cast<float>(height)))
            return;
        const int x0 = floor_of(most(low_x, 0)), x1 = floor_of(least(high_x, static_cast<float>(width) - 0.5f));
        const int y0 = floor_of(most(low_y, 0)), y1 = floor_of(least(high_y, static_cast<float>(height) - 0.5f));
        for (int y = y0; y <= y1; ++y) {
            for (int x = x0; x <= x1 + 1; ++x) coverage_[static_cast<std::size_t>(x)] = 0;
            for (int sub = 0; sub < 4; ++sub)
                cover(points, static_cast<float>(y) + 0.125f + 0.25f * static_cast<float>(sub), x0, x1);
            for (int x = x0; x <= x1; ++x)
                if (const float c = coverage_[static_cast<std::size_t>(x)]; c > 0.01f) paint(x, y, least(c, 1));
        }
    }

    // A planar polygon in space, cut at the near plane.
    template <class Paint>
    void fill(std::span<const Vec3> points, const Paint& paint) {
        Vec2 projected[max_points];
        std::size_t n = 0;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const Vec3 a = points[i], b = points[(i + 1) % points.size()];
            if (a.z >= near_plane && n < max_points) projected[n++] = camera.project(a);
            if ((a.z >= near_plane) != (b.z >= near_plane) && n < max_points)
                projected[n++] = camera.project(mix(a, b, (near_plane - a.z) / (b.z - a.z)));
        }
        if (n >= 3) fill(std::span<const Vec2>(projected, n), paint);
    }

    // A stroke with round ends from a (radius ra) to b; paint(x, y, coverage, along 0..1, across -1..1). Thinner than a
    // pixel: fainter.
    template <class Paint>
    void stroke(Vec2 a, float ra, Vec2 b, float rb, const Paint& paint) {
        const float fade_a = least(1, 2 * ra), fade_b = least(1, 2 * rb);
        ra = most(ra, 0.5f), rb = most(rb, 0.5f);
        const float r = most(ra, rb) + 1;
        const float low_x = least(a.x, b.x) - r, high_x = most(a.x, b.x) + r, low_y = least(a.y, b.y) - r,
                    high_y = most(a.y, b.y) + r;
        if (!(high_x > 0 && high_y > 0 && low_x < static_cast<float>(width) && low_y < static_cast<float>(height)))
            return;
        const int x0 = floor_of(most(low_x, 0)), x1 = floor_of(least(high_x, static_cast<float>(width) - 0.5f));
        const int y0 = floor_of(most(low_y, 0)), y1 = floor_of(least(high_y, static_cast<float>(height) - 0.5f));
        const Vec2 d = b - a;
        const float squared = most(d.x * d.x + d.y * d.y, 1e-6f), inverse = 1 / squared,
                    inverse_length = 1 / std::sqrt(squared);
        for (int y = y0; y <= y1; ++y)
            for (int x = x0; x <= x1; ++x) {
                const Vec2 p = Vec2{static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f} - a;
                const float t = unit((p.x * d.x + p.y * d.y) * inverse);
                const float ex = p.x - t * d.x, ey = p.y - t * d.y, radius = mix(ra, rb, t);
                const float square = ex * ex + ey * ey;
                if (square >= (radius + 0.5f) * (radius + 0.5f)) continue;
                const float coverage = unit(radius + 0.5f - std::sqrt(square)) * mix(fade_a, fade_b, t);
                if (coverage > 0.01f)
                    paint(x, y, coverage, t, clamp((p.x * d.y - p.y * d.x) * inverse_length / radius, -1, 1));
            }
    }
    // The same between two points in space, radii in metres; one material.
    void stroke(Vec3 a, float ra, Vec3 b, float rb, const Material& m, Label label) {
        if (a.z < near_plane || b.z < near_plane) return;
        const float depth = (a.z + b.z) / 2;
        stroke(camera.project(a), ra * camera.scale(a.z), camera.project(b), rb * camera.scale(b.z),
               [&](int x, int y, float coverage, float, float) { blend(x, y, m, coverage, depth, label); });
    }

    // Gives the pixels of a polygon a class without painting: bikes and railings are labelled as a whole, holes
    // included.
    void mark(std::span<const Vec3> points, float depth, Label label) {
        fill(points, [&](int x, int y, float coverage) {
            if (coverage < 0.5f) return;
            at(x, y).label = label;
            at(x, y).depth = least(at(x, y).depth, depth);
        });
    }

    // Darkens the ground in an ellipse: contact and cast shadows. Radii in metres, axis is the unit vector of the
    // first.
    void shade_ground(Vec3 at_ground, Vec2 axis, float along, float across, float darkness, float heat = 0) {
        constexpr std::size_t corners = 20;
        Vec3 outline[corners];
        for (std::size_t i = 0; i < corners; ++i) {
            const float turn = static_cast<float>(i) / corners, u = cosine(turn) * along, v = sine(turn) * across;
            outline[i] = at_ground + Vec3{axis.x * u - axis.y * v, 0, axis.y * u + axis.x * v};
        }
        fill(std::span<const Vec3>(outline), [&](int x, int y, float coverage) {
            Pixel& p = at(x, y);
            if (!p.ground) return;
            const Vec3 ray = camera.ray(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f);
            const float z = -camera.height / least(ray.y, -1e-4f), dx = ray.x * z - at_ground.x, dz = z - at_ground.z;
            const float u = (dx * axis.x + dz * axis.y) / along, v = (dz * axis.x - dx * axis.y) / across;
            const float depth = coverage * (1 - smooth(0.3f, 1, u * u + v * v));
            p.albedo = p.albedo * (1 - darkness * depth);
            p.heat += heat * depth;
        });
    }

private:
    static constexpr std::size_t max_points = 48;

    void cover(std::span<const Vec2> points, float y, int x0, int x1) {
        float crossings[max_points];
        std::size_t n = 0;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const Vec2 a = points[i], b = points[i + 1 == points.size() ? 0 : i + 1];
            if ((a.y <= y) == (b.y <= y) || n == max_points) continue;
            const float x = a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y);
            std::size_t j = n++;
            for (; j > 0 && crossings[j - 1] > x; --j) crossings[j] = crossings[j - 1];
            crossings[j] = x;
        }
        for (std::size_t i = 0; i + 1 < n; i += 2) {
            const float left = most(crossings[i], static_cast<float>(x0)),
                        right = least(crossings[i + 1], static_cast<float>(x1 + 1));
            if (right <= left) continue;
            const int a = floor_of(left), b = floor_of(right);
            float* row = coverage_.data();
            if (a == b) {
                row[a] += 0.25f * (right - left);
                continue;
            }
            row[a] += 0.25f * (static_cast<float>(a + 1) - left);
            for (int x = a + 1; x < b; ++x) row[x] += 0.25f;
            row[b] += 0.25f * (right - static_cast<float>(b));
        }
    }

    std::vector<float> coverage_;
};

// A flat surface with its own coordinates in metres: u and v are unit vectors.
class Plane {
public:
    Plane(const Camera& camera, Vec3 origin, Vec3 u, Vec3 v)
        : camera_(&camera),
          origin_(origin),
          u_(u),
          v_(v),
          normal_(cross(u, v)),
          distance_(dot(normal_, origin - camera.eye())) {}

    struct Hit {
        float s, t, depth;
    };
    // Where the ray through the middle of pixel (x, y) meets the plane.
    Hit hit(float x, float y) const {
        const Vec3 ray = camera_->ray(x + 0.5f, y + 0.5f);
        float along = dot(normal_, ray);
        if (magnitude(along) < 1e-5f) along = along < 0 ? -1e-5f : 1e-5f;
        const float depth = distance_ / along;
        const Vec3 p = camera_->eye() + ray * depth - origin_;
        return {dot(p, u_), dot(p, v_), depth};
    }
    Vec3 point(float s, float t) const { return origin_ + u_ * s + v_ * t; }

private:
    const Camera* camera_;
    Vec3 origin_, u_, v_, normal_;
    float distance_;
};

}  // namespace fathom::inline v0::data::scene
