#include "fathom/data/boxes.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fathom::data;
    if (size == 0) return 0;
    // The first byte chooses the format, and whether the boxes were found.
    const BoxOptions options = {
        .format = (data[0] & 1) != 0 ? BoxFormat::yolo : BoxFormat::pixels, .classes = 3, .height = 480, .width = 640};
    return fuzz::run(data + 1, size - 1, [&](const std::string& file, std::string_view bytes) {
        fathom::metrics::AveragePrecision ap(3);
        if ((data[0] & 2) != 0)
            ap.add({}, parse_detections(file, bytes, options));
        else
            ap.add(parse_boxes(file, bytes, options), {});
    });
}
