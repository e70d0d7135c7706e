#!/usr/bin/env bash
#
# Tells Spark which GPUs this machine has: the discoveryScript of spark.worker.resource.gpu, spark.executor.resource.gpu and
# spark.driver.resource.gpu. Needs nvidia-smi, which comes with NVIDIA's driver.
#
# Workers that share a machine would all be given all of its GPUs. Start each with a share of its own, by the numbers that
# nvidia-smi has for them:
#
#     GPU_DISCOVERY_ONLY=0,1

set -euo pipefail

fail() { # SENTENCE
  printf 'gpu-discovery: %s\n' "$1" >&2
  exit 1
}

command -v nvidia-smi > /dev/null ||
  fail 'nvidia-smi was not found; install the driver of the GPU, or leave out the settings spark.*.resource.gpu.*'
found=$(nvidia-smi --query-gpu=index --format=csv,noheader) ||
  fail 'nvidia-smi failed, its words are above; check the driver of the GPU.'

addresses=
number=
while read -r number; do
  [[ -n $number ]] || continue
  [[ $number =~ ^[0-9]+$ ]] || fail "nvidia-smi called a GPU '$number', a number was expected; check the driver of the GPU."
  if [[ -n ${GPU_DISCOVERY_ONLY:-} && ",${GPU_DISCOVERY_ONLY// /}," != *",$number,"* ]]; then continue; fi
  addresses+="${addresses:+, }\"$number\""
done <<< "$found"
[[ -n $addresses ]] ||
  fail "there is no GPU${GPU_DISCOVERY_ONLY:+ among those of GPU_DISCOVERY_ONLY=$GPU_DISCOVERY_ONLY}; nvidia-smi lists: ${found//$'\n'/, }."
printf '{"name": "gpu", "addresses": [%s]}\n' "$addresses"
