#!/usr/bin/env bash
# Arm64 has the bits of this machine: runs tests/Bits here and, for Arm64, under qemu, and compares the hashes of every rule and codec.
# Needs qemu-aarch64-static and Arm64's C and C++ libraries (Debian: qemu-user-static, libstdc++6-arm64-cross, libc6-arm64-cross), which
# root has it install. Ends with one line; 0: the same bits, 1: others, 77: not possible here. Takes a minute.
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

limit=180
libraries=/usr/aarch64-linux-gnu
configuration=Release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
    echo "Arm64: skipped, $1."
    exit 77
}

ready() {
    command -v qemu-aarch64-static >/dev/null && [ -e "$libraries/lib/libstdc++.so.6" ] && [ -e "$libraries/lib/ld-linux-aarch64.so.1" ]
}

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || skip "which is for Linux on x64"
if ! ready && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    timeout 60 apt-get update -q >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive timeout 120 apt-get install -y -q \
        qemu-user-static libc6-arm64-cross libgcc-s1-arm64-cross libstdc++6-arm64-cross >/dev/null 2>&1
fi

ready || skip "there is no qemu-aarch64-static, or no C++ library for it"

dotnet build tests/Bits -c "$configuration" -v q || exit 1
dotnet "tests/Bits/bin/$configuration/net10.0/Requant.Bits.dll" >"$work/x64.txt" || exit 1
dotnet restore tests/Bits -r linux-arm64 -v q >"$work/restore" 2>&1 ||
    skip "the .NET runtime for linux-arm64 could not be restored"
dotnet publish tests/Bits -c "$configuration" -r linux-arm64 --self-contained --no-restore -v q -o "$work/arm64" || exit 1
if ! timeout "$limit" qemu-aarch64-static -L "$libraries" "$work/arm64/Requant.Bits" >"$work/arm64.txt"; then
    tail -n 3 "$work/arm64.txt"
    echo "Arm64: the rule after the last of these fails, or takes more than $limit s."
    exit 1
fi

if ! diff "$work/x64.txt" "$work/arm64.txt"; then
    echo "Arm64: bits differ from those of x64."
    exit 1
fi

echo "Arm64: the bits of x64, $(wc -l <"$work/arm64.txt") rules and formats of states."
