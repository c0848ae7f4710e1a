#!/usr/bin/env python3
"""Times Loupe's analysis and SAEDashboard's in turn on the same model, dictionary and text, and writes every figure.

usage: analyze_in_turn.py PEER_PYTHON SUITE NAME OUT.json [rounds=3]

PEER_PYTHON is the python of an environment with sae-dashboard (see peer_analyze.py), SUITE a suite of the model demo that
has the dictionary NAME. Runs from the repository's root. The text is the first 65,536 tokens of the bundled books. Each
round runs the peer with its defaults, the peer with the batches that were found fastest, and ./loupe bench analyze.
"""
import gzip, json, os, subprocess, sys, tempfile

python, suite, name, out = sys.argv[1:5]
rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
here = os.path.dirname(os.path.abspath(__file__))
demo = "loupe-demo/src/main/resources/dev/loupe/demo"
rows = []
with tempfile.TemporaryDirectory() as work:
    text = f"{work}/first.jsonl"
    with open(text, "w") as lines:
        characters = 0
        for line in gzip.open(f"{demo}/corpora/books.jsonl.gz", "rt"):
            row = json.loads(line)["text"]
            lines.write(json.dumps({"text": row}) + "\n")
            characters += len(row)
            if characters > 280_000:
                break
    subprocess.run(["./loupe", "convert", f"{suite}/{name}", f"{work}/sae", "--format", "saelens"], check=True,
                   capture_output=True)
    peer = [python, f"{here}/peer_analyze.py", "--model", f"{demo}/models/demo", "--sae", f"{work}/sae", "--corpus", text,
            "--tokens", "65536", "--save"]
    ours = ["./loupe", "bench", "analyze", suite, "--model", "demo", "--corpus", text, "--split", "all", "--tokens", "65536",
            "--only", name, "--json"]
    for turn in range(rounds):
        row = {"turn": turn}
        for key, command in (("peer_defaults", peer), ("peer_large_batches", peer + ["--feature-batch", "2048",
                             "--context-batch", "8"]), ("loupe", ours)):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr)
            row[key] = json.loads(done.stdout)
        row["load"] = os.getloadavg()[0]
        rows.append(row)
        print(turn, {key: row[key].get("seconds", row[key].get("seconds_analysis")) for key in row if key not in ("turn", "load")},
              flush=True)
        json.dump(rows, open(out, "w"), indent=1)
