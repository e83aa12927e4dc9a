#include "report/pictures.hpp"

#include <algorithm>

#include "fathom/data/pictures.hpp"
#include "fathom/io/image.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/tensor/factories.hpp"
#include "report/html.hpp"
#include "support/progress.hpp"

namespace report {

namespace ft = fathom;
using nlohmann::json;
using program::format;

namespace {

constexpr std::size_t most_bytes = 26'000'000;  // of all pictures as base64; the page stays below 30 MB
constexpr std::int64_t sheet_rows = 4, sheet_side = 300;
constexpr std::size_t sheet_columns = 8;  // more pictures of an image go on below

// At most `side` wide: each pixel the mean of the whole pixels below it, or of classes the one in the middle.
Picture shrunk(const Picture& x, std::int64_t side, bool classes) {
    const std::int64_t h = x.size(0), w = x.size(1), c = x.size(2);
    if (w <= side) return x;
    const std::int64_t width = side, height = std::max<std::int64_t>(1, h * side / w);
    auto out = ft::empty<std::uint8_t>({height, width, c});
    const std::uint8_t* from = x.data();
    std::uint8_t* to = out.mutable_data();
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t column = 0; column < width; ++column)
            for (std::int64_t k = 0; k < c; ++k) {
                const std::int64_t y0 = y * h / height, y1 = std::max(y0 + 1, (y + 1) * h / height);
                const std::int64_t x0 = column * w / width, x1 = std::max(x0 + 1, (column + 1) * w / width);
                std::int64_t sum = 0;
                if (classes) {
                    sum = from[((y0 + y1) / 2 * w + (x0 + x1) / 2) * c + k];
                } else {
                    for (std::int64_t i = y0; i < y1; ++i)
                        for (std::int64_t j = x0; j < x1; ++j) sum += from[(i * w + j) * c + k];
                    const std::int64_t count = (y1 - y0) * (x1 - x0);
                    sum = (sum + count / 2) / count;
                }
                *to++ = static_cast<std::uint8_t>(sum);
            }
    return out;
}

std::string options_html(const std::vector<std::string>& names, std::size_t selected) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i)
        out += format("<option value=\"%zu\"%s>", i, i == selected ? " selected" : "") +
               escaped(names[i]).append("</option>");
    return out;
}

}  // namespace

Pictures::Pictures(std::vector<Layer> layers, std::vector<ft::data::Color> colors, std::int64_t count)
    : layers_(std::move(layers)), colors_(std::move(colors)), count_(count) {
    const auto stored = std::count_if(layers_.begin(), layers_.end(), [](const Layer& l) { return l.stored(); });
    const bool few = count * stored <= 260;
    side_ = few ? 640 : 320, quality_ = few ? 85 : 75;
    for (std::size_t i = 0; i < layers_.size(); ++i)
        if (layers_[i].stored()) layers_[i].of = {static_cast<int>(i)};
}

bool Pictures::on_sheet(std::int64_t i, std::int64_t count) {
    const std::int64_t rows = std::min(count, sheet_rows), row = i * rows / count;
    return i == (row * count + rows - 1) / rows;
}

Pictures::Encoded Pictures::encode(const std::string& name, const Sample& sample, bool on_sheet) const {
    Encoded out{name, 0, 0, {}, {}};
    for (const auto& [number, picture] : sample) {
        const bool classes = layers_[static_cast<std::size_t>(number)].kind == "classes";
        const Picture small = shrunk(picture, side_, classes);
        out.height = small.size(0), out.width = small.size(1);
        out.files[number] = base64(classes ? ft::io::encode_png(small) : ft::io::encode_jpeg(small, quality_));
        if (!on_sheet) continue;
        const Picture tiny = shrunk(picture, sheet_side, classes);
        out.sheet[number] = base64(classes ? ft::io::encode_png(ft::data::color_labels(
                                                 ft::reshape(tiny, {tiny.size(0), tiny.size(1)}), colors_))
                                           : ft::io::encode_jpeg(tiny, 80));
    }
    return out;
}

