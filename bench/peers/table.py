#!/usr/bin/env python3
"""Results of compare.py as a table in Markdown, each of fathom's times beside the fastest peer's of the same dtype, and as bars in an SVG.

  table.py [--svg FILE] RESULT.json ...
Times are medians, ratios medians of pairs; memory is resident, above the loaded program.
"""
import argparse, html, json

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument('results', nargs='+'); p.add_argument('--svg', help='write bars of the ratios to this file')
a = p.parse_args()

works = {'fusion-frame': 'fusion net, one frame', 'fusion-step': 'fusion net, training step', 'segmentation-frame': 'segmentation net, one frame',
         'segmentation-step': 'segmentation net, training step', 'joint-step': 'fusion step guided by the segmentation net'}
dtypes = {'f32': 'float32', 'bf16': 'bfloat16'}
time = lambda s: f'{s:.2f} s' if s >= 1 else f'{s * 1e3:.0f} ms'
memory = lambda mb: f'{mb / 1e3:.2f} GB' if mb >= 1000 else f'{mb:.0f} MB'


def rows(path):
    """(label, ours, peer's name, peer, ratio) for each dtype of ours."""
    file = json.load(open(path)); programs = file['results']
    dtype = lambda d: d.get('dtype') or d['settings']['dtype']
    for ours in (d for d in programs.values() if d['engine'] == 'fathom'):
        peers = [(n, d) for n, d in programs.items() if d['engine'] != 'fathom' and dtype(d) == dtype(ours)]
        if not peers: continue
        name, peer = min(peers, key=lambda item: item[1]['median'])
        batch = f", batch {ours['shape'][0]}" if ours['shape'][0] > 1 else ''
        ratio = sorted(x / y for x, y in zip(ours['seconds'], peer['seconds']))[len(peer['seconds']) // 2]
        yield f"{works[ours['work']]}{batch}, {dtypes[dtype(ours)]}", ours, name, peer, ratio


table = [row for path in a.results for row in rows(path)]
above = lambda d: memory(max(d['peak_mb'] - d['base_mb'], d.get('tensor_peak_mb', 0)))  # small ones hide in what the start took
print('| 480x640 | fathom | the fastest peer | ratio | memory above the program |\n|---|---|---|---|---|')
for label, ours, name, peer, ratio in table:
    print(f"| {label} | {time(ours['median'])} | {name} {time(peer['median'])} | {ratio:.2f} | {above(ours)}, {above(peer)} |")
if a.svg:
    line, left, full = 26, 330, 300
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + full + 190}" height="{line * len(table) + 30}" font-family="sans-serif" font-size="13">',
             '<rect width="100%" height="100%" fill="white"/>']
    for i, (label, ours, name, peer, ratio) in enumerate(table):
        y = 10 + i * line
        parts += [f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{html.escape(label)}</text>',
                  f'<rect x="{left}" y="{y}" width="{full}" height="20" fill="#dddddd"/>',
                  f'<rect x="{left}" y="{y}" width="{full * min(ratio, 1):.0f}" height="20" fill="#2f6f9f"/>',
                  f'<text x="{left + full + 8}" y="{y + 15}">{ratio:.2f} of {html.escape(name)}</text>']
    with open(a.svg, 'w') as f: f.write('\n'.join(parts + ['</svg>', '']))
