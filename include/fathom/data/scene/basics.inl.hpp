// Part of synthetic.inl.hpp: random draws, smooth noise and small vectors for synthetic scenes. Only + - * / and sqrt,
// which IEEE 754 rounds exactly, so that a seed gives the same bytes on every machine; the math library's sin, exp and
// pow differ between systems.
#pragma once

namespace fathom::inline v0::data::scene {

struct Vec2 {
    float x = 0, y = 0;
};
struct Vec3 {
    float x = 0, y = 0, z = 0;
};
struct Rgb {
    float r = 0, g = 0, b = 0;
};

inline Vec2 operator+(Vec2 a, Vec2 b) { return {a.x + b.x, a.y + b.y}; }
inline Vec2 operator-(Vec2 a, Vec2 b) { return {a.x - b.x, a.y - b.y}; }
inline Vec2 operator*(Vec2 a, float k) { return {a.x * k, a.y * k}; }
inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(Vec3 a, float k) { return {a.x * k, a.y * k, a.z * k}; }
inline Rgb operator+(Rgb a, Rgb b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
inline Rgb operator*(Rgb a, float k) { return {a.r * k, a.g * k, a.b * k}; }
inline Rgb operator*(Rgb a, Rgb b) { return {a.r * b.r, a.g * b.g, a.b * b.b}; }

inline float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
inline float length(Vec3 a) { return std::sqrt(dot(a, a)); }

inline float least(float a, float b) { return b < a ? b : a; }
inline float most(float a, float b) { return a < b ? b : a; }
inline float clamp(float x, float low, float high) { return x < low ? low : (x > high ? high : x); }
inline float unit(float x) { return clamp(x, 0.0f, 1.0f); }
inline float mix(float a, float b, float t) { return a + (b - a) * t; }
inline Rgb mix(Rgb a, Rgb b, float t) { return {mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t)}; }
inline Vec3 mix(Vec3 a, Vec3 b, float t) { return a + (b - a) * t; }
inline float smooth(float low, float high, float x) {
    const float t = unit((x - low) / (high - low));
    return t * t * (3 - 2 * t);
}
inline float magnitude(float x) { return x < 0 ? -x : x; }
inline int floor_of(float x) {
    const int i = static_cast<int>(x);
    return i - (static_cast<float>(i) > x ? 1 : 0);
}
inline Rgb grey(float v) { return {v, v, v}; }

// Sine of an angle in turns, to 0.001: two parabolas, refined once.
inline float sine(float turns) {
    const float t = turns - static_cast<float>(floor_of(turns + 0.5f));
    const float s = 8 * t - 16 * t * magnitude(t);
    return 0.225f * (s * magnitude(s) - s) + s;
}
inline float cosine(float turns) { return sine(turns + 0.25f); }

// Draws in order from one seed; each object of a scene has its own. Two draws never stand in one call's arguments or in
// two operands of one operator: their order would be the compiler's choice (between braces it is fixed).
class Draws {
public:
    explicit Draws(std::uint64_t seed) : seed_(seed) {}

    std::uint32_t bits() { return philox(seed_, counter_++)[0]; }
    float unit() { return static_cast<float>(bits() >> 8) * 0x1p-24f; }
    float range(float low, float high) { return low + (high - low) * unit(); }
    int below(int n) {
        return static_cast<int>((static_cast<std::uint64_t>(bits()) * static_cast<std::uint64_t>(n)) >> 32);
    }
    bool chance(float p) { return unit() < p; }
    float sign() { return chance(0.5f) ? 1.0f : -1.0f; }
    Rgb tint(Rgb base, float spread) {
        const float level = 1 + spread * range(-1, 1);
        return {base.r * level * (1 + 0.3f * spread * range(-1, 1)),
                base.g * level * (1 + 0.3f * spread * range(-1, 1)),
                base.b * level * (1 + 0.3f * spread * range(-1, 1))};
    }
    template <std::size_t count>
    Rgb pick(const Rgb (&colors)[count]) {
        return colors[static_cast<std::size_t>(below(static_cast<int>(count)))];
    }

private:
    std::uint64_t seed_;
    std::uint64_t counter_ = 0;
};

// A number in [0, 1) for a lattice point.
inline float lattice(int x, int y, std::uint32_t salt) {
    std::uint32_t h =
        static_cast<std::uint32_t>(x) * 0x8DA6B343u ^ static_cast<std::uint32_t>(y) * 0xD8163841u ^ salt * 0xCB1AB31Fu;
    h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
    h = (h ^ (h >> 12)) * 0x297A2D39u;
    h ^= h >> 15;
    return static_cast<float>(h >> 8) * 0x1p-24f;
}

// Value noise in [0, 1): smooth between lattice points one unit apart.
inline float noise(float x, float y, std::uint32_t salt) {
    const int i = floor_of(x), j = floor_of(y);
    float u = x - static_cast<float>(i), v = y - static_cast<float>(j);
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    return mix(mix(lattice(i, j, salt), lattice(i + 1, j, salt), u),
               mix(lattice(i, j + 1, salt), lattice(i + 1, j + 1, salt), u), v);
}

// Octaves of value noise, in [0, 1).
inline float fractal(float x, float y, std::uint32_t salt, int octaves) {
    float sum = 0, weight = 0, amplitude = 1;
    for (int i = 0; i < octaves; ++i) {
        sum += amplitude * noise(x, y, salt + static_cast<std::uint32_t>(i));
        weight += amplitude;
        amplitude *= 0.55f;
        x = x * 2.03f + 17.3f;
        y = y * 2.03f + 9.1f;
    }
    return sum / weight;
}

// How much of a pixel of size `footprint` at x the stripes [0, width), [period, period + width), ... cover: their exact
// mean.
inline float stripes(float x, float period, float width, float footprint) {
    const auto integral = [=](float at) {
        const float n = static_cast<float>(floor_of(at / period));
        return n * width + least(at - n * period, width);
    };
    const float f = most(footprint, 1e-4f * period);
    return unit((integral(x + f / 2) - integral(x - f / 2)) / f);
}
// The same for the one band [begin, end).
inline float band(float x, float begin, float end, float footprint) {
    const float f = most(footprint, 1e-4f);
    return unit((x - begin) / f + 0.5f) - unit((x - end) / f + 0.5f);
}

// The order in which to paint things at these distances: from far to near, equal ones as they come. One function for
// all, since a std::stable_sort of each kind of thing costs every program that includes this a tenth of a second.
inline std::vector<std::size_t> far_to_near(const std::vector<float>& depths) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < depths.size(); ++i) {
        order.push_back(i);
        for (std::size_t j = i; j > 0 && depths[order[j - 1]] < depths[i]; --j)
            order[j] = order[j - 1], order[j - 1] = i;
    }
    return order;
}

}  // namespace fathom::inline v0::data::scene
