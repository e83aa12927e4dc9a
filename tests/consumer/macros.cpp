// Behind a header whose macros are common words, as <X11/Xlib.h> has them.
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

#include "check.hpp"

#define CHECK(...) check((__VA_ARGS__), #__VA_ARGS__)

int main() {
    CHECK(fathom::sum(fathom::ones<float>({3})).item() == 3);
    return finish();
}
