// What a result has to say about where it comes from: processor, caches, compiler, commit, and who else was running.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fathom::bench {

// One data or unified cache, as a core sees it.
struct Cache {
    int level;
    std::int64_t bytes;
    int shared_by;  // cores
};

// Of the first core, by level; where the system does not tell, sizes that are common.
const std::vector<Cache>& caches();
// Bytes of the cache of that level (1, 2 or 3); 0 where there is none.
std::int64_t cache_bytes(int level);
// Bytes of memory.
std::int64_t memory_bytes();

// Processor, caches, compiler and its flags, commit, instruction set in use.
nlohmann::json machine();
// The same on two lines, for people.
std::string machine_text();

// How much of the machine others take meanwhile: processor time that this process did not use, and time that a
// hypervisor gave to other guests.
class Neighbours {
public:
    Neighbours();
    // Share of all cores since the construction, 0 to 1; 0 where the system does not tell.
    double share() const;

private:
    std::chrono::steady_clock::time_point start_;
    double others_;
};

}  // namespace fathom::bench
