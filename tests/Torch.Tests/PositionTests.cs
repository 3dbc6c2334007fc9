using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Every argument of TorchSharp's constructors and factories is at the same place in ours, which may have more
/// behind them: a program that changes the class's name alone means what it meant.</summary>
public sealed class PositionTests
{
    public static TheoryData<string, string> Replaced => DropInTests.Replaced;

    [Theory]
    [MemberData(nameof(Replaced))]
    public void Constructor_HasTorchSharpsPositions(string name, string torchs)
    {
        Type theirs = Theirs(torchs);
        ParameterInfo[][] signatures =
        [
            .. theirs.GetConstructors().Select(one => one.GetParameters()),
            .. typeof(optim).GetMethods().Where(one => one.Name == torchs).Select(one => one.GetParameters()),
        ];

        // Two constructors, and a factory for each kind of parameters.
        Assert.Equal(5, signatures.Length);
        Assert.All(signatures, signature => AssertHas(Ours(name), signature));
    }

    [Theory]
    [MemberData(nameof(Replaced))]
    public void ParamGroup_HasTorchSharpsPositions(string name, string torchs)
    {
        ConstructorInfo[] constructors = Theirs(torchs).GetNestedType("ParamGroup")!.GetConstructors();

        // Nothing, options, and values.
        Assert.Equal(3, constructors.Length);
        Assert.All(constructors, one => AssertHas(Ours(name).GetNestedType("ParamGroup")!, one.GetParameters()));
    }

    [Theory]
    [MemberData(nameof(Replaced))]
    public void Options_HaveTorchSharpsNamesAndTypes(string name, string torchs)
    {
        FieldInfo[] fields = Theirs(torchs).GetNestedType("Options")!.GetFields();

        Assert.NotEmpty(fields);
        Assert.All(fields, field =>
            Assert.Equal(field.FieldType, Ours(name).GetNestedType("Options")!.GetProperty(field.Name)?.PropertyType));
    }

    /// <summary>With the name of TorchSharp's class, each of these lines compiles, too.</summary>
    [Fact]
    public void Groups_MadeAsTorchSharps_TakeTheirOptions()
    {
        Parameter[] parameters = [.. Enumerable.Range(0, 4).Select(i => Some.Parameter(i, 5))];
        Sgd8bit.ParamGroup[] groups =
        [
            new()
            {
                Parameters = parameters[..1],
                Options = new Sgd8bit.Options { LearningRate = 0.5, momentum = 0.75, nesterov = true },
            },
            new(parameters[1..2], new Sgd8bit.Options { weight_decay = 0.25, maximize = true }),
            new(parameters[2..3], .1, .9, 0, 0, true),
            new() { Parameters = parameters[3..] },
        ];
        using var optimizer = new Sgd8bit(groups, 0.125, momentum: 0.5);

        Assert.Equal([0.5, 0.125, 0.1, 0.125], groups.Select(group => group.LearningRate));
        Assert.Equal([0.75, 0.5, 0.9, 0.5], groups.Select(group => group.Options.momentum!.Value));
        Assert.Equal([true, false, true, false], groups.Select(group => group.Options.nesterov));
        Assert.Equal([false, true, false, false], groups.Select(group => group.Options.maximize));
        Assert.Equal([0, 0.25, 0, 0], groups.Select(group => group.Options.weight_decay!.Value));
        var options = (Sgd8bit.Options)optimizer.state_dict().Options[1];
        Assert.Equal(0.25, options.weight_decay);
    }

    [Fact]
    public void NamedGroup_GivenOtherParameters_IsRefused()
    {
        var group = new Adam8bit.ParamGroup([("w", Some.Parameter(1, 5))]) { Parameters = [Some.Parameter(2, 5)] };

        Assert.Contains(
            "its names", Assert.Throws<ArgumentException>(() => new Adam8bit([group])).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Parameters that are set to a group are looked at in every step, as those of a constructor.</summary>
    [Fact]
    public void GroupOfAModelsParameters_SeesThatTheModelHasAnother()
    {
        using Embedding embedding = nn.Embedding(10, 4);
        using var model = nn.Sequential(("table", embedding));
        using var optimizer = new Adam8bit([new Adam8bit.ParamGroup { Parameters = model.parameters() }]);
        optimizer.step();

        embedding.weight = new Parameter(ones(10, 4));

        Assert.Throws<InvalidOperationException>(() => optimizer.step());
    }

    private static void AssertHas(Type type, ParameterInfo[] theirs) => Assert.True(
        Array.Exists(type.GetConstructors(), one => Fits(one.GetParameters(), theirs)),
        $"{type.FullName} has no constructor ({string.Join(", ", theirs.Select(one => one.Name))}).");

    private static bool Fits(ParameterInfo[] ours, ParameterInfo[] theirs) => ours.Length >= theirs.Length
        && theirs.Zip(ours).All(pair => IsSame(pair.Second, pair.First))
        && ours.Skip(theirs.Length).All(one => one.HasDefaultValue);

    private static bool IsSame(ParameterInfo ours, ParameterInfo theirs)
    {
        Type type = Nullable.GetUnderlyingType(ours.ParameterType) ?? ours.ParameterType;
        if (theirs.Position == 0)
        {
            // TorchSharp's NAdam has another name for it.
            return type == theirs.ParameterType
                || type.GenericTypeArguments[0].Name == theirs.ParameterType.GenericTypeArguments[0].Name;
        }

        // TorchSharp's class SGD says lr where its factory says learningRate.
        string name = theirs.Name == "lr" && ours.Name == "learningRate" && ours.Member.DeclaringType == typeof(Sgd8bit)
            ? "learningRate"
            : theirs.Name!;
        return ours.Name == name && (type == theirs.ParameterType || type.Name == theirs.ParameterType.Name)
            && (ours.HasDefaultValue || !theirs.HasDefaultValue);
    }

    private static Type Ours(string name) =>
        typeof(Adam8bit).Assembly.GetType("Requant.Torch." + name, throwOnError: true)!;

    private static Type Theirs(string name) =>
        typeof(Adam).Assembly.GetType("TorchSharp.Modules." + name, throwOnError: true)!;
}
