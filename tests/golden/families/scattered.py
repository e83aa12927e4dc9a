"""What comes to one place, reduced."""
import torch
import torch.nn.functional as F

from make import data, integers


def cases(case):
    for kind in ("sum", "prod", "mean", "amax", "amin"):
        for name, own in (("", True), ("_alone", False)):
            case(f"scatter_reduce_{kind}{name}", lambda x, y, i: x.scatter_reduce(1, i, y, kind, include_self=own),
                 x=data(3, 4, 2), y=data(2, 5, 2, seed=1), i=integers(2, 5, 2, below=4))
            if kind != "sum":
                case(f"index_reduce_{kind}{name}", lambda x, y, i: x.index_reduce(0, i, y, kind, include_self=own),
                     x=data(4, 3), y=data(6, 3, seed=1), i=integers(6, below=4))
    offsets, w = torch.tensor([0, 2, 2]), data(5, 3)
    for kind in ("sum", "mean", "max"):
        case(f"embedding_bag_{kind}", lambda w, i: F.embedding_bag(i, w, mode=kind, padding_idx=2), w=w,
             i=integers(3, 4, below=5))
    case("embedding_bag_offsets", lambda w, y, i: F.embedding_bag(i, w, offsets, mode="sum", per_sample_weights=y), w=w,
         y=data(6, seed=1), i=integers(6, below=5))
