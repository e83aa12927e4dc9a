"""Indexing, sorting, parts and arrangements of tensors."""
import torch

from make import data, integers


def circulant(rows, columns):
    """A permutation of the columns for each row: element [i, j] is (i + j) % columns."""
    return (torch.arange(rows)[:, None] + torch.arange(columns)) % columns


def cases(case):
    x = data(4, 5, 3, low=-2, high=2)
    case("gather", lambda x, i: torch.gather(x, 1, i), x=x, i=integers(3, 7, 2, below=5))
    case("gather_last", lambda x, i: torch.gather(x, -1, i), x=data(3, 6), i=integers(3, 4, below=6))
    case("scatter", lambda x, y: x.scatter(1, circulant(4, 5)[:, :3], y), x=data(4, 5), y=data(4, 3, seed=1))
    case("scatter_number", lambda x: x.scatter(0, circulant(2, 4), 0.5), x=data(4, 5))
    case("scatter_add", lambda x, y, i: x.scatter_add(1, i, y), x=x, y=data(4, 6, 2, seed=1), i=integers(4, 6, 2, below=5))
    case("index_select", lambda x, i: x.index_select(1, i), x=x, i=integers(7, below=5))
    case("index_add", lambda x, y, i: x.index_add(-1, i, y), x=x, y=data(4, 5, 6, seed=1), i=integers(6, below=3))
    case("index", lambda x, i, j: x[i, -j], x=x, i=integers(2, 1, below=4), j=integers(6, below=4))
    case("index_rows", lambda x, i: x[i], x=x, i=integers(2, 3, below=4))
    case("index_mixed", lambda x, i: x[2, i], x=x, i=integers(6, below=5))
    case("index_mask", lambda x: x[x.detach()[:, :, 0] > 0], x=x)
    case("index_put", lambda x, y: x.index_put((torch.tensor([2, -4]), torch.tensor([1, 0])), y), x=x, y=data(2, 3, seed=1))
    case("index_put_add", lambda x, y, i: x.index_put((i,), y, accumulate=True), x=x, y=data(5, 1, seed=1),
         i=integers(6, below=4))
    case("masked_select", lambda x: torch.masked_select(x, x.detach()[0] > 0.25), x=x)
    case("masked_fill", lambda x, y: x.masked_fill(x.detach()[:, :1] > 0.25, y[0]), x=x, y=data(1))
    case("where_number", lambda x: torch.where(x > 0.25, x, 2.0) + torch.where(x > 0.5, -1.0, x), x=x)

    case("unfold", lambda x: x.unfold(1, 3, 2), x=data(2, 9, 3))
    case("unfold_apart", lambda x: x.unfold(0, 2, 3), x=data(9, 2))
    case("diagonal", lambda x: torch.diagonal(x, 1, -1, 0), x=data(4, 2, 5))
    case("split_sizes", lambda x: sum(k * part.sum(1) for k, part in enumerate(torch.split(x, [1, 3, 2], 1))), x=data(4, 6))
    case("chunk", lambda x: sum(k * part.sum(-1) for k, part in enumerate(torch.chunk(x, 3, -1))), x=data(4, 7))
    case("unbind", lambda x: sum(k * part * part for k, part in enumerate(torch.unbind(x, 1))), x=data(4, 3, 2))
    case("flatten_middle", lambda x: x.flatten(1, -2).unflatten(-1, (3, -1)).squeeze(), x=data(2, 1, 4, 3))

    case("repeat", lambda x: x.repeat(3, 1, 2, 4), x=data(2, 3, 2))
    case("flip", lambda x: x.flip((0, -1)), x=data(3, 4, 5))
    case("roll", lambda x: x.roll((-1, 7), (2, 0)), x=data(3, 4, 5))
    case("roll_all", lambda x: x.roll(5), x=data(3, 4))
    case("tril", lambda x: torch.tril(x, 1), x=data(2, 4, 5))
    case("triu", lambda x: torch.triu(x, -1), x=data(5, 4))
    case("meshgrid_xy", lambda a, b: torch.stack(torch.meshgrid(a, b, indexing="xy")), a=data(3), b=data(4, seed=1))

    case("sort", lambda x: torch.sort(x, 1)[0], x=data(3, 9, 2))
    case("sort_descending", lambda x: torch.sort(x, descending=True)[0], x=data(3, 9))
    case("topk", lambda x: torch.topk(x, 3, 0)[0], x=data(8, 2))
    case("topk_smallest", lambda x: torch.topk(x, 4, largest=False)[0], x=data(2, 8))
