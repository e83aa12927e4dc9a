// The commit that a program was built from.
#pragma once

namespace program {

const char* commit();

}  // namespace program
