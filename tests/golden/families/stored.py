"""Arithmetic of bfloat16 and half: inputs are rounded to the dtype, results and gradients are what PyTorch has in it."""
import torch
from make import data


def cases(case):
    functional = torch.nn.functional
    x, y = data(4, 5, low=-2, high=2, seed=1, kinks=(0,)), data(4, 5, low=0.5, high=2.5, seed=2)
    row, weight, bias = data(5, low=0.5, high=2, seed=3), data(3, 5, seed=4), data(3, seed=5)
    wide = data(3, 67, seed=6)
    for dtype, name in ((torch.bfloat16, "bfloat16"), (torch.float16, "half")):

        def stored(what, function, **inputs):
            case(f"{name}_{what}", lambda *t: function(*(i.to(dtype) for i in t)).double(), **inputs)

        stored("add", torch.add, x=x, y=y)
        stored("sub", torch.sub, x=x, y=y)
        stored("mul", torch.mul, x=x, y=y)
        stored("div", torch.div, x=x, y=y)
        stored("mul_row", torch.mul, x=x, y=row)
        stored("mul_number", lambda x: x * 0.3, x=x)
        stored("chain", lambda x, y: (x + y) * x / y - x, x=x, y=y)
        stored("exp", torch.exp, x=x)
        stored("sum", lambda x: x.sum(1), x=wide)
        stored("matmul", lambda x, y: x @ y.T, x=wide, y=data(2, 67, seed=7))
        stored("conversion", lambda x: (x.float() * 3).to(dtype) * x, x=x)
        if dtype == torch.bfloat16:
            continue
        for f in (torch.tanh, torch.relu, functional.gelu):
            stored(f.__name__, f, x=x)
        stored("log", torch.log, x=y)
        stored("sqrt", torch.sqrt, x=y)
        stored("clamp", lambda x: torch.clamp(x, -1, 0.7), x=x)
        stored("where", lambda x, y: torch.where(x > y - 1, x, y), x=x, y=y)
        stored("mean", torch.mean, x=wide)
        stored("amax", lambda x: torch.amax(x, 0), x=x)
        stored("max", lambda x: torch.max(x, 1).values, x=x)
        stored("var", lambda x: torch.var(x, 1), x=x)
        stored("cumsum", lambda x: torch.cumsum(x, 1), x=x)
        stored("softmax", lambda x: torch.softmax(x, 1), x=x)
        stored("log_softmax", lambda x: torch.log_softmax(x, 1), x=x)
        stored("linear", functional.linear, x=x, weight=weight, bias=bias)
