// A header-only program that uses nothing: what its headers compile all the same, every program and unit pays for.
#include <fathom/data.hpp>
#include <fathom/debug.hpp>
#include <fathom/fathom.hpp>

int main() {}
