#!/usr/bin/env python3
"""tests/golden/io/arrays.npz: arrays of every dtype that fathom reads, in both orders of rows and of bytes, compressed.
Needs numpy. Element i of an array counts i - 2, or i % 2 of a bool, or i of uint8."""
import pathlib

import numpy

here = pathlib.Path(__file__).resolve().parent


def values(dtype, shape=(2, 3)):
    counted = numpy.arange(numpy.prod(shape)).reshape(shape)
    kind = numpy.dtype(dtype).kind
    return (counted % 2 if kind == "b" else counted if kind == "u" else counted - 2).astype(dtype)


arrays = {}
for name in ("f8", "f4", "f2", "i8", "i4", "u1", "b1"):
    arrays[name] = values(name)
    arrays[name + "_columns"] = numpy.asfortranarray(values(name))
    if name[1] != "1":
        arrays[name + "_big"] = values(">" + name)
        arrays[name + "_big_columns"] = numpy.asfortranarray(values(">" + name))
arrays["cube"] = numpy.asfortranarray(values("f4", (2, 3, 4)))
arrays["scalar"] = numpy.float64(7)
arrays["empty"] = numpy.zeros((0, 3), "i8")
arrays["vector"] = numpy.arange(5, dtype="f4")
numpy.savez_compressed(here / "io" / "arrays.npz", **arrays)
