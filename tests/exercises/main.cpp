// fathom_exercises holes: every exercise as it stands fails its check, by what the check says and not by an error.
// fathom_exercises solutions: every solution passes. Exit code 0: so it is.
#include <cstdio>
#include <cstring>

#include "tests/exercises/exercises.hpp"

int main(int argc, char** argv) {
    const bool holes = argc == 2 && std::strcmp(argv[1], "holes") == 0;
    if (!holes && (argc != 2 || std::strcmp(argv[1], "solutions") != 0)) {
        std::fprintf(stderr, "fathom_exercises: expected holes or solutions\n");
        return 2;
    }
    std::vector<Exercise> all = exercises_on_tensors();
    const std::vector<Exercise> kernels = exercises_on_kernels();
    all.insert(all.end(), kernels.begin(), kernels.end());
    int wrong = all.size() < 20;  // were they found?
    for (const Exercise& exercise : all) {
        const std::string said = (holes ? exercise.hole : exercise.solution)();
        const bool unsolved = !said.empty() && said.find("ended with an error") == std::string::npos;
        const bool right = holes ? unsolved : said.empty();
        if (!right) ++wrong;
        std::printf("%s%s: %s\n", right ? "" : "WRONG: ", exercise.name, said.empty() ? "passes" : said.c_str());
    }
    return wrong != 0;
}
