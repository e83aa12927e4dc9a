// State dicts in files, for fathom::compiled.
#include "fathom/io/json.hpp"
#include "fathom/io/pth.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/io/tensor_bytes.hpp"

// Definitions.
#include "fathom/io/file.inl.hpp"
#include "fathom/io/json.inl.hpp"
#include "fathom/io/order.inl.hpp"
#include "fathom/io/pickle.inl.hpp"
#include "fathom/io/pth.inl.hpp"
#include "fathom/io/safetensors.inl.hpp"
#include "fathom/io/tensor_bytes.inl.hpp"
#include "fathom/io/text.inl.hpp"
#include "fathom/io/zip.inl.hpp"
