// Definitions of plot.hpp.
#include <algorithm>
#include <cmath>

#include "fathom/core/float_bits.hpp"
#include "fathom/io/image.hpp"
#include "fathom/io/plot_axis.hpp"
#include "fathom/io/tensor_bytes.hpp"
#include "fathom/tensor/state_values.hpp"

namespace fathom::inline v0::plot {

// A tensor's elements in logical order, from any device.
FATHOM_INLINE std::vector<double> values_of(const AnyTensor& x, const char* operation, Where site) {
    std::vector<double> values;
    std::string buffer;
    const std::string_view bytes = io::tensor_bytes(x, buffer, operation, site);
    for (std::int64_t i = 0; i < x.numel(); ++i) values.push_back(detail::element_value(bytes.data(), x.dtype(), i));
    return values;
}

FATHOM_INLINE Numbers::Numbers(const AnyTensor& x) {
    if (!x.defined() || x.rank() != 1)
        fail("plot::lines", {}, {"numbers of shape ", x.defined() ? x.shape() : Shape{}, ", expected one dimension"});
    values = values_of(x, "plot::lines", {});
}

// A part of a drawing, in tenths: the same text in every locale.
FATHOM_INLINE std::string tenths(double value) {
    const auto n = static_cast<std::int64_t>(std::llround(value * 10));
    std::string text = join({(n < 0 ? -n : n) / 10, ".", (n < 0 ? -n : n) % 10});
    return n < 0 ? "-" + text : text;
}

FATHOM_INLINE std::string xml_escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (static_cast<unsigned char>(c) >= 0x20 || c == '\t')
            out += c;
        else
            out += ' ';
    }
    return out;
}

// Okabe and Ito's colors, without the yellow that white paper swallows.
inline constexpr const char* line_colors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                              "#56b4e9", "#e69f00", "#000000", "#7f7f7f"};
inline constexpr double plot_width = 720, plot_height = 400, plot_left = 76, plot_right = 16, plot_top = 40,
                        plot_bottom = 52;
inline constexpr std::size_t plot_columns = 1200;  // more than anybody sees

struct SvgFrame {
    Axis x, y;
    double at_x(double value) const { return plot_left + x.share(value) * (plot_width - plot_left - plot_right); }
    double at_y(double value) const {
        return plot_height - plot_bottom - y.share(value) * (plot_height - plot_top - plot_bottom);
    }
};

FATHOM_INLINE std::string svg_text(double x, double y, const char* anchor, const std::string& text,
                                   const std::string& more = {}) {
    return join({"<text x=\"", tenths(x), "\" y=\"", tenths(y), "\" text-anchor=\"", anchor, "\"", more, ">",
                 xml_escaped(text), "</text>\n"});
}

FATHOM_INLINE std::string svg_grid(const SvgFrame& frame, const LinesOptions& options) {
    const double right = plot_width - plot_right, bottom = plot_height - plot_bottom;
    const auto move = [](double x, double y) { return join({"M", tenths(x), " ", tenths(y)}); };
    std::string paths, texts;
    for (const double tick : frame.y.ticks(6)) {
        paths += join({move(plot_left, frame.at_y(tick)), "H", tenths(right)});
        texts += svg_text(plot_left - 7, frame.at_y(tick) + 4, "end", to_string(tick));
    }
    for (const double tick : frame.x.ticks(8)) {
        paths += join({move(frame.at_x(tick), bottom), "v4"});
        texts += svg_text(frame.at_x(tick), bottom + 18, "middle", to_string(tick));
    }
    const double middle = (plot_left + right) / 2, center = (plot_top + bottom) / 2;
    if (!options.title.empty())
        texts += svg_text(middle, 20, "middle", options.title, " font-size=\"15\" font-weight=\"bold\"");
    if (!options.x_label.empty()) texts += svg_text(middle, plot_height - 12, "middle", options.x_label);
    if (!options.y_label.empty())
        texts += svg_text(16, center, "middle", options.y_label,
                          join({" transform=\"rotate(-90 16 ", tenths(center), ")\""}));
    return join({"<path d=\"", paths, "\" fill=\"none\" stroke=\"#d8d8d8\"/>\n<path d=\"", move(plot_left, plot_top),
                 "V", tenths(bottom), "H", tenths(right), "\" fill=\"none\" stroke=\"#444\"/>\n", texts});
}

