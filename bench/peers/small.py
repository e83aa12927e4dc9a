#!/usr/bin/env python3
"""Small works and matrix products in PyTorch, in turn with bench_small: rounds of both, the least and the median of each.

  small.py PROGRAM [--threads 1] [--rounds 7] [--seconds 0.05] [--json FILE]
Example: python small.py build/release/bin/bench_small --json small.json
"""
import argparse, json, statistics, subprocess, tempfile, time
import torch
import torch.nn.functional as F

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument('program'); p.add_argument('--threads', type=int, default=1); p.add_argument('--rounds', type=int, default=7)
p.add_argument('--seconds', type=float, default=0.05); p.add_argument('--json')
a = p.parse_args()
torch.set_num_threads(a.threads); torch.manual_seed(1)


def measure(f):  # as bench/support/timing.hpp
    start = time.perf_counter(); f(); first = time.perf_counter() - start
    calls, samples, begin = max(1, int(50e-6 / first) + 1), [], time.perf_counter()
    while len(samples) < (1 if first > a.seconds else 3) or time.perf_counter() - begin < a.seconds:
        start = time.perf_counter()
        for _ in range(calls): f()
        samples.append((time.perf_counter() - start) / calls * 1e6)
    return min(samples), statistics.median(samples)


def mlp(batch, train):
    net = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    x, labels, sgd = torch.randn(batch, 784), torch.zeros(batch, dtype=torch.int64), torch.optim.SGD(net.parameters(), lr=1e-2)

    def step():
        loss = F.cross_entropy(net(x), labels)
        sgd.zero_grad(); loss.backward(); sgd.step()

    def infer():
        with torch.inference_mode(): net(x)
    return step if train else infer


def matmul(n):
    x, y = torch.randn(n, n), torch.randn(n, n)
    return lambda: x @ y


def chain():
    y = p8
    for _ in range(10_000): y = y + q8
    y.sum().backward()


x8, y8 = torch.randn(8), torch.randn(8)
p8, q8 = torch.randn(8, requires_grad=True), torch.randn(8, requires_grad=True)
works = {'add of 8': lambda: x8 + y8, 'add of 8, recorded': lambda: p8 + q8,
         'four operations on 8, forward and backward': lambda: (p8 * q8 + p8).relu().square().mean().backward(),
         'one of 10,000 additions, forward and backward': chain}
for train in (True, False):
    for batch in (64, 1): works[f'MLP 784-128-10, {"SGD step" if train else "inference"}, batch {batch}'] = mlp(batch, train)
for n in (64, 128, 256, 512, 1024, 2048): works[f'matmul {n}'] = matmul(n)

ours, theirs, machine = {}, {}, None
for _ in range(a.rounds):
    with tempfile.NamedTemporaryFile(suffix='.json') as f:
        subprocess.run([a.program, '--threads', str(a.threads), '--seconds', str(a.seconds), '--json', f.name], check=True, stdout=subprocess.DEVNULL)
        d = json.load(open(f.name))
    machine = d['machine']
    for r in d['results']: ours.setdefault(r['work'], []).append((r['least_us'], r['median_us']))
    for name, f in works.items():
        scale = 10_000 if f is chain else 1
        theirs.setdefault(name, []).append([t / scale for t in measure(f)])
rows = []
for name in works:
    row = {'work': name}
    for who, of in (('fathom', ours), ('pytorch', theirs)):
        row[who] = {'least_us': min(t[0] for t in of[name]), 'median_us': statistics.median(t[1] for t in of[name])}
    row['ratio_of_medians'] = statistics.median(x[1] / y[1] for x, y in zip(ours[name], theirs[name]))
    row['ratio_of_leasts'] = row['fathom']['least_us'] / row['pytorch']['least_us']
    rows.append(row)
    print(f'{name:48s} {row["fathom"]["least_us"]:12.3f} {row["pytorch"]["least_us"]:12.3f}   of the least {row["ratio_of_leasts"]:.3f}   of medians {row["ratio_of_medians"]:.3f}')
if a.json:
    how = f'bench/peers/small.py, {a.rounds} rounds in turn; PyTorch {torch.__version__} from Python; ratios: fathom / PyTorch'
    json.dump({'how': how, 'threads': a.threads, 'machine': machine, 'results': rows}, open(a.json, 'w'), indent=1)
