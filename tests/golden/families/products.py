"""Matrix products of vectors and batches, einsum."""
import torch

from make import data


def cases(case):
    case("matmul_vectors", torch.matmul, a=data(7), b=data(7, seed=1))
    case("matmul_vector_left", torch.matmul, a=data(5), b=data(3, 5, 4, seed=1))
    case("matmul_vector_right", torch.matmul, a=data(2, 3, 5), b=data(5, seed=1))
    case("matmul_one_matrix", torch.matmul, a=data(2, 3, 5), b=data(5, 4, seed=1))

    def einsum(name, equation, *shapes):
        tensors = {name: data(*shape, seed=i) for i, (name, shape) in enumerate(zip("abc", shapes))}
        case(name, lambda *x: torch.einsum(equation, *x), **tensors, equation=equation)

    einsum("einsum_matrix", "ij,jk->ki", (3, 4), (4, 2))
    einsum("einsum_batched", "bhik,bhjk->bhij", (2, 2, 3, 4), (2, 2, 2, 4))
    einsum("einsum_diagonal", "iij->ji", (3, 3, 2))
    einsum("einsum_trace", "ii", (4, 4))
    einsum("einsum_outer", "i,j->ij", (3,), (4,))
    einsum("einsum_dots", "bi,bi->b", (3, 5), (3, 5))
    einsum("einsum_ellipsis", "...ij,jk", (2, 1, 3, 4), (4, 2))
    einsum("einsum_ellipsis_sum", "i...,...i->i", (3, 2, 2), (2, 1, 3))
    einsum("einsum_three", "ijk,kl,jm->ilm", (2, 3, 4), (4, 2), (3, 2))
    einsum("einsum_ones", "bij,bjk->bik", (1, 3, 4), (2, 1, 2))
    einsum("einsum_bilinear", "bn,anm,bm->ba", (2, 3), (4, 3, 2), (2, 2))
    einsum("einsum_implicit", "bac,Cb", (2, 3, 4), (2, 2))
