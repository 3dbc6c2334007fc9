using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace Requant.Ptx.Launch;

/// <summary>Lays out the structs of kernel parameters as ILGPU does: fields in the order of declaration at their natural
/// alignment, a view as its address and its 64-bit length.</summary>
internal static class StructBytes
{
    private const int ViewAlignment = 8;

    /// <summary>The bytes of a struct.</summary>
    /// <param name="type">The struct.</param>
    /// <param name="values">A value for each field, in nested structs by its path, as in <c>Parameter.Float32</c>:
    /// <see cref="DeviceView"/>, or the number of the field's type.</param>
    /// <exception cref="InvalidOperationException">A field has no value, a value has no field, or they differ in type: the
    /// struct has changed, and whoever fills it must follow.</exception>
    public static byte[] Write(Type type, IReadOnlyDictionary<string, object> values)
    {
        var bytes = new List<byte>();
        var unused = new HashSet<string>(values.Keys, StringComparer.Ordinal);
        int alignment = WriteFields(type, "", values, bytes, unused);
        if (unused.Count > 0)
        {
            throw new InvalidOperationException(
                $"{type.Name} has no field {string.Join(", ", unused)}; change {nameof(DeviceArguments)}.");
        }

        Pad(bytes, alignment);
        return [.. bytes];
    }

    private static int WriteFields(
        Type type, string prefix, IReadOnlyDictionary<string, object> values, List<byte> bytes, HashSet<string> unused)
    {
        int most = 1;
        FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        foreach (FieldInfo field in fields.OrderBy(field => field.MetadataToken))
        {
            string path = prefix + field.Name;
            Type fieldType = field.FieldType;
            if (!IsView(fieldType) && !fieldType.IsPrimitive)
            {
                Pad(bytes, Alignment(fieldType));
                most = Math.Max(most, WriteFields(fieldType, path + ".", values, bytes, unused));
                Pad(bytes, Alignment(fieldType));
                continue;
            }

            unused.Remove(path);
            object value = values.GetValueOrDefault(path) ?? throw new InvalidOperationException(
                $"{type.Name}.{path} has no value; give it one in {nameof(DeviceArguments)}.");
            int alignment = Alignment(fieldType);
            Pad(bytes, alignment);
            bytes.AddRange(Encode(value, fieldType, path));
            most = Math.Max(most, alignment);
        }

        return most;
    }

    private static byte[] Encode(object value, Type type, string path)
    {
        if (IsView(type))
        {
            int elementBytes = Marshal.SizeOf(type.GetGenericArguments()[0]);
            return value is DeviceView view && view.ElementBytes == elementBytes
                ? [.. BitConverter.GetBytes(view.Address), .. BitConverter.GetBytes(view.Length)]
                : throw new InvalidOperationException($"Field {path} is a view of {elementBytes}-byte elements.");
        }

        return value switch
        {
            int number when type == typeof(int) => BitConverter.GetBytes(number),
            long number when type == typeof(long) => BitConverter.GetBytes(number),
            float number when type == typeof(float) => BitConverter.GetBytes(number),
            _ => throw new InvalidOperationException(
                $"Field {path} is of type {type.Name}, and its value of type {value.GetType().Name}."),
        };
    }

    private static bool IsView(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>);

    private static int Alignment(Type type) => IsView(type) ? ViewAlignment
        : type.IsPrimitive ? Marshal.SizeOf(type)
        : type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => Alignment(field.FieldType)).DefaultIfEmpty(1).Max();

    private static void Pad(List<byte> bytes, int alignment)
    {
        while (bytes.Count % alignment != 0)
        {
            bytes.Add(0);
        }
    }
}
