#!/usr/bin/env bash
# Compiles the kernels to the PTX that the jar holds; drivers compile it for the GPU at hand.
#
#     src/main/cuda/build.sh [OUTPUT]
#
# Needs nvcc of CUDA 12 or newer. The PTX is for compute capability 7.5 and newer. nvcc writes its
# own version of PTX, which older drivers refuse, although nothing newer than 7.8 (CUDA 11.8) is
# used; so the version is set to that.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
resources=$here/../resources
out=${1:-$resources/io/github/sparkbilevel/backend/cuda/products.ptx}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nvcc -std=c++17 -O3 --ptx -arch=compute_75 -diag-suppress 177 -o "$work/products.ptx" "$here/products.cu"
# Of the comments at the top only the one that names the compiler stays, not its build.
sed -e '/^\/\/ Cuda compilation tools/p' -e '/^\/\//d' -e 's/^\.version .*/.version 7.8/' \
  "$work/products.ptx" >"$out"
