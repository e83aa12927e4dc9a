"""Losses by distances and margins, likelihoods of numbers, distances of vectors."""
import torch
import torch.nn.functional as F

from make import data, integers


def cases(case):
    x, t = data(3, 4, low=-2, high=2), data(3, 4, seed=1)
    var = data(3, 4, low=0.2, high=2, seed=2)
    case("gaussian_nll_loss", F.gaussian_nll_loss, x=x, t=t, v=var)
    case("gaussian_nll_loss_rows", lambda x, t, v: F.gaussian_nll_loss(x, t, v, full=True, eps=0.7, reduction="none"),
         x=x, t=t, v=data(3, low=0.2, high=2, seed=2), eps=0.7)
    counts = data(3, 4, low=0.2, high=4, kinks=(1,), seed=3)
    case("poisson_nll_loss", lambda x, t: F.poisson_nll_loss(x, t, full=True), x=x, t=counts)
    case("poisson_nll_loss_rates", lambda x, t: F.poisson_nll_loss(x, t, log_input=False, reduction="sum"), x=counts, t=x)

    case("margin_ranking_loss", lambda a, b, t: F.margin_ranking_loss(a, b, t.sign().detach(), 0.3), a=x, b=t,
         t=data(3, 4, seed=4))
    case("hinge_embedding_loss", lambda x, t: F.hinge_embedding_loss(x, t.sign().detach(), 0.7), x=x, t=t)
    case("cosine_embedding_loss", lambda a, b, t: F.cosine_embedding_loss(a, b, t.sign().detach(), -0.5), a=x, b=var,
         t=torch.tensor([0.5, -0.5, -1.0]).double())
    case("triplet_margin_loss", lambda a, p, n: F.triplet_margin_loss(a, p, n, p=3, reduction="none"), a=x, p=t, n=var)
    case("triplet_margin_loss_swap", lambda a, p, n: F.triplet_margin_loss(a, p, n, margin=2, swap=True), a=x, p=t, n=var)
    case("soft_margin_loss", lambda x, t: F.soft_margin_loss(x, t.detach()), x=x, t=t)
    case("multilabel_soft_margin_loss",
         lambda x, t, w: F.multilabel_soft_margin_loss(x, t, w.detach(), reduction="none"), x=x,
         t=data(3, 4, low=0, high=1, seed=5), w=data(4, low=0.2, high=2, seed=6))
    labels = integers(3, below=4)
    case("multi_margin_loss", lambda x, t: F.multi_margin_loss(x, t), x=x, t=labels)
    case("multi_margin_loss_squares",
         lambda x, w, t: F.multi_margin_loss(x, t, p=2, margin=0.6, weight=w.detach(), reduction="none"), x=x,
         w=data(4, low=0.2, high=2, seed=6), t=labels)
    case("multilabel_margin_loss", lambda x, t: F.multilabel_margin_loss(x, t - 1), x=x,
         t=torch.tensor([[1, 4, 0, 2], [3, 2, 1, 0], [0, 1, 2, 3]]))

    case("dist", lambda a, b: torch.dist(a, b, 3), a=x, b=data(4, seed=7))
    case("pairwise_distance", lambda a, b: F.pairwise_distance(a, b, keepdim=True), a=x, b=t)
    case("cdist", torch.cdist, a=data(2, 3, 4), b=data(5, 4, seed=1))
    case("cdist_1", lambda a, b: torch.cdist(a, b, 1.0), a=data(2, 3, 4), b=data(5, 4, seed=1))
    case("cdist_largest", lambda a, b: torch.cdist(a, b, float("inf")), a=data(2, 3, 4), b=data(5, 4, seed=1))
    case("pdist", lambda x: F.pdist(x, 1.5), x=x)
