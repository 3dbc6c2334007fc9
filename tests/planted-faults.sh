#!/usr/bin/env bash
# Plants faults, one at a time, in a copy of this repository, and runs the tests that should find each, in their usual sets.
# Ends with one line: N of N found. Needs git, perl and about fifty minutes on two cores; `tests/planted-faults.sh 3 17` plants those alone.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git -C "$root" archive HEAD | tar -x -C "$copy"
cd "$copy"
git init -q && git add -A && git -c user.name=faults -c user.email=faults@localhost commit -qm "Without faults"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
wanted=" $* "
number=0
found=0
missed=()

# A fault: what it is, the file, the text that is there once, the text in its place, the suite, and the class that should find it.
fault() {
    number=$((number + 1))
    if [ "$wanted" != "  " ] && [[ "$wanted" != *" $number "* ]]; then
        return
    fi

    OLD="$3" NEW="$4" perl -0pi -e '$n = s/\Q$ENV{OLD}\E/$ENV{NEW}/; END { exit($n ? 0 : 1) }' "$2" || { echo "$number: $2 has no such text"; exit 1; }
    local log dll
    log=$(mktemp)
    dll=$(basename "$(ls tests/"$5"/*.csproj)" .csproj)
    if ! dotnet build -c Release -p:RunAnalyzers=false "tests/$5" > "$log" 2>&1; then
        missed+=("$number: $1 (does not build)")
    elif dotnet "tests/$5/bin/Release/net10.0/$dll.dll" -noColor -class "*.$6" > "$log" 2>&1; then
        missed+=("$number: $1")
    else
        found=$((found + 1))
        echo "$number: $1: $(grep -o 'Total: .*Failed: [0-9]*' "$log" | tail -1) ($5, $6)"
    fi

    rm -f "$log"
    git checkout -q .
}

simd=Generator/Emit/Simd/Simd.scriban
fault "one host value an ulp off on vectors of 256 bits" $simd 'Create(tensor.Uniform({{ uniform.slot }}))' \
    'Create({{ if width.bits == 256 }}MathF.BitIncrement(tensor.Uniform({{ uniform.slot }})){{ else }}tensor.Uniform({{ uniform.slot }}){{ end }})' \
    Conformance BackendTests
fault "the last element of a ragged block left out" $simd 'for (; index < (nuint)length; index++)' 'for (; index + 1 < (nuint)length; index++)' \
    Conformance BackendTests
fault "absmax of a tensor's first whole block not stored" Generator/Emit/Ilgpu/IlgpuUpdateWhole.scriban \
    'if (DeviceGrid.Lane == 0)' 'if (DeviceGrid.Lane == 0 && block > 0)' Conformance BackendTests
fault "the results of a phase not computed" Runtime/Steps/StepPlan.cs '_info.Reductions[i].Phase == phase' '_info.Reductions[i].Phase > phase' \
    Optimizers.Tests ReferenceTests
fault "codes rounded a 256th of a gap too low" Runtime/Codecs/MiniFloatFormat.cs 'int Half = 128' 'int Half = 127' Runtime.Tests MiniFloatTests
fault "the last four terms of a sum in another order" Runtime/Kernels/Cpu/BlockSum.cs \
    'four[0] + four[2] + (four[1] + four[3])' 'four[0] + four[1] + (four[2] + four[3])' Runtime.Tests BlockSumTests
fault "a device's terms in their own order" Runtime/Kernels/Device/DeviceFold.cs \
    $'reversed = (reversed << 1) | (round & 1);\n            round >>= 1;' 'reversed |= round & bit;' Conformance BackendTests
fault "infinite values taken as finite" Runtime/Kernels/Cpu/KernelArguments.cs \
    'IsUpdated(float value) => float.IsFinite(value)' 'IsUpdated(float value) => !float.IsNaN(value)' Optimizers.Tests OverflowTests
fault "the random bits of every other step those of the step before" Runtime/Numerics/RoundingKey.cs '((ulong)step * Gamma)' '((ulong)(step | 1) * Gamma)' \
    Optimizers.Tests RoundingTests
fault "a checkpoint one step ahead" Runtime/Checkpoints/Checkpoint.cs 'parameter.Group, parameter.State.Step' 'parameter.Group, parameter.State.Step + 1' \
    Optimizers.Tests ResumeTests
fault "a checkpoint in a stream not skipped" Runtime/Checkpoints/CheckpointLoad.cs 'reader.Skip();' '' Torch.Tests CheckpointTests
fault "maximize ignored" Runtime/Steps/StepPlan.cs 'group.Maximize ? -scale : scale' 'scale' Torch.Tests ParityTests
fault "gradients clipped by the square of their norm" Runtime/Steps/GradientMeasure.cs '(Norm + ClipEpsilon)' '((Norm * Norm) + ClipEpsilon)' \
    Torch.Tests ClippingTests
fault "the end of a range in it" Runtime/Kernels/HyperparameterRange.cs 'value < Maximum : value <= Maximum' 'value <= Maximum : value <= Maximum' \
    Optimizers.Tests RangeTests
