using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Requant.Generator.Tests.Harness;

/// <summary>Walks everything that a value refers to.</summary>
internal static class ObjectGraph
{
    /// <summary>Objects of these types keep a whole compilation alive, and differ in every compilation.</summary>
    private static readonly Type[] Forbidden =
        [typeof(ISymbol), typeof(Compilation), typeof(SyntaxNode), typeof(SyntaxTree), typeof(Location),
            typeof(SemanticModel), typeof(IOperation),
            typeof(SyntaxReference), typeof(AttributeData)];

    public static void AssertHoldsNoCompilation(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<(object Value, string Path)>([(root, root.GetType().Name)]);
        while (pending.Count > 0)
        {
            (object value, string path) = pending.Pop();
            Assert.False(
                Array.Exists(Forbidden, type => type.IsInstanceOfType(value)), $"{path} is a {value.GetType()}.");
            if (value is not string && !value.GetType().IsPrimitive && !value.GetType().IsEnum && seen.Add(value))
            {
                foreach ((object child, string name) in Children(value))
                {
                    pending.Push((child, $"{path}.{name}"));
                }
            }
        }
    }

    private static IEnumerable<(object Child, string Name)> Children(object value)
    {
        if (value is Array array)
        {
            foreach (object? item in (IEnumerable)array)
            {
                if (item is not null)
                {
                    yield return (item, "[]");
                }
            }
        }

        for (Type? type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (field.GetValue(value) is { } child)
                {
                    yield return (child, field.Name);
                }
            }
        }
    }
}
