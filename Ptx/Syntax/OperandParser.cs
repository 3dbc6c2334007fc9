using System.Globalization;

namespace Requant.Ptx.Syntax;

/// <summary>Reads operands.</summary>
internal sealed class OperandParser(TokenReader tokens, RegisterScopes registers)
{
    private const int SingleDigits = 8;
    private const int DoubleDigits = 16;

    public Operand Parse()
    {
        Operand operand = ParseOne();
        return tokens.TryTake("|") ? new PairOperand(operand, ParseOne()) : operand;
    }

    /// <summary>A register, which may be negated.</summary>
    public RegisterOperand ParsePredicate()
    {
        bool isNegated = tokens.TryTake("!");
        Token token = tokens.Take();
        PtxRegister? register = registers.Find(token.Text);
        return register is { Type: PtxType.Pred }
            ? new RegisterOperand(register, isNegated)
            : throw TokenReader.Error(token, "a declared predicate is expected here.");
    }

    /// <summary>An integer literal with its sign.</summary>
    public IntegerOperand ParseInteger()
    {
        bool isNegative = tokens.TryTake("-");
        Token token = tokens.Take();
        if (token.Kind != TokenKind.Number || !TryInteger(token.Text, out ulong value))
        {
            throw TokenReader.Error(token, "this is not an integer literal that the interpreter knows.");
        }

        return new IntegerOperand(isNegative ? 0UL - value : value, isNegative);
    }

    private Operand ParseOne()
    {
        Token next = tokens.Next;
        if (next.Is("!"))
        {
            return ParsePredicate();
        }

        if (next.Is("["))
        {
            return ParseAddress();
        }

        if (next.Is("{"))
        {
            return ParseVector();
        }

        if (next.Kind == TokenKind.Number || next.Is("-"))
        {
            return ParseLiteral();
        }

        string name = tokens.ExpectWord();
        return registers.Find(name) is PtxRegister register
            ? new RegisterOperand(register, IsNegated: false)
            : new NameOperand(name);
    }

    private VectorOperand ParseVector()
    {
        var elements = new List<Operand>();
        tokens.Expect("{");
        do
        {
            elements.Add(ParseOne());
        }
        while (tokens.TryTake(","));
        tokens.Expect("}");
        return new VectorOperand(elements);
    }

    private AddressOperand ParseAddress()
    {
        tokens.Expect("[");
        PtxRegister? register = null;
        string? variable = null;
        long offset = 0;
        if (tokens.Next.Kind == TokenKind.Word)
        {
            string name = tokens.ExpectWord();
            register = registers.Find(name);
            variable = register is null ? name : null;
            if (tokens.TryTake("+"))
            {
                offset = (long)ParseInteger().Value;
            }
            else if (tokens.Next.Is("-"))
            {
                offset = (long)ParseInteger().Value;
            }
        }
        else
        {
            offset = (long)ParseInteger().Value;
        }

        tokens.Expect("]");
        return new AddressOperand(register, variable, offset);
    }

    private Operand ParseLiteral()
    {
        Token token = tokens.Next;
        if (TryFloat(token.Text, out FloatOperand? literal))
        {
            tokens.Take();
            return literal!;
        }

        return ParseInteger();
    }

    private static bool TryFloat(string text, out FloatOperand? literal)
    {
        literal = null;
        if (text.Length < 2 || text[0] != '0')
        {
            return false;
        }

        (PtxType type, int digits) = text[1] switch
        {
            'f' or 'F' => (PtxType.F32, SingleDigits),
            'd' or 'D' => (PtxType.F64, DoubleDigits),
            _ => (PtxType.Pred, 0),
        };
        if (text.Length != digits + 2
            || !ulong.TryParse(
                text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits))
        {
            return false;
        }

        literal = new FloatOperand(bits, type);
        return true;
    }

    private static bool TryInteger(string text, out ulong value) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
                && (text.Length == 1 || text[0] != '0');
}
