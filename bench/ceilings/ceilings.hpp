// What the machine can do at most, measured when it is asked for: multiply-adds in registers and bytes through each
// level of memory. Every share that a bench prints divides by these, measured in the same run. Next: fma.kernel.hpp,
// bandwidth.kernel.hpp, matrix_units.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace fathom::bench {

enum class Level { l1, l2, l3, memory };
inline constexpr Level levels[] = {Level::l1, Level::l2, Level::l3, Level::memory};
constexpr const char* name_of(Level level) {
    constexpr const char* names[] = {"L1", "L2", "L3", "memory"};
    return names[static_cast<int>(level)];
}
// Floats of a vector of the instruction set in use, and its vector registers.
int vector_lanes();
int vector_registers();

// The nearest level that holds so many bytes for each of `threads` threads. The library's arrays fill half a cache at
// most before the rest of the program drives them out, but a cache that is full still serves most of them.
Level level_of(double bytes, int threads = 1);

// Bytes a second of all threads together, counting what is read and what is written once each. A copy is half of both.
struct Bandwidth {
    double read = 0, write = 0, copy = 0;

    // Seconds for a mix of both: between the three patterns that were measured, linear in the share of writes.
    double seconds(double bytes_read, double bytes_written) const;
};

// Multiply-adds count as two operations, all threads together.
template <class T>
double measure_fma(int threads, double seconds);
// On one thread, where each waits for the one before.
template <class T>
double measure_fma_chain(double seconds);
// The same of single numbers, as the compiler makes it of plain C++.
double measure_scalar_chain(double seconds);
Bandwidth measure_bandwidth(Level level, int threads, double seconds);
// Bytes that measure_bandwidth works on, in each thread.
std::int64_t bandwidth_bytes(Level level, int threads);

// The figures that one family of measurements divides by. Each is measured when it is first asked for, on the
// instruction set in use.
class Ceilings {
public:
    // `seconds`: for each figure.
    explicit Ceilings(double seconds) : seconds_(seconds) {}

    // FLOP/s of float, on whole vectors.
    double fma(int threads = 1);
    // Multiply-adds a second of one chain: of vectors, and of single numbers.
    double chain();
    double scalar_chain();
    const Bandwidth& bandwidth(Level level, int threads = 1);

    // Measures again whatever was asked for. Gives the largest change, as a share, and says what changed in `what`.
    // From now on the better of both counts: others on the machine can only take away.
    double measure_again(std::string& what);

private:
    double seconds_;
    std::map<int, double> fma_;
    double chain_ = 0, scalar_chain_ = 0;
    std::map<std::pair<Level, int>, Bandwidth> bandwidth_;
};

}  // namespace fathom::bench
