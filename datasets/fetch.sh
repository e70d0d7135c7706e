#!/usr/bin/env bash
#
# Downloads public data sets in their original form into this folder.
#
#   datasets/fetch.sh NAME...      NAME: mnist ijcnn1 reuters w8a sector rcv1, or all
#
# DATASETS_BASE_URL, when set, is where all files are taken from instead of their publishers: a mirror, or file:///some/folder.
# A file is checked against the SHA-256 below. Of files whose publisher names none, the hash of the first download is
# noted in SHA256SUMS.local, so that a later download that differs is found.

set -euo pipefail

here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
readonly here
readonly NOTED=$here/SHA256SUMS.local
readonly MNIST=https://ossci-datasets.s3.amazonaws.com/mnist
readonly LIBSVM=https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets
readonly TICK=https://raw.githubusercontent.com/X-DataInitiative/tick-datasets # then the commit that holds the file

fail() {
  printf 'error: %s\n' "$1" >&2
  exit "${2:-1}"
}

usage() {
  while IFS= read -r line; do
    case $line in
      '#!'*) ;;
      '#'*)
        line=${line#\#}
        printf '%s\n' "${line# }"
        ;;
      *) break ;;
    esac
  done < "${BASH_SOURCE[0]}"
}

sha256() { # FILE
  local sum rest
  if command -v sha256sum > /dev/null; then
    read -r sum rest < <(sha256sum < "$1")
  else
    read -r sum rest < <(shasum -a 256 < "$1")
  fi
  printf '%s' "$sum"
}

noted_hash() { # NAME/FILE
  local sum file
  [[ -r $NOTED ]] || return 0
  while read -r sum file; do
    if [[ $file == "$1" ]]; then printf '%s' "$sum"; fi
  done < "$NOTED"
}

partial=
trap 'if [[ -n $partial ]]; then rm -f -- "$partial"; fi' EXIT

get() { # NAME URL SHA256-OR-EMPTY
  local name=$1 url=$2 expected=$3 file=${2##*/} found
  if [[ -n ${DATASETS_BASE_URL:-} ]]; then url=${DATASETS_BASE_URL%/}/$name/$file; fi
  local path=$here/$name/$file origin='the hash in this script'
  if [[ -z $expected ]]; then
    expected=$(noted_hash "$name/$file")
    origin=${NOTED##*/}
  fi

  if [[ -f $path ]]; then
    found=$(sha256 "$path")
    if [[ $found == "$expected" ]]; then
      printf '%s/%s is there\n' "$name" "$file"
      return
    fi
    [[ -z $expected ]] || fail "$path has the SHA-256 $found, but $origin says $expected; delete the file and run this again."
  else
    mkdir -p -- "$here/$name"
    partial=$path.part
    printf '%s/%s from %s\n' "$name" "$file" "$url"
    curl --fail --location --silent --show-error --retry 3 --output "$partial" -- "$url" ||
      fail "$url could not be downloaded; check the network, or set DATASETS_BASE_URL to a mirror that has $name/$file."
    found=$(sha256 "$partial")
    if [[ -n $expected && $found != "$expected" ]]; then
      fail "$url has the SHA-256 $found, but $origin says $expected; the download is damaged or the publisher changed the file."
    fi
    mv -- "$partial" "$path"
    partial=
  fi
  if [[ -z $expected ]]; then
    printf '%s  %s\n' "$found" "$name/$file" >> "$NOTED"
    printf '  its publisher names no hash; noted %s in %s\n' "$found" "${NOTED##*/}"
  fi
}

fetch() { # NAME
  case $1 in
    mnist)
      get mnist "$MNIST/train-images-idx3-ubyte.gz" 440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609
      get mnist "$MNIST/train-labels-idx1-ubyte.gz" 3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c
      get mnist "$MNIST/t10k-images-idx3-ubyte.gz" 8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6
      get mnist "$MNIST/t10k-labels-idx1-ubyte.gz" f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6
      ;;
    ijcnn1)
      get ijcnn1 "$LIBSVM/binary/ijcnn1.bz2" ''
      get ijcnn1 "$LIBSVM/binary/ijcnn1.t.bz2" ''
      ;;
    reuters)
      get reuters "$TICK/05d934beb18c60386c0050a14d3ffb9517cac8ab/binary/reuters/reuters.trn.bz2" ''
      get reuters "$TICK/82c320e4fa41d4ea53f2028ae165eebd64aa3b89/binary/reuters/reuters.tst.bz2" ''
      ;;
    w8a)
      get w8a "$LIBSVM/binary/w8a" ''
      get w8a "$LIBSVM/binary/w8a.t" ''
      ;;
    sector)
      get sector "$LIBSVM/multiclass/sector/sector.scale.bz2" ''
      get sector "$LIBSVM/multiclass/sector/sector.t.scale.bz2" ''
      ;;
    rcv1)
      get rcv1 "$LIBSVM/binary/rcv1_train.binary.bz2" ''
      get rcv1 "$LIBSVM/binary/rcv1_test.binary.bz2" ''
      ;;
    all) for each in mnist ijcnn1 reuters w8a sector rcv1; do fetch "$each"; done ;;
    *) fail "unknown data set $1; known are mnist, ijcnn1, reuters, w8a, sector, rcv1 and all." 2 ;;
  esac
}

if (($# == 0)); then
  usage >&2
  fail 'no data set was named.' 2
fi
case $1 in
  -h | --help)
    usage
    exit 0
    ;;
esac
command -v curl > /dev/null || fail 'curl was not found; install it.'
for name in "$@"; do fetch "$name"; done
