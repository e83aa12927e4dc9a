#!/usr/bin/env python3
"""What a step and a fork of parallel_for cost beside 0, 2 and 6 busy processes, on fathom's own threads and on OpenMP's, alternating.

  beside.py [--bin build/release/bin] [--busy 0,2,6] [--repeats 3] [--steps 20] [--json FILE]
A step is bench_e2e's fusion-step at 120x160. On p processors, two threads beside k busy processes have a fair share of p / (k + 2) at best:
a step may take (k + 2) / p times as long as on a quiet machine. Wanted: at most 1.25 times that, and quiet no slower than OpenMP.
Run it on a machine that does nothing else.
"""
import argparse, json, os, platform, re, statistics, subprocess, sys

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument('--bin', default='build/release/bin'); p.add_argument('--busy', default='0,2,6'); p.add_argument('--repeats', type=int, default=3)
p.add_argument('--steps', type=int, default=20); p.add_argument('--json')
a = p.parse_args()
busy_counts = [int(k) for k in a.busy.split(',')]
executors = {'own': '', 'openmp': '_openmp'}
environment = {name: value for name, value in os.environ.items() if not name.startswith(('OMP_', 'GOMP_', 'KMP_'))}


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode: sys.exit(f'{" ".join(command)}: {done.stderr.strip()}')
    return done.stdout


def measured(suffix):
    step = json.loads(output(f'{a.bin}/bench_e2e{suffix}', 'fusion-step', '--height', '120', '--width', '160', '--threads', '2', '--repeats', str(a.steps)))
    return {'step_ms': statistics.mean(step['seconds']) * 1e3, **json.loads(output(f'{a.bin}/bench_threads{suffix}'))}


def combined(runs):
    """The median over runs of every number."""
    return {key: combined([run[key] for run in runs]) if isinstance(value, dict) else round(statistics.median(run[key] for run in runs), 2)
            for key, value in runs[0].items()}


def machine():
    cpu = re.search(r'model name\s*: (.*)', open('/proc/cpuinfo').read())
    cache = open(f'{a.bin}/../CMakeCache.txt').read()
    cached = lambda name: re.search(rf'^{name}:\w+=(.*)$', cache, re.M).group(1)
    return {'cpu': cpu.group(1) if cpu else platform.machine(), 'processors': os.cpu_count(), 'system': platform.platform(),
            'compiler': output(cached('CMAKE_CXX_COMPILER'), '--version').splitlines()[0], 'flags': cached('CMAKE_CXX_FLAGS_RELEASE'),
            'commit': output('git', 'describe', '--always', '--dirty').strip()}


results = []
for count in busy_counts:
    runs = {name: [] for name in executors}
    others = [subprocess.Popen([sys.executable, '-c', 'while True: pass']) for _ in range(count)]
    try:
        for _ in range(a.repeats):
            for name, suffix in executors.items(): runs[name].append(measured(suffix))
    finally:
        for other in others: other.kill(); other.wait()
    for name in executors:
        result = {'busy': count, 'executor': name, **combined(runs[name])}
        quiet = next((r['step_ms'] for r in results if r['busy'] == 0 and r['executor'] == name), result['step_ms'])
        result['slowdown'] = round(result['step_ms'] / quiet, 2)
        result['fair'] = max(1, (count + 2) / os.cpu_count())
        results.append(result)
        print(f'{count} busy  {name:7s} step {result["step_ms"]:8.1f} ms, {result["slowdown"]:5.2f} times the quiet one (fair {result["fair"]:g});  fork '
              f'{result["fork_join_back_to_back"]["median_us"]:.1f} us, after 20 us {result["fork_join_after_20_us"]["median_us"]:.1f}, after 1 ms '
              f'{result["fork_join_after_1_ms"]["median_us"]:.1f};  8 regions of 50 us {result["eight_regions_of_50_us"]["median_us"]:.0f} us', flush=True)
if a.json:
    with open(a.json, 'w') as f: json.dump({'how': 'bench/threads/beside.py, executors alternating; medians over repeats', 'machine': machine(), 'results': results}, f, indent=1)
