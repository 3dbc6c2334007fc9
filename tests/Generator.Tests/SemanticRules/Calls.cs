using Requant;
using Requant.Numerics;

namespace Semantics;

public static class HelpersRule
{
    private const float Floor = 1e-6f;

    [OptimizerRule]
    public static void Helpers(
        ref float p, float g, [State] ref float m, [State] ref float v, float lr = 0.1f, float beta = 0.9f)
    {
        Average(ref m, g, beta);
        Average(decay: 0.5f * beta, value: g * g, mean: ref v);
        float x = g;
        float sum = Mix(x, x += 1, Mix(x, p, Mix(g, m))) + Order(ref x, x = p * 2);
        p -= lr * Mix(b: sum, a: m) / Clipped(MathF.Sqrt(v)) + Both(g > 0, beta > 0.5f ? 3 : 4) + x.Squared()
            + Constant();
        Nothing();
        Mix(p, g);
    }

    private static void Average(ref float mean, float value, float decay) => mean = decay * mean + (1 - decay) * value;

    private static float Mix(float a, float b, float part = 0.25f)
    {
        float rest = 1 - part;
        a *= part;
        return a + rest * b;
    }

    private static float Order(ref float x, float y)
    {
        x += y;
        return x - y * 0.5f;
    }

    private static float Clipped(float x) => Larger(x, Floor);

    private static float Larger(float a, float b) => a > b ? a : b;

    private static float Both(bool positive, int n) => positive ? n : n * 2;

    private static float Squared(this float x) => x * x;

    private static int Constant() => 3;

    private static void Nothing()
    {
    }
}

public static class OuterRule
{
    [OptimizerRule]
    public static void Outer(ref float p, float g, [State] ref float m, int step, float lr = 0.1f)
    {
        float half = p * 0.5f;
        Inner(ref half, g, ref m, step, lr: lr * 2);
        p = half;
    }

    [OptimizerRule]
    public static void Inner(ref float p, float g, [State] ref float m, int step, float lr = 0.1f)
    {
        m += g;
        p -= lr * m / step;
        g = 0;
    }
}

public static class CollidingRule
{
    [OptimizerRule]
    public static void Colliding(
        ref float parameter, float gradient, [State] ref float block, [State] ref float state0,
        [State] ref float updated,
        int step, float index = 0.1f, float length = 0.2f, float tensor = 0.3f, float range = 0.4f,
        float parameters = 0.5f,
        float gradient2 = 0.6f, float uniforms = 0.7f, float reductions = 0.8f, int phase = 2, int mask = 3,
        bool value = true)
    {
        float blockBlock = gradient * index, blockTail = blockBlock + length, start = tensor * range, end = parameters;
        float stored0 = start * gradient2, newBlock = stored0 + uniforms, lanes = reductions + phase + mask;
        block = block * 0.5f + blockTail;
        state0 = updated + newBlock;
        updated = value ? block : parameter;
        float newParameter = parameter - end * block;
        float UpdateElement = gradient * 2, TBlock = UpdateElement + lanes, Vector512 = TBlock * 0.5f,
            Vector128 = Vector512 + gradient;
        parameter = newParameter + lanes / step + Vector128 * TBlock - UpdateElement;
    }
}

public static class ElementTypesRule
{
    /// <summary>Codecs of these states would be called as the type parameters for elements.</summary>
    [OptimizerRule]
    public static void ElementTypes(
        ref float p, float g, [State] ref float parameter, [State] ref float gradient, float TParameter = 0.5f)
    {
        parameter = TParameter * parameter + g;
        gradient = parameter - g;
        p -= gradient * TParameter;
    }
}

public static class SkeletonRule
{
    [OptimizerRule]
    public static void Skeleton(
        ref float parameters, float gradients, [State] ref float index, [State] ref float length,
        [State] ref float tensor, [State] ref float range,
        float Update = 0.1f, float step0 = 0.5f)
    {
        index = gradients + length;
        length = tensor * 0.5f;
        tensor = range + parameters;
        range = Update * gradients;
        float uniform = step0 * 2, p = uniform * gradients, g = p + uniform;
        parameters -= index * Update + g;
    }
}

public static class KeywordsRule
{
    [OptimizerRule(Name = "Words")]
    public static void Keywords(
        ref float @ref, float @in, [State] ref float @class, [State] ref float @this, float @float = 0.1f,
        bool @if = true, int @void = 2,
        float _ = 0.25f, float __beta = 0.5f, float _1st = 0.75f, float β = 0.125f)
    {
        float @return = @in * @float, @var = @return + _ + __beta, record = @var * _1st;
        @class = @if ? @return : @this;
        @this = @var * @void;
        float @operator = @class * @in;
        @ref -= @operator + record * β;
    }
}

public static class FormattedRule
{
    [   OptimizerRule  ( BlockSize=256 ) ]  public   static
    void Formatted ( ref float p , float g ,[State( Codec . Float32 ,Rounding = StateRounding . Nearest)]ref float m
        , /* rate */ float lr=.1f,float
        scale = 1_0.5e-1f )
#if true
    {   // "quoted" */ text
        ;;float x=g*/*inner*/scale;{{m+=x;}}
        //// odd
        p-=lr
            *m;
#else
    {
        nonsense
#endif
#pragma warning disable CS0219
        var unused = 1; float also=(((x)));p+=+also- -lr;
    }
}

public static class UntakenRule
{
    /// <summary>Functions that C# lets throw, in branches that the defaults do not take.</summary>
    [OptimizerRule]
    public static void Untaken(
        ref float p, float g, int step, float lr = 0.1f, float clip = -1f, int least = int.MinValue)
    {
        float scale = lr;
        if (clip > 0)
        {
            scale = Math.Clamp(lr, -clip, clip);
        }

        if (least > 0)
        {
            scale *= Math.Abs(least) + MathF.Sign(MathF.Log(clip));
        }

        p -= scale * g;
    }
}

public static class AssignedInConditionRule
{
    [OptimizerRule]
    public static void AssignedInCondition(ref float p, float g, float lr = 0.1f)
    {
        float x;
        if (g > 0 && (x = 2 * g) > 0.5f)
        {
            p -= x;
        }
        else
        {
            p -= lr;
        }
    }
}
