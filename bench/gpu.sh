#!/usr/bin/env bash
# Makes one executable that checks and times the CUDA kernels on a machine with an NVIDIA GPU: no SDK, no .NET, no libtorch there.
# The first argument, if any, is the folder to put it into.
#
#     bash bench/gpu.sh --torch DIR
#
# instead trains with the TorchSharp optimizers on CUDA tensors of the libtorch in DIR, as torch/lib of Python's torch, and compares all bits
# with the CPU's. The folder artifacts/torch that it makes runs elsewhere as ./requant-torch DIR.
set -euo pipefail
from=$PWD
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

if [ "${1:-}" = --torch ]; then
    torch=${2:?--torch takes the folder of a libtorch}
    dotnet publish bench/Torch/Requant.Bench.Torch.csproj -c Release -r linux-x64 -o artifacts/torch --nologo -v quiet
    executable=$PWD/artifacts/torch/requant-torch
    cd "$from"
    exec "$executable" "$torch" "${@:3}"
fi

most_bytes=50000000
folder=${1:-artifacts/gpu}
executable=$folder/requant-gpu

dotnet publish bench/Gpu/Requant.Bench.Gpu.csproj -c Release -r linux-x64 -o "$folder" --nologo -v quiet
bytes=$(stat -c %s "$executable")
echo "$executable: $bytes bytes"
if [ "$bytes" -gt "$most_bytes" ]; then
    echo "That is more than the $most_bytes bytes that it may have." >&2
    exit 1
fi

echo "Without a GPU:        $executable --dry-run"
echo "In four minutes:      ./requant-gpu --quick --json gpu.json"
echo "All of it:            ./requant-gpu --json gpu.json"
