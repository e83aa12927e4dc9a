// Behind headers whose macros are common words, as those of X11, of Windows, of <complex.h> and of logging libraries are,
// and in C++23.
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define CHECK(condition) static_cast<void>(condition)
#define ERROR 0
#define I 1
#define N 100
#define small char
#define near
#define far
#define Status int
#define Bool int
#define True 1
#define False 0
#define None 0L
#define Success 0
#define Always 2
#define Above 0
#define Below 1
#define KeyPress 2
#define Complex 0

#include <fathom/fathom.hpp>

#undef near
#undef CHECK
#include "check.hpp"

#define CHECK(...) check((__VA_ARGS__), #__VA_ARGS__)

int main() {
    CHECK(fathom::sum(fathom::ones<float>({3})).item() == 3);
    return finish();
}
