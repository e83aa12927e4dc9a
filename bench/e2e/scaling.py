#!/usr/bin/env python3
"""Whether the cost of a work is linear in its pixels: time per pixel of other sizes and batches against 480x640, and one thread against two.

  scaling.py [--bin build/release/bin] [--repeats 5] [--json FILE] [WORK[:DTYPE] ...]
Each pair alternates (bench/peers/compare.py); ratios are medians of pairs. Run it on a machine that does nothing else.
"""
import argparse, json, os, subprocess, sys, tempfile

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument('works', nargs='*'); p.add_argument('--bin', default='build/release/bin'); p.add_argument('--repeats', type=int, default=5); p.add_argument('--json')
a = p.parse_args()
works = a.works or ['fusion-frame', 'fusion-frame:bf16', 'segmentation-frame', 'segmentation-frame:bf16', 'fusion-step', 'segmentation-step']
compare = os.path.join(os.path.dirname(__file__), '../peers/compare.py')


def ratio(work, dtype, other, reference):
    """Time of `other` over the time of `reference`, each (batch, height, width, threads), and seconds of both."""
    command = lambda c: (f'{a.bin}/bench_e2e {work} --dtype {dtype} --batch {c[0]} --height {c[1]} --width {c[2]} --threads {c[3]} --serve')
    with tempfile.NamedTemporaryFile(suffix='.json') as file:
        done = subprocess.run([sys.executable, compare, '--repeats', str(a.repeats), '--json', file.name, f'other={command(other)}', f'reference={command(reference)}'],
                              capture_output=True, text=True)
        if done.returncode: sys.exit(done.stdout + done.stderr)
        result = json.load(open(file.name))
    return result['reference']['ratio_of_first'], result['other']['median'], result['reference']['median']


results = []
print('work                     batch   size      threads   time       per pixel of 480x640')
for item in works:
    work, dtype = (item.split(':') + ['f32'])[:2]
    least = 2 if work == 'segmentation-step' else 1  # batch norm needs two images
    reference = (least, 480, 640, 2)
    cases = [(least, h, w, 2) for h, w in ((240, 320), (481, 643), (768, 1024), (1080, 1920))]
    cases += [(n, 480, 640, 2) for n in (4, 16)] + [(least, 480, 640, 1)]
    if work.endswith('step'): cases.remove((16, 480, 640, 2)), cases.insert(5, (16, 128, 160, 2))  # what fits into memory
    for case in cases:
        r, seconds, of = ratio(work, dtype, case, reference)
        pixels = case[0] * case[1] * case[2] / (reference[0] * reference[1] * reference[2])
        results.append({'work': work, 'dtype': dtype, 'batch': case[0], 'height': case[1], 'width': case[2], 'threads': case[3], 'seconds': seconds,
                        'reference_seconds': of, 'per_pixel': round(r / pixels, 3)})
        print(f'{item:24s} {case[0]:5d}   {case[1]:4d}x{case[2]:<5d} {case[3]:5d} {seconds * 1e3:9.1f} ms   {r / pixels:.3f}', flush=True)
if a.json:
    with open(a.json, 'w') as f: json.dump({'repeats': a.repeats, 'results': results}, f, indent=1), f.write('\n')
