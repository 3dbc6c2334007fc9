using System.Reflection;

namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>A tensor that a rule's own method updates, compiled with the stand-ins.</summary>
internal sealed class ReplayedRule
{
    private readonly MethodInfo _method;
    private readonly MatrixSides _sides;
    private readonly object?[] _fixed;
    private readonly int _step = -1;
    private readonly Dictionary<int, RuleState> _states = [];

    /// <param name="method">The rule.</param>
    /// <param name="sides">Of the tensor.</param>
    /// <param name="parameter">Its elements; updated.</param>
    /// <param name="hyperparameters">Those that are not as declared.</param>
    public ReplayedRule(
        MethodInfo method, MatrixSides sides, float[] parameter, IReadOnlyDictionary<string, double> hyperparameters)
    {
        (_method, _sides, Parameter) = (method, sides, parameter);
        ParameterInfo[] formal = method.GetParameters();
        _fixed = new object?[formal.Length];
        for (int i = 2; i < formal.Length; i++)
        {
            if (formal[i].ParameterType.IsByRef)
            {
                _states.Add(i, new RuleState(formal[i], sides));
            }
            else if (!formal[i].HasDefaultValue)
            {
                _step = i;
            }
            else
            {
                _fixed[i] = !hyperparameters.TryGetValue(formal[i].Name!, out double value)
                    ? formal[i].DefaultValue
                    : formal[i].ParameterType == typeof(bool)
                        ? value != 0
                        : Convert.ChangeType(value, formal[i].ParameterType, null);
            }
        }
    }

    public float[] Parameter { get; }

    /// <summary>The values of a state, one for each element, row or column, or a single one.</summary>
    public float[] this[string name] => _states.Values.Single(state => state.Name == name).Values;

    /// <summary>Takes a step.</summary>
    /// <returns>Elements that were not updated.</returns>
    public int Step(float[] gradient, int step)
    {
        bool[] takesPart = [.. gradient.Select(float.IsFinite)];
        var updates = new object?[_sides.Length][];
        var replay = new ElementReplay(_sides, takesPart);
        replay.Run(element =>
        {
            object?[] arguments = updates[element] = [.. _fixed];
            arguments[0] = Parameter[element];
            arguments[1] = gradient[element];
            if (_step >= 0)
            {
                arguments[_step] = step;
            }

            foreach ((int position, RuleState state) in _states)
            {
                arguments[position] = state.Of(element);
            }

            _method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        });
        (int Position, RuleState State, float[] Values)[] lines =
        [
            .. from one in _states
               where !one.Value.IsOfElements
               select (one.Key, one.Value, one.Value.OneOfEach([.. updates.Select(update => (float)update[one.Key]!)])),
        ];
        bool isSkipped = replay.HasInfiniteMatrix
            || lines.Any(line => line.State.IsOfLines && !line.Values.All(float.IsFinite));
        if (isSkipped)
        {
            return _sides.Length;
        }

        foreach ((_, RuleState state, float[] values) in lines)
        {
            values.CopyTo(state.Values, 0);
        }

        return Enumerable.Range(0, _sides.Length).Count(
            element => !takesPart[element] || !Update(element, updates[element]));
    }

    /// <summary>An element that would overflow a state is skipped whole.</summary>
    private bool Update(int element, object?[] updated)
    {
        KeyValuePair<int, RuleState>[] states = [.. _states.Where(state => state.Value.IsOfElements)];
        bool isTaken = states.All(state => float.IsFinite((float)updated[state.Key]!));
        if (isTaken)
        {
            Parameter[element] = (float)updated[0]!;
            foreach ((int position, RuleState state) in states)
            {
                state.Values[element] = (float)updated[position]!;
            }
        }

        return isTaken;
    }

    /// <summary>A state of the rule.</summary>
    private sealed class RuleState
    {
        private readonly Func<int, int> _indexOf;

        public RuleState(ParameterInfo parameter, MatrixSides sides)
        {
            Name = parameter.Name!;
            var row = parameter.GetCustomAttribute<RowStateAttribute>();
            var column = parameter.GetCustomAttribute<ColumnStateAttribute>();
            var tensor = parameter.GetCustomAttribute<TensorStateAttribute>();
            IsOfLines = row is not null || column is not null;
            IsOfElements = !IsOfLines && tensor is null;
            _indexOf = row is not null ? sides.RowOf
                : column is not null ? sides.ColumnOf
                : tensor is not null ? _ => 0 : element => element;
            int count = row is not null ? sides.Rows
                : column is not null ? sides.Columns
                : tensor is not null ? 1 : sides.Length;
            Values = new float[count];
            Array.Fill(Values, row?.Initial ?? column?.Initial ?? tensor?.Initial ?? 0f);
        }

        public string Name { get; }

        public bool IsOfElements { get; }

        public bool IsOfLines { get; }

        public float[] Values { get; }

        public float Of(int element) => Values[_indexOf(element)];

        /// <summary>The new values, which must be the same for all elements that a value is of.</summary>
        public float[] OneOfEach(float[] ofElements) =>
        [
            .. Enumerable.Range(0, ofElements.Length).GroupBy(_indexOf, element => ofElements[element])
                .OrderBy(line => line.Key).Select(line => ElementReplay.SameOf(line, $"state {Name}"))
        ];
    }
}
