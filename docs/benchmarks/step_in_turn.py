#!/usr/bin/env python3
"""Times Loupe's training step and a peer's in turn, and writes every figure.

usage: step_in_turn.py PEER_PYTHON OUT.json [rounds=3] [peer=sparsify]

PEER_PYTHON is the python of an environment that has the peer (see peer_sae_step.py). Runs from the
repository's root. Each round runs the peer, then ./loupe bench step, at each size.
"""
import json, os, re, subprocess, sys

python, out = sys.argv[1], sys.argv[2]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
peer = sys.argv[4] if len(sys.argv) > 4 else "sparsify"
sizes = [(576, 4608), (1024, 16384), (2048, 32768)]
here = os.path.dirname(os.path.abspath(__file__))
rows = []
for turn in range(rounds):
    for d, f in sizes:
        text = subprocess.run(
            [python, f"{here}/peer_sae_step.py", peer, str(d), str(f), "2048", "6"],
            env=dict(os.environ, SPARSIFY_DISABLE_TRITON="1"), capture_output=True, text=True).stdout
        found = re.search(r"median step ([\d.]+) s.*peak ([\d.]+) GB", text)
        ours = json.loads(subprocess.run(
            ["./loupe", "bench", "step", "--d-model", str(d), "--features", str(f), "--k", "50", "--batch", "2048",
             "--repeats", "9", "--json"], capture_output=True, text=True).stdout)
        row = {"turn": turn, "d_model": d, "features": f, "peer": peer,
               "peer_seconds": float(found[1]), "peer_peak_gb": float(found[2]),
               "ratio": round(float(found[1]) / ours["median_step_seconds"], 3), "loupe": ours,
               "load": os.getloadavg()[0]}
        rows.append(row)
        print(json.dumps({k: v for k, v in row.items() if k != "loupe"}), ours["median_step_seconds"], flush=True)
json.dump(rows, open(out, "w"), indent=1)
