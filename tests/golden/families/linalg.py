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