// The names in a column at the upper right, where falling losses leave room.
FATHOM_INLINE std::string svg_legend(const detail::List<Line>& curves) {
    std::size_t longest = 0;
    for (const Line& curve : curves) longest = std::max(longest, curve.name.size());
    const double width = 40 + 7.5 * static_cast<double>(std::min<std::size_t>(longest, 40)),
                 left = plot_width - plot_right - width - 6;
    std::string out = join({"<rect x=\"", tenths(left), "\" y=\"", tenths(plot_top + 4), "\" width=\"", tenths(width),
                            "\" height=\"", tenths(18 * static_cast<double>(curves.size()) + 8),
                            "\" fill=\"#fff\" fill-opacity=\"0.85\" stroke=\"#d8d8d8\"/>\n"});
    for (std::size_t k = 0; k < curves.size(); ++k) {
        const double y = plot_top + 17 + 18 * static_cast<double>(k);
        out += join({"<path d=\"M", tenths(left + 8), " ", tenths(y), "h20\" stroke=\"", line_colors[k % 8],
                     "\" stroke-width=\"2\"/>\n", svg_text(left + 34, y + 4, "start", curves[k].name)});
    }
    return out;
}

// The curves with their x written out and without points that are not finite; those without any are left out.
FATHOM_INLINE detail::List<Line> drawable(const std::vector<Line>& given, const LinesOptions& options, Where site) {
    detail::List<Line> curves;
    for (const Line& line : given) {
        const std::vector<double>&x = line.x.values, &y = line.y.values;
        if (!x.empty() && x.size() != y.size())
            fail("plot::lines", site,
                 {"line \"", line.name, "\" has ", x.size(), " values of x and ", y.size(), " of y"});
        Line& curve = curves.push_back({});
        curve.name = line.name;
        for (std::size_t i = 0; i < y.size(); ++i) {
            const double at = x.empty() ? static_cast<double>(i) : x[i];
            if (!is_finite(at) || !is_finite(y[i])) continue;
            if (!curve.x.values.empty() && at < curve.x.values.back())
                fail("plot::lines", site,
                     {"line \"", line.name, "\": x falls from ", curve.x.values.back(), " to ", at,
                      ", expected ascending values"});
            if (options.log.value_or(false) && !(y[i] > 0))
                fail("plot::lines", site,
                     {"line \"", line.name, "\" has the value ", y[i], ", which has no place on a logarithmic axis"});
            curve.x.values.push_back(at), curve.y.values.push_back(y[i]);
        }
        if (curve.y.values.empty()) curves.pop_back();
    }
    return curves;
}

FATHOM_INLINE std::string lines_svg(const std::vector<Line>& given, const LinesOptions& options, Where site) {
    const detail::List<Line> curves = drawable(given, options, site);
    std::vector<double> all = {};
    double first = 0, last = 1;
    for (const Line& curve : curves) {
        first = all.empty() ? curve.x.values.front() : std::min(first, curve.x.values.front());
        last = all.empty() ? curve.x.values.back() : std::max(last, curve.x.values.back());
        for (const double y : curve.y.values) all.push_back(y);
    }
    SvgFrame frame{step_axis(first, last), all.empty() ? Axis{} : value_axis(all)};
    if (options.log && !all.empty() && *options.log != frame.y.log) {
        double low = all.front(), high = low;
        for (const double y : all) low = std::min(low, y), high = std::max(high, y);
        const double room = 0.04 * std::max(high - low, 1e-12);
        frame.y = *options.log ? Axis{low / 1.1, high * 1.1, true} : Axis{low - room, high + room};
    }
    std::string out = join({"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", tenths(plot_width), " ",
                            tenths(plot_height), "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n",
                            "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", svg_grid(frame, options)});
    for (std::size_t k = 0; k < curves.size(); ++k) {
        const std::vector<double>&x = curves[k].x.values, &y = curves[k].y.values;
        std::string path, dots;
        const std::string color = line_colors[k % 8];
        for (const std::size_t i : visible_points(x, y, frame.x.low, frame.x.high, plot_columns)) {
            const std::string px = tenths(frame.at_x(x[i])), py = tenths(frame.at_y(y[i]));
            path += join({path.empty() ? "M" : "L", px, " ", py});
            if (x.size() <= 25)
                dots += join({"<circle cx=\"", px, "\" cy=\"", py, "\" r=\"2.5\" fill=\"", color, "\"/>\n"});
        }
        out += join({"<path d=\"", path, "\" fill=\"none\" stroke=\"", color,
                     "\" stroke-width=\"1.6\" stroke-linejoin=\"round\"/>\n", dots});
    }
    if (curves.size() > 1) out += svg_legend(curves);
    return out += "</svg>\n";
}

