"""Standard deviation, norms, products, extremes, running sums."""
import math

import torch
from make import data


def values(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def cases(case):
    x = data(2, 3, 4, low=-2, high=2, seed=1, kinks=(0,))
    ties = values(1, 3, -3, 3, 0, -3).reshape(2, 3)
    case("var_correction", lambda x: torch.var(x, (0, 2), correction=2.5), x=x)
    case("var_all", torch.var, x=x)
    case("std", lambda x: torch.std(x, 1), x=x)
    case("std_biased", lambda x: torch.std(x, (0, 2), correction=0, keepdim=True), x=x)
    case("std_all", torch.std, x=x)
    case("std_constant", lambda x: torch.std(x, 1), x=values(2, 2, 2, 1, 2, 3).reshape(2, 3))
    case("norm", lambda x: torch.linalg.vector_norm(x, 2, (0, 2)), x=x)
    case("norm_all", torch.linalg.vector_norm, x=x)
    for p, name in ((1, "1"), (math.inf, "inf"), (-math.inf, "minus_inf"), (3, "3"), (1.5, "1_5"), (-1, "minus_1")):
        case(f"norm_{name}", lambda x, p=p: torch.linalg.vector_norm(x, p, (0, 2)), x=x)
    for p, name in ((1, "1"), (2, "2"), (3, "3"), (1.5, "1_5"), (math.inf, "inf")):
        case(f"norm_{name}_of_zeros", lambda x, p=p: torch.linalg.vector_norm(x, p, 1),
             x=values(0, 0, 0, 0, 2, -2).reshape(2, 3))
    case("norm_0", lambda x: x * torch.linalg.vector_norm(x, 0, 1, keepdim=True), x=ties)
    case("prod", lambda x: torch.prod(x, 1), x=x)
    case("prod_all", torch.prod, x=x)
    case("prod_zeros", lambda x: torch.prod(x, 1), x=values(0, 2, 3, 0, 0, 3, 2, 0, 4, 5, 6, 7).reshape(4, 3))
    case("prod_all_zero", torch.prod, x=values(2, 0, 3))
    case("cumsum", lambda x: torch.cumsum(x, 1), x=x)
    case("cumsum_last", lambda x: torch.cumsum(x, -1), x=x)
    case("logsumexp", lambda x: torch.logsumexp(x, (0, 2)), x=x)
    case("logsumexp_large", lambda x: torch.logsumexp(x, 0), x=values(1000, 1001, -1e300))
    case("amax", lambda x: torch.amax(x, (0, 2)), x=x)
    case("amin", lambda x: torch.amin(x, (0, 2), keepdim=True), x=x)
    case("amax_ties", lambda x: torch.amax(x, 1), x=ties)
    case("amin_ties", lambda x: torch.amin(x, (0, 1)), x=ties)
    case("max_ties", torch.max, x=ties)
    case("max_dim_ties", lambda x: torch.max(x, 1).values, x=ties)
    # Indices, times the sum of x: they have no gradient.
    case("argmax", lambda x: x.sum(1) * torch.argmax(x, 1), x=x)
    case("argmin", lambda x: x.sum(2, keepdim=True) * torch.argmin(x, -1, keepdim=True), x=x)
    case("argmax_all", lambda x: x.sum() * torch.argmax(x), x=ties)
