// What a program tells while it works: progress on stderr, times, formatted text.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

#include "fathom/kernels/isa.hpp"

namespace program {

template <class... Values>
std::string format(const char* pattern, Values... values) {
    std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, pattern, values...)), '\0');
    std::snprintf(text.data(), text.size() + 1, pattern, values...);
    return text;
}

class Stopwatch {
public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

inline std::string duration_text(double seconds) {
    const auto s = static_cast<long>(seconds + 0.5);
    if (s < 60) return format("%lds", s);
    if (s < 3600) return format("%ldm%02lds", s / 60, s % 60);
    return format("%ldh%02ldm", s / 3600, s / 60 % 60);
}

// Progress on stderr: one line that is rewritten on a terminal, plain lines otherwise, nothing when quiet.
class Progress {
public:
    explicit Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

    void show(const std::string& line) {
        if (quiet_) return;
        std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", fitting(line).c_str());
        open_ = terminal_;
    }
    // The same for what happens often: in a log the first one of a kind, then one now and then.
    void tick(const std::string& kind, const std::string& line) {
        if (!terminal_ && kind == kind_ && since_tick_.seconds() < seconds_in_log) return;
        kind_ = kind, since_tick_ = {};
        show(line);
    }
    // A line that stays.
    void keep(const std::string& line) {
        if (quiet_) return;
        clear();
        std::fprintf(stderr, "%s\n", line.c_str());
    }
    // The same for what a user must know, quiet or not.
    void warn(const std::string& line) {
        clear();
        std::fprintf(stderr, "warning: %s\n", line.c_str());
    }
    // Takes the line away, before something is written to stdout.
    void clear() {
        if (open_) std::fputs("\r\033[K", stderr);
        open_ = false;
    }
    ~Progress() {
        if (open_) std::fputc('\n', stderr);
    }

private:
    static constexpr double seconds_in_log = 20;

    // A line that is broken in two cannot be rewritten.
    std::string fitting(const std::string& line) const {
        winsize size{};
        if (!terminal_ || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return line;
        std::size_t end = std::min<std::size_t>(line.size(), size.ws_col - 1u);
        while (end > 0 && end < line.size() && (line[end] & 0xC0) == 0x80) --end;  // inside a character
        return line.substr(0, end);
    }

    bool quiet_, terminal_, open_ = false;
    std::string kind_;
    Stopwatch since_tick_;
};

// Of --precision bf16: what to know where it does not pay.
inline void keep_bfloat16_note(Progress& progress) {
    if (fathom::tile_isa() == fathom::TileIsa::vectors)
        progress.keep(
            "this machine does not multiply bfloat16 (AMX, AVX512_BF16): --precision bf16 goes through float, which is "
            "slower than fp32");
}

}  // namespace program
