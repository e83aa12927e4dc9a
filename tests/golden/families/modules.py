"""Recurrent layers and attention as modules: weights are inputs by their names, the output is all results in one row."""
import torch

from make import data


def cases(case):
    def module(name, made, call, **inputs):
        weights = {n: data(*p.shape, low=-0.5, high=0.5, seed=50 + i) for i, (n, p) in enumerate(made.named_parameters())}
        made = made.double()
        given = list(inputs)

        def run(*tensors):
            values = dict(zip(list(weights) + given, tensors))
            own = {n: values[n] for n in weights}
            results = torch.func.functional_call(made, own, tuple(call(*(values[n] for n in given))[0]),
                                                 call(*(values[n] for n in given))[1])
            flat = []

            def walk(r):
                if isinstance(r, torch.Tensor):
                    flat.append(r.flatten())
                elif r is not None:
                    for part in r:
                        walk(part)

            walk(results)
            return torch.cat(flat)

        case(name, run, **weights, **inputs)

    torch.manual_seed(0)
    x = data(4, 2, 3)
    module("lstm", torch.nn.LSTM(3, 5, num_layers=2), lambda x, h, c: ((x, (h, c)), {}), x=x, h=data(2, 2, 5, seed=1),
           c=data(2, 2, 5, seed=2))
    module("lstm_plain", torch.nn.LSTM(3, 2, bias=False, batch_first=True), lambda x: ((x,), {}), x=data(2, 4, 3))
    module("gru", torch.nn.GRU(3, 5, num_layers=2), lambda x, h: ((x, h), {}), x=x, h=data(2, 2, 5, seed=1))
    module("gru_unbatched", torch.nn.GRU(3, 2), lambda x: ((x,), {}), x=data(4, 3))
    module("lstm_bidirectional", torch.nn.LSTM(3, 2, num_layers=2, bidirectional=True, batch_first=True),
           lambda x, h, c: ((x, (h, c)), {}), x=data(2, 4, 3), h=data(4, 2, 2, seed=1), c=data(4, 2, 2, seed=2))
    module("gru_bidirectional", torch.nn.GRU(3, 2, bidirectional=True), lambda x: ((x,), {}), x=data(4, 3))
    module("attention_self", torch.nn.MultiheadAttention(6, 2, batch_first=True), lambda x: ((x, x, x), {}), x=data(2, 3, 6))
    module("attention_cross", torch.nn.MultiheadAttention(6, 3, bias=False),
           lambda q, k, v: ((q, k, v), {"average_attn_weights": False}), q=data(3, 2, 6), k=data(4, 2, 6, seed=1),
           v=data(4, 2, 6, seed=2))
    padding = torch.tensor([[False, False, True], [False, True, False]])
    mask = torch.tensor([[False, True, False], [False, False, True], [False, False, False]])
    module("attention_masked", torch.nn.MultiheadAttention(6, 2, batch_first=True),
           lambda x: ((x, x, x), {"key_padding_mask": padding, "attn_mask": mask}), x=data(2, 3, 6))
    module("attention_unbatched", torch.nn.MultiheadAttention(6, 2), lambda x: ((x, x, x), {"need_weights": False}), x=data(3, 6))
