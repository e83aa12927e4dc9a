"""Elements put in place of others, diagonals, turns, stacks, pairs, differences."""
import torch

from make import data


def cases(case):
    x, cube = data(4, 5), data(2, 3, 4, seed=1)
    some = torch.tensor([3, 0])
    case("index_copy", lambda x, y: x.index_copy(1, torch.tensor([4, 0, 2]), y), x=x, y=data(4, 3, seed=2))
    case("index_fill", lambda x, y: x.index_fill(0, some, y[0]), x=x, y=data(1))
    case("select_scatter", lambda x, y: torch.select_scatter(x, y, 1, -2), x=cube, y=data(2, 4, seed=2))
    case("slice_scatter", lambda x, y: torch.slice_scatter(x, y, 2, -3, 4, 2), x=cube, y=data(2, 3, 2, seed=2))
    case("diagonal_scatter", lambda x, y: torch.diagonal_scatter(x, y, 1, 2, 0), x=cube, y=data(3, 1, seed=2))
    case("diagonal_scatter_below", lambda x, y: torch.diagonal_scatter(x, y, -1), x=x, y=data(3, seed=2))
    case("take", lambda x: torch.take(x, torch.tensor([[3, -1], [0, 19]])), x=x)
    case("put", lambda x, y: x.put(torch.tensor([[3, 1], [0, 19]]), y), x=x, y=data(2, 2, seed=2))
    case("put_add", lambda x, y: x.put(torch.tensor([3, 1, 3]), y, accumulate=True), x=x, y=data(3, seed=2))
    case("take_along_dim", lambda x: torch.take_along_dim(x, torch.tensor([[2, 0, 1, 1, 4, 0]]), 1), x=x)

    case("diag_embed", torch.diag_embed, x=x)
    case("diag_embed_dims", lambda x: torch.diag_embed(x, -2, 2, 0), x=x)
    case("diag_vector", lambda x: torch.diag(x, 1), x=data(4))
    case("diag_matrix", lambda x: torch.diag(x, -1), x=x)
    case("diagflat", lambda x: torch.diagflat(x, 1), x=data(2, 2))
    case("trace", torch.trace, x=x)
    case("block_diag", lambda a, b, c: torch.block_diag(a, b, c), a=data(2, 3), b=data(4, seed=1), c=data(3, 1, seed=2))
    for k in (1, 2, 3):
        case(f"rot90_{k}", lambda x: torch.rot90(x, k, (2, 0)), x=cube)
    case("movedim", lambda x: torch.movedim(x, (0, 1), (-1, 0)), x=cube)
    case("tile", lambda x: torch.tile(x, (2, 3)), x=cube)
    case("repeat_interleave", lambda x: torch.repeat_interleave(x, torch.tensor([2, 0, 1, 3]), 0), x=x)
    case("repeat_interleave_all", lambda x: torch.repeat_interleave(x, 2), x=x)
    case("hstack", lambda a, b: torch.hstack((a, b)), a=data(2, 3, 2), b=data(2, 1, 2, seed=1))
    case("vstack", lambda a, b: torch.vstack((a, b)), a=data(3), b=data(2, 3, seed=1))
    case("dstack", lambda a, b: torch.dstack((a, b)), a=data(2, 3), b=data(2, 3, 2, seed=1))
    case("tensor_split", lambda x: sum(k * part.sum(1) for k, part in enumerate(torch.tensor_split(x, 3, 1))), x=x)
    case("tensor_split_at", lambda x: sum(k * part.sum(0) for k, part in enumerate(torch.tensor_split(x, (1, 3)))), x=x)
    case("cartesian_prod", lambda a, b: torch.cartesian_prod(a, b), a=data(3), b=data(2, seed=1))
    case("combinations", lambda x: torch.combinations(x, 3), x=data(5))
    case("combinations_again", lambda x: torch.combinations(x, 2, with_replacement=True), x=data(4))
    case("diff", torch.diff, x=x)
    case("diff_more", lambda x, a, b: torch.diff(x, 2, 0, a, b), x=x, a=data(1, 5, seed=1), b=data(2, 5, seed=2))