fault "products and sums that an assembler may fuse" Runtime/Devices/Ptx/PtxRewriter.cs '"$1.rn.f32"' '"$1.f32"' Conformance KernelTests
fault "one kernel cached for all types of parameters" Runtime/Devices/PtxCacheKey.cs '{ParameterType} {GradientType}' '{GradientType}' \
    Runtime.Tests PtxCacheTests
fault "a state overwritten before another one is made of it" Generator/Emit/Shared/KernelModel.cs \
    '["is_overwritten"] = Kernel.WritesState(state) && Text.ReadsInputs(Kernel.NewStates[state])' '["is_overwritten"] = false' \
    Generator.Tests SemanticsTests
fault "a diagnostic at the first symbol's place" Generator/Lower/BodyLowering.cs \
    'new(DiagnosticInfo.Create(descriptor, operation.Syntax.GetLocation(), arguments))' \
    'new(DiagnosticInfo.Create(descriptor, operation.Syntax.Parent!.GetLocation(), arguments))' Generator.Tests BodyDiagnosticTests
fault "SGD with momentum unless told otherwise" Optimizers/Momentum.cs '"momentum = beta : 0"' '"momentum = beta : 0.9"' Torch.Tests DropInTests
fault "a scaled gradient scaled again" Torch/GradScaler.cs 'float inverse = _schedule.InverseScale;' 'float inverse = 1 / _schedule.InverseScale;' \
    Torch.Tests GradScalerTests
fault "the last chunk of a step's blocks left out" Runtime/Cpu/BlockWorkQueue.cs \
    'Share((blocks + _blocksPerChunk - 1) / _blocksPerChunk);' 'Share(Math.Max(1, blocks / _blocksPerChunk));' Conformance BackendTests
fault "a tensor quantized that was named to stay in float32" Runtime/Steps/StepCore.cs \
    '!keepFloat32.Contains(name)' '!keepFloat32.Contains(name + " ")' Runtime.Tests StateTests
fault "equal models taken as different" Generator/Support/EquatableArray.cs 'Items.SequenceEqual(other.Items)' 'Equals(Items, other.Items)' \
    Generator.Tests IncrementalTests
fault "a remainder without its carry" Runtime/Numerics/Remainder16.cs 'return (ushort)((bits + Half) >>> Shift);' \
    'return (ushort)(bits >>> Shift);' Conformance MasterWeightTests
fault "remainders left out of a checkpoint" Runtime/Checkpoints/Checkpoint.cs 'if (parameter.State.HasRemainder)' \
    'if (parameter.State.HasRemainder && parameter.State.Step < 0)' Runtime.Tests RemainderTests
fault "a value of the paper's map an ulp off" Runtime/Codecs/DynamicMaps.cs '0.0070468746f' '0.0070468750f' Runtime.Tests CodebookTests
fault "a band of columns begun a row late" Runtime/Kernels/Cpu/KernelArguments.Lines.cs \
    'if (segment.Row % LineMemory.BandRows == 0)' 'if (segment.Row % LineMemory.BandRows == 1)' Optimizers.Tests LineTests
fault "sums of rows without their last block" Runtime/Cpu/LineScratch.cs 'Math.Max(0, endBlock - firstBlock)' \
    'Math.Max(1, endBlock - firstBlock - 1)' Optimizers.Tests LineTests
fault "another coefficient in the polynomial of matrices" Runtime/Numerics/Matrices/NewtonSchulz.cs 'Cubic = -4.7750f' 'Cubic = -4.7850f' \
    Optimizers.Tests MatrixReferenceTests
fault "rows updated from states that are not finite" Runtime/Cpu/CpuExecutor.cs '&& !_lines.AreStatesFinite(' '&& _lines is null && !_lines!.AreStatesFinite(' \
    Optimizers.Tests NonFiniteTests
fault "a value of rows taken for one of all elements" Generator/Ir/IrOp.cs 'OpCode.OldRowState or OpCode.RowValue => Level.Row' \
    'OpCode.OldRowState or OpCode.RowValue => Level.Column' Generator.Tests PhaseTests
fault "only the last group's gradients added up" Distributed/Sharding/OrderedSum.cs 'rank == 0 && isFirst' 'rank == 0' \
    Distributed.Tests ShardedStepTests
fault "a rank that leaves after the end blamed for it" Distributed/Threads/ThreadRanks.cs \
    'if (_end is not null)
            {
                return;' 'if (_end == "")
            {
                return;' Distributed.Tests ThreadTests
fault "a cut tensor's states a block too far" Distributed/Sharding/ShardPlan.cs 'start += taken;' 'start += taken + blockSize;' \
    Distributed.Tests ShardedStepTests
fault "the rule of a window held on paper" Cli/Inspection/page.css '@media screen and (max-width: 1000px)' '@media (max-width: 1000px)' \
    Cli.Tests PageTests
fault "a report as wide as its names" Torch/Reports/ReportTable.cs 'bool isWide = line[0].Length > widths[0];' 'bool isWide = false;' \
    Torch.Tests ReportTests
fault "values of a report in the machine's culture" Torch/Reports/ReportCsv.cs 'CultureInfo.InvariantCulture' 'CultureInfo.CurrentCulture' \
    Torch.Tests ReportTests

for one in "${missed[@]}"; do
    echo "not found: $one"
done

echo "$found of $((found + ${#missed[@]})) found"
[ ${#missed[@]} -eq 0 ]
