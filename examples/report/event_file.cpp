#include "report/event_file.hpp"

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>

#include <unistd.h>

#include "fathom/io/file.hpp"
#include "support/progress.hpp"

namespace report {

namespace {

// Wire types of protocol buffers, behind a field's number.
enum Wire : std::uint32_t { varint = 0, eight_bytes = 1, length_delimited = 2, four_bytes = 5 };

template <class Bits>
void append_little_endian(std::string& out, Bits bits) {
    for (std::size_t i = 0; i < sizeof bits; ++i) out += static_cast<char>(bits >> (8 * i) & 0xff);
}
void append_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
    out += static_cast<char>(value);
}
void append_key(std::string& out, std::uint32_t field, Wire wire) { append_varint(out, field << 3 | wire); }
void append_number(std::string& out, std::uint32_t field, std::int64_t value) {
    append_key(out, field, varint);
    append_varint(out, static_cast<std::uint64_t>(value));
}
void append_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
    append_key(out, field, length_delimited);
    append_varint(out, bytes.size());
    out.append(bytes);
}

// So that a checksum of data with checksums in it is no simple number; TFRecord has it so.
std::uint32_t masked(std::uint32_t crc) { return std::rotr(crc, 15) + 0xa282ead8u; }

std::string record_of(const std::string& data) {
    std::string out;
    append_little_endian(out, std::uint64_t{data.size()});
    append_little_endian(out, masked(crc32c(out)));
    out += data;
    append_little_endian(out, masked(crc32c(data)));
    return out;
}

double wall_time() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// By time, since TensorBoard reads a folder's files in the order of their names.
std::string fresh_name() {
    char host[256] = "host";
    ::gethostname(host, sizeof host - 1);
    return program::format("events.out.tfevents.%.6f.%s", wall_time(), host);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t crc = i;
            for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0u);
            made[i] = crc;
        }
        return made;
    }();
    std::uint32_t crc = ~0u;
    for (const char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
    return ~crc;
}

EventFile::EventFile(const std::string& folder, std::int64_t first_step) : path_(folder + "/" + fresh_name()) {
    file_.open(path_, std::ios::binary | std::ios::app);
    if (!file_) fathom::io::fail_system(path_, "cannot be made", errno);
    std::string version, start, session;
    append_bytes(version, 3, "brain.Event:2");
    write(0, version);
    append_number(session, 1, 1);
    append_bytes(start, 7, session);
    write(first_step, start);
}

void EventFile::add_scalars(std::int64_t step, const std::vector<std::pair<std::string, double>>& scalars) {
    std::string summary, content;
    for (const auto& [tag, number] : scalars) {
        std::string value;
        append_bytes(value, 1, tag);
        append_key(value, 2, four_bytes);
        append_little_endian(value, std::bit_cast<std::uint32_t>(static_cast<float>(number)));
        append_bytes(summary, 1, value);
    }
    append_bytes(content, 5, summary);
    write(step, content);
}

void EventFile::add_image(std::int64_t step, const std::string& tag, std::string_view encoded, std::int64_t height,
                          std::int64_t width, std::int64_t channels) {
    std::string image, value, summary, content;
    append_number(image, 1, height), append_number(image, 2, width), append_number(image, 3, channels);
    append_bytes(image, 4, encoded);
    append_bytes(value, 1, tag), append_bytes(value, 4, image);
    append_bytes(summary, 1, value);
    append_bytes(content, 5, summary);
    write(step, content);
}

void EventFile::write(std::int64_t step, const std::string& content) {
    std::string event;
    append_key(event, 1, eight_bytes);
    append_little_endian(event, std::bit_cast<std::uint64_t>(wall_time()));
    append_number(event, 2, step);
    file_ << record_of(event += content);
}

bool EventFile::flush() {
    if (file_.flush()) return true;
    file_.clear();
    return false;
}

}  // namespace report
