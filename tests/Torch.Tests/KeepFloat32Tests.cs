using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Which parameters keep float32 states, as options say it.</summary>
public sealed class KeepFloat32Tests
{
    private static readonly TorchOptions QuantizeAll = new() { MinQuantizedLength = 0 };

    [Fact]
    public void Names_KeepThoseAlone() =>
        AssertKept(QuantizeAll.KeepFloat32("1.weight", "0.bias"), "0.bias", "1.weight");

    [Fact]
    public void Module_KeepsItsParametersAndThoseWithin()
    {
        using Sequential inner = nn.Sequential(nn.Linear(4, 4));
        using Sequential model = nn.Sequential(nn.Linear(4, 4), inner, nn.Linear(4, 4));

        AssertKept(model, QuantizeAll.KeepFloat32(inner), "1.0.weight", "1.0.bias");
    }

    /// <summary>An embedding's <c>weight</c> and its <c>parameters()</c> are two wrappers of one tensor.</summary>
    [Fact]
    public void Module_OtherWrapperOfItsTensor_IsKept()
    {
        using Embedding embedding = nn.Embedding(10, 4);
        using var optimizer = new Adam8bit([embedding.weight!], options: QuantizeAll.KeepFloat32(embedding));

        Assert.False(optimizer.States[0].State.IsQuantized);
    }

    [Fact]
    public void Predicate_OnNameOrTensor_KeepsWhatItSelects()
    {
        AssertKept(
            QuantizeAll.KeepFloat32(p => p.name.EndsWith(".bias", StringComparison.Ordinal)), "0.bias", "1.bias");
        AssertKept(QuantizeAll.KeepFloat32(p => p.parameter.shape[0] == 2), "1.weight", "1.bias");
        AssertKept(QuantizeAll.KeepFloat32(_ => true), "0.weight", "0.bias", "1.weight", "1.bias");
    }

    [Fact]
    public void Calls_AddUp_AndLeaveTheOptionsTheyStartFrom()
    {
        TorchOptions one = QuantizeAll.KeepFloat32("0.weight");

        AssertKept(one.KeepFloat32(p => p.name == "1.bias"), "0.weight", "1.bias");
        AssertKept(one, "0.weight");
        AssertKept(QuantizeAll);
    }

    [Fact]
    public void Predicate_OfAGroupAddedLater_IsAsked()
    {
        using Sequential model = Model();
        using Linear later = nn.Linear(4, 4);
        TorchOptions options = QuantizeAll.KeepFloat32(p => p.name.EndsWith("bias", StringComparison.Ordinal));
        using var optimizer = new Adam8bit(model.named_parameters(), options: options);

        optimizer.add_param_group(new Adam8bit.ParamGroup(later.named_parameters()));

        Assert.Equal(["0.bias", "1.bias", "bias"], Kept(optimizer));
    }

    [Fact]
    public void StableEmbedding_RegistersItself_InAnyOptions()
    {
        using var embedding = new StableEmbedding(10, 4);
        using var optimizer = new Adam8bit(embedding.named_parameters(), options: QuantizeAll);

        Assert.Equal(["_embedding.weight"], Kept(optimizer));
    }

    [Fact]
    public void Module_OfAnotherModel_ThrowsAndNamesIt()
    {
        using Sequential model = Model();
        using Linear other = nn.Linear(4, 4);

        var exception = Assert.Throws<ArgumentException>(
            () => new Adam8bit(model.named_parameters(), options: QuantizeAll.KeepFloat32(other)));

        Assert.Contains("one of module Linear's", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predicate_OnNamesThatWereNotGiven_ThrowsAndSaysSo()
    {
        using Sequential model = Model();
        TorchOptions options = QuantizeAll.KeepFloat32(p => p.name.EndsWith(".bias", StringComparison.Ordinal));

        var exception = Assert.Throws<ArgumentException>(() => new Adam8bit(model.parameters(), options: options));

        Assert.Contains("pass named_parameters()", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predicate_ThatSelectsNoneOfTheNames_IsNoError() =>
        AssertKept(QuantizeAll.KeepFloat32(p => p.name == "head.weight"));

    [Fact]
    public void Arguments_Null_Throw()
    {
        Assert.Throws<ArgumentNullException>(() => QuantizeAll.KeepFloat32((string[])null!));
        Assert.Throws<ArgumentNullException>(() => QuantizeAll.KeepFloat32("w", null!));
        Assert.Throws<ArgumentNullException>(() => QuantizeAll.KeepFloat32((nn.Module[])null!));
        Assert.Throws<ArgumentNullException>(() => QuantizeAll.KeepFloat32((Func<(string, Parameter), bool>)null!));
    }

    private static Sequential Model() => nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2));

    private static void AssertKept(TorchOptions options, params string[] expected)
    {
        using Sequential model = Model();
        AssertKept(model, options, expected);
    }

    private static void AssertKept(nn.Module model, TorchOptions options, params string[] expected)
    {
        using var optimizer = new Adam8bit(model.named_parameters(), options: options);

        Assert.Equal(expected.Order(), Kept(optimizer).Order());
    }

    private static IEnumerable<string> Kept(Adam8bit optimizer) =>
        optimizer.States.Where(state => !state.State.IsQuantized).Select(state => state.State.Name);
}
