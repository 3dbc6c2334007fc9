namespace Requant.Devices.Ptx;

/// <summary>Which line of a block wrote what another one reads, and how many read it.</summary>
internal sealed class PtxDefinitions
{
    /// <summary>What was written before the block.</summary>
    public const int Outside = -1;

    private readonly PtxBlock _block;
    private readonly (string Register, int Line)[][] _before;
    private readonly int[] _readers;

    /// <summary>Of a block as it is now.</summary>
    public PtxDefinitions(PtxBlock block, HashSet<string> liveAtEnd)
    {
        _block = block;
        _before = new (string Register, int Line)[block.Lines.Count][];
        _readers = new int[block.Lines.Count];
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < block.Lines.Count; i++)
        {
            PtxLine line = block.Lines[i];
            string[] sources = line.IsInstruction ? line.Sources : [];
            string[] results = line.IsInstruction ? line.Results : [];

            // Where a guard does not hold, what was written before stays, so it has one reader more.
            string[] read = line.Guard is null ? sources : [.. sources, .. results];
            _before[i] = [.. read.Concat(results).Select(one => (one, last.GetValueOrDefault(one, Outside)))];
            foreach (string register in read)
            {
                Count(last.GetValueOrDefault(register, Outside), 1);
            }

            foreach (string register in results)
            {
                last[register] = i;
            }
        }

        foreach (string register in liveAtEnd)
        {
            Count(last.GetValueOrDefault(register, Outside), 1);
        }
    }

    /// <summary>The line that wrote a register that a line reads, or <see cref="Outside"/>.</summary>
    public int Of(int line, string register) => Array.Find(_before[line], one => one.Register == register) switch
    {
        { Register: not null } found => found.Line,
        _ => throw new ArgumentException($"Line {line} has no register {register}.", nameof(register)),
    };

    /// <summary>Whether a register has at one line the value that another line wrote.</summary>
    public bool Holds(int line, string register, int definition)
    {
        for (int i = line - 1; i > definition; i--)
        {
            if (_block.Lines[i].IsInstruction && _block.Lines[i].Results.Contains(register))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How many lines read what a line wrote; later blocks are one more.</summary>
    public int ReadersOf(int line) => _readers[line];

    /// <summary>The lines that nothing needs once a line reads others in the place of its operands.</summary>
    /// <param name="line">The line.</param>
    /// <param name="others">Lines whose results it reads then.</param>
    public List<int> OnlyFor(int line, IReadOnlyCollection<int> others)
    {
        var unneeded = new List<int>();
        var left = new Dictionary<int, int>();
        var open = new Stack<int>([line]);
        while (open.TryPop(out int reader))
        {
            foreach (string register in _block.Lines[reader].Sources)
            {
                int definition = Of(reader, register);
                if (definition != Outside && !others.Contains(definition) && PtxOpcode.IsPure(_block.Lines[definition]))
                {
                    left[definition] = left.GetValueOrDefault(definition, _readers[definition]) - 1;
                    if (left[definition] == 0)
                    {
                        unneeded.Add(definition);
                        open.Push(definition);
                    }
                }
            }
        }

        return unneeded;
    }

    private void Count(int definition, int readers)
    {
        if (definition != Outside)
        {
            _readers[definition] += readers;
        }
    }
}
