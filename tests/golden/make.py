#!/usr/bin/env python3
"""Golden numbers of operations, by PyTorch in float64: tests/golden/<family>.safetensors from families/<family>.py.

    python3 tests/golden/make.py index          # one family
    python3 tests/golden/make.py                # all of them

A family has cases(case), which calls, once for each:

    case("cumsum", lambda x: torch.cumsum(x, 1), x=data(3, 5), dim=1)

Tensors are inputs by their names in tests/ops/cases: floating ones get gradients, all others (labels, indices, masks) do not.
What is no tensor is an argument, which lands in the metadata for the reader. Written are NAME.in.*, NAME.out.0,
NAME.cotangent.0 and NAME.grad.*. The metadata says which PyTorch made them. Needs torch, nothing else.
"""
import argparse
import importlib
import json
import pathlib
import struct
import sys

import torch

here = pathlib.Path(__file__).resolve().parent


def data(*shape, low=-1.0, high=1.0, seed=0, kinks=()):
    """Numbers in [low, high), no two alike, none within 1e-3 of a kink, exact in float32."""
    count = torch.Size(shape).numel()
    generator = torch.Generator().manual_seed(seed * 7919 + count)
    place = torch.randperm(count, generator=generator) + 0.1 + 0.8 * torch.rand(count, generator=generator)
    values = low + (high - low) * place / max(count, 1)
    for kink in kinks:
        values = torch.where((values - kink).abs() < 1e-3, torch.full_like(values, kink + 2e-3), values)
    return values.float().double().reshape(shape)


def integers(*shape, below, seed=0):
    return torch.randint(below, shape, generator=torch.Generator().manual_seed(seed * 7919 + below))


class Cases:
    def __init__(self):
        self.tensors, self.arguments = {}, {"torch": torch.__version__}

    def __call__(self, name, function, **inputs):
        if f"{name}.out.0" in self.tensors:
            raise SystemExit(f"two cases are called {name}")
        tensors = {k: v.clone() for k, v in inputs.items() if isinstance(v, torch.Tensor)}
        for k, v in tensors.items():
            self.tensors[f"{name}.in.{k}"] = v.clone()
            v.requires_grad_(v.is_floating_point())
        out = function(*tensors.values())
        self.tensors[f"{name}.out.0"] = out.detach().clone()
        if out.requires_grad:
            cotangent = data(*out.shape, low=0.5, high=1.5, seed=99)
            self.tensors[f"{name}.cotangent.0"] = cotangent
            out.backward(cotangent)
            for k, v in tensors.items():
                if v.grad is not None:
                    self.tensors[f"{name}.grad.{k}"] = v.grad.clone()
        self.arguments[name] = json.dumps({k: v for k, v in inputs.items() if not isinstance(v, torch.Tensor)})

    def write(self, path):
        names = {torch.float64: "F64", torch.int64: "I64", torch.bool: "BOOL"}
        header, body = {"__metadata__": self.arguments}, b""
        for name, tensor in sorted(self.tensors.items()):
            raw = tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
            header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape),
                            "data_offsets": [len(body), len(body) + len(raw)]}
            body += raw
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", nargs="*")
    sys.path.insert(0, str(here / "families"))
    sys.modules.setdefault("make", sys.modules[__name__])
    families = parser.parse_args().family or sorted(p.stem for p in (here / "families").glob("*.py"))
    for family in families:
        cases = Cases()
        importlib.import_module(family).cases(cases)
        path = here / f"{family}.safetensors"
        cases.write(path)
        print(f"{path}: {len(cases.arguments) - 1} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
