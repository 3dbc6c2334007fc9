using Requant;

namespace Small;

/// <summary>Branches: assignments on one side or both, nested, and as nested conditional expressions.</summary>
public static class BranchesRule
{
    [OptimizerRule]
    public static void Branches(
        ref float p, float g, [State] ref float m, [State(Codec.Float32)] ref float seen, float lr = 0.1f)
    {
        float direction;
        if (g > 0f)
        {
            direction = g;
            if (m < g)
            {
                m = g;
                seen += 1f;
            }
            else
            {
                direction -= 0.5f * m;
            }
        }
        else
        {
            direction = g < -1f ? -1f : g == 0f ? m : g;
        }

        p -= lr * direction / (1f + seen);
    }
}
