#!/usr/bin/env bash
# Times a training step on 1, 2 and 4 ranks of this machine over the loopback: docs/benchmarks/ranks.sh OUT.json
set -euo pipefail
out=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export MASTER_ADDR=127.0.0.1 MASTER_PORT=${MASTER_PORT:-29540}

# bench RANKS GRID OPTIONS...: the result of rank 0 on stdout
bench() {
  local ranks=$1 grid=$2 rank pids=()
  shift 2
  for ((rank = 1; rank < ranks; rank++)); do
    RANK=$rank WORLD_SIZE=$ranks "$root/loupe" bench ranks --ranks "$grid" "$@" >/dev/null 2>&1 &
    pids+=($!)
  done
  RANK=0 WORLD_SIZE=$ranks "$root/loupe" bench ranks --ranks "$grid" "$@" --json
  for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid"; done
}

first=yes
echo '[' >"$out"
for shape in '--d-model 256 --features 2048 --batch 1024' '--d-model 1024 --features 8192 --batch 2048'; do
  for grid in '1 data' '2 data' '2 features' '4 data' '4 features' '4 2x2'; do
    [[ $first == yes ]] || echo ',' >>"$out"
    first=no
    # shellcheck disable=SC2086
    bench $grid $shape --k 50 --threads 1 >>"$out"
  done
done
echo ']' >>"$out"
