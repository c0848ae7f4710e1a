#!/usr/bin/env bash
# Makes the results again that docs/results.md tells of: four suites of the bundled model, the same of the model with
# weights drawn anew, every evaluation of them, and the figures of docs/results.
#   docs/results/measure.sh RUNS [FIGURES]
# RUNS     a folder for suites and reports; what is there and whole is not made again
# FIGURES  a folder that gets the figures (default: none is copied); docs/results for the project's own
# All commands are ordinary ones, so that each can be run alone. It takes no other machine's times as its own: those of
# its steps go to RUNS/times.txt, with the processor's time, which other work on the machine changes little.
set -eu

loupe=$(cd "$(dirname "$0")/../.." && pwd -P)/loupe
runs=$1
figures=${2-}
mkdir -p "$runs"

# --- what is run, and how long it took ---------------------------------------------------------------------------------

timed() {
  local TIMEFORMAT="%0R s, %0U s of processors: $(basename "$1") $(shift && echo "$*" | sed "s|$runs/||g")"
  { time "$@" 2>&3; } 3>&2 2>>"$runs/times.txt"
}

# train MODEL SUITE OPTIONS: one suite; a run that was stopped goes on, a whole one stays
train() {
  model=$1
  suite=$runs/$2
  shift 2
  if [ -d "$suite/resume" ]; then set -- "$@" --resume; elif [ -e "$suite/suite.json" ]; then return 0; fi
  timed "$loupe" train --model "$model" --corpus demo --out "$suite" "$@"
}

# suites MODEL SUFFIX
suites() {
  train "$1" "demo$2" --recipe demo --tokens 600k
  train "$1" "sweep$2" --layers 1,3,5 --sites R --k 8,16,32 --l1 0.0001,0.0002,0.0004,0.0008 --recipe demo --tokens 300k
  train "$1" "widths$2" --layers 1,3,5 --sites R --expansions 4,8,32 --recipe demo --tokens 300k
  train "$1" "seeds$2" --dictionaries L3R-8x --seed 0-1 --set k_anneal_share=0,0.1 --recipe demo --tokens 300k
}

# report SUITE OPTIONS: what a suite's report lacks, and the report
report() {
  suite=$1
  shift
  timed "$loupe" report "$runs/$suite" --out "$runs/report/$suite" --measure --corpus demo "$@"
}

# copy SUITE FIGURE [NAME]
copy() {
  [ -z "$figures" ] || cp "$runs/report/$1/svg/$2.svg" "$figures/${3-$2}.svg"
}

# --- the runs ----------------------------------------------------------------------------------------------------------

suites demo ""
suites demo-random -random

# a fine-tune of a model that knows nothing does not exist, nor do its longer contexts say anything
report demo-random --model demo-random --parts evaluation,positions,analysis,geometry,probing,absorption
report sweep-random --model demo-random --parts evaluation
report widths-random --model demo-random --parts evaluation,analysis,geometry,splitting
report seeds-random --model demo-random --parts evaluation,geometry

report demo --model demo --beside "$runs/demo-random" --tuned demo-chat --tuned-corpus demo-chat
report sweep --model demo --beside "$runs/sweep-random" --parts evaluation
report widths --model demo --beside "$runs/widths-random" --parts evaluation,analysis,geometry,splitting
report seeds --model demo --beside "$runs/seeds-random" --parts evaluation,geometry

# the features around one, which take the place of those that a report chooses
timed "$loupe" geometry "$runs/demo" --features L2R-8x/323 --neighbours 2
timed "$loupe" report "$runs/demo" --out "$runs/report/map"

copy demo by-layer
copy demo gates
copy demo by-position
copy demo transfer
copy demo probing-accuracy
copy demo dead-features
copy map map
copy sweep frontier
copy widths firing-rates
copy widths cosines
copy widths splitting-l3r-4x-l3r-32x splitting
copy seeds annealing
