// TensorBoard's event files: scalars and images over steps, which `tensorboard --logdir RUNS` shows.
//
// A file is a row of records (TFRecord): 8 bytes of length, a masked CRC-32C of them, the data, a masked CRC-32C of
// those, all little-endian. The data of each record is an Event of protocol buffers (tensorflow/core/util/event.proto):
//
//   Event      { 1: double wall_time; 2: int64 step; 3: string file_version; 5: Summary summary; 7: SessionLog }
//   Summary    { 1: repeated Value { 1: string tag; 2: float simple_value; 4: Image image } }
//   Image      { 1: int32 height; 2: int32 width; 3: int32 colorspace (channels); 4: bytes encoded_image_string }
//   SessionLog { 1: enum status (1: START) }
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace report {

// CRC-32 with Castagnoli's polynomial.
std::uint32_t crc32c(std::string_view bytes);

class EventFile {
public:
    // A new file in `folder`. What older files there have from `first_step` on did not happen: a run that was killed
    // goes on before that. Throws Error if the file cannot be made.
    EventFile(const std::string& folder, std::int64_t first_step);

    void add_scalars(std::int64_t step, const std::vector<std::pair<std::string, double>>& scalars);
    // A PNG or JPEG file's bytes.
    void add_image(std::int64_t step, const std::string& tag, std::string_view encoded, std::int64_t height,
                   std::int64_t width, std::int64_t channels);
    // False where something could not be written, on a full disk for instance.
    bool flush();

    const std::string& path() const { return path_; }

private:
    void write(std::int64_t step, const std::string& content);

    std::string path_;
    std::ofstream file_;
};

}  // namespace report
