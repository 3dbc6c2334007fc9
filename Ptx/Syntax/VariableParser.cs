namespace Requant.Ptx.Syntax;

/// <summary>Reads declarations of variables and parameters.</summary>
internal sealed class VariableParser(TokenReader tokens)
{
    private readonly OperandParser _literals = new(tokens, new RegisterScopes());

    /// <summary>Reads <c>.align n .type name[count] = {values}</c>, of which only type and name must be there. The
    /// offset is left at 0.</summary>
    public PtxVariable Parse(Token first, StateSpace space)
    {
        int alignment = tokens.TryTake(".align") ? tokens.ExpectCount() : 0;
        Token typeToken = tokens.Take();
        if (!typeToken.Text.StartsWith('.')
            || !PtxTypes.TryParse(typeToken.Text[1..], out PtxType type)
            || type == PtxType.Pred)
        {
            throw TokenReader.Error(typeToken, "a type of a variable is expected here.");
        }

        string name = tokens.ExpectWord();
        int count = 1;
        if (tokens.TryTake("["))
        {
            count = tokens.ExpectCount();
            tokens.Expect("]");
        }

        alignment = alignment == 0 ? type.Bytes() : alignment;
        if (!int.IsPow2(alignment))
        {
            throw TokenReader.Error(first, $"the alignment of '{name}' is {alignment}, which is no power of two.");
        }

        byte[] initial = tokens.TryTake("=") ? ParseValues(type, count) : [];
        return new PtxVariable(name, space, count * type.Bytes(), alignment, 0, initial);
    }

    private byte[] ParseValues(PtxType type, int count)
    {
        var bytes = new byte[count * type.Bytes()];
        bool isList = tokens.TryTake("{");
        int index = 0;
        do
        {
            Token token = tokens.Next;
            ulong value = _literals.Parse() switch
            {
                IntegerOperand integer when !type.IsFloat() => integer.Value,
                FloatOperand literal when literal.Type == type => literal.Value,
                _ => throw TokenReader.Error(token, $"this is no value of type {type.Name()}."),
            };
            if (index == count)
            {
                throw TokenReader.Error(token, $"the variable has only {count} elements.");
            }

            for (int i = 0; i < type.Bytes(); i++)
            {
                bytes[(index * type.Bytes()) + i] = (byte)(value >> (8 * i));
            }

            index++;
        }
        while (isList && tokens.TryTake(","));
        if (isList)
        {
            tokens.Expect("}");
        }

        return bytes;
    }
}
