#!/usr/bin/env python3
"""Time per token as dictionaries go from 1 to 24 and as F goes from 4x to 32x: trains, reads timing.jsonl, draws.

usage: scaling.py WORK_DIR    (from the repository's root; writes docs/benchmarks/scaling.json and scaling.svg)
"""
import json, os, subprocess, sys

work = sys.argv[1]
here = os.path.dirname(os.path.abspath(__file__))
TOKENS = 60_000

def train(name, *which):
    folder = f"{work}/{name}"
    subprocess.run(["./loupe", "train", "--model", "demo", "--corpus", "demo", "--out", folder, "--tokens", str(TOKENS),
                    "--set", "calibration_tokens=2048", "--checkpoint-every", "never", *which], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    first = next(n for n in sorted(os.listdir(folder)) if os.path.isdir(f"{folder}/{n}/checkpoints"))
    lines = [json.loads(l) for l in open(f"{folder}/{first}/timing.jsonl")]
    half = lines[len(lines) // 2]  # the first half is left out: K anneals, the JVM compiles
    end = lines[-1]
    steps = end["step"] - half["step"]
    return (end["seconds"] - half["seconds"]) / (steps * 512) * 1e6

counts = [("1", "--layers", "2", "--sites", "R"), ("4", "--layers", "2", "--sites", "R,A,M,TC"),
          ("12", "--layers", "1-3", "--sites", "R,A,M,TC"), ("24", "--layers", "all", "--sites", "R,A,M,TC")]
result = {"tokens": TOKENS, "unit": "microseconds a token",
          "dictionaries": {c[0]: round(train("n" + c[0], "--expansions", "8", *c[1:]), 1) for c in counts},
          "expansion": {str(e): round(train(f"e{e}", "--expansions", str(e), "--layers", "2", "--sites", "R"), 1)
                        for e in (4, 8, 16, 32)}}
json.dump(result, open(f"{here}/scaling.json", "w"), indent=1)

def panel(x0, title, label, points):
    top = max(points.values()) * 1.1
    width, height, bottom = 300, 180, 230
    xs = [x0 + 50 + width * i / (len(points) - 1) for i in range(len(points))]
    ys = [bottom - height * v / top for v in points.values()]
    svg = [f'<text x="{x0 + 50}" y="24" font-weight="bold">{title}</text>',
           f'<line x1="{x0 + 50}" y1="{bottom}" x2="{x0 + 50 + width}" y2="{bottom}" stroke="#888"/>',
           f'<polyline fill="none" stroke="#2563eb" stroke-width="2" points="{" ".join(f"{x:.0f},{y:.0f}" for x, y in zip(xs, ys))}"/>']
    for x, y, (k, v) in zip(xs, ys, points.items()):
        svg += [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3.5" fill="#2563eb"/>',
                f'<text x="{x:.0f}" y="{y - 10:.0f}" text-anchor="middle">{v:.0f}</text>',
                f'<text x="{x:.0f}" y="{bottom + 18}" text-anchor="middle" fill="#555">{k}</text>']
    svg.append(f'<text x="{x0 + 50 + width / 2}" y="{bottom + 40}" text-anchor="middle" fill="#555">{label}</text>')
    return svg

body = panel(0, "microseconds a token", "dictionaries (8x)", result["dictionaries"]) \
     + panel(400, "microseconds a token", "features of one dictionary, times d", result["expansion"])
open(f"{here}/scaling.svg", "w").write(
    '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="290" font-family="sans-serif" font-size="13">'
    '<rect width="800" height="290" fill="white"/>' + "".join(body) + "</svg>\n")
print(json.dumps(result))
