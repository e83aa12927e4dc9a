"""Small linear algebra of matrices to which 3 on the diagonal is added."""
import torch

from make import data


def cases(case):
    def conditioned(a):
        return a + 3 * torch.eye(a.shape[-1], dtype=a.dtype)

    case("linalg_solve", lambda a, b: torch.linalg.solve(conditioned(a), b), a=data(2, 1, 4, 4, low=-0.5, high=0.5),
         b=data(3, 4, 2, seed=1))
    case("linalg_solve_vector", lambda a, b: torch.linalg.solve(conditioned(a), b), a=data(2, 4, 4, low=-0.5, high=0.5),
         b=data(2, 4, seed=1))
    case("linalg_inv", lambda a: torch.linalg.inv(conditioned(a)), a=data(2, 4, 4, low=-0.5, high=0.5))
    case("linalg_det", lambda a: torch.linalg.det(conditioned(a)), a=data(3, 4, 4, low=-0.5, high=0.5))

    def symmetric(a):
        return a + a.mT + torch.diag(torch.arange(a.shape[-1], dtype=a.dtype))

    def signless(x):
        return x * x.detach()[..., :1, :].sign()

    square, wide, tall = data(2, 4, 4), data(2, 3, 5), data(5, 3)
    case("linalg_eigh_values", lambda a: torch.linalg.eigh(symmetric(a)).eigenvalues, a=square)
    case("linalg_eigh_vectors", lambda a: signless(torch.linalg.eigh(symmetric(a)).eigenvectors), a=square)
    for name, a in (("square", square), ("wide", wide), ("tall", tall)):
        for full in (False, True):
            k, kind = min(a.shape[-2:]), f"{name}_{'full' if full else 'thin'}"
            case(f"linalg_svd_u_{kind}", lambda a: signless(torch.linalg.svd(a, full).U[..., :k]), a=a)
            case(f"linalg_svd_vh_{kind}", lambda a: signless(torch.linalg.svd(a, full).Vh[..., :k, :].mT), a=a)
        case(f"linalg_svd_s_{name}", lambda a: torch.linalg.svdvals(a), a=a)
        case(f"linalg_pinv_{name}", torch.linalg.pinv, a=a)
        for order in (1, -1, 2, -2, float("inf"), -float("inf"), "nuc", "fro"):
            case(f"linalg_norm_{order}_{name}", lambda a: torch.linalg.matrix_norm(a, order), a=a)
    low = data(4, 2) @ data(2, 4, seed=1)
    case("linalg_pinv_low_rank", lambda a: torch.linalg.pinv(a, rtol=1e-10), a=low)

    for name, upper, left, unit in (("upper", True, True, False), ("lower_right", False, False, False), ("unit", True, True, True)):
        case(f"linalg_triangular_{name}",
             lambda a, b: torch.linalg.solve_triangular(conditioned(a), b, upper=upper, left=left, unitriangular=unit),
             a=data(2, 1, 4, 4), b=data(3, 4, 4, seed=1))
    for n in (5, -3):
        case(f"linalg_power_{n}", lambda a: torch.linalg.matrix_power(conditioned(a), n), a=data(2, 3, 3))
