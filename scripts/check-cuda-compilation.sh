#!/usr/bin/env bash
# Compiles, on a machine without an NVIDIA GPU, every kernel that `ddrank doctor --device cuda:0` runs on one.
#
#     cargo build --release --features cuda
#     scripts/check-cuda-compilation.sh [target/release/ddrank]
#
# A stand-in for the driver (scripts/cuda-stand-in.c) takes the kernels, variants tried by autotune included, and runs none:
# that a kernel computes the right numbers, only a GPU can tell. Takes about ten minutes on two cores. Needs a C compiler,
# libdevice.10.bc (see docs/backends.md), and NVIDIA's assembler if it is to read the kernels, too:
#
#     pip install nvidia-cuda-nvcc-cu12; PTXAS=.../nvidia/cuda_nvcc/bin/ptxas scripts/check-cuda-compilation.sh
set -euo pipefail

ddrank="${1:-target/release/ddrank}"
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/ptx"
cc -w -O1 -shared -fPIC -o "$work/libcuda.so.1" "$here/cuda-stand-in.c"
ln -s libcuda.so.1 "$work/libcuda.so"

status=0
LD_LIBRARY_PATH="$work" STAND_IN_PTX="$work/ptx" DDRANK_CACHE_DIR="$work/cache" \
  "$ddrank" doctor --device cuda:0 >"$work/report" 2>"$work/errors" || status=$?
# Wrong numbers are expected. A check that was not computed is not.
if [ "$status" != 1 ] || ! grep -q "checks passed" "$work/report"; then
  cat "$work/report" "$work/errors"
  echo "the doctor did not get through its checks (exit code $status)"
  exit 1
fi
if grep -q "FAILED" "$work/report"; then
  grep -A 40 "FAILED" "$work/report"
  echo "some kernels do not compile"
  exit 1
fi
kernels=$(find "$work/ptx" -name '*.ptx' | wc -l)
echo "$(grep -c WRONG "$work/report") checks went as far as the driver, with $kernels kernels"

[ -n "${PTXAS:-}" ] || exit 0
for kernel in "$work"/ptx/*.ptx; do
  "$PTXAS" -arch=sm_90a "$kernel" -o "$work/kernel" || { echo "this one does not assemble: $kernel"; exit 1; }
done
echo "all of them assemble ($("$PTXAS" --version | grep release))"
