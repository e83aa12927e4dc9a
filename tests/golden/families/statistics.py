"""Order statistics, sums and means without NaN, running products."""
import torch

from make import data


def holed(x):
    return torch.where(x > 0.5, torch.nan, x)


def cases(case):
    x, cube = data(3, 5), data(2, 6, 3, seed=1)
    case("median", torch.median, x=x)
    case("median_dim", lambda x: torch.median(x, 1).values, x=cube)
    case("nanmedian_dim", lambda x: torch.nanmedian(holed(x), 1, True).values, x=cube)
    case("kthvalue", lambda x: torch.kthvalue(x, 2, 0).values, x=x)
    for kind in ("linear", "lower", "higher", "nearest", "midpoint"):
        case(f"quantile_{kind}", lambda x: torch.quantile(x, 0.3, 1, interpolation=kind), x=cube)
    q = torch.tensor([0.0, 0.55, 1.0], dtype=torch.float64)
    case("quantile_list", lambda x: torch.quantile(x, q, -1, True), x=cube)
    case("quantile_all", lambda x: torch.quantile(x, 0.7), x=x)
    case("nanquantile", lambda x: torch.nanquantile(holed(x), q, 1), x=cube)
    case("nansum", lambda x: torch.nansum(holed(x), 1), x=cube)
    case("nanmean", lambda x: torch.nanmean(holed(x), (0, 1), True), x=cube)
    case("count_nonzero", lambda x: torch.count_nonzero(x.relu(), 1) * x.sum(1), x=cube)
    case("cumprod", lambda x: torch.cumprod(x, 1), x=cube)
    case("cumprod_zero", lambda x: torch.cumprod(x, 0), x=torch.tensor([1.5, 0.0, 2.0, 0.0, -1.0]).double())
