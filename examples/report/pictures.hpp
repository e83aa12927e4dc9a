// The pictures of a report: for each image several layers (visible, infrared, fused, labels), which the page shows
// beside each other and on each other, and a sheet of a few of them for paper.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fathom/data/classes.hpp"
#include "fathom/tensor/tensor.hpp"
#include "report/page.hpp"

namespace report {

using Picture = fathom::Tensor<std::uint8_t>;  // [H, W, 1 or 3]; of classes [H, W, 1]

struct Layer {
    std::string name;
    // "picture"; "classes": a grey value is a class. What follows from others is computed on the page: "overlay" (of a
    // picture and classes), "errors" (of a picture, labels and predictions), "difference" (of a picture, visible and
    // infrared).
    std::string kind;
    std::vector<int> of = {};  // numbers of layers; of a picture or classes itself

    bool stored() const { return kind == "picture" || kind == "classes"; }
};

// Layers of one image by their numbers, as far as it has them.
using Sample = std::map<int, Picture>;

class Pictures {
public:
    // `count`: how many images there are, on which their size on the page depends.
    Pictures(std::vector<Layer> layers, std::vector<fathom::data::Color> colors, std::int64_t count);

    // The sample's files, ready for the page; may run on several threads.
    struct Encoded {
        std::string name;
        std::int64_t height = 0, width = 0;
        std::map<int, std::string> files, sheet;
    };
    Encoded encode(const std::string& name, const Sample& sample, bool on_sheet) const;
    // In the order of the page. What would make the page larger than it may be is left out, and note() says so.
    void add(Encoded encoded);

    bool empty() const { return samples_.empty(); }
    std::string note() const;  // "" where everything is shown
    std::string sheet_html() const;
    std::string viewer_html() const;
    std::string data_html() const;

    // Whether image i of `count` is one of the few on the sheet.
    static bool on_sheet(std::int64_t i, std::int64_t count);

private:
    std::vector<Layer> layers_;
    std::vector<fathom::data::Color> colors_;
    std::int64_t count_, side_;
    int quality_;
    std::size_t bytes_ = 0;
    std::vector<Encoded> samples_;
};

}  // namespace report
