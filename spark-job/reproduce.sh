#!/usr/bin/env bash
#
# Runs what docs/reproductions.md reports, one after the other, and says how long each took.
#
#   MNIST=FOLDER IJCNN1=FOLDER spark-job/reproduce.sh [OUTPUT_FOLDER]
#
# The folders are those that datasets/fetch.sh fills, datasets/mnist and datasets/ijcnn1 unless set.
# Outputs and logs of all runs go to OUTPUT_FOLDER, out/reproductions unless given.

set -uo pipefail

ROOT=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
OUT=${1:-$ROOT/out/reproductions}
MNIST=${MNIST:-$ROOT/datasets/mnist}
IJCNN1=${IJCNN1:-$ROOT/datasets/ijcnn1}
readonly ROOT OUT MNIST IJCNN1

for folder in "$MNIST" "$IJCNN1"; do
  if [[ ! -d $folder ]]; then
    printf 'error: there is no folder %s; run datasets/fetch.sh, or set MNIST and IJCNN1.\n' "$folder" >&2
    exit 3
  fi
done
mkdir -p -- "$OUT" || exit 1

worst=0

timed() { # NAME COMMAND...
  local name=$1 start=$SECONDS code=0
  shift
  "$@" > "$OUT/$name.log" 2>&1 || code=$?
  printf '%-24s %5d s  %s\n' "$name" $((SECONDS - start)) \
    "$( ((code == 0)) && echo done || echo "failed with exit code $code, see $OUT/$name.log")"
  if ((code != 0 && worst == 0)); then worst=$code; fi
}

job() { # NAME JOB_FILE key=value...
  local name=$1 file=$2
  shift 2
  timed "$name" "$ROOT/submit.sh" "$ROOT/spark-job/$file" "output.path=$OUT/$name" output.overwrite=true "$@"
}

conditionNumbers() {
  cd -- "$ROOT" && mvn -B -q -Pbench test-compile exec:exec -Dbench.main=io.github.sparkbilevel.bench.ConditionNumber \
    -Dbench='30,100,300,1000,3000,10000 nbo,nbo-gd,amigo,aid-cg,one-step,unrolled,lbfgs'
}

job penalties-ijcnn1 benchmark-ijcnn1.conf "vars.ijcnn1=$IJCNN1"
timed condition-numbers conditionNumbers
for percent in 50 70 90; do
  job "cleaning-$percent" clean-mnist.conf "vars.mnist=$MNIST" data.train.limit=20000 data.validation.rows=1000 \
    data.corrupt.kind=uniform "data.corrupt.fraction=0.$percent" 'baselines=[noisy,trusted,cleaned]'
done
job arena-mnist arena-mnist.conf "vars.mnist=$MNIST" 'arena.trusted=[100,300,1000]' arena.repetitions=1
printf '%-24s %5d s\n' 'all' $SECONDS
exit $worst
