// Definitions of memory.hpp.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <mutex>

#include "fathom/debug/text.hpp"
#include "fathom/io/file.hpp"
#include "fathom/io/text.hpp"

namespace fathom::inline v0::debug {

struct MemoryTimeline::Recorder final : fathom::detail::MemoryObserver {
    using Clock = std::chrono::steady_clock;
    struct Block {
        std::int64_t bytes;
        std::size_t holder;
    };

    void taken(const void* data, std::int64_t bytes, const char* operation, Where site) noexcept override {
        const std::lock_guard lock(mutex);
        std::string name = operation;
        if (const std::string place = to_string(site); !place.empty()) name += " at " + place;
        const auto [at, is_new] = numbers.emplace(std::move(name), names.size());
        if (is_new) names.push_back(at->first);
        blocks[data] = {bytes, at->second};
        changes.push_back({time(), bytes, at->second});
    }
    void given_back(const void* data) noexcept override {
        const std::lock_guard lock(mutex);
        const auto block = blocks.find(data);
        if (block == blocks.end()) return;  // from before
        changes.push_back({time(), -block->second.bytes, block->second.holder});
        blocks.erase(block);
    }
    double time() const { return std::chrono::duration<double, std::micro>(Clock::now() - begin).count(); }

    mutable std::mutex mutex;  // against a reader while other threads go on
    const Clock::time_point begin = Clock::now();
    std::int64_t before = 0;
    std::map<std::string, std::size_t> numbers;
    std::vector<std::string> names;
    std::unordered_map<const void*, Block> blocks;
    std::vector<Change> changes;
    bool running = true;
};

FATHOM_INLINE MemoryTimeline::MemoryTimeline(Where site) : recorder_(std::make_unique<Recorder>()) {
    recorder_->before = memory_report().active;
    if (!fathom::detail::observe_memory(recorder_.get())) {
        recorder_->running = false;
        fail("MemoryTimeline", site, {"another one is running; there is one at a time"});
    }
}
FATHOM_INLINE MemoryTimeline::~MemoryTimeline() { stop(); }

FATHOM_INLINE void MemoryTimeline::stop() {
    if (std::exchange(recorder_->running, false)) fathom::detail::observe_memory(nullptr);
}

FATHOM_INLINE std::int64_t MemoryTimeline::peak() const {
    const std::lock_guard lock(recorder_->mutex);
    std::int64_t now = recorder_->before, most = now;
    for (const Change& change : recorder_->changes) now += change.bytes, most = std::max(most, now);
    return most;
}

FATHOM_INLINE std::vector<MemoryTimeline::Holder> MemoryTimeline::holders() const {
    const std::lock_guard lock(recorder_->mutex);
    std::vector<Holder> all;
    for (const std::string& name : recorder_->names) all.push_back({.name = name});
    std::vector<std::int64_t> blocks(all.size());
    std::size_t peak_at = 0;
    std::int64_t sum = 0, most = 0;
    const std::vector<Change>& changes = recorder_->changes;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        sum += changes[i].bytes;
        if (sum > most) most = sum, peak_at = i + 1;
        all[changes[i].holder].now += changes[i].bytes;
        if (changes[i].bytes > 0) all[changes[i].holder].taken += changes[i].bytes;
    }
    for (std::size_t i = 0; i < peak_at; ++i) {
        Holder& holder = all[changes[i].holder];
        holder.at_peak += changes[i].bytes, holder.blocks += changes[i].bytes > 0 ? 1 : -1;
    }
    std::stable_sort(all.begin(), all.end(), [](const Holder& a, const Holder& b) {
        return a.at_peak != b.at_peak ? a.at_peak > b.at_peak : a.taken > b.taken;
    });
    return all;
}

FATHOM_INLINE std::string MemoryTimeline::table(std::size_t rows) const {
    Table table({"operation", "at peak", "blocks", "now", "taken"});
    const std::vector<Holder> all = holders();
    for (std::size_t i = 0; i < all.size() && i < rows; ++i)
        table.add({all[i].name, bytes_text(all[i].at_peak), std::to_string(all[i].blocks), bytes_text(all[i].now),
                   bytes_text(all[i].taken)});
    std::string text =
        "peak " + bytes_text(peak()) + ", of which " + bytes_text(recorder_->before) + " from before\n" + table.text();
    if (all.size() > rows) text += join({"and ", all.size() - rows, " more\n"});
    return text;
}

FATHOM_INLINE MemoryTimeline::Layers MemoryTimeline::layers(std::size_t most) const {
    Layers result;
    const std::vector<Holder> by_size = holders();
    const std::lock_guard lock(recorder_->mutex);
    result.names.emplace_back("before");
    for (std::size_t i = 0; i < by_size.size() && i < most; ++i) result.names.push_back(by_size[i].name);
    if (by_size.size() > most) result.names.push_back(join({by_size.size() - most, " others"}));
    std::vector<std::size_t> layer;
    for (const std::string& name : recorder_->names) {
        const auto at = std::find(result.names.begin(), result.names.end(), name);
        layer.push_back(at == result.names.end() ? result.names.size() - 1
                                                 : static_cast<std::size_t>(at - result.names.begin()));
    }
    std::vector<std::int64_t> now(result.names.size());
    now[0] = recorder_->before;
    result.times.push_back(0), result.bytes.push_back(now);
    for (const Change& change : recorder_->changes) {
        now[layer[change.holder]] += change.bytes;
        result.times.push_back(change.time), result.bytes.push_back(now);
    }
    return result;
}

