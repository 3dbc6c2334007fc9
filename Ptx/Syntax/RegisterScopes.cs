using System.Globalization;

namespace Requant.Ptx.Syntax;

/// <summary>The registers that are declared at a place of a kernel.</summary>
internal sealed class RegisterScopes
{
    private readonly Stack<Dictionary<string, PtxRegister>> _scopes = new();

    /// <summary>Registers declared so far, over all scopes.</summary>
    public int Count { get; private set; }

    public void Open() => _scopes.Push(new Dictionary<string, PtxRegister>(StringComparer.Ordinal));

    public void Close() => _scopes.Pop();

    public int Depth => _scopes.Count;

    public PtxRegister? Find(string name)
    {
        foreach (Dictionary<string, PtxRegister> scope in _scopes)
        {
            if (scope.TryGetValue(name, out PtxRegister? register))
            {
                return register;
            }
        }

        return null;
    }

    /// <summary>Declares <c>name</c>, or <c>name0</c> to <c>name(count - 1)</c>.</summary>
    /// <returns>Whether the names were free.</returns>
    public bool TryDeclare(PtxType type, string name, int? count)
    {
        bool isFree = true;
        for (int i = 0; i < (count ?? 1); i++)
        {
            string full = count is null ? name : name + i.ToString(CultureInfo.InvariantCulture);
            isFree &= _scopes.Peek().TryAdd(full, new PtxRegister(full, type, Count++));
        }

        return isFree;
    }
}
