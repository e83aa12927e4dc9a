#include "bench/support/machine.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/isa.hpp"
#include "support/commit.hpp"

namespace fathom::bench {

namespace {

std::string line_of(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

// "48K", "2048K", "32M" in bytes.
std::int64_t size_of(const std::string& text) {
    std::int64_t number = 0;
    char unit = 0;
    std::istringstream(text) >> number >> unit;
    return number << (unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 0);
}

// "0-1,4" are three.
int count_of(const std::string& list) {
    std::istringstream in(list);
    int count = 0, first = 0, last = 0;
    while (in >> first) {
        last = first;
        if (in.peek() == '-') in.ignore() >> last;
        count += last - first + 1;
        in.ignore();
    }
    return std::max(count, 1);
}

std::vector<Cache> read_caches() {
    std::vector<Cache> found;
    for (int i = 0; i < 8; ++i) {
        const std::string index = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
        const std::string type = line_of(index + "type");
        if (type == "Data" || type == "Unified")
            found.push_back({static_cast<int>(size_of(line_of(index + "level"))), size_of(line_of(index + "size")),
                             count_of(line_of(index + "shared_cpu_list"))});
    }
    if (found.empty()) found = {{1, 32 << 10, 1}, {2, 1 << 20, 1}, {3, 16 << 20, 1}};
    std::sort(found.begin(), found.end(), [](const Cache& a, const Cache& b) { return a.level < b.level; });
    return found;
}

std::string cpu_model() {
    std::ifstream in("/proc/cpuinfo");
    std::string line, model = "unknown", number;
    while (std::getline(in, line) && (model == "unknown" || number.empty())) {
        const std::string value = line.substr(std::min(line.size(), line.find(": ") + 2));
        if (line.rfind("model name", 0) == 0)
            model = value;
        else if (line.rfind("cpu family", 0) == 0 || line.rfind("model\t", 0) == 0)
            number += (number.empty() ? ", family " : " model ") + value;
    }
    return model + number;
}

std::string compiler() {
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "g++ " __VERSION__;
#endif
}

double own_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Seconds of all cores that neither idled nor worked for this process; negative where the system does not tell.
double others_seconds() {
    std::istringstream in(line_of("/proc/stat"));
    std::string name;
    double ticks[8] = {};  // user, nice, system, idle, waiting for I/O, interrupts, soft interrupts, stolen
    in >> name;
    for (double& t : ticks) in >> t;
    if (!in) return -1;
    const double busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
    return busy / static_cast<double>(sysconf(_SC_CLK_TCK)) - own_seconds();
}

}  // namespace

const std::vector<Cache>& caches() {
    static const std::vector<Cache> found = read_caches();
    return found;
}

std::int64_t cache_bytes(int level) {
    for (const Cache& cache : caches())
        if (cache.level == level) return cache.bytes;
    return 0;
}

std::int64_t memory_bytes() { return std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE); }

nlohmann::json machine() {
    nlohmann::json result = {{"cpu", cpu_model()},          {"processors", std::thread::hardware_concurrency()},
                             {"isa", name_of(isa())},       {"compiler", compiler()},
                             {"flags", FATHOM_BENCH_FLAGS}, {"commit", program::commit()}};
    for (const Cache& cache : caches())
        result["caches"].push_back({{"level", cache.level}, {"bytes", cache.bytes}, {"shared_by", cache.shared_by}});
    return result;
}

std::string machine_text() {
    const nlohmann::json m = machine();
    std::string text = m["cpu"].get<std::string>() + ", " + std::to_string(m["processors"].get<int>()) + " cores";
    for (const Cache& cache : caches())
        text += ", L" + std::to_string(cache.level) + " " + std::to_string(cache.bytes >> 10) + " KB";
    return text + "\n" + m["isa"].get<std::string>() + ", " + compiler() + ", " + m["flags"].get<std::string>() +
           ", commit " + program::commit() + "\n";
}

Neighbours::Neighbours() : start_(std::chrono::steady_clock::now()), others_(others_seconds()) {}

double Neighbours::share() const {
    const double now = others_seconds();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count() *
                           std::max(1u, std::thread::hardware_concurrency());
    if (now < 0 || others_ < 0 || seconds <= 0) return 0;
    return std::clamp((now - others_) / seconds, 0.0, 1.0);
}

}  // namespace fathom::bench