FATHOM_INLINE std::string MemoryTimeline::json() const {
    const Layers all = layers(12);
    std::string s =
        "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"tid\":0,"
        "\"args\":{\"name\":\"fathom\"}}";
    for (std::size_t i = 0; i < all.times.size(); ++i) {
        char time[32];
        std::snprintf(time, sizeof time, "%.3f", all.times[i]);
        s += join({",\n{\"name\":\"memory\",\"ph\":\"C\",\"pid\":1,\"tid\":0,\"ts\":", static_cast<const char*>(time),
                   ",\"args\":{"});
        for (std::size_t k = 0; k < all.names.size(); ++k)
            s += join({k ? "," : "", io::json_quoted(all.names[k]), ":", all.bytes[i][k]});
        s += "}}";
    }
    return s + "\n]}\n";
}

FATHOM_INLINE std::string MemoryTimeline::svg() const {
    constexpr const char* colors[] = {"#b8b8b8", "#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2",
                                      "#eeca3b", "#b279a2", "#ff9da6", "#9d755d", "#d6d6d6"};
    constexpr int width = 960, plot_height = 360, left = 90, right = 20, top = 30, columns = 600;
    const Layers all = layers(9);
    const double end = std::max(all.times.back(), 1.0);
    // A column shows the moment in which most was held, so that no peak is lost.
    std::vector<std::size_t> shown(columns, all.times.size());
    const auto total = [&](std::size_t i) {
        std::int64_t sum = 0;
        for (const std::int64_t bytes : all.bytes[i]) sum += bytes;
        return sum;
    };
    std::int64_t most = 1;
    for (std::size_t i = 0; i < all.times.size(); ++i) {
        most = std::max(most, total(i));
        const auto column = static_cast<std::size_t>(all.times[i] / end * (columns - 1));
        if (shown[column] == all.times.size() || total(i) > total(shown[column])) shown[column] = i;
    }
    for (std::size_t c = 1; c < shown.size(); ++c)
        if (shown[c] == all.times.size()) shown[c] = shown[c - 1];
    const auto x_of = [&](std::size_t column) {
        return left + static_cast<double>(column) * (width - left - right) / (columns - 1);
    };
    const auto y_of = [&](std::int64_t bytes) {
        return top + plot_height * (1 - static_cast<double>(bytes) / static_cast<double>(most));
    };
    const int height = top + plot_height + 40 + 18 * static_cast<int>(all.names.size());
    std::string s = join({"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width, "\" height=\"", height,
                          "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" "
                          "fill=\"white\"/>\n<text x=\"",
                          left, "\" y=\"18\">memory, ", fathom::to_string(end * 1e-3), " ms, peak ", bytes_text(most),
                          "</text>\n"});
    std::vector<std::int64_t> below(shown.size());
    for (std::size_t k = 0; k < all.names.size(); ++k) {
        std::string upper, lower;
        for (std::size_t c = 0; c < shown.size(); ++c) {
            lower = join({fathom::to_string(x_of(c)), ",", fathom::to_string(y_of(below[c])), " "}) + lower;
            below[c] += all.bytes[shown[c]][k];
            upper += join({fathom::to_string(x_of(c)), ",", fathom::to_string(y_of(below[c])), " "});
        }
        s += join({"<polygon fill=\"", colors[k % std::size(colors)], "\" points=\"", upper, lower, "\"/>\n"});
        const int y = top + plot_height + 40 + 18 * static_cast<int>(k);
        s += join({"<rect x=\"", left, "\" y=\"", y - 10, "\" width=\"12\" height=\"12\" fill=\"",
                   colors[k % std::size(colors)], "\"/><text x=\"", left + 18, "\" y=\"", y, "\">",
                   xml_escaped(all.names[k]), "</text>\n"});
    }
    for (int tick = 0; tick <= 4; ++tick) {
        const std::int64_t bytes = most / 4 * tick;
        s += join({"<line x1=\"", left, "\" x2=\"", width - right, "\" y1=\"", fathom::to_string(y_of(bytes)),
                   "\" y2=\"", fathom::to_string(y_of(bytes)), "\" stroke=\"#00000022\"/><text x=\"", left - 6,
                   "\" y=\"", fathom::to_string(y_of(bytes) + 4), "\" text-anchor=\"end\">", bytes_text(bytes),
                   "</text>\n"});
    }
    return s + "</svg>\n";
}

FATHOM_INLINE void MemoryTimeline::save(const std::string& path, Where site) const {
    const bool is_svg = path.ends_with(".svg");
    if (!is_svg && !path.ends_with(".json"))
        fail("MemoryTimeline", site, {"the path ends in neither .json nor .svg: ", path});
    io::AtomicWriter file(path);
    file.write(is_svg ? svg() : json());
    file.commit();
}

}  // namespace fathom::inline v0::debug
