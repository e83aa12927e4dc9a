"""Elementwise functions and activations."""
import torch
import torch.nn.functional as F
from make import data

whole = [k + 0.5 for k in range(-4, 4)] + list(range(-4, 5))


def values(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def cases(case):
    x = data(3, 7, low=-4, high=4, seed=1, kinks=(-3, 0, 3))
    positive = data(3, 7, low=0.2, high=4, seed=2)
    y = data(7, low=-2, high=2, seed=3)
    case("log1p", torch.log1p, x=data(3, 7, low=-0.9, high=4, seed=4))
    case("rsqrt", torch.rsqrt, x=positive)
    case("sin", torch.sin, x=x)
    case("cos", torch.cos, x=x)
    case("erf", torch.erf, x=x)
    # Times x: their own gradient is 0.
    case("sign", lambda x: x * torch.sign(x), x=data(3, 7, low=-2, high=2, kinks=(0,)))
    for f in (torch.floor, torch.ceil, torch.round):
        case(f.__name__, lambda x, f=f: x * f(x), x=data(3, 7, low=-4, high=4, kinks=whole))
    case("elu", lambda x: F.elu(x, 1.5), x=x, alpha=1.5)
    case("gelu", F.gelu, x=x)
    case("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), x=x)
    case("silu", F.silu, x=x)
    case("hardswish", F.hardswish, x=x)
    case("relu6", F.relu6, x=data(3, 7, low=-3, high=9, kinks=(0, 6)))
    case("softplus", lambda x: F.softplus(x, 2, 3), x=data(3, 7, low=-4, high=4, kinks=(1.5,)), beta=2, threshold=3)
    case("prelu", F.prelu, x=data(2, 3, 4, low=-2, high=2, kinks=(0,)), weight=data(3, seed=5))
    case("prelu_one", F.prelu, x=data(5, low=-2, high=2, kinks=(0,)), weight=values(0.25))
    case("lerp", lambda a, b: torch.lerp(a, b, 0.3), a=x, b=y, weight=0.3)
    case("lerp_far", lambda a, b: torch.lerp(a, b, 0.8), a=x, b=y, weight=0.8)
    case("lerp_tensor", torch.lerp, a=x, b=y, c=data(3, 1, low=0, high=1, seed=6, kinks=(0.5,)))
    case("pow_tensor", torch.pow, a=positive, b=y)
    case("pow_base", lambda x: torch.pow(1.7, x), x=x, base=1.7)
    case("clamp_min", lambda x: torch.clamp(x, min=-0.5), x=data(3, 7, low=-2, high=2, kinks=(-0.5,)))
    case("clamp_max", lambda x: torch.clamp(x, max=0.75), x=data(3, 7, low=-2, high=2, kinks=(0.75,)))
    case("maximum_scalar", lambda x: torch.maximum(x, values(0.5)), x=data(3, 7, low=-2, high=2, kinks=(0.5,)))
    case("minimum_scalar", lambda x: torch.minimum(x, values(0.5)), x=data(3, 7, low=-2, high=2, kinks=(0.5,)))
    # At the kinks.
    zero = values(0.0, -0.0, -1, 1)
    case("elu_at_kink", F.elu, x=zero)
    case("hardswish_at_kink", F.hardswish, x=values(-3, 3, 0, -4, 4))
    case("relu6_at_kink", F.relu6, x=values(0, 6, 3, -1, 7))
    case("prelu_at_kink", F.prelu, x=zero, weight=values(0.25))
    case("clamp_min_at_kink", lambda x: torch.clamp(x, min=0.5), x=values(0.5, 0.25, 1))
    case("clamp_max_at_kink", lambda x: torch.clamp(x, max=0.5), x=values(0.5, 0.25, 1))
    case("softplus_at_threshold", lambda x: F.softplus(x, 2, 3), x=values(1.5, 1.375, 1.625, 400, -400))
    case("round_at_half", lambda x: x * torch.round(x), x=values(*whole))
    case("pow_of_zero", torch.pow, a=values(0, 0, 0, 2, 1.5), b=values(0, 1, 2.5, 0, -1))
    case("lerp_at_half", lambda a, b: torch.lerp(a, b, 0.5), a=values(1, 2), b=values(3, -1))
