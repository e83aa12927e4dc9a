"""Losses, cosine similarity, attention."""
import torch
import torch.nn.functional as F

from make import data, integers


def dice(x, t, smooth):
    both, all = (x * t).flatten(2).sum(2), x.flatten(2).sum(2) + t.flatten(2).sum(2)
    return (1 - (2 * both + smooth) / (all + smooth)).mean()


def cases(case):
    x, t = data(3, 7, low=-3, high=3), data(3, 7, seed=1)
    case("smooth_l1_loss", lambda x, t: F.smooth_l1_loss(x, t, beta=0.5), x=x, t=t, beta=0.5)
    case("huber_loss", lambda x, t: F.huber_loss(x, t, delta=0.7, reduction="sum"), x=x, t=t, delta=0.7)

    logs, t = data(3, 4, low=-3, high=0, seed=4), data(3, 4, low=0.1, high=1, seed=5)
    case("kl_div", F.kl_div, x=logs, t=t)
    case("kl_div_batchmean", lambda x, t: F.kl_div(x, t, reduction="batchmean", log_target=True), x=logs,
         t=data(3, 4, low=-2, high=0, seed=6))

    p, t = data(2, 3, 4, low=0.05, high=0.95), data(2, 3, 4, low=0, high=1, seed=1)
    w, v = data(3, 1, low=0.2, high=1.5, seed=2), data(4, low=0.2, high=3, seed=3)
    case("binary_cross_entropy", F.binary_cross_entropy, x=p, t=t)
    case("binary_cross_entropy_weighted", lambda x, t, w: F.binary_cross_entropy(x, t, w.detach(), reduction="none"),
         x=p, t=t, w=w)
    logits = data(2, 3, 4, low=-4, high=4)
    case("binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits, x=logits, t=t)
    case("binary_cross_entropy_with_logits_weighted",
         lambda x, t, w, p: F.binary_cross_entropy_with_logits(x, t, w.detach(), pos_weight=p.detach(), reduction="sum"),
         x=logits, t=t, w=w, p=v)
    case("dice_loss", lambda x, t: dice(x, t, 1.0), x=p, t=t)

    logits, t = data(2, 3, 2, 2, low=-2, high=2), data(2, 3, 2, 2, low=0, high=1, seed=1)
    w = data(3, low=0.2, high=1.5, seed=2)
    case("cross_entropy_probabilities", F.cross_entropy, x=logits, t=t)
    case("cross_entropy_probabilities_weighted",
         lambda x, t, w: F.cross_entropy(x, t, w.detach(), label_smoothing=0.1, reduction="none"), x=logits, t=t, w=w)
    labels = integers(2, 2, 2, below=3)
    labels[0, 1, 1] = 255
    case("nll_loss", lambda x, t: F.nll_loss(x, t, ignore_index=255), x=logits, t=labels)
    case("nll_loss_weighted", lambda x, w, t: F.nll_loss(x, t, w.detach(), ignore_index=255, reduction="none"),
         x=logits, w=w, t=labels)

    case("cosine_similarity", F.cosine_similarity, a=data(3, 5), b=data(3, 5, seed=1))
    case("cosine_similarity_broadcast", lambda a, b: F.cosine_similarity(a, b, dim=-1), a=data(2, 1, 4), b=data(3, 4, seed=1))

    q, k, v = data(2, 3, 4), data(2, 5, 4, seed=1), data(2, 5, 2, seed=2)
    case("attention", F.scaled_dot_product_attention, q=q, k=k, v=v)
    case("attention_causal", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3),
         q=q, k=k, v=v, scale=0.3)
    case("attention_bias", lambda q, k, v, b: F.scaled_dot_product_attention(q, k, v, b), q=q, k=k, v=v,
         b=data(3, 5, seed=3))
    case("attention_mask", lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m != 0), q=q, k=k, v=v,
         m=torch.tensor([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [0, 1, 0, 0, 0]]))
