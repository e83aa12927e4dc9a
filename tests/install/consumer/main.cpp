#include <fathom/fathom.hpp>

#include <cstdio>

double slope(double at);  // other.cpp

int main() {
    const double dy = slope(3);
    std::printf("fathom %d.%d: d/dx x^2 = %g at 3\n", FATHOM_VERSION_MAJOR, FATHOM_VERSION_MINOR, dy);
    return dy == 6 && fathom::zeros<float>({2, 3}).numel() == 6 ? 0 : 1;
}
