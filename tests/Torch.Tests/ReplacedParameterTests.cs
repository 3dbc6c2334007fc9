using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>A model that no longer has the tensors that its optimizer was made for: whatever is called says which
/// parameter it is and what to do, and nothing trains a tensor that no model has.</summary>
public sealed class ReplacedParameterTests
{
    public static TheoryData<string> Calls => [.. Members.Keys];

    private static Dictionary<string, Action<OptimizerHelper>> Members { get; } = new()
    {
        ["step"] = optimizer => optimizer.step(),
        ["zero_grad"] = optimizer => optimizer.zero_grad(),
        ["state_dict"] = optimizer => optimizer.state_dict(),
        ["save_state_dict"] = optimizer => optimizer.save_state_dict(new BinaryWriter(new MemoryStream())),
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Member_AfterToOtherType_NamesParameterAndFix(string call)
    {
        using Sequential model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2));
        using var optimizer = new Adam8bit(model.named_parameters());
        Backward(model, 3);
        optimizer.step();

        model.to(ScalarType.BFloat16);

        AssertNames(Assert.Throws<InvalidOperationException>(() => Members[call](optimizer)), "'0.weight' is disposed");
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Member_AfterModelIsDisposed_NamesParameterAndFix(string call)
    {
        nn.Module<Tensor, Tensor> model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2));
        using var optimizer = new Adam8bit(model.named_parameters());
        model.Dispose();

        AssertNames(Assert.Throws<InvalidOperationException>(() => Members[call](optimizer)), "'0.weight' is disposed");
    }

    /// <summary>An embedding is libtorch's own module: its parameter stays and gets other elements.</summary>
    [Theory]
    [MemberData(nameof(Calls))]
    public void Member_AfterEmbeddingToOtherType_NamesParameterAndFix(string call)
    {
        using Embedding embedding = nn.Embedding(10, 4);
        using var optimizer = new Adam8bit(embedding.named_parameters());

        embedding.to(ScalarType.Float64);

        AssertNames(
            Assert.Throws<InvalidOperationException>(() => Members[call](optimizer)), "'weight' is Float64[10, 4]");
    }

    [Fact]
    public void Step_AfterEmbeddingWentThereAndBack_TrainsTheModel()
    {
        using Embedding embedding = nn.Embedding(10, 4);
        using var optimizer = new Adam8bit(embedding.named_parameters());
        embedding.to(ScalarType.Float64);
        embedding.to(ScalarType.Float32);
        float[] before = Some.Array(embedding.weight!);

        embedding.forward(tensor(new long[] { 1 })).sum().backward();
        optimizer.step();

        Assert.NotEqual(before, Some.Array(embedding.weight!));
    }

    [Fact]
    public void Step_AfterToOfSameTypeAndDevice_TrainsTheModel()
    {
        using Sequential model = nn.Sequential(nn.Linear(3, 4));
        using var optimizer = new Adam8bit(model.named_parameters());
        model.to(ScalarType.Float32);
        model.to(CPU);
        model.cpu();
        float[] before = Some.Array(model.parameters().First());

        Backward(model, 3);
        optimizer.step();

        Assert.NotEqual(before, Some.Array(model.parameters().First()));
    }

    [Fact]
    public void Step_AfterModelLoadedItsFile_TrainsTheLoadedParameters()
    {
        string file = Path.GetTempFileName();
        using Linear saved = nn.Linear(3, 4);
        using Linear model = nn.Linear(3, 4);
        using var optimizer = new Sgd8bit(model.named_parameters(), 0.5);
        saved.save(file);
        model.load(file);
        File.Delete(file);

        model.forward(ones(1, 3)).sum().backward();
        optimizer.step();

        Some.AssertClose(saved.weight!.detach() - 0.5, model.weight!, tolerance: 0);
    }

    [Fact]
    public void Step_AfterLinearGotANewWeight_NamesParameterAndFix()
    {
        using Linear linear = nn.Linear(3, 4);
        using var optimizer = new Adam8bit(linear.named_parameters());

        linear.weight = new Parameter(ones(4, 3));

        AssertNames(Assert.Throws<InvalidOperationException>(() => optimizer.step()), "'weight' is disposed");
    }

    /// <summary>An embedding does not dispose the parameter that it had, so nothing but the model tells.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_AfterEmbeddingGotANewWeight_NamesParameterAndFix(bool named)
    {
        using Sequential model = nn.Sequential(nn.Linear(4, 4));
        using Embedding embedding = nn.Embedding(10, 4);
        model.append("table", embedding);
        using Adam8bit optimizer = named ? new(model.named_parameters()) : new(model.parameters());

        embedding.weight = new Parameter(ones(10, 4));

        AssertNames(
            Assert.Throws<InvalidOperationException>(() => optimizer.step()),
            named ? "'table.weight'" : "a parameter of",
            "[10, 4]", "add_param_group");
    }

    [Fact]
    public void Step_AfterEmbeddingWasTied_NamesParameterAndFix()
    {
        using Embedding one = nn.Embedding(10, 4);
        using Embedding other = nn.Embedding(10, 4);
        using var model = new Pair(one, other);
        using var optimizer = new Adam8bit(model.named_parameters());

        other.weight = one.parameters().First();

        AssertNames(Assert.Throws<InvalidOperationException>(() => optimizer.step()), "'other.weight' is no longer");
    }

    [Fact]
    public void Step_AfterALayerWasAdded_WantsItsGroup()
    {
        using Sequential model = nn.Sequential(("a", nn.Linear(3, 4)));
        using var optimizer = new Adam8bit(model.named_parameters());
        using Linear added = nn.Linear(4, 2);
        model.append("b", added);

        AssertNames(Assert.Throws<InvalidOperationException>(() => optimizer.step()), "'b.weight'", "add_param_group");
        optimizer.add_param_group(new Adam8bit.ParamGroup(added.named_parameters()));
        Backward(model, 3);
        optimizer.step();

        Assert.All(optimizer.States, state => Assert.Equal(1, state.State.Step));
    }

    [Fact]
    public void Step_GroupOfAnotherWrapperOfTheTensor_IsTheSameTensor()
    {
        using Sequential model = nn.Sequential(nn.Linear(4, 4));
        using var optimizer = new Adam8bit(model.named_parameters());
        using Embedding embedding = nn.Embedding(10, 4);
        model.append("table", embedding);
        Assert.NotSame(embedding.weight, embedding.parameters().First());

        optimizer.add_param_group(new Adam8bit.ParamGroup([embedding.weight!]));

        optimizer.step();
    }

    [Fact]
    public void Step_FilterOfTrainableParameters_LetsThemFreeze()
    {
        using Sequential model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2));
        using var optimizer = new Adam8bit(model.named_parameters().Where(one => one.parameter.requires_grad));
        model.parameters().First().requires_grad = false;

        Backward(model, 3);
        optimizer.step();

        Assert.Equal([0, 1, 1, 1], optimizer.States.Select(state => state.State.Step));
    }

    [Fact]
    public void Step_SourceThatMakesParametersAnew_TrainsWhatItMadeFirst()
    {
        int made = 0;
        using var optimizer = new Adam8bit(Enumerable.Range(0, 2).Select(_ => Some.Parameter(made++, 5)));
        int madeForOptimizer = made;

        Some.Steps(optimizer, 10, 2);

        Assert.All(optimizer.States, state => Assert.Equal(2, state.State.Step));
        Assert.Equal(madeForOptimizer, made);
    }

    private static void Backward(nn.Module<Tensor, Tensor> model, long inputs) =>
        model.forward(ones(1, inputs)).sum().backward();

    private static void AssertNames(Exception exception, params string[] expected)
    {
        Assert.All(expected, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
        Assert.Matches("Make (the|a new) optimizer", exception.Message);
    }

    private sealed class Pair : nn.Module<Tensor, Tensor>
    {
        private readonly Embedding one;
        private readonly Embedding other;

        public Pair(Embedding one, Embedding other)
            : base(nameof(Pair))
        {
            (this.one, this.other) = (one, other);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => one.forward(input) + other.forward(input);
    }
}
