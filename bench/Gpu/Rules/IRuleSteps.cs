namespace Requant.Bench.Gpu.Rules;

/// <summary>An optimizer of any rule.</summary>
internal interface IRuleSteps : IDisposable
{
    /// <summary>Elements that the last step skipped; on a device it waits for the step.</summary>
    long LastSkipped { get; }

    /// <summary>What steps multiply gradients by.</summary>
    float GradientScale { set; }

    /// <summary>The norm that the last step measured, or null where none did.</summary>
    double? GradientNorm { get; }

    /// <summary>Steps skipped so far.</summary>
    long SkippedSteps { get; }

    /// <summary>Adds a tensor.</summary>
    ParameterState Add(string name, long length);

    /// <summary>Takes a step; on a device it need not be done on return.</summary>
    void Step(TensorUpdate[] updates);
}
