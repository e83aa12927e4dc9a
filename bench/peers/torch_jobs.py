"""The works of peer.py and torch_gpu.py in PyTorch: which net, which precision, which engine. The nets are in nets.py."""
import torch
import nets


def make(work, engine, dev, precision, inputs):
    """A function job(i), which does the work once on inputs[i] (y, ir, rgb, label) without waiting for the device, and its settings as a dictionary.

    engine: torch, torch-channels-last, torch-compile (channels-last too; max-autotune on a GPU), torch-graph (channels-last, a CUDA graph of all that
    a job does; torch-graph-contiguous is the same in PyTorch's default layout). precision: strict (fp32), tf32, bf16 (a frame's net in bfloat16 throughout, a step in autocast).
    """
    fmt = torch.contiguous_format if engine in ('torch', 'torch-graph-contiguous') else torch.channels_last
    graph, gpu = engine.startswith('torch-graph'), dev == 'cuda'
    settings = {'memory_format': str(fmt), 'precision': precision}
    if gpu:
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision != 'strict'
        settings['cudnn_benchmark'] = True
    frame = work.endswith('frame')
    dtype = torch.bfloat16 if frame and precision == 'bf16' and gpu else torch.float32
    put = lambda t: t.to(dev, dtype).contiguous(memory_format=fmt) if t.dim() == 4 else t.to(dev)
    fusion, seg = nets.FusionNet().to(dev, dtype, memory_format=fmt), nets.SegmentationNet().to(dev, dtype, memory_format=fmt)
    content = nets.FusionLoss().to(dev)
    if engine == 'torch-compile': settings['compile'] = 'max-autotune' if gpu else 'default'
    wrap = (lambda f: torch.compile(f, mode=settings['compile'])) if engine == 'torch-compile' else (lambda f: f)
    cast = lambda: torch.autocast(dev, torch.bfloat16, enabled=precision == 'bf16' and dtype == torch.float32)
    N, _, H, W = inputs[0]['y'].shape

    if frame:
        names = ('y', 'ir') if work == 'fusion-frame' else ('rgb',)
        f = wrap((fusion if work == 'fusion-frame' else seg).eval())

        def once(*args):
            with torch.no_grad(), cast(): return f(*args)
    else:
        fused = {'fused': True} if gpu else {}
        if work == 'segmentation-step':
            names = ('rgb', 'label')
            opt = torch.optim.SGD(seg.parameters(), lr=1e-4, momentum=.9, weight_decay=5e-4, **fused); seg.train(); n = N * H * W // 16

            def loss(x, label):
                with cast(): o, o16 = seg(x)
                return nets.ohem(o.float(), label, n) + .75 * nets.ohem(o16.float(), label, n)
        else:
            names = ('y', 'ir', 'label') if work == 'joint-step' else ('y', 'ir')
            opt = torch.optim.Adam(fusion.parameters(), lr=1e-4, capturable=graph, **fused); n = N * H * W // 8; seg.eval().requires_grad_(False)
            cr, cb = (torch.rand(N, 1, H, W, device=dev) - .5 for _ in range(2))

            def loss(y, ir, label=None):
                with cast(): f = fusion(y, ir)
                f = f.float(); l = content(y, ir, f)
                if work == 'joint-step':
                    x = torch.cat((f + 1.403 * cr, f - .714 * cr - .344 * cb, f + 1.773 * cb), 1).clamp(0, 1)
                    with cast(): o, o16 = seg(x)
                    l = l + nets.ohem(o.float(), label, n) + .1 * nets.ohem(o16.float(), label, n)
                return l
        f = wrap(loss)

        def once(*args):
            opt.zero_grad(); f(*args).backward(); opt.step()

    turns = [[put(i[name]) for name in names] for i in inputs]
    if not graph:
        if engine == 'torch-compile' and gpu:  # a new iteration may reuse the memory of the last one's graph
            return (lambda i: (torch.compiler.cudagraph_mark_step_begin(), once(*turns[i]), None)[-1]), settings
        return (lambda i: (once(*turns[i]), None)[-1]), settings

    still = [t.clone(memory_format=torch.preserve_format) for t in turns[0]]  # a graph reads the same memory every time
    side = torch.cuda.Stream(); side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3): once(*still)
    torch.cuda.current_stream().wait_stream(side)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured): kept = once(*still)  # noqa: F841: the result's memory belongs to the graph

    def replay(i):
        for to, source in zip(still, turns[i]): to.copy_(source)
        captured.replay()
    return replay, settings
