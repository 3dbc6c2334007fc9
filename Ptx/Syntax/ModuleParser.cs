namespace Requant.Ptx.Syntax;

/// <summary>Reads a module: directives, variables and entries.</summary>
internal sealed class ModuleParser
{
    private readonly TokenReader _tokens;

    private ModuleParser(string text) => _tokens = new TokenReader(text);

    public string Version { get; private set; } = "";

    public string Target { get; private set; } = "";

    public List<KernelSyntax> Kernels { get; } = [];

    /// <summary>Variables in global and constant memory.</summary>
    public List<PtxVariable> Variables { get; } = [];

    public static ModuleParser Parse(string text)
    {
        var parser = new ModuleParser(text);
        while (!parser._tokens.IsAtEnd)
        {
            parser.ParseDirective();
        }

        return parser;
    }

    private void ParseDirective()
    {
        Token token = _tokens.Take();
        switch (token.Text)
        {
            case ".version":
                Version = _tokens.Take().Text;
                break;
            case ".target":
                Target = _tokens.ExpectWord();
                break;
            case ".address_size":
                Token size = _tokens.Next;
                if (_tokens.ExpectCount() != 64)
                {
                    throw TokenReader.Error(size, "addresses are 64 bits.");
                }

                break;
            case ".visible" or ".weak":
                break;
            case ".entry":
                Kernels.Add(new KernelParser(_tokens).Parse(token));
                break;
            case ".global":
                AddVariable(token, StateSpace.Global);
                break;
            case ".const":
                AddVariable(token, StateSpace.Const);
                break;
            default:
                throw TokenReader.Error(token, "the interpreter does not know this directive.");
        }
    }

    private void AddVariable(Token first, StateSpace space)
    {
        PtxVariable variable = new VariableParser(_tokens).Parse(first, space);
        _tokens.Expect(";");
        if (Variables.Exists(present => present.Name == variable.Name))
        {
            throw TokenReader.Error(first, $"there is a variable '{variable.Name}' already.");
        }

        Variables.Add(variable);
    }
}
