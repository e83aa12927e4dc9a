// The exercises and their solutions, each with its check, as CMakeLists.txt collects them: every pair of files stands
// in a namespace of its own in one unit, since 40 units would take a minute to compile.
#pragma once

#include <string>
#include <vector>

struct Exercise {
    const char* name;
    std::string (*hole)();      // what the check says of the exercise as it stands
    std::string (*solution)();  // the same of its solution: "" when it passes
};

std::vector<Exercise> exercises_on_tensors();
std::vector<Exercise> exercises_on_kernels();
