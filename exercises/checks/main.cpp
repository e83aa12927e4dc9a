// One exercise and its check as a program, which scripts/learn.sh compiles with FATHOM_EXERCISE and FATHOM_CHECK, the
// names of both files. Exit code 0: solved; 1: not yet.
#include <cstdio>

#include FATHOM_EXERCISE
#include FATHOM_CHECK

int main() {
    const std::string wrong = exercises::complaint(check);
    if (!wrong.empty()) std::printf("%s\n", wrong.c_str());
    return wrong.empty() ? 0 : 1;
}
