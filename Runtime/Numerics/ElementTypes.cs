namespace Requant.Numerics;

/// <summary>What the element types are called and which C# types they are.</summary>
internal static class ElementTypes
{
    /// <summary>Number of element types; their values count up from 0.</summary>
    public const int Count = 3;

    /// <summary>The element type of <typeparamref name="T"/>.</summary>
    /// <param name="argument">The argument that has such elements.</param>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is none of them.</exception>
    public static ElementType Of<T>(string argument)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return ElementType.Float32;
        }

        if (typeof(T) == typeof(Half) || typeof(T) == typeof(ILGPU.Half))
        {
            return ElementType.Float16;
        }

        return typeof(T) == typeof(BFloat16)
            ? ElementType.BFloat16
            : throw new ArgumentException(
                $"The {argument} has elements of type {typeof(T)}; pass float, Half or Requant.BFloat16.", argument);
    }

    /// <summary>Bytes of an element.</summary>
    public static int Size(this ElementType type) => type == ElementType.Float32 ? sizeof(float) : sizeof(ushort);

    /// <summary>As in "float16".</summary>
    public static string Name(this ElementType type) => type switch
    {
        ElementType.Float32 => "float32",
        ElementType.Float16 => "float16",
        _ => "bfloat16",
    };

    /// <summary>Throws unless <paramref name="type"/> is a value of the enumeration.</summary>
    /// <param name="type">From an update.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="argument">The update's property that has it.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static void Require(ElementType type, string name, string argument)
    {
        if (type is not (ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16))
        {
            throw new ArgumentOutOfRangeException(
                argument, type, $"{nameof(TensorUpdate)}.{argument} of '{name}' is no element type; use " +
                $"{nameof(ElementType.Float32)}, {nameof(ElementType.Float16)} or {nameof(ElementType.BFloat16)}.");
        }
    }
}
