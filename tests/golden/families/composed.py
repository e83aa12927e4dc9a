"""Elementwise functions and activations that are made of others."""
import torch
import torch.nn.functional as F

from make import data


def cases(case):
    x, wide = data(3, 5, low=-0.9, high=0.9), data(3, 5, low=-3, high=3, kinks=(0, -0.5, 0.5, 1, -1, 2, -2), seed=1)
    above, positive = data(3, 5, low=1.1, high=4), data(3, 5, low=0.1, high=4, seed=2)
    for name in ("expm1", "exp2", "tan", "sinh", "cosh", "asinh", "atanh", "deg2rad", "rad2deg"):
        case(name, getattr(torch, name), x=x)
    for name in ("log2", "log10"):
        case(name, getattr(torch, name), x=positive)
    case("acosh", torch.acosh, x=above)
    case("trunc", lambda x: torch.trunc(x) + x, x=wide)
    case("frac", torch.frac, x=wide)
    case("round_decimals", lambda x: torch.round(x, decimals=1) + x, x=x)
    case("sinc", torch.sinc, x=positive)
    case("logit", torch.logit, x=data(3, 5, low=0.1, high=0.9))
    case("logit_eps", lambda x: torch.logit(x, 0.2), x=data(3, 5, low=0.1, high=0.9, kinks=(0.2, 0.8)))
    case("nan_to_num", lambda x: torch.nan_to_num(torch.where(x > 0.5, torch.inf, torch.where(x < -0.5, torch.nan, x)), 3, 7),
         x=x)

    a, b = data(2, 3, 4, low=-3, high=3, kinks=(0,)), data(3, 1, low=0.4, high=2.5, seed=3)
    case("div_trunc", lambda a, b: torch.div(a, b, rounding_mode="trunc") + a * b, a=a, b=b)
    case("div_floor", lambda a, b: torch.div(a, b, rounding_mode="floor") + a * b, a=a, b=b)
    for name in ("fmod", "remainder", "hypot", "xlogy", "logaddexp", "logaddexp2", "ldexp", "fmax", "fmin"):
        case(name, getattr(torch, name), a=a, b=b)
    case("copysign", lambda a, b: torch.copysign(b, a.detach()) * a, a=a, b=b)
    case("heaviside", lambda a, b: torch.heaviside(a.detach(), b.detach()) + a * b, a=a, b=b)

    for name in ("selu", "mish", "softsign", "tanhshrink", "hardshrink", "softshrink", "logsigmoid"):
        case(name, getattr(F, name), x=wide)
    case("hardsigmoid", lambda x: F.relu6(x + 3) / 6, x=wide)  # whose own gradient has 1 / 6 in float
    case("celu", lambda x: F.celu(x, 0.5), x=wide)
    case("threshold", lambda x: F.threshold(x, 0.5, 7.0), x=wide)
    case("hardtanh", lambda x: F.hardtanh(x, -0.5, 2), x=wide)
    case("glu", lambda x: F.glu(x, 1), x=data(3, 4, 2))
    case("softmin", lambda x: F.softmin(x, 1), x=data(3, 5))
