#!/usr/bin/env bash
# Checks and measures products on a real GPU: every kernel and two jobs against the CPU, passes and
# the bandwidth of the GPU's memory, several tasks on one GPU, memory. Less than 8 minutes.
#
#     src/test/gpu/check.sh [ROWS]        rows of 784 features to measure with, 2,000,000 by default
#
# Needs a GPU with its driver, a JDK and Maven. 2,000,000 rows take 6.3 GB of the heap and the GPU.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
rows=${1:-2000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LD_LIBRARY_PATH # the stand-in of the tests, if any

say() { printf '\n== %s\n' "$1"; }

say 'the machine'
nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv

say 'building'
mvn -B -q -Denforcer.skip=true -DskipTests package
mvn -B -q -Denforcer.skip=true dependency:build-classpath -DincludeScope=test \
  "-Dmdep.outputFile=$work/classpath"
java=(java -Xmx16g --add-modules=jdk.incubator.vector
  -cp "target/test-classes:target/classes:$(cat "$work/classpath")")
figures=io.github.sparkbilevel.backend.cuda.GpuFigures

say 'kernels and passes'
"${java[@]}" "$figures" "$rows" 784 10 10 4

say 'a wide product (the first layer of a network, 256 units)'
"${java[@]}" "$figures" "$((rows / 10))" 784 256 5 4

if command -v compute-sanitizer > /dev/null; then
  say 'compute-sanitizer'
  for tool in memcheck racecheck; do
    timeout 90 compute-sanitizer --tool "$tool" --error-exitcode 9 --target-processes all \
      "${java[@]}" "$figures" 2000 100 10 1 2 || printf '%s ended with %d\n' "$tool" $?
  done
fi

say 'jobs'
gpu=(--conf spark.driver.resource.gpu.amount=1
  --conf spark.driver.resource.gpu.discoveryScript=conf/gpu-discovery.sh)
objective() { sed -n 's/.*"upperObjective" *: *\([-0-9.eE]*\).*/\1/p' "$1/summary.json" | head -1; }
wrong=0
for job in clean-digits tune-digits; do
  for device in cpu gpu; do
    ./submit.sh "spark-job/$job.conf" "solver.device=$device" "output.path=$work/$job-$device" \
      'baselines=[]' data.partitions=4 -- --master 'local[4]' "${gpu[@]}" > "$work/log" 2>&1 ||
      { tail -5 "$work/log"; exit 1; }
  done
  cpu_value=$(objective "$work/$job-cpu") gpu_value=$(objective "$work/$job-gpu")
  awk -v a="$cpu_value" -v b="$gpu_value" -v job="$job" 'BEGIN {
    off = (a > b ? a - b : b - a) / a
    printf "%s: F on the CPU %s, on the GPU %s, off by %.1e\n", job, a, b, off
    exit off > 1e-5
  }' || wrong=1
done
exit "$wrong"
