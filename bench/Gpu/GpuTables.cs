using System.Globalization;

namespace Requant.Bench.Gpu;

/// <summary>The tables as text; a number that is not known is a dash.</summary>
internal static class GpuTables
{
    /// <summary>Over the columns of times.</summary>
    public const string TimeHead =
        "rule       dtype     states        tensors x elements     ms median      least    GB/s  of copy  "
        + "many/one  host ms";

    /// <summary>Over the columns of kernels.</summary>
    public const string KernelHead =
        "rule       dtype     states   variant  phase  PTX bytes  registers  local B  shared B  groups/SM of 256";

    /// <summary>A row of times.</summary>
    public static string Text(TimeRow row)
    {
        string name = $"{row.Rule,-10} {row.Dtype,-9} {row.States,-20} {row.Tensors,7} x {row.Elements,-12}";
        return row.Error is not null
            ? $"{name} {row.Error}"
            : $"{name} {Number(row.Ms, "F4"),13} {Number(row.LeastMs, "F4"),10} "
                + $"{Number(row.GigabytesPerSecond, "F0"),7} {Number(row.OfCopy, "P1"),8} "
                + $"{Number(row.ManyOverOne, "F2"),9} {Number(row.HostMs, "F4"),8}";
    }

    /// <summary>A row of kernels.</summary>
    public static string Text(KernelRow row) =>
        $"{row.Rule,-10} {row.Dtype,-9} {row.States,-20} {row.Variant,8} {row.Phase,6} {row.PtxBytes,10} "
        + $"{Number(row.Registers, "D"),10} {Number(row.LocalBytes, "D"),8} {Number(row.SharedBytes, "D"),9} "
        + $"{Number(row.GroupsPerMultiprocessor, "D"),10}";

    /// <summary>All that was found, once more and in order.</summary>
    public static IEnumerable<string> Summary(GpuReport report)
    {
        if (report.Kernels.Count > 0)
        {
            yield return "";
            yield return KernelHead;
            foreach (KernelRow row in report.Kernels)
            {
                yield return Text(row);
            }
        }

        if (report.Times.Count > 0)
        {
            yield return "";
            yield return TimeHead;
            foreach (TimeRow row in report.Times.OrderBy(row => row.Tensors).ThenByDescending(row => row.Total))
            {
                yield return Text(row);
            }
        }

        yield return "";
        foreach (string left in report.LeftOut.Distinct())
        {
            yield return $"left out: {left}";
        }

        foreach (CheckRow row in report.Checks.Where(row => row.Result != GpuReport.Equal))
        {
            yield return $"{row.Result}: {row.Rule} {row.Dtype} {row.States} {row.Model}: "
                + $"{(row.Difference is null ? row.Error : $"{row.Difference}")}";
        }

        int equal = report.Checks.Count(row => row.Result == GpuReport.Equal);
        yield return $"{equal} of {report.Checks.Count} checks leave the bits of the scalar kernels; "
            + $"{report.Times.Count} times";
    }

    private static string Number<T>(T? value, string format)
        where T : struct, IFormattable => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
