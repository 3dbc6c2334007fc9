using System.Security.Cryptography;
using System.Text;
using Requant.Generator.Lower;
using Requant.Generator.Support;

namespace Requant.Generator.Emit.Shared;

/// <summary>Names of generated files. The compiler compares them without case and refuses many characters, and a
/// project may have them written to a disk that limits their length; so the readable part is not what
/// makes one unique.</summary>
internal static class HintName
{
    /// <summary>With the hash and the ending, below the 143 bytes that encrypted file systems
    /// leave for a name.</summary>
    private const int LongestReadable = 100;

    private const int HashBytes = 8;

    /// <summary>As in <c>MyRules.Lion.4a1f0c22b7d95e36.Simd.g.cs</c>.</summary>
    public static string Of(RuleModel rule, string kind) => Of(rule.Namespace, rule.TypeName, kind);

    /// <inheritdoc cref="Of(RuleModel, string)"/>
    public static string Of(string space, string typeName, string kind)
    {
        string fullName = space.Length == 0 ? typeName : $"{space}.{typeName}";
        return $"{Readable(fullName)}.{Hash(fullName)}.{kind}.g.cs";
    }

    private static string Readable(string fullName)
    {
        string plain = string.Concat(fullName.Replace("@", "").Select(letter => IsPlain(letter) ? letter : '_'));
        return plain.Length <= LongestReadable ? plain : plain.Substring(plain.Length - LongestReadable);
    }

    private static bool IsPlain(char letter) =>
        letter is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '.' or '_';

    private static string Hash(string fullName)
    {
        using var sha = SHA256.Create();
        return string.Concat(
            sha.ComputeHash(Encoding.UTF8.GetBytes(fullName)).Take(HashBytes).Select(Literals.HexByte));
    }
}
