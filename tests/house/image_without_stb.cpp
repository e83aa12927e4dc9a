// A header-only program that reads an image and forgot image_stb.hpp: does not link, and the linker's message names the
// header.
#include "fathom/io/image.hpp"

int main(int, char** arguments) { return static_cast<int>(fathom::io::read_image(arguments[1]).numel()); }
