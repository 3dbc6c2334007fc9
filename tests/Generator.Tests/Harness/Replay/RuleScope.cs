namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>The variables of a rule while it is written: what level each has now, and under which conditions the next
/// statement stands.</summary>
internal sealed class RuleScope
{
    private Dictionary<string, (RuleLevel Level, int Value)> _variables = [];
    private int _values;

    /// <summary>The level of the conditions around what is written next.</summary>
    public RuleLevel Guard { get; private set; }

    /// <summary>Another value than all before.</summary>
    public int NewValue() => ++_values;

    public RuleExpression this[string variable] =>
        new(variable, _variables[variable].Level, _variables[variable].Value);

    public bool Has(string variable) => _variables.ContainsKey(variable);

    /// <summary>Gives a variable a value.</summary>
    public void Assign(string variable, RuleLevel level, int value) => _variables[variable] = (level, value);

    /// <summary>From here on to the end statements run where a condition of this level holds.</summary>
    public void GuardRest(RuleLevel condition) => Guard |= condition;

    /// <summary>Writes two sides of which a condition takes one: a variable that they leave with different values
    /// depends on the condition.</summary>
    public void Sides(RuleLevel condition, Action whenTrue, Action whenFalse)
    {
        RuleLevel guard = Guard;
        Dictionary<string, (RuleLevel Level, int Value)> before = _variables;
        Guard |= condition;
        _variables = new(before);
        whenTrue();
        Dictionary<string, (RuleLevel Level, int Value)> ifTrue = _variables;
        _variables = new(before);
        whenFalse();
        Guard = guard;
        foreach (string name in before.Keys)
        {
            (RuleLevel level, int value) = _variables[name];
            if (ifTrue[name].Value != value)
            {
                _variables[name] = (condition | level | ifTrue[name].Level, NewValue());
            }
        }
    }
}