void Pictures::add(Encoded encoded) {
    std::size_t bytes = 0;
    for (const auto* files : {&encoded.files, &encoded.sheet})
        for (const auto& [number, text] : *files) bytes += text.size() + 64;
    if (bytes_ + bytes > most_bytes) return;
    bytes_ += bytes;
    samples_.push_back(std::move(encoded));
}

std::string Pictures::note() const {
    const auto shown = static_cast<std::int64_t>(samples_.size());
    if (shown == count_) return {};
    return format("%lld of %lld images are shown: more would make this page too large", static_cast<long long>(shown),
                  static_cast<long long>(count_));
}

std::string Pictures::sheet_html() const {
    std::string out;
    for (const Encoded& sample : samples_) {
        if (sample.sheet.empty()) continue;
        out += format("<div class=\"sheet\" style=\"grid-template-columns:repeat(%zu,minmax(0,1fr))\"><span>",
                      std::min(sample.sheet.size(), sheet_columns));
        out.append(escaped(sample.name)).append(": ");
        for (const auto& [number, file] : sample.sheet)
            out.append(number == sample.sheet.begin()->first ? "" : ", ")
                .append(escaped(layers_[static_cast<std::size_t>(number)].name));
        out += "</span>";
        for (const auto& [number, file] : sample.sheet) {
            const Layer& layer = layers_[static_cast<std::size_t>(number)];
            out.append("<img alt=\"").append(escaped(sample.name + ", " + layer.name)).append("\" title=\"");
            out.append(escaped(layer.name)).append("\" src=\"data:image/");
            out.append(layer.kind == "classes" ? "png" : "jpeg").append(";base64,").append(file).append("\">");
        }
        out += "</div>\n";
    }
    return out;
}

std::string Pictures::viewer_html() const {
    std::vector<std::string> names, layers;
    for (const Encoded& sample : samples_) names.push_back(sample.name);
    for (const Layer& layer : layers_) layers.push_back(layer.name);
    const std::size_t right = std::min<std::size_t>(2, layers.size() - 1);
    std::string out = "<div id=\"viewer\" hidden><div class=\"controls\"><label>Image <select id=\"pick\">";
    out.append(options_html(names, 0)).append("</select></label>");
    out +=
        "<span><button type=\"button\" id=\"before\" aria-label=\"the image before\">&#8592;</button> "
        "<button type=\"button\" id=\"next\" aria-label=\"the next image\">&#8594;</button></span>"
        "<label>Left <select id=\"left\">";
    out.append(options_html(layers, 0)).append("</select></label><label>Right <select id=\"right\">");
    out.append(options_html(layers, right)).append("</select></label>");
    out +=
        "<label>Divider <input type=\"range\" id=\"split\" min=\"0\" max=\"100\" value=\"50\"></label>"
        "<label>Zoom <input type=\"range\" id=\"zoom\" min=\"1\" max=\"8\" step=\"0.25\" value=\"1\"></label>"
        "<button type=\"button\" id=\"whole\">Whole image</button></div>"
        "<div class=\"viewer\"><figure class=\"compare\"><figcaption></figcaption></figure>"
        "<div class=\"panels\"></div></div><p class=\"dim\">Drag the divider, or a zoomed image; Ctrl and the wheel "
        "zoom all of them. With the keyboard: arrows, + and -.</p></div>\n";
    return out;
}

std::string Pictures::data_html() const {
    json layers = json::array(), samples = json::array();
    for (const Layer& layer : layers_) layers.push_back({{"name", layer.name}, {"kind", layer.kind}, {"of", layer.of}});
    std::string out;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        const Encoded& sample = samples_[i];
        samples.push_back({{"name", sample.name}, {"height", sample.height}, {"width", sample.width}});
        for (const auto& [number, file] : sample.files) {
            const bool classes = layers_[static_cast<std::size_t>(number)].kind == "classes";
            out += format("<script type=\"text/plain\" id=\"p%zu-%d\" data-t=\"%s\">", i, number,
                          classes ? "png" : "jpeg");
            out.append(file).append("</script>\n");
        }
    }
    out.append("<script type=\"application/json\" id=\"viewer-data\">");
    out.append(script_json({{"layers", layers}, {"samples", samples}, {"colors", colors_}}));
    return out.append("</script>\n");
}

}  // namespace report
