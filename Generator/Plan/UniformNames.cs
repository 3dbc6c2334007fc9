using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>Names for host values that the rule's author gave none: <c>1 - beta1</c> is <c>oneMinusBeta1</c>.</summary>
internal static class UniformNames
{
    private const int MaxWords = 6;

    public static string Of(KernelIr body, int value)
    {
        var words = new List<string>();
        return Describe(body, value, words) && words.Count <= MaxWords
            ? Names.Camel(string.Concat(words.Select(Names.Pascal)))
            : "uniform";
    }

    private static bool Describe(KernelIr body, int value, List<string> words)
    {
        IrOp op = body.Ops[value];
        if (op.Name.Length > 0)
        {
            words.Add(op.Name);
            return true;
        }

        switch (op.Code)
        {
            case OpCode.ConstFloat or OpCode.ConstInt:
                return Add(words, op.Value switch { 1 => "one", 2 => "two", 0 => "zero", -1 => "minusOne", _ => null });
            case var _ when op.Operation.Word.Length > 0:
                return Describe(body, op.Operands[0], words)
                    && Add(words, op.Operation.Word)
                    && Describe(body, op.Operands[1], words);
            case OpCode.IntToFloat or OpCode.ToDouble or OpCode.DoubleToFloat:
                return Describe(body, op.Operands[0], words);
            case OpCode.Sqrt or OpCode.Negate or OpCode.Abs:
                return Add(words, op.Code.ToString()) && Describe(body, op.Operands[0], words);
            case OpCode.Pow:
                return Describe(body, op.Operands[0], words)
                    && Add(words, "toThe")
                    && Describe(body, op.Operands[1], words);
            case OpCode.IsFirst:
                return Add(words, "isFirst") && Add(words, op.Text);
            case OpCode.Rows or OpCode.Columns or OpCode.IsMatrix:
                return Add(words, op.Code.ToString());
            case OpCode.Reduce:
                return Add(words, op.Text);
            default:
                return false;
        }
    }

    private static bool Add(List<string> words, string? word)
    {
        if (word is not null)
        {
            words.Add(word);
        }

        return word is not null;
    }
}