FATHOM_INLINE void lines(const std::string& path, const std::vector<Line>& curves, const LinesOptions& options,
                         Where site) {
    if (!path.ends_with(".svg")) fail("plot::lines", site, {path, ": expected a name that ends with .svg"});
    const std::string svg = lines_svg(curves, options, site);
    io::AtomicWriter writer(path);
    writer.write(svg);
    writer.commit();
}

FATHOM_INLINE Tensor<std::uint8_t> grid(const AnyTensor& batch, const ImagesOptions& options, Where site) {
    constexpr const char* name = "plot::images";
    if (!batch.defined()) fail(name, site, {"an undefined tensor"});
    const Shape& s = batch.shape();
    const std::int64_t channels = s.rank() == 4 ? s[1] : 1;
    if ((s.rank() != 3 && s.rank() != 4) || (channels != 1 && channels != 3) || s.numel() == 0)
        fail(name, site, {"images of shape ", s, ", expected [N, 1, H, W], [N, 3, H, W] or [N, H, W], none of them 0"});
    const bool bytes = batch.dtype() == DType::uint8;
    if (!bytes && !is_floating(batch.dtype()))
        fail(name, site, {"images of ", batch.dtype(), ", expected floating ones or uint8"});
    if (options.nrow < 1 || options.padding < 0)
        fail(name, site,
             {"nrow ", options.nrow, " and padding ", options.padding, ", expected at least 1 and at least 0"});
    const std::vector<double> values = values_of(batch, name, site);
    double low = 0, high = bytes ? 255 : 1;
    if (options.normalize) {
        bool any = false;
        for (const double v : values)
            if (is_finite(v)) low = any ? std::min(low, v) : v, high = any ? std::max(high, v) : v, any = true;
        if (high == low) high = low + 1;
    }
    const std::int64_t n = s[0], h = s[s.rank() - 2], w = s[s.rank() - 1], across = std::min(n, options.nrow),
                       down = (n + across - 1) / across, pad = options.padding;
    const auto extent = [&](std::int64_t count, std::int64_t size) {
        return detail::plus(detail::times(count, detail::plus(size, pad)), pad);
    };
    const Shape shape{extent(down, h), extent(across, w), 3};
    auto out = Tensor<std::uint8_t>::adopt(detail::new_row_major<std::uint8_t>(shape, name, site));
    std::uint8_t* to = out.mutable_data();
    std::fill(to, to + out.numel(), std::uint8_t{0});
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t c = 0; c < 3; ++c)
            for (std::int64_t y = 0; y < h; ++y) {
                const double* row = values.data() + ((i * channels + std::min(c, channels - 1)) * h + y) * w;
                const std::int64_t oy = i / across * (h + pad) + pad + y, ox = i % across * (w + pad) + pad;
                for (std::int64_t x = 0; x < w; ++x) {
                    const double level = (row[x] - low) / (high - low) * 255;
                    to[(oy * shape[1] + ox + x) * 3 + c] =  // NaN is black
                        level > 0 ? static_cast<std::uint8_t>(std::min(level + 0.5, 255.0)) : std::uint8_t{0};
                }
            }
    return out;
}

FATHOM_INLINE void images(const std::string& path, const AnyTensor& batch, const ImagesOptions& options, Where site) {
    io::check_image_ending(path);
    io::write_image(path, grid(batch, options, site), site);
}

}  // namespace fathom::inline v0::plot
