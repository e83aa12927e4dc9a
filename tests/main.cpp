// The test program: every *_test.cpp below this folder. `fathom_tests --help` lists doctest's options; ctest runs it
// once per file.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
