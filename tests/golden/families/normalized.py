"""Products of vectors and matrices, vectors of length 1, norms by squares."""
import torch
import torch.nn.functional as F

from make import data


def cases(case):
    a, b, x = data(2, 3, low=-2, high=2), data(2, 3, seed=1), data(2, 5, 3, low=-2, high=2)
    case("outer", torch.outer, a=data(4), b=data(3, seed=1))
    case("cross", torch.linalg.cross, a=a, b=data(1, 3, seed=1))
    case("kron", torch.kron, a=a, b=data(3, 2, 2, seed=1))
    case("bilinear", F.bilinear, a=a, b=data(2, 4, seed=1), w=data(5, 3, 4, seed=2), c=data(5, seed=3))
    case("vecdot", lambda a, b: torch.linalg.vecdot(a, b, dim=0), a=a, b=b)
    case("normalize", lambda x: F.normalize(x, 3, 2), x=x)
    case("rms_norm", lambda x, w: F.rms_norm(x, (5, 3), w, 0.1), x=x, w=data(5, 3, seed=1))
    case("local_response_norm", lambda x: F.local_response_norm(x, 4, 0.3, 0.6, 1.2), x=x)
    case("prelu_number", lambda x, w: F.prelu(x, w[0]), x=data(2, 3, kinks=(0,)), w=data(1))
