namespace Requant.Torch;

/// <summary>Whether saved states are of the rule that reads them.</summary>
internal static class RuleIdentity
{
    public static void Require<TRule>(string name, string hash) where TRule : IOptimizerRule<TRule>
    {
        RuleInfo mine = TRule.Info;
        if (name != mine.Name)
        {
            throw new InvalidDataException($"The states are of rule {name} and this optimizer runs {mine.Name}; "
                + "load them into the former.");
        }

        if (hash != mine.Hash)
        {
            throw new InvalidDataException(
                $"The states are of another version of rule {name} (hash {hash}) than this one (hash "
                    + $"{mine.Hash}); load them with the version that saved them.");
        }
    }
}
