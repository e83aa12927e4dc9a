#!/usr/bin/env python3
"""Times the nets' frames and training steps in PyTorch on a GPU, in one process and within a time limit, the quick settings first.

  torch_gpu.py [--seconds 240] [--height 480 --width 640] [--repeats 20] [--rotate-mb 128] [--json FILE] [--precision bf16|tf32|strict] [--device cuda|cpu]
Every precision (bf16, TF32, strict fp32) as: eager in both memory layouts, a CUDA graph in the faster one, torch.compile max-autotune. Measured as bench/gpu/times.cpp
does: the median of single calls, each waited for, and per call when ten are sent before the wait; inputs take turns. Appends a line of JSON per setting to FILE.
Exit code 1 if a setting failed; one that the limit leaves no time for is said and is no failure.
"""
import argparse, json, os, signal, statistics, sys, threading, time
import torch
import torch_jobs

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for name, default in (('seconds', 240), ('height', 480), ('width', 640), ('repeats', 20), ('rotate-mb', 128)): p.add_argument('--' + name, type=int, default=default)
p.add_argument('--json'); p.add_argument('--precision', choices=['bf16', 'tf32', 'strict']); p.add_argument('--device', default='cuda', choices=['cuda', 'cpu'])
a = p.parse_args()
begin, gpu, failed = time.monotonic(), a.device == 'cuda', False
device = torch.cuda.get_device_name() if gpu else 'cpu'
sync = torch.cuda.synchronize if gpu else (lambda: None)
torch.manual_seed(0)
pairs = min(64, max(2, int(a.rotate_mb / (8e-6 * a.height * a.width)) + 1))


def make_input(work):
    N = 2 if work == 'segmentation-step' else 1  # batch norm needs two
    image = lambda channels: torch.rand(N, channels, a.height, a.width)
    label = torch.randint(0, 9, (N, a.height, a.width)); label[:, :a.height // 16] = 255
    if work.startswith('segmentation'): return {'y': image(1), 'rgb': image(3), 'label': label}
    return {'y': image(1), 'ir': image(1), 'label': label}


class OutOfTime(BaseException): pass  # no Exception: the compiler must not catch it


def out_of_time(*_): raise OutOfTime


signal.signal(signal.SIGALRM, out_of_time)
last = threading.Timer(a.seconds + 10, lambda: (print('no time left', flush=True), os._exit(int(failed))))  # where a compiler does not look at signals
last.daemon = True; last.start()


def milliseconds(job):
    turn = 0

    def per_call(calls):
        nonlocal turn
        t = time.perf_counter()
        for _ in range(calls): job(turn % pairs); turn += 1
        sync()
        return (time.perf_counter() - t) / calls * 1e3
    for _ in range(5): per_call(1)
    return statistics.median(per_call(1) for _ in range(a.repeats)), statistics.median(per_call(10) for _ in range(max(2, a.repeats // 10)))


def measure(work, engine, precision):
    """Milliseconds of a single call, or None."""
    global failed
    name, left = f'{work}, {engine}, {precision}', int(a.seconds - (time.monotonic() - begin))
    record = {'program': 'torch', 'device': device, 'name': name, 'versions': {'torch': torch.__version__, 'cuda': torch.version.cuda}}
    ms = None
    try:
        if left < 5: raise OutOfTime
        signal.alarm(left)
        if gpu: torch.cuda.reset_peak_memory_stats()
        inputs = [make_input(work) for _ in range(pairs)]
        job, record['settings'] = torch_jobs.make(work, engine, a.device, precision, inputs)
        ms, row = milliseconds(job)
        record.update({'ms': ms, 'ms in a row': row}); text = f'ms {ms:.4g}  ms in a row {row:.4g}'
        if gpu: record['peak_mb'] = torch.cuda.max_memory_allocated() / 1e6
    except OutOfTime: text = record['skipped'] = 'no time left'
    except Exception as error:
        failed = True; text = record['error'] = 'error: ' + ' '.join(str(error).split())[:200]
        print(name, text, file=sys.stderr)
    finally: signal.alarm(0)
    print(f'{name:52s}  {text}', flush=True)
    if a.json:
        with open(a.json, 'a') as out: print(json.dumps(record), file=out)
    if gpu: torch.compiler.reset(); torch.cuda.empty_cache()
    return ms


works = ('fusion-frame', 'fusion-step', 'segmentation-frame', 'segmentation-step', 'joint-step')
settings = [(work, precision) for precision in ([a.precision] if a.precision else ('bf16', 'tf32', 'strict')) for work in works if gpu or precision != 'tf32']
contiguous_wins = {}
for work, precision in settings:
    plain, channels_last = measure(work, 'torch', precision), measure(work, 'torch-channels-last', precision)
    contiguous_wins[work, precision] = plain is not None and channels_last is not None and plain < channels_last
if gpu:
    for work, precision in settings: measure(work, 'torch-graph-contiguous' if contiguous_wins[work, precision] else 'torch-graph', precision)
for work, precision in settings: measure(work, 'torch-compile', precision)
sys.stdout.flush(); os._exit(int(failed))  # without waiting for the compiler's helpers
