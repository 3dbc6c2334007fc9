namespace Requant.Ptx.Syntax;

/// <summary>Reads an entry: parameters, registers, variables, labels and instructions.</summary>
internal sealed class KernelParser
{
    private readonly TokenReader _tokens;
    private readonly RegisterScopes _registers = new();
    private readonly OperandParser _operands;
    private KernelSyntax _kernel = new("", 0);

    public KernelParser(TokenReader tokens)
    {
        _tokens = tokens;
        _operands = new OperandParser(tokens, _registers);
    }

    /// <summary>Reads what follows <c>.entry</c>.</summary>
    public KernelSyntax Parse(Token entry)
    {
        _kernel = new KernelSyntax(_tokens.ExpectWord(), entry.Line);
        ParseParameters();
        while (!_tokens.Next.Is("{"))
        {
            ParseTuning();
        }

        Token open = _tokens.Expect("{");
        _registers.Open();
        while (_registers.Depth > 0)
        {
            if (_tokens.IsAtEnd)
            {
                throw TokenReader.Error(open, $"the body of '{_kernel.Name}' does not end.");
            }

            ParseStatement();
        }

        _kernel.RegisterCount = _registers.Count;
        return _kernel;
    }

    private void ParseParameters()
    {
        _tokens.Expect("(");
        while (!_tokens.TryTake(")"))
        {
            if (_kernel.Parameters.Count > 0)
            {
                _tokens.Expect(",");
            }

            Token first = _tokens.Expect(".param");
            _kernel.Parameters.Add(new VariableParser(_tokens).Parse(first, StateSpace.Param));
        }
    }

    private void ParseTuning()
    {
        Token token = _tokens.Take();
        switch (token.Text)
        {
            case ".maxntid" or ".reqntid":
                _kernel.MaxThreads = _tokens.ExpectCount();
                while (_tokens.TryTake(","))
                {
                    _kernel.MaxThreads *= _tokens.ExpectCount();
                }

                break;
            case ".minnctapersm":
                _tokens.ExpectCount();
                break;
            default:
                throw TokenReader.Error(token, "the interpreter does not know this directive of an entry.");
        }
    }

    private void ParseStatement()
    {
        Token token = _tokens.Next;
        if (_tokens.TryTake("{"))
        {
            _registers.Open();
        }
        else if (_tokens.TryTake("}"))
        {
            _registers.Close();
        }
        else if (_tokens.TryTake(".reg"))
        {
            ParseRegisters(token);
        }
        else if (_tokens.TryTake(".shared"))
        {
            AddVariable(token, StateSpace.Shared);
        }
        else if (_tokens.TryTake(".local"))
        {
            AddVariable(token, StateSpace.Local);
        }
        else if (token.Kind == TokenKind.Word && _tokens.Second.Is(":"))
        {
            ParseLabel();
        }
        else
        {
            ParseInstruction();
        }
    }

    private void ParseRegisters(Token first)
    {
        Token typeToken = _tokens.Take();
        if (!typeToken.Text.StartsWith('.')
            || !PtxTypes.TryParse(typeToken.Text[1..], out PtxType type)
            || type.Bits() == 8)
        {
            throw TokenReader.Error(typeToken, "registers have types of 16, 32 or 64 bits, or are predicates.");
        }

        do
        {
            string name = _tokens.ExpectWord();
            int? count = null;
            if (_tokens.TryTake("<"))
            {
                count = _tokens.ExpectCount();
                _tokens.Expect(">");
            }

            if (!_registers.TryDeclare(type, name, count))
            {
                throw TokenReader.Error(first, $"there is a register '{name}' already.");
            }
        }
        while (_tokens.TryTake(","));
        _tokens.Expect(";");
    }

    private void AddVariable(Token first, StateSpace space)
    {
        PtxVariable variable = new VariableParser(_tokens).Parse(first, space);
        _tokens.Expect(";");
        variable = variable with { Offset = _kernel.Place(space, variable.Alignment) };
        if (variable.Initial.Length > 0 || !_kernel.Variables.TryAdd(variable.Name, variable))
        {
            throw TokenReader.Error(first, $"'{variable.Name}' has initial values or is declared twice.");
        }
    }

    private void ParseLabel()
    {
        Token token = _tokens.Take();
        _tokens.Expect(":");
        bool isNew = true;
        if (_tokens.TryTake(".branchtargets"))
        {
            var targets = new List<string> { _tokens.ExpectWord() };
            while (_tokens.TryTake(","))
            {
                targets.Add(_tokens.ExpectWord());
            }

            _tokens.Expect(";");
            isNew = _kernel.BranchTargets.TryAdd(token.Text, [.. targets]);
        }
        else
        {
            isNew = _kernel.Labels.TryAdd(token.Text, _kernel.Instructions.Count);
        }

        if (!isNew)
        {
            throw TokenReader.Error(token, "there is such a label already.");
        }
    }

    private void ParseInstruction()
    {
        RegisterOperand? guard = _tokens.TryTake("@") ? _operands.ParsePredicate() : null;
        Token opcode = _tokens.Next;
        if (opcode.Text.StartsWith('.'))
        {
            throw TokenReader.Error(opcode, "the interpreter does not know this directive of a body.");
        }

        string[] parts = _tokens.ExpectWord().Split('.');
        var operands = new List<Operand>();
        while (!_tokens.Next.Is(";"))
        {
            if (operands.Count > 0)
            {
                _tokens.Expect(",");
            }

            operands.Add(_operands.Parse());
        }

        string text = _tokens.TextSince(opcode);
        _tokens.Expect(";");
        _kernel.Instructions.Add(new PtxInstruction(opcode.Line, text, guard, parts[0], parts[1..], operands));
    }
}
