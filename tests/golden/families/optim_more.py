"""Paths of parameters and learning rates under torch.optim, by PyTorch in float64: not single operations, so every case is
a function of the first parameter w0 whose result [steps, ...] is what tests/optim/more_test.cpp walks along."""
import torch

from make import data


def path(make, steps=6):
    def run(w0, target):
        w = w0.detach().clone().requires_grad_()
        optimizer = make([w])
        rows = []
        for step in range(steps):
            optimizer.zero_grad()
            # A gradient that shrinks and turns, so that amsgrad and momentum have something to keep.
            loss = (((w - target) ** 2) ** 2).sum() + 0.1 * (w * w).sum()
            (loss * (3 if step == 0 else -0.5 if step == 3 else 1)).backward()
            optimizer.step()
            rows.append(w.detach().clone())
        return torch.stack(rows)
    return run


optimizers = {
    "sgd_dampening": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9, dampening=0.25, weight_decay=1e-2),
    "sgd_maximize": lambda p: torch.optim.SGD(p, lr=1e-4, momentum=0.5, nesterov=True, maximize=True),
    "adam_amsgrad": lambda p: torch.optim.Adam(p, lr=1e-2, amsgrad=True, weight_decay=1e-2),
    "adam_maximize": lambda p: torch.optim.Adam(p, lr=1e-2, maximize=True, weight_decay=1e-2),
    "adamw_amsgrad": lambda p: torch.optim.AdamW(p, lr=1e-2, amsgrad=True),
    "adamw_maximize": lambda p: torch.optim.AdamW(p, lr=1e-2, maximize=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p),
    "rmsprop_all": lambda p: torch.optim.RMSprop(p, lr=1e-2, alpha=0.9, momentum=0.8, centered=True, weight_decay=1e-2),
    "rmsprop_centered": lambda p: torch.optim.RMSprop(p, alpha=0.4, centered=True, maximize=True),
    "rmsprop_momentum": lambda p: torch.optim.RMSprop(p, momentum=0.9),
    "adagrad": lambda p: torch.optim.Adagrad(p),
    "adagrad_all": lambda p: torch.optim.Adagrad(p, lr=0.1, lr_decay=0.1, weight_decay=1e-2,
                                                 initial_accumulator_value=0.5, maximize=True),
}


def rates(make, steps, metric=None):
    def run():
        optimizer = torch.optim.SGD([{"params": [torch.zeros(1)]}, {"params": [torch.zeros(1)], "lr": 0.1}], lr=0.01)
        schedule = make(optimizer)
        rows = []
        for step in range(steps):
            rows.append([group["lr"] for group in optimizer.param_groups])
            optimizer.step()
            schedule.step() if metric is None else schedule.step(metric[step])
        return torch.tensor(rows, dtype=torch.float64)
    return run


def warm_cosine(optimizer):
    from torch.optim import lr_scheduler as s
    return s.SequentialLR(optimizer, [s.LinearLR(optimizer, 0.1, 1, 4), s.CosineAnnealingLR(optimizer, 8, 1e-3)], [5])


metric = [1, 0.9, 0.89995, 0.9, 0.95, 0.91, 0.5, 0.51, 0.52, 0.53, 0.54, 0.55, 0.56, 0.57, 0.4, float("nan"), 0.41, 0.42,
          0.43, 0.44, 0.45, 0.46]


def averages(decay, steps=5):
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    def run(w0, moves):
        net = torch.nn.Linear(4, 6, bias=False, dtype=torch.float64)
        average = AveragedModel(net, multi_avg_fn=None if decay is None else get_ema_multi_avg_fn(decay))
        rows = []
        for step in range(steps):
            with torch.no_grad():
                net.weight.copy_(w0 + (step + 1) * moves)
            average.update_parameters(net)
            rows.append(average.module.weight.detach().clone())
        return torch.stack(rows)
    return run


def cases(case):
    from torch.optim import lr_scheduler as s
    for name, make in optimizers.items():
        run = path(make)
        case(name, run, w0=data(6, 4), target=data(6, 4, seed=1))
    case("multi_step", rates(lambda o: s.MultiStepLR(o, [2, 3, 3, 7], 0.5), 10))
    case("linear", rates(lambda o: s.LinearLR(o), 8))
    case("lambda", rates(lambda o: s.LambdaLR(o, lambda step: 1 / (1 + 0.1 * step)), 8))
    case("cosine_annealing", rates(lambda o: s.CosineAnnealingLR(o, 8, 1e-3), 20))
    case("warm_cosine", rates(warm_cosine, 13))
    case("plateau", rates(lambda o: s.ReduceLROnPlateau(o, "min", 0.5, 2), 22, metric))
    case("plateau_max", rates(lambda o: s.ReduceLROnPlateau(o, "max", 0.1, 1, 0.05, "abs", 2, 1e-4), 22, metric))
    case("average", averages(0.9), w0=data(6, 4), moves=data(6, 4, seed=2))
    case("average_equal", averages(None), w0=data(6, 4), moves=data(6, 4, seed=2))
