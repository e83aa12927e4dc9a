// What nearly every test includes, parsed once for all of them.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "fathom/fathom.hpp"
