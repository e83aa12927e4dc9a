#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets that tests/golden/io has no files for: tests/fuzz/make_seeds.py

seeds/checkpoint/whole is last.safetensors of a CheckpointFolder with two small tensors.
"""
import gzip
import io
import json
import pathlib
import struct
import zipfile
import zlib

here = pathlib.Path(__file__).parent
golden = here.parent / "golden" / "io"


def write(target, name, data):
    folder = here / "seeds" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


texts = {
    "values": '{"a":[1,-2.5e+3,true,false,null,"x\\u00e9\\ud83d\\ude00\\n"],"b":{"c":{}},"d":[]}',
    "header": '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}',
}
for name, text in texts.items():
    write("json", name, text.encode())

header = json.dumps({
    "__metadata__": {"a": "b"},
    "w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
    "b": {"dtype": "BF16", "shape": [1, 3], "data_offsets": [16, 22]},
    "m": {"dtype": "BOOL", "shape": [2], "data_offsets": [22, 24]},
}).encode()
write("safetensors", "three", struct.pack("<Q", len(header)) + header + bytes(range(24)))

plain = b"the quick brown fox jumps over the lazy dog, the quick brown fox " * 4 + bytes(range(200))
for name, level, strategy in (("stored", 0, zlib.Z_DEFAULT_STRATEGY), ("fixed", 9, zlib.Z_FIXED),
                              ("dynamic", 9, zlib.Z_DEFAULT_STRATEGY)):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    write("inflate", name, packer.compress(plain) + packer.flush())

for name in ("zip.pth", "zip_protocol4.pth", "module.pth", "training.pth"):
    with zipfile.ZipFile(golden / name) as archive:
        entry = next(n for n in archive.namelist() if n.endswith("data.pkl"))
        write("pickle", name, archive.read(entry))


def text(s):
    return b"X" + struct.pack("<I", len(s)) + s.encode()


def tensor(shape, strides):
    numbers = lambda values: b"(" + b"".join(b"K" + bytes([v]) for v in values) + b"t"
    storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x10tQ"
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + numbers(shape) + numbers(strides) +
            b"\x89ccollections\nOrderedDict\n)RtR")


state = b"}(" + text("w") + tensor([2, 8], [8, 1]) + text("b") + tensor([4], [2]) + b"u"
write("pth_pickle", "state", b"\x80\x02" + state + b".")
write("pth_pickle", "nested", b"\x80\x02}(" + text("epoch") + b"K\x03" + text("loss") + b"cnumpy\nfloat64\n)R" +
      text("model") + state + b"u.")


def npy(dict_text, data, version=1):
    size = struct.pack("<H" if version == 1 else "<I", len(dict_text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + dict_text.encode() + data


rows = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
columns = "{'descr': '>i8', 'fortran_order': True, 'shape': (2, 2), }"
write("npy", "rows", npy(rows, bytes(range(24))))
write("npy", "columns", npy(columns, bytes(range(32)), 2))
stream = io.BytesIO()
with zipfile.ZipFile(stream, "w") as archive:
    for name, method, data in (("a.npy", zipfile.ZIP_STORED, npy(rows, bytes(24))),
                               ("b.npy", zipfile.ZIP_DEFLATED, npy(columns, bytes(32))), ("c", 0, b"text")):
        archive.writestr(zipfile.ZipInfo(name), data, method)
write("npz", "three", stream.getvalue())

images = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]) + bytes(range(6))
write("idx", "bytes", images)
write("idx", "floats", bytes([0, 0, 13, 1, 0, 0, 0, 2]) + struct.pack(">2f", 1, -2))
write("idx", "gzip", gzip.compress(images, mtime=0))
write("csv", "names", b"\0x,\"y \"\"z\"\"\"\n1,2.5e-3\n-inf, nan\n")
write("csv", "spaces", b"\x03 1  2\n+3\t4 \r\n\n")
