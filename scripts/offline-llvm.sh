#!/usr/bin/env bash
# Lets `--features cuda` build on a Debian or Ubuntu machine that cannot reach the server of burn's LLVM bundle.
#
# burn's CUDA backend turns kernels into PTX with LLVM; the build script of tracel-llvm-bundler downloads it into the user's
# data folder. Where that is not possible this puts the distribution's LLVM 22 in its place: with it ddrank builds and
# links. Code made by LLVM 22 instead of 23.1 has not been checked on a GPU: run `ddrank doctor --device cuda` first.
# Needs root for apt-get, and apt sources that have LLVM 22. To undo it, remove the folder that the last line names.
set -euo pipefail

version=22
bundle="${XDG_DATA_HOME:-$HOME/.local/share}/tracel/tracel-llvm-23.1.0-4"

apt-get update -qq
apt-get install -y -qq --no-install-recommends \
  "llvm-$version-dev" "libpolly-$version-dev" libz3-dev libzstd-dev libxml2-dev zlib1g-dev

mkdir -p "$bundle/bin"
ln -sfn "/usr/lib/llvm-$version/lib" "$bundle/lib"
ln -sfn "/usr/lib/llvm-$version/include" "$bundle/include"
# The bundler understands libraries of the form -lNAME only, so paths are rewritten.
cat > "$bundle/bin/llvm-config" <<WRAPPER
#!/bin/sh
/usr/bin/llvm-config-$version "\$@" | sed 's#/usr/lib/[a-z0-9_]*-linux-gnu/lib\([a-z0-9]*\)\.so#-l\1#g'
WRAPPER
chmod +x "$bundle/bin/llvm-config"
touch "$bundle/.tracel-llvm-installed"
echo "LLVM $("$bundle/bin/llvm-config" --version) stands in for burn's bundle: $bundle"
